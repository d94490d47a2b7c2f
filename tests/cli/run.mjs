// The command line, from the tarball in a bare project.
import { conclude, runTests } from '../conformance/harness.mjs';
import { removeProjects } from '../packaging/project.mjs';
import { administration } from './administration.mjs';
import { folder } from './command.mjs';
import { doctorRoutes } from './doctor-routes.mjs';
import { doctor } from './doctor.mjs';
import { emulatorCommand } from './emulator.mjs';
import { refusals } from './refusals.mjs';
import { tokens } from './tokens.mjs';

const tests = [];
const only = process.env.ONLY;
const suite = (name) => ({
  test: (what, body) => tests.push({ name: `cli · ${name} · ${what}`, body }),
});

tokens(suite('tokens'));
administration(suite('administration'));
emulatorCommand(suite('emulator'));
refusals(suite('refusals'));
doctor(suite('doctor'));
doctorRoutes(suite('doctor'));

const run = async () => {
  // The time of the first test is not for npm's installing.
  await folder();
  return runTests(only ? tests.filter(({ name }) => name.includes(only)) : tests);
};
conclude(() => run().finally(removeProjects));
