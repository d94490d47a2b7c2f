// Runs the suite in Deno, with the permission for network requests to loopback only.
import { engine } from '../engines.mjs';
import { conclude } from './harness.mjs';
import { runSuiteIn } from './process.mjs';

conclude(async () =>
  runSuiteIn(engine('deno'), ['run', '--no-prompt', '--allow-net=127.0.0.1'], 'deno.js'),
);
