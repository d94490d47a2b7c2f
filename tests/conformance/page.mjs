// Runs the suite inside a page. Also checks that every call of the edge entry fails there, with an
// error that names the entry to use instead.
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { match, mergeResults, ok, runTests } from './harness.mjs';
import { rejects } from './helpers.mjs';
import { run } from './suite.mjs';

const edgeEntryTests = Object.keys(edge)
  .filter((name) => typeof edge[name] === 'function' && name !== 'SocialPlusError')
  .map((name) => ({
    name: `page · ${name} of the edge entry fails and names the entry to use instead`,
    body: async () => {
      const error = await rejects(
        async () => edge[name]({ region: 'eu', serverKey: 'k' }, { userId: 'ada' }),
        {
          kind: 'unsupported',
          retryable: false,
          attempts: 0,
        },
      );
      match(error.message, /social-plus-auth\/edge.*social-plus-auth/s, 'message');
      ok(error instanceof browser.SocialPlusError, 'the entries have different error classes');
    },
  }));

const runSuite = async (live) => {
  const vectors = await (await fetch('/vectors.json')).json();
  return mergeResults(
    await run({ browser, emulator, vectors, engine: { live } }),
    await runTests(edgeEntryTests),
  );
};

const makeCall = () =>
  browser.createSession({}, {}).then(
    () => 'resolved',
    ({ kind, message }) => `${kind}: ${message}`,
  );

/** The functions that browser.mjs calls in the page. */
globalThis.suite = {
  /** Runs the suite. */
  run: runSuite,
  /** Makes one call that needs the WebAssembly and returns its outcome as text. */
  makeCall,
};
