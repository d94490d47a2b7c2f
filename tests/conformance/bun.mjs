// Runs the suite in Bun.
import { findEngine } from '../engines.mjs';
import { conclude } from './harness.mjs';
import { runSuiteIn } from './process.mjs';

conclude(async () => runSuiteIn(findEngine('bun'), ['run'], 'node.js'));
