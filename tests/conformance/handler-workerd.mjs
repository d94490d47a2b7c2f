// The auth routes in workerd over real HTTP: 200 users at once through one worker, some of whom
// hang up, before a service that is slow and breaks connections. Run by the runner for workerd, on
// Node.
import { createSession, verifySession } from 'social-plus-auth';
import { createEmulator, listen } from 'social-plus-auth/emulator';
import { Miniflare } from 'miniflare';
import { workerModules } from './bundle.mjs';
import { equal, ok, turn, until } from './harness.mjs';

const USERS = 200;
const LAST = 'the-last-request';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The emulator on a port, late by up to `ms` each way; every tenth request is lost on its way. */
const slowly = async (emulator, ms) => {
  let count = 0;
  const fetch = async (...all) => {
    await pause(Math.random() * ms);
    if (++count % 10 === 0) throw new TypeError('fetch failed');
    const response = await emulator.fetch(...all);
    await pause(Math.random() * ms);
    return response;
  };
  return listen(Object.create(emulator, { fetch: { value: fetch } }));
};

const modules = await workerModules('handler-worker.mjs');

const running = async (compatibilityFlags, use) => {
  const emulator = await createEmulator({ secureMode: true });
  const service = await slowly(emulator, 60);
  let log = '';
  const keep = (stream) => stream.on('data', (text) => (log += text));
  const worker = new Miniflare({
    modules,
    modulesRoot: '/',
    compatibilityDate: '2026-04-01',
    compatibilityFlags,
    handleRuntimeStdio: (...streams) => streams.forEach(keep),
    bindings: {
      SERVICE: service.url,
      SERVER_KEY: emulator.serverKey,
      API_KEY: emulator.apiKey,
      VISITOR_SECRET: 'visitor-secret-of-the-worker',
    },
  });
  try {
    const { origin } = await worker.ready;
    const ask = async (userId, route, signal) => {
      const response = await fetch(`${origin}/auth/${route}`, {
        method: 'POST',
        headers: { origin, cookie: userId, 'content-type': 'application/json' },
        body: JSON.stringify({ deviceId: `device of ${userId}` }),
        signal,
      });
      return { status: response.status, body: await response.json() };
    };
    await use({ emulator, ask });
    // Miniflare drops what the worker has printed and it has not read yet: so it reads as far as
    // the last request.
    await fetch(`${origin}/auth/nothing`, { headers: { 'x-correlation-id': LAST } });
    await until(() => log.includes(LAST), 'what the worker prints of the last request');
  } finally {
    await worker.dispose();
    await service.close();
  }
  await turn();
  const secrets = [emulator.serverKey, 'visitor-secret-of-the-worker'];
  ok(
    log.includes('"operation":"createAuthHandler"'),
    'nothing was printed, so nothing can be looked for',
  );
  ok(!secrets.some((secret) => log.includes(secret)), 'a secret is in what the worker printed');
};

/** Whose token or session it is, by the service's own word. */
const ownerOf = async (emulator, userId, { authToken, accessToken }) => {
  const open = { region: 'eu', apiKey: emulator.apiKey, fetch: emulator.fetch };
  if (accessToken) {
    equal(await verifySession(open, accessToken), { valid: true }, 'the token that was given out');
    // Of a token that the service honours, the claims are its own.
    return JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url')).user.publicUserId;
  }
  return (await createSession(open, { userId, deviceId: 'redeemed', authToken })).userId;
};

const hangingUp = (route, flags) =>
  running(flags, async ({ emulator, ask }) => {
    const users = Array.from({ length: USERS }, (_, n) => `user-${n}`);
    const outcomes = await Promise.all(
      users.map((userId, n) => {
        const controller = new AbortController();
        if (n % 5 === 0) setTimeout(() => controller.abort(), 20 + Math.random() * 100);
        return ask(userId, route, controller.signal).catch((error) => ({ error: error.name }));
      }),
    );
    let served = 0;
    for (const [n, { status, body, error }] of outcomes.entries()) {
      const userId = users[n];
      if (error) {
        equal(error, 'AbortError', `what became of ${userId}: error`);
        equal(n % 5, 0, `what became of ${userId}: n % 5`);
      } else if (status === 200) {
        served += 1;
        equal(await ownerOf(emulator, userId, body), userId, 'whose it is');
        if (route === 'session') {
          equal(body.userId, userId, 'whose session: userId');
          equal(body.deviceId, `device of ${userId}`, 'whose session: deviceId');
        }
      } else {
        equal(status, 502, `what became of ${userId}: status`);
        equal(body.kind, 'network', `what became of ${userId}: kind`);
      }
    }
    const hungUp = users.filter((_, n) => outcomes[n].error);
    ok(served >= 100, `${served} were served`);
    ok(hungUp.length > 0, 'nobody hung up in time');
    // Whoever hung up comes again, and the worker is as it was.
    const again = await Promise.all(hungUp.map((userId) => ask(userId, 'token')));
    for (const [n, { status, body }] of again.entries()) {
      if (status === 200)
        equal(await ownerOf(emulator, hungUp[n], body), hungUp[n], 'whose it is, the second time');
      else {
        equal(status, 502, 'the second time: status');
        equal(body.kind, 'network', 'the second time: kind');
      }
    }
    ok(
      again.some(({ status }) => status === 200),
      'nobody was served the second time',
    );
  });

// With that flag a request's signal tells that the client is gone; without it workerd just stops.
export const routes = [
  ['token', []],
  ['session', ['enable_request_signal']],
].map(([route, flags]) => ({
  name: `workerd · 200 users at once to /${route}, some of whom hang up (${flags})`,
  body: () => hangingUp(route, flags),
  // It starts a runtime, and a busy machine is slow at all of it.
  timeoutMs: 180_000,
}));
