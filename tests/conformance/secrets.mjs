// Tests that a run of the harness fails if a recorded text contains a secret.
import { equal, registerSecret, runTests, watchOutput } from './harness.mjs';

/** Runs a test that records a text, and returns the failures. */
const runPrinting = async (print) => (await runTests([{ name: 'prints', body: print }])).failures;
const EXPECTED = [{ name: 'the output of the run', message: '1 lines contain a secret' }];

export default ({ test }) => {
  test('a run that records a registered secret fails', async () => {
    const secret = registerSecret('planted secret of the self-test');
    equal(
      await runPrinting(async () => watchOutput(`before ${secret} after`)),
      EXPECTED,
      'failures',
    );
  });
  test('a run that records a token that no test registered fails', async () => {
    const token = ['eyJhbGciOiJIUzI1NiJ9', 'eyJ1c2VySWQiOiJhZGEifQ', 'c2lnbmF0dXJl'].join('.');
    equal(await runPrinting(async () => watchOutput(token)), EXPECTED, 'failures');
  });
  test('a run that records only a redacted token passes', async () => {
    equal(await runPrinting(async () => watchOutput('token [redacted]')), [], 'failures');
  });
};
