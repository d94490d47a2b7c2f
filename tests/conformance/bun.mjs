// Runs the suite in Bun.
import { engine } from '../engines.mjs';
import { conclude } from './harness.mjs';
import { runSuiteIn } from './process.mjs';

conclude(async () => runSuiteIn(engine('bun'), ['run'], 'node.js'));
