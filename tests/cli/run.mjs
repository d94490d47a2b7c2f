// Tests the command line, installed from the tarball in a bare project.
import { conclude, runTests } from '../conformance/harness.mjs';
import { removeProjects } from '../packaging/project.mjs';
import { administration } from './administration.mjs';
import { folder } from './command.mjs';
import { doctorRoutes } from './doctor-routes.mjs';
import { doctor } from './doctor.mjs';
import { emulatorCommand } from './emulator.mjs';
import { help } from './help.mjs';
import { secrets } from './secrets.mjs';
import { sessions } from './sessions.mjs';
import { tokens } from './tokens.mjs';
import { usageErrors } from './usage-errors.mjs';

const tests = [];
const only = process.env.ONLY;
const suite = (name) => ({
  test: (title, body) => tests.push({ name: `cli · ${name} · ${title}`, body }),
});

help(suite('help'));
usageErrors(suite('usage errors'));
secrets(suite('secrets'));
tokens(suite('token'));
sessions(suite('sessions'));
administration(suite('admin'));
emulatorCommand(suite('emulator'));
doctor(suite('doctor'));
doctorRoutes(suite('doctor, auth routes'));

const run = async () => {
  // Installs the project first, so that the timeout of the first test does not cover it.
  await folder();
  return runTests(only ? tests.filter(({ name }) => name.includes(only)) : tests);
};
conclude(() => run().finally(removeProjects));
