// Fuzzes the public functions inside a page. See calls.mjs. Every call of the edge entry fails in a
// page, with a SocialPlusError as well.
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { describe, Fuzzer } from './calls.mjs';

let violations = [];
const report = (...violation) => violations.push(violation.map(String));
addEventListener('unhandledrejection', (event) =>
  report('leaves a rejection unhandled', 'an earlier call', '?', describe(event.reason)),
);
addEventListener('error', (event) =>
  report('throws outside of a call', 'an earlier call', '?', describe(event.error)),
);
let fuzzer;

/** Returns the counts of all calls, and the violations since the last return. */
const takeOutcome = () => {
  const outcome = { counts: fuzzer.counts, violations };
  violations = [];
  return outcome;
};

/** The functions that in-browser.mjs calls in the page. */
globalThis.fuzz = {
  /** Runs a number of executions from `start`, with the arguments that the seed draws. */
  async run({ seed, start, count }) {
    fuzzer ??= new Fuzzer({ browser, edge, emulator }, seed, report);
    for (let execution = start; execution < start + count; execution += 1)
      await fuzzer.execute(execution);
    return takeOutcome();
  },
  /** Waits until every call has settled. A whole run must have called every function. */
  async finish(isWhole) {
    await (isWhole ? fuzzer.finish() : fuzzer.settle());
    return takeOutcome();
  },
};
