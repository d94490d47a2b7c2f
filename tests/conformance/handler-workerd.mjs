// Tests the auth routes in workerd over real HTTP: 200 concurrent users of one worker, some of whom
// disconnect. The worker calls a service that is slow and drops requests. Only the worker runs in
// workerd: workerd.mjs runs these tests on Node.
import { createSession, verifySession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { Miniflare } from 'miniflare';
import { bundleWorker } from './bundle.mjs';
import { equal, ok, waitOneTurn, waitUntil } from './harness.mjs';

const USERS = 200;
const LAST_REQUEST_ID = 'the-last-request';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Serves the emulator on a port. Delays each request and each response by up to `ms`, and drops
 * every tenth request.
 */
const listenSlowly = async (emulator, ms) => {
  let count = 0;
  const fetch = async (...args) => {
    await pause(Math.random() * ms);
    if (++count % 10 === 0) throw new TypeError('fetch failed');
    const response = await emulator.fetch(...args);
    await pause(Math.random() * ms);
    return response;
  };
  return listen(Object.create(emulator, { fetch: { value: fetch } }));
};

const modules = await bundleWorker('handler-worker.mjs');

const withWorker = async (compatibilityFlags, body) => {
  const emulator = await createEmulator({ secureMode: true });
  const service = await listenSlowly(emulator, 60);
  let log = '';
  const collectLog = (stream) => stream.on('data', (text) => (log += text));
  const worker = new Miniflare({
    modules,
    modulesRoot: '/',
    compatibilityDate: '2026-04-01',
    compatibilityFlags,
    handleRuntimeStdio: (...streams) => streams.forEach(collectLog),
    bindings: {
      SERVICE: service.url,
      SERVER_KEY: emulator.serverKey,
      API_KEY: emulator.apiKey,
      VISITOR_SECRET: 'visitor-secret-of-the-worker',
    },
  });
  try {
    const { origin } = await worker.ready;
    const sendRequest = async (userId, route, signal) => {
      const response = await fetch(`${origin}/auth/${route}`, {
        method: 'POST',
        headers: { origin, cookie: userId, 'content-type': 'application/json' },
        body: JSON.stringify({ deviceId: `device of ${userId}` }),
        signal,
      });
      return { status: response.status, body: await response.json() };
    };
    await body({ emulator, sendRequest });
    // When Miniflare stops the worker, it discards unread output. So wait for the output of the
    // last request.
    await fetch(`${origin}/auth/nothing`, { headers: { 'x-correlation-id': LAST_REQUEST_ID } });
    await waitUntil(() => log.includes(LAST_REQUEST_ID), 'the output of the last request');
  } finally {
    await worker.dispose();
    await service.close();
  }
  await waitOneTurn();
  const secrets = [emulator.serverKey, 'visitor-secret-of-the-worker'];
  ok(log.includes('"operation":"createAuthHandler"'), 'the worker printed no event');
  ok(!secrets.some((secret) => log.includes(secret)), 'the worker printed a secret');
};

/** Asks the service for the user to whom a token or session belongs. */
const findOwner = async (emulator, userId, { authToken, accessToken }) => {
  const clientOptions = { region: 'eu', apiKey: emulator.apiKey, fetch: emulator.fetch };
  if (accessToken) {
    equal(
      await verifySession(clientOptions, accessToken),
      { valid: true },
      'verification of the token',
    );
    // The service accepted the token, so its claims are authentic.
    return JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url')).user.publicUserId;
  }
  return (await createSession(clientOptions, { userId, deviceId: 'redeemed', authToken })).userId;
};

const testImpatientUsers = (route, flags) =>
  withWorker(flags, async ({ emulator, sendRequest }) => {
    const users = Array.from({ length: USERS }, (_, n) => `user-${n}`);
    const outcomes = await Promise.all(
      users.map((userId, n) => {
        const controller = new AbortController();
        if (n % 5 === 0) setTimeout(() => controller.abort(), 20 + Math.random() * 100);
        return sendRequest(userId, route, controller.signal).catch((error) => ({
          error: error.name,
        }));
      }),
    );
    let served = 0;
    for (const [n, { status, body, error }] of outcomes.entries()) {
      const userId = users[n];
      if (error) {
        equal(error, 'AbortError', `error of ${userId}`);
        equal(n % 5, 0, `n % 5 of ${userId}, whose request was aborted`);
      } else if (status === 200) {
        served += 1;
        equal(await findOwner(emulator, userId, body), userId, `owner of the result of ${userId}`);
        if (route === 'session') {
          equal(body.userId, userId, 'userId');
          equal(body.deviceId, `device of ${userId}`, 'deviceId');
        }
      } else {
        equal(status, 502, `status of ${userId}`);
        equal(body.kind, 'network', `kind of ${userId}`);
      }
    }
    const disconnected = users.filter((_, n) => outcomes[n].error);
    ok(served >= 100, `only ${served} users were served`);
    ok(disconnected.length > 0, 'no user disconnected in time');
    // The disconnected users retry, and the worker still serves them.
    const retries = await Promise.all(disconnected.map((userId) => sendRequest(userId, 'token')));
    for (const [n, { status, body }] of retries.entries()) {
      if (status === 200)
        equal(
          await findOwner(emulator, disconnected[n], body),
          disconnected[n],
          'owner of the second result',
        );
      else {
        equal(status, 502, 'status of the second request');
        equal(body.kind, 'network', 'kind of the second request');
      }
    }
    ok(
      retries.some(({ status }) => status === 200),
      'no user was served at the second request',
    );
  });

// With `enable_request_signal`, the request's signal aborts when the client disconnects. Without
// this flag, workerd stops the request.
export const routeTests = [
  ['token', []],
  ['session', ['enable_request_signal']],
].map(([route, flags]) => ({
  name: `workerd · users of /${route} get their own results although some disconnect`,
  body: () => testImpatientUsers(route, flags),
  // Starting the runtime takes a long time on a busy machine.
  timeoutMs: 180_000,
}));
