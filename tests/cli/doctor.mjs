// Tests `doctor` against the emulator: it must report each fault, and no fault in a correct setup.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { equal, match, ok } from '../conformance/harness.mjs';
import {
  runCli,
  expectSuccess,
  getProjectPath,
  runNpx,
  runOnTerminal,
  startEmulator,
  withEmulator,
} from './command.mjs';
import { FAULTS, writeIdentity, writeProjectFile } from './doctor-faults.mjs';

/**
 * Runs `doctor --json` and returns its report. `checks` lists all checks. `failed` and `warnings`
 * list texts that consist of the name of a check and its fault. `find` returns the check with a
 * name.
 */
export const runDoctor = async (args, env, run = runCli) => {
  const { status, stdout, stderr } = await run(['doctor', '--json', ...args], { env });
  equal(stderr, '', 'standard error');
  const { ok: isOk, checks } = JSON.parse(stdout);
  equal(status, isOk ? 0 : 1, 'exit code');
  for (const check of checks) {
    match(check.message, /^.+[.!]$/s, `message of ${check.name}`);
    if (check.status === 'failed' || check.status === 'warning')
      match(check.remedy, /^.+([.)]|https:.*)$/s, `remedy of ${check.name}`);
  }
  const select = (wanted) =>
    checks.filter((check) => check.status === wanted).map(({ name, fault }) => `${name} ${fault}`);
  return {
    checks,
    failed: select('failed'),
    warnings: select('warning'),
    find: (wanted) => checks.find(({ name }) => name === wanted),
  };
};

/** Checks that a report has no failed check and no warning. */
export const expectNoProblems = ({ failed, warnings }) => {
  equal(failed, [], 'failed checks');
  equal(warnings, [], 'warnings');
};

const testFaults = (test) => {
  for (const fault of FAULTS) {
    const { title, options, listenOptions, isTlsTrusted, signedIn, spoil, args = [] } = fault;
    test(`reports ${title}`, async () => {
      const started = await startEmulator(options, isTlsTrusted ? { tls: true } : listenOptions);
      const { emulator, server } = started;
      try {
        const trust = isTlsTrusted
          ? ['--ca', await writeProjectFile('ca.pem', server.caCertificate)]
          : [];
        if (signedIn) await runCli(['session', signedIn], { env: started.env });
        spoil?.(emulator);
        const faultArgs = typeof args === 'function' ? await args(started) : args;
        const faultEnv = fault.env?.({ apiKey: emulator.apiKey, url: server.url });
        const report = await runDoctor([...trust, ...faultArgs], { ...started.env, ...faultEnv });
        equal(report.failed, fault.failed, 'failed checks');
        equal(report.warnings, fault.warnings ?? [], 'warnings');
        const texts = report.checks.map(({ message, remedy }) => `${message} ${remedy}`);
        if (fault.message) match(texts.join('\n'), fault.message, 'messages and remedies');
      } finally {
        await server.close();
      }
    });
  }
};

/**
 * A module that the command preloads. It sends the requests for a region to the region's emulator.
 */
const REDIRECT_HOSTS = `
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
const hosts = JSON.parse(process.env.TEST_HOSTS);
https.request = (url, options, callback) => {
  const { hostname, pathname } = new URL(url);
  return http.request(new URL(pathname, hosts[hostname]), options, callback);
};
syncBuiltinESMExports();
`;

/**
 * Returns a test body that runs `body` with one emulator per region, and with an environment that
 * has the keys of region us.
 */
const withRegions = (body) => async () => {
  const regions = {
    eu: await startEmulator(),
    sg: await startEmulator(),
    us: await startEmulator(),
  };
  const hosts = Object.fromEntries(
    Object.entries(regions).map(([region, { server }]) => [`apix.${region}.amity.co`, server.url]),
  );
  await writeProjectFile('hosts.mjs', REDIRECT_HOSTS);
  const preload = pathToFileURL(join(await getProjectPath(), 'hosts.mjs')).href;
  const env = {
    ...regions.us.envWithout('SOCIAL_PLUS_ENDPOINT', 'SOCIAL_PLUS_ADMIN_TOKEN'),
    TEST_HOSTS: JSON.stringify(hosts),
    NODE_OPTIONS: `--import=${preload}`,
  };
  try {
    await body({ ...regions, env });
  } finally {
    for (const { server } of Object.values(regions)) await server.close();
  }
};

