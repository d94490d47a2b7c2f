// The official SDK, in its browser build, signs in to the emulator in secure mode with a token that
// our edge entry minted, and out again.
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
  secret,
  spills,
} from '../conformance/harness.mjs';

/**
 * What the SDK takes from a browser: where it keeps its device id, whom it tells of itself, when it
 * is online.
 */
const kept = new Map();
const localStorage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => void kept.set(key, value),
  removeItem: (key) => void kept.delete(key),
};
globalThis.window = Object.assign(new EventTarget(), { localStorage });
Object.defineProperty(globalThis, 'navigator', {
  value: { product: 'Gecko', userAgent: 'a browser', onLine: true },
  configurable: true,
});

/** The SDK as an app's bundler would make it; from memory, so that nothing is left behind. */
const bundled = async () => {
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
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
};

const emulator = await createEmulator({ secureMode: true });
const server = await listen(emulator);
secret(emulator.serverKey);
const mint = async (userId) =>
  secret(
    (await createAuthToken({ endpoint: server.url, serverKey: emulator.serverKey }, { userId }))
      .token,
  );
const verify = (accessToken) => verifySession({ endpoint: server.url }, accessToken);

const { Client } = await bundled();
// No realtime connection: it is another service, on other hosts.
const client = Client.createClient(emulator.apiKey, 'eu', {
  apiEndpoint: { http: server.url },
  rteEnabled: false,
});
const states = [];
Client.onSessionStateChange((state) => states.push(state));
const login = (user) =>
  Client.login(user, { sessionWillRenewAccessToken: () => {} }, { disableRTE: true });
const refusal = (call) =>
  call.then(
    () => fail('it was let in'),
    (error) => error,
  );

/** What came in since the last look, and the states gone through since. */
let seen = 0;
const news = () => {
  const requests = emulator.requests.slice(seen);
  seen += requests.length;
  return {
    requests,
    asked: requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
    states: states.splice(0),
  };
};

const tests = {
  'with an auth token that our edge entry minted it signs in': async () => {
    equal(
      await login({ userId: 'ada', displayName: 'Ada', authToken: await mint('ada') }),
      true,
      'answer of login',
    );
    const { requests, asked, states: passed } = news();
    equal(
      asked,
      [
        'POST /api/v4/authentication/token 200',
        'POST /api/v5/sessions 200',
        'GET /api/v3/network-settings/chat 200',
      ],
      'requests',
    );
    equal(passed, ['establishing', 'established'], 'states');
    equal([client.sessionState, client.userId], ['established', 'ada'], 'client');
    const [, session, settings] = requests;
    match(session.body.deviceId, /^ascWebSdk#/, 'deviceId');
    equal(
      [session.body.userId, session.body.displayName, session.body.deviceInfo.kind],
      ['ada', 'Ada', 'web'],
      'body',
    );
    match(session.body.deviceInfo.sdkVersion, /^v6\.35\.3/, 'sdkVersion');
    equal(
      [session.headers['x-api-key'], session.headers['set-access-token-cookie']],
      [emulator.apiKey, 'true'],
      'headers',
    );
    ok(settings.headers.authorization !== undefined, 'the second request bears the token');
  },
  'its access token is one that our verifySession believes': async () => {
    equal(await verify(secret(client.token.accessToken)), { valid: true }, 'verified');
    equal(
      emulator
        .sessions()
        .filter(({ valid }) => valid)
        .map(({ userId }) => userId),
      ['ada'],
      'sessions of the emulator',
    );
    news();
  },
  'it signs in as another user of the same device': async () => {
    const before = client.token.accessToken;
    equal(
      await login({ userId: 'grace', authToken: await mint('grace') }),
      true,
      'answer of login',
    );
    equal([client.userId, client.sessionState], ['grace', 'established'], 'client');
    equal(news().states, ['notLoggedIn', 'establishing', 'established'], 'states');
    equal(await verify(before), { valid: false, reason: 'unauthorized' }, "the first user's token");
    news();
  },
  'it signs out, and its token is good no more': async () => {
    const accessToken = secret(client.token.accessToken);
    equal(await Client.secureLogout(), true, 'answer of secureLogout');
    const { asked, states: passed } = news();
    equal(asked, ['DELETE /api/v4/sessions 200'], 'requests');
    equal([passed, client.sessionState], [['notLoggedIn'], 'notLoggedIn'], 'states');
    equal(await verify(accessToken), { valid: false, reason: 'unauthorized' }, 'verified');
    news();
    equal(
      emulator.sessions().filter(({ valid }) => valid),
      [],
      'sessions of the emulator',
    );
  },
  'without an auth token it is not let in': async () => {
    await refusal(login({ userId: 'ada' }));
    const { asked, states: passed } = news();
    equal(
      [asked, passed],
      [['POST /api/v5/sessions 403'], ['establishing', 'notLoggedIn']],
      'requests, states',
    );
  },
  "with another user's auth token it is not let in": async () => {
    await refusal(login({ userId: 'ada', authToken: await mint('eve') }));
    equal(
      news().asked,
      ['POST /api/v4/authentication/token 200', 'POST /api/v5/sessions 401'],
      'requests',
    );
    equal(client.userId, undefined, 'user');
  },
  'no recorded request shows a key or a token': () =>
    ok(!spills(JSON.stringify(emulator.requests)), 'a secret shows'),
};

conclude(async () => {
  const results = await runTests(
    Object.entries(tests).map(([name, body]) => ({ name: `the official SDK · ${name}`, body })),
  );
  await server.close();
  return results;
});
