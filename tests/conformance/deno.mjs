// Runs the suite in Deno, which may send network requests to 127.0.0.1 only.
import { findEngine } from '../engines.mjs';
import { conclude } from './harness.mjs';
import { runSuiteIn } from './process.mjs';

conclude(async () =>
  runSuiteIn(findEngine('deno'), ['run', '--no-prompt', '--allow-net=127.0.0.1'], 'deno.js'),
);
