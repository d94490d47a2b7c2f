// Runs the suite in Node on the installed package, and the tests that only Node can run.
import { conclude, runTests } from './harness.mjs';
import { prepareTests } from './node-tests.mjs';

conclude(async () => {
  const { tests, close } = await prepareTests();
  const results = await runTests(tests);
  await close();
  return results;
});