const testRegions = (test) => {
  test(
    'reports no failure in the right region',
    withRegions(async ({ env }) =>
      equal((await runDoctor(['--region', 'us'], env)).failed, [], 'failed checks'),
    ),
  );
  test(
    'names the right region with --all-regions',
    withRegions(async ({ env }) => {
      const report = await runDoctor(['--region', 'EU', '--all-regions'], env);
      equal(report.failed, ['apiKey wrongRegion', 'serverKey serverKeyRefused'], 'failed checks');
      match(report.find('apiKey').message, /Region us knows it/, 'message of apiKey');
    }),
  );
  test(
    'does not send the API key to other regions without --all-regions',
    withRegions(async ({ env, eu, sg, us }) => {
      const report = await runDoctor([], { ...env, SOCIAL_PLUS_REGION: 'eu' });
      equal(report.failed, ['apiKey apiKeyUnknown', 'serverKey serverKeyRefused'], 'failed checks');
      match(report.find('apiKey').remedy, /--all-regions/, 'remedy of apiKey');
      equal(sg.emulator.requests.length, 0, 'requests to region sg');
      equal(us.emulator.requests.length, 0, 'requests to region us');
      ok(eu.emulator.requests.length > 0, 'region eu received no request');
    }),
  );
  test(
    'reports an API key that no region knows',
    withRegions(async ({ env }) => {
      const unknown = { ...env, SOCIAL_PLUS_REGION: 'eu', SOCIAL_PLUS_API_KEY: 'another' };
      const report = await runDoctor(['--all-regions'], unknown);
      match(report.find('apiKey').message, /No other region knows it/, 'message of apiKey');
    }),
  );
};

const testSetups = (test) => {
  test(
    'finds no problem in a correct setup, and ends the sessions that it created',
    withEmulator({ secureVisitorMode: true }, async ({ emulator, env }) => {
      const report = await runDoctor(['--user', 'ada', '--visitor'], env, runNpx);
      expectNoProblems(report);
      const passed = report.checks.filter(({ status }) => status === 'ok').map(({ name }) => name);
      equal(
        passed,
        [
          'address',
          'keys',
          'network',
          'clock',
          'apiKey',
          'adminToken',
          'serverKey',
          'secureMode',
          'session',
          'visitor',
        ],
        'passed checks',
      );
      const validity = emulator.sessions().map(({ valid }) => valid);
      equal(validity, [false, false], 'validity of the sessions');
    }),
  );
  for (const secureMode of [true, false]) {
    test(
      `signs no user in without --user if secure mode is ${secureMode ? 'on' : 'off'}`,
      withEmulator({ secureMode }, async ({ emulator, env }) => {
        await runDoctor([], env);
        equal(emulator.users(), [], 'users');
        equal(emulator.sessions(), [], 'sessions');
      }),
    );
  }
  test(
    'finds no problem with mTLS and the right certificate',
    withEmulator(
      { mtls: true },
      async ({ emulator, server, env }) => {
        const trust = ['--ca', await writeProjectFile('ca.pem', server.caCertificate)];
        const identity = await writeIdentity(emulator, 'right');
        expectNoProblems(await runDoctor([...trust, ...identity], env));
      },
      { tls: true },
    ),
  );
  test(
    'recognises the service even if its error message is worded differently',
    withEmulator({}, async ({ emulator, env }) => {
      emulator.faults.add({
        path: '/api/v3/sessions',
        status: 400,
        body: '{"status":"error","code":400000,"message":"Bad request."}',
      });
      equal((await runDoctor([], env)).failed, [], 'failed checks');
    }),
  );
  test('reports a server that is not the service', async () => {
    const server = createServer((request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('[1]'),
    );
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${server.address().port}`;
    const env = { SOCIAL_PLUS_API_KEY: 'key', SOCIAL_PLUS_SERVER_KEY: 'another' };
    const report = await runDoctor(['--endpoint', endpoint], env);
    server.close();
    equal(report.failed, ['network notTheService'], 'failed checks');
  });
};

const testOutput = (test) => {
  test(
    'prints a line for each check, the remedy below it, and the number of failures',
    withEmulator({ secureMode: false }, async ({ env }) => {
      const { status, stdout, stderr } = await runCli(['doctor'], { env });
      equal(status, 1, 'exit code');
      equal(stderr, '', 'standard error');
      match(stdout, /^ok +network +The service responds/m, 'a check that passed');
      const failure =
        /^FAILED +secureMode +Secure mode is off: .* \[secureModeOff\]\n {28}Turn it on once/m;
      match(stdout, failure, 'a check that failed');
      match(stdout, /\n1 of \d+ checks failed\.\n$/, 'the last line');
    }),
  );
  test(
    'asks for the API key and the server key on a terminal, and accepts an empty answer',
    withEmulator({}, async ({ env }) => {
      const { SOCIAL_PLUS_API_KEY: apiKey, SOCIAL_PLUS_ENDPOINT } = env;
      const dialogue = [
        [/^API key \(.*\): $/, `${apiKey}\r`],
        [/server key \(.*\): $/, '\r'],
      ];
      const stdout = expectSuccess(
        await runOnTerminal(['doctor'], dialogue, { SOCIAL_PLUS_ENDPOINT }),
      );
      match(stdout, /ok +apiKey/, 'the check of the API key');
      match(stdout, /WARNING +keys +The server key is missing/, 'the check of the keys');
    }),
  );
};

export const testDoctor = ({ test }) => {
  testSetups(test);
  testOutput(test);
  testFaults(test);
  testRegions(test);
};
