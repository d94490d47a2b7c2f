// The deployables that the package ships, each on its own engine, as copied from the installed
// package: a user of the app is signed in to the emulator through the /auth/token of each, without
// and with mTLS.
import { createHmac } from 'node:crypto';
import { createSession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { keyAndRequest } from '../conformance/csr.mjs';
import { conclude, equal, match, ok, runTests, secret, spills } from '../conformance/harness.mjs';
import { removeProjects } from '../packaging/project.mjs';
import { starters } from './starters.mjs';

const SESSION_SECRET = secret('what the app signs its own sessions with');
const base64url = (value) => Buffer.from(value).toString('base64url');

/** The app's own session, as its sign-in makes it. */
const cookie = (
  userId,
  { key = SESSION_SECRET, alg = 'HS256', exp = Math.floor(Date.now() / 1000) + 60 } = {},
) => {
  const signed = `${base64url(JSON.stringify({ alg }))}.${base64url(JSON.stringify({ sub: userId, exp }))}`;
  return `theme=dark; session=${signed}.${base64url(createHmac('sha256', key).update(signed).digest())}`;
};

/** A service, with what a deployable is told of it. */
const service = async (mtls) => {
  const emulator = await createEmulator({ secureMode: true, mtls });
  secret(emulator.serverKey);
  const { url, caCertificate: ca, close } = await listen(emulator, { tls: mtls });
  const env = {
    SOCIAL_PLUS_ENDPOINT: url,
    SOCIAL_PLUS_SERVER_KEY: emulator.serverKey,
    SOCIAL_PLUS_API_KEY: emulator.apiKey,
    SESSION_SECRET,
  };
  if (!mtls) return { emulator, env, close };
  const { key, csr } = keyAndRequest('token service');
  const cert = await emulator.createCertificate({ name: 'token service', csr });
  return { emulator, env, tls: { ca, cert, key }, close };
};

const signsIn = async ({ emulator, ask }) => {
  const { status, body } = await ask('token', {
    cookie: cookie('ada'),
    body: { userId: 'mallory', deviceId: 'device-1' },
  });
  equal([status, Object.keys(body)], [200, ['authToken', 'expiresAt']], 'answer');
  const open = {
    endpoint: 'https://emulator.test',
    fetch: emulator.fetch,
    apiKey: emulator.apiKey,
  };
  const session = await createSession(open, {
    userId: 'ada',
    deviceId: 'device-1',
    authToken: body.authToken,
  });
  equal(session.userId, 'ada', 'signed in');
  const { status: redeemed, body: direct } = await ask('session', {
    cookie: cookie('grace'),
    body: { deviceId: 'device-2' },
  });
  equal([redeemed, direct.userId], [200, 'grace'], 'the session route');
};

const expired = { exp: 1 };
const refusals = {
  'nobody is signed in': [{}, 401, 'unauthorized'],
  'a cookie that another key has signed': [
    { cookie: cookie('ada', { key: 'guessed' }) },
    401,
    'unauthorized',
  ],
  'a cookie that is not signed as asked': [
    { cookie: cookie('ada', { alg: 'none' }) },
    401,
    'unauthorized',
  ],
  'a cookie that has expired': [{ cookie: cookie('ada', expired) }, 401, 'unauthorized'],
  'a page of another origin': [
    { cookie: cookie('ada'), origin: 'https://evil.test' },
    403,
    'forbidden',
  ],
  'another method': [{ cookie: cookie('ada'), method: 'GET' }, 405, 'invalidRequest'],
  'a body of over 16 KiB': [
    { cookie: cookie('ada'), body: { deviceId: 'x'.repeat(17 << 10) } },
    413,
    'invalidRequest',
  ],
};

const running = async (start, mtls, body) => {
  const { emulator, env, tls, close } = await service(mtls);
  const app = await start({ env, tls }).catch((error) => close().then(() => Promise.reject(error)));
  const ask = async (route, { method = 'POST', body, cookie: carried, origin = app.origin }) => {
    const headers = {
      origin,
      'content-type': 'application/json',
      ...(carried && { cookie: carried }),
    };
    const init = {
      method,
      headers,
      body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
    };
    const response = await app.fetch(`${app.origin}${app.basePath ?? '/auth'}/${route}`, init);
    return { status: response.status, body: await response.json(), headers: response.headers };
  };
  try {
    await body({ emulator, ask });
    ok(!spills(app.log()), 'what the app printed holds a secret');
  } finally {
    await app.close();
    await close();
  }
};

const tests = Object.entries(starters).flatMap(([name, { start, mtls = true }]) => [
  { name: `${name} · a user is signed in`, body: () => running(start, false, signsIn) },
  ...(mtls
    ? [
        {
          name: `${name} · a user is signed in, with mTLS on`,
          body: () => running(start, true, signsIn),
        },
      ]
    : []),
  {
    name: `${name} · what it refuses`,
    body: () =>
      running(start, false, async ({ emulator, ask }) => {
        for (const [what, [request, status, kind]] of Object.entries(refusals)) {
          const answer = await ask('token', request);
          equal([answer.status, answer.body.kind], [status, kind], what);
          match(answer.headers.get('cache-control'), /no-store/, what);
        }
        equal(emulator.requests.length, 0, 'requests that reached the service');
      }),
  },
]);

/** The limiter that Cloudflare's wrangler.jsonc names counts each user by itself. */
const limited = async ({ ask }) => {
  const status = async (userId) => (await ask('token', { cookie: cookie(userId) })).status;
  let served = 0;
  // Its minute may end meanwhile, and the next one begin.
  while (served <= 20 && (await status('ada')) === 200) served += 1;
  ok(served >= 10 && served <= 20, `${served} were served`);
  equal([await status('ada'), await status('grace')], [429, 200], 'the user, and another one');
};
tests.push({
  name: 'cloudflare · the rate limit',
  body: () => running(starters.cloudflare.start, false, limited),
});

conclude(async () => {
  const results = await runTests(tests);
  await removeProjects();
  return results;
});
