// Checks that the official SDK, in its browser build, can sign in to an emulator in secure mode and
// sign out again. The edge entry mints the auth tokens.
import { build } from 'esbuild';
import { verifySession } from 'social-plus-auth';
import { createAuthToken } from 'social-plus-auth/edge';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import {
  conclude,
  equal,
  fail,
  match,
  ok,
  runTests,
  registerSecret,
  containsSecret,
} from '../conformance/harness.mjs';

// The browser globals that the SDK uses.
const items = new Map();
const localStorage = {
  getItem: (key) => items.get(key) ?? null,
  setItem: (key, value) => void items.set(key, value),
  removeItem: (key) => void items.delete(key),
};
globalThis.window = Object.assign(new EventTarget(), { localStorage });
Object.defineProperty(globalThis, 'navigator', {
  value: { product: 'Gecko', userAgent: 'a browser', onLine: true },
  configurable: true,
});

/** Bundles the SDK as an app would, and imports it from memory, without temporary files. */
const importSdk = async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { Client } from '@amityco/ts-sdk';",
      resolveDir: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
    },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${source}`);
};

const emulator = await createEmulator({ secureMode: true });
const server = await listen(emulator);
registerSecret(emulator.serverKey);
const mint = async (userId) => {
  const options = { endpoint: server.url, serverKey: emulator.serverKey };
  return registerSecret((await createAuthToken(options, { userId })).token);
};
const verify = (accessToken) => verifySession({ endpoint: server.url }, accessToken);

const { Client } = await importSdk();
// The realtime events are off, because they come from another service, which the emulator lacks.
const client = Client.createClient(emulator.apiKey, 'eu', {
  apiEndpoint: { http: server.url },
  rteEnabled: false,
});
const states = [];
Client.onSessionStateChange((state) => states.push(state));
const login = (user) =>
  Client.login(user, { sessionWillRenewAccessToken: () => {} }, { disableRTE: true });
const expectRejection = (call) =>
  call.then(
    () => fail('the login succeeded'),
    (error) => error,
  );

let returnedCount = 0;
/** Returns the requests and the session states since the previous call of this function. */
const takeChanges = () => {
  const requests = emulator.requests.slice(returnedCount);
  returnedCount += requests.length;
  return {
    requests,
    lines: requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
    states: states.splice(0),
  };
};

const invalidResult = { valid: false, reason: 'unauthorized' };
const listUsersWithSession = () =>
  emulator
    .sessions()
    .filter(({ valid }) => valid)
    .map(({ userId }) => userId);

const tests = {
  'it can sign in with an auth token that the edge entry minted': async () => {
    const user = { userId: 'ada', displayName: 'Ada', authToken: await mint('ada') };
    equal(await login(user), true, 'result of login');
    const { requests, lines, states: announcedStates } = takeChanges();
    equal(
      lines,
      [
        'POST /api/v4/authentication/token 200',
        'POST /api/v5/sessions 200',
        'GET /api/v3/network-settings/chat 200',
      ],
      'requests',
    );
    equal(announcedStates, ['establishing', 'established'], 'states');
    equal(client.sessionState, 'established', 'sessionState');
    equal(client.userId, 'ada', 'userId');
    const [, session, settings] = requests;
    match(session.body.deviceId, /^ascWebSdk#/, 'deviceId');
    equal(session.body.userId, 'ada', 'userId of the request');
    equal(session.body.displayName, 'Ada', 'displayName of the request');
    equal(session.body.deviceInfo.kind, 'web', 'deviceInfo.kind of the request');
    match(session.body.deviceInfo.sdkVersion, /^v6\.35\.3/, 'sdkVersion');
    equal(session.headers['x-api-key'], emulator.apiKey, 'x-api-key');
    equal(session.headers['set-access-token-cookie'], 'true', 'set-access-token-cookie');
    ok(settings.headers.authorization !== undefined, 'the settings request has no bearer token');
  },
  'verifySession accepts the access token of the SDK': async () => {
    equal(await verify(registerSecret(client.token.accessToken)), { valid: true }, 'verification');
    equal(listUsersWithSession(), ['ada'], 'users with a valid session');
    takeChanges();
  },
  'a login of another user on the same device ends the first session': async () => {
    const firstToken = client.token.accessToken;
    const user = { userId: 'grace', authToken: await mint('grace') };
    equal(await login(user), true, 'result of login');
    equal(client.userId, 'grace', 'userId');
    equal(client.sessionState, 'established', 'sessionState');
    equal(takeChanges().states, ['notLoggedIn', 'establishing', 'established'], 'states');
    equal(await verify(firstToken), invalidResult, 'verification of the first token');
    takeChanges();
  },
  'a secure logout revokes the access token': async () => {
    const accessToken = registerSecret(client.token.accessToken);
    equal(await Client.secureLogout(), true, 'result of secureLogout');
    const { lines, states: announcedStates } = takeChanges();
    equal(lines, ['DELETE /api/v4/sessions 200'], 'requests');
    equal(announcedStates, ['notLoggedIn'], 'states');
    equal(client.sessionState, 'notLoggedIn', 'sessionState');
    equal(await verify(accessToken), invalidResult, 'verification');
    takeChanges();
    equal(listUsersWithSession(), [], 'users with a valid session');
  },
  'it cannot sign in without an auth token': async () => {
    await expectRejection(login({ userId: 'ada' }));
    const { lines, states: announcedStates } = takeChanges();
    equal(lines, ['POST /api/v5/sessions 403'], 'requests');
    equal(announcedStates, ['establishing', 'notLoggedIn'], 'states');
  },
  "it cannot sign in with another user's auth token": async () => {
    await expectRejection(login({ userId: 'ada', authToken: await mint('eve') }));
    equal(
      takeChanges().lines,
      ['POST /api/v4/authentication/token 200', 'POST /api/v5/sessions 401'],
      'requests',
    );
    equal(client.userId, undefined, 'userId');
  },
  'no recorded request contains the server key or a token': () =>
    ok(!containsSecret(JSON.stringify(emulator.requests)), 'a secret was recorded'),
};

conclude(async () => {
  const results = await runTests(
    Object.entries(tests).map(([name, body]) => ({ name: `the official SDK · ${name}`, body })),
  );
  await server.close();
  return results;
});
