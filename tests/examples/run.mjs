// Runs each example of the installed package on its engine. A user of the app signs in to the
// emulator through the auth routes of the example: without mTLS and, if the example can use mTLS,
// with it.
import { createHmac } from 'node:crypto';
import { createSession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { createKeyAndRequest } from '../conformance/csr.mjs';
import {
  conclude,
  equal,
  match,
  ok,
  runTests,
  registerSecret,
  containsSecret,
} from '../conformance/harness.mjs';
import { removeProjects } from '../packaging/project.mjs';
import { starters } from './starters.mjs';

const SESSION_SECRET = registerSecret('a key for the session cookies of the app');
const getNowInSeconds = () => Math.floor(Date.now() / 1000);
const toBase64url = (value) => Buffer.from(value).toString('base64url');

/** Creates the `Cookie` header of a user who is signed in to the app. */
const createCookie = (
  userId,
  { key = SESSION_SECRET, alg = 'HS256', exp = getNowInSeconds() + 60 } = {},
) => {
  const head = toBase64url(JSON.stringify({ alg }));
  const claims = toBase64url(JSON.stringify({ sub: userId, exp }));
  const signature = createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url');
  return `theme=dark; session=${head}.${claims}.${signature}`;
};

/** Starts an emulator, and returns the environment and the certificates for the example. */
const startService = async (mtls) => {
  const emulator = await createEmulator({ secureMode: true, mtls });
  registerSecret(emulator.serverKey);
  const { url, caCertificate: ca, close } = await listen(emulator, { tls: mtls });
  const env = {
    SOCIAL_PLUS_ENDPOINT: url,
    SOCIAL_PLUS_SERVER_KEY: emulator.serverKey,
    SOCIAL_PLUS_API_KEY: emulator.apiKey,
    SESSION_SECRET,
  };
  if (!mtls) return { emulator, env, close };
  const { key, csr } = createKeyAndRequest('token service');
  const cert = await emulator.createCertificate({ name: 'token service', csr });
  return { emulator, env, tls: { ca, cert, key }, close };
};

/** Creates a function that sends a request to an auth route, as a page of the app does. */
const createSender =
  (app) =>
  async (route, { method = 'POST', body = {}, cookie, origin = app.origin }) => {
    const response = await app.fetch(`${app.origin}${app.basePath ?? '/auth'}/${route}`, {
      method,
      headers: { origin, 'content-type': 'application/json', ...(cookie && { cookie }) },
      body: method === 'POST' ? JSON.stringify(body) : undefined,
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

/** Runs `body` with a running example, then checks that the example logged no secret. */
const withExample = async (start, mtls, body) => {
  const { emulator, env, tls, close } = await startService(mtls);
  try {
    const app = await start({ env, tls });
    try {
      await body({ emulator, send: createSender(app) });
      ok(!containsSecret(app.log()), 'the example logged a secret');
    } finally {
      await app.close();
    }
  } finally {
    await close();
  }
};

/**
 * Checks that `/token` ignores a `userId` in the body, and mints an auth token with which the
 * cookie's user can sign in.
 */
const checkToken = async ({ emulator, send }) => {
  const { status, body } = await send('token', {
    cookie: createCookie('ada'),
    body: { userId: 'mallory', deviceId: 'device-1' },
  });
  equal(status, 200, 'status of /token');
  equal(Object.keys(body), ['authToken', 'expiresAt'], 'fields of the response');
  const { apiKey, fetch } = emulator;
  const session = await createSession(
    { endpoint: 'https://emulator.test', fetch, apiKey },
    { userId: 'ada', deviceId: 'device-1', authToken: body.authToken },
  );
  equal(session.userId, 'ada', 'user of the session');
};

const checkSession = async ({ send }) => {
  const { status, body } = await send('session', {
    cookie: createCookie('grace'),
    body: { deviceId: 'device-2' },
  });
  equal(status, 200, 'status of /session');
  equal(body.userId, 'grace', 'user of the session');
};

const REFUSED_REQUESTS = [
  { title: 'a request without a cookie', request: {}, status: 401, kind: 'unauthorized' },
  {
    title: 'a cookie signed with another key',
    request: { cookie: createCookie('ada', { key: 'guessed' }) },
    status: 401,
    kind: 'unauthorized',
  },
  {
    title: 'a cookie that names another algorithm',
    request: { cookie: createCookie('ada', { alg: 'none' }) },
    status: 401,
    kind: 'unauthorized',
  },
  {
    title: 'an expired cookie',
    request: { cookie: createCookie('ada', { exp: 1 }) },
    status: 401,
    kind: 'unauthorized',
  },
  {
    title: 'a request from another origin',
    request: { cookie: createCookie('ada'), origin: 'https://evil.test' },
    status: 403,
    kind: 'forbidden',
  },
  {
    title: 'a GET request',
    request: { cookie: createCookie('ada'), method: 'GET' },
    status: 405,
    kind: 'invalidRequest',
  },
  {
    title: 'a body of more than 16 KiB',
    request: { cookie: createCookie('ada'), body: { deviceId: 'x'.repeat(17 << 10) } },
    status: 413,
    kind: 'invalidRequest',
  },
];

const checkRefusals = async ({ emulator, send }) => {
  for (const { title, request, status, kind } of REFUSED_REQUESTS) {
    const response = await send('token', request);
    equal(response.status, status, `status for ${title}`);
    equal(response.body.kind, kind, `kind for ${title}`);
    match(response.headers.get('cache-control'), /no-store/, `cache-control for ${title}`);
  }
  equal(emulator.requests.length, 0, 'number of requests to the service');
};

/**
 * Checks the rate limit in the wrangler.jsonc of the Cloudflare example: ten requests a minute for
 * each user.
 */
const checkRateLimit = async ({ send }) => {
  const requestAs = async (userId) =>
    (await send('token', { cookie: createCookie(userId) })).status;
  let served = 0;
  // A new minute may start during the test and allow ten more requests.
  while (served <= 20 && (await requestAs('ada')) === 200) served += 1;
  ok(served >= 10 && served <= 20, `${served} requests of one user were served`);
  equal(await requestAs('ada'), 429, 'status for a user above the limit');
  equal(await requestAs('grace'), 200, 'status for another user');
};

const tests = [];
for (const [name, { start, canUseMtls = true }] of Object.entries(starters)) {
  const test = (title, body, mtls = false) =>
    tests.push({ name: `${name} · ${title}`, body: () => withExample(start, mtls, body) });
  test('/token mints a token for the signed-in user', checkToken);
  test('/session signs the user in', checkSession);
  test('refuses bad requests, and does not call the service', checkRefusals);
  if (!canUseMtls) continue;
  test('/token mints a token with mTLS', checkToken, true);
  test('/session signs the user in with mTLS', checkSession, true);
}
tests.push({
  name: 'cloudflare · limits the requests of each user',
  body: () => withExample(starters.cloudflare.start, false, checkRateLimit),
});

conclude(async () => {
  const results = await runTests(tests);
  await removeProjects();
  return results;
});
