// Fuzzes every public function of every entry in Node. See calls.mjs.
import * as browser from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import * as emulator from 'social-plus-auth/emulator';
import { describe, Fuzzer, Violations } from './calls.mjs';
import { repeat } from './values.mjs';

const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** The only execution to run, to reproduce a violation. */
const ONLY = process.env.FUZZ_ONLY;
const DEFAULT_EXECUTIONS = 5_000;

const violations = new Violations(SEED, console.log);
const report = violations.add.bind(violations);
process.on('unhandledRejection', (error) =>
  report('leaves a rejection unhandled', 'an earlier call', '?', describe(error)),
);
process.on('uncaughtException', (error) =>
  report('throws outside of a call', 'an earlier call', '?', describe(error)),
);

const fuzzer = new Fuzzer({ browser, edge, emulator }, SEED, report);
if (ONLY) {
  await fuzzer.execute(Number(ONLY));
  await fuzzer.settle();
} else {
  await repeat(DEFAULT_EXECUTIONS, (execution) => fuzzer.execute(execution));
  await fuzzer.finish();
}
violations.conclude(fuzzer.counts);
process.exit(violations.count ? 1 : 0);
