// The suite as a page, and what only a page shows: the edge entry refuses with a sentence.
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { equal, joined, match, runTests } from './harness.mjs';
import { refused } from './helpers.mjs';
import { run } from './suite.mjs';

const guardRail = Object.keys(edge)
  .filter((name) => typeof edge[name] === 'function' && name !== 'SocialPlusError')
  .map((name) => ({
    name: `page · ${name} of the edge entry says what to do instead`,
    body: async () => {
      const error = await refused(
        async () => edge[name]({ region: 'eu', serverKey: 'k' }, { userId: 'ada' }),
        {
          kind: 'unsupported',
          retryable: false,
          attempts: 0,
        },
      );
      match(error.message, /social-plus-auth\/edge.*social-plus-auth/s, 'message');
      equal(error instanceof browser.SocialPlusError, true, 'one error class');
    },
  }));

/** Called by chromium.mjs in the page. */
export const suite = async (live) => {
  const vectors = await (await fetch('/vectors.json')).json();
  return joined(
    await run({ browser, emulator, vectors, engine: { live } }),
    await runTests(guardRail),
  );
};

/** One call that needs the wasm: what came of it, as a word. */
export const outcome = () =>
  browser.createSession({}, {}).then(
    () => 'fine',
    ({ kind, message }) => `${kind}: ${message}`,
  );
