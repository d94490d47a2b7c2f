// Tests the command line, installed from the tarball in a bare project. If the variable ONLY is
// set, runs only the tests whose names contain its value.
import { conclude, runTests } from '../conformance/harness.mjs';
import { removeProjects } from '../packaging/project.mjs';
import { testAdministration } from './administration.mjs';
import { getProjectPath } from './command.mjs';
import { testDoctorRoutes } from './doctor-routes.mjs';
import { testDoctor } from './doctor.mjs';
import { testEmulatorCommand } from './emulator.mjs';
import { testHelp } from './help.mjs';
import { testInjection } from './injection.mjs';
import { testLimits } from './limits.mjs';
import { testSecrets } from './secrets.mjs';
import { testSessions } from './sessions.mjs';
import { testTerminal } from './terminal.mjs';
import { testTokens } from './tokens.mjs';
import { testUsageErrors } from './usage-errors.mjs';

const tests = [];
const only = process.env.ONLY;
const suite = (name) => ({
  test: (title, body) => tests.push({ name: `cli · ${name} · ${title}`, body }),
});

testHelp(suite('help'));
testUsageErrors(suite('usage errors'));
testSecrets(suite('secrets'));
testTokens(suite('token'));
testSessions(suite('sessions'));
testAdministration(suite('admin'));
testEmulatorCommand(suite('emulator'));
testDoctor(suite('doctor'));
testDoctorRoutes(suite('doctor, auth routes'));
testLimits(suite('limits'));
testTerminal(suite('terminal'));
testInjection(suite('injection'));

const run = async () => {
  // Installs the project first, so that the timeout of the first test does not cover it.
  await getProjectPath();
  return runTests(only ? tests.filter(({ name }) => name.includes(only)) : tests);
};
conclude(() => run().finally(removeProjects));
