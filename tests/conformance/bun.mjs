// Runs the suite in Bun.
import { engine } from '../engines.mjs';
import { conclude } from './harness.mjs';
import { suiteIn } from './process.mjs';

conclude(async () => suiteIn(engine('bun'), ['run'], 'node.js'));
