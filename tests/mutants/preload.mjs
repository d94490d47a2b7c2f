// Runs before everything else in each Node process of a run, and thus in those that a test starts.
// Chooses the mutant, or records which mutants a process reaches.
import { writeFileSync } from 'node:fs';
import process from 'node:process';

const { env, pid } = process;

// The switches would otherwise look for the mutant in `process`, which one test forbids.
globalThis.__stryker__ = { activeMutant: env.MUTANT ?? '', currentTestId: env.MUTANT_TEST };

if (env.MUTANT_TEST)
  process.on('exit', () => {
    const { mutantCoverage } = globalThis.__stryker__;
    if (mutantCoverage)
      writeFileSync(`${env.MUTANT_REACHED}/${pid}.json`, JSON.stringify(mutantCoverage.perTest));
  });
