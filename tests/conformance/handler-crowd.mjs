// Many concurrent users of the auth routes: none of them gets the token of another, and an abort
// affects only its own request.
import { equal, ok, secret, until } from './harness.mjs';
import { resolves } from './helpers.mjs';
import { assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

/** Creates a generator of numbers from 0 to 1 that are the same in every run. */
const seededRandom = (seed) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return seed / 4_294_967_296;
};

const crowd = (test, lib) => {
  for (const route of ['token', 'session']) {
    test(`200 concurrent users of /${route} each get their own result or an error`, async () => {
      const random = seededRandom(7);
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      let slowFetch;
      // The timeout leaves room for a busy machine.
      const { ask, service, open, verify } = await openHandler(lib, {
        fetch: () => slowFetch,
        retry: { baseDelayMs: 1 },
        timeoutMs: 60_000,
      });
      slowFetch = async (url, init) => {
        await pause(random() * 30);
        if (random() < 0.1) throw new TypeError('fetch failed');
        const response = await service.fetch(url, init);
        await pause(random() * 30);
        return response;
      };
      const users = Array.from({ length: 200 }, (_, n) => `user-${n}`);
      const outcomes = await Promise.all(
        users.map(async (cookie, n) => {
          const controller = new AbortController();
          if (n % 5 === 0) setTimeout(() => controller.abort(), random() * 50);
          await pause(random() * 20);
          const answer = await ask(`/auth/${route}`, {
            headers: { cookie },
            body: JSON.stringify({ deviceId: `device of ${cookie}` }),
            signal: controller.signal,
          });
          if (answer.status === 499) {
            equal(answer.body.kind, 'aborted', 'kind of an aborted request');
            ok(controller.signal.aborted, 'a request failed as aborted without an abort');
          } else if (answer.status !== 200) assertProblem(answer, 502, 'network');
          return answer;
        }),
      );
      const served = users.filter((_, n) => outcomes[n].status === 200);
      ok(served.length >= 120, `only ${served.length} users were served`);
      ok(
        outcomes.some(({ status }) => status === 499),
        'no request was aborted',
      );
      for (const [n, { status, body }] of outcomes.entries()) {
        if (status !== 200) continue;
        secret(body.authToken ?? body.accessToken);
        if (route === 'session') {
          equal(body.userId, users[n], 'userId');
          equal(body.user.userId, users[n], 'user.userId');
          equal(body.deviceId, `device of ${users[n]}`, 'deviceId');
          equal(await verify(body.accessToken), { valid: true }, 'verification');
        } else {
          const session = await resolves(
            () =>
              lib.edge.createSession(open, {
                userId: users[n],
                deviceId: 'd',
                authToken: body.authToken,
              }),
            `redeeming the token of ${users[n]}`,
          );
          equal(session.userId, users[n], 'user of the token');
        }
      }
      const aborted = users[outcomes.findIndex(({ status }) => status === 499)];
      slowFetch = service.fetch;
      assertSuccess(
        await ask(`/auth/${route}`, { headers: { cookie: aborted }, body: '{"deviceId":"d"}' }),
      );
    });
  }
  test('an aborted request aborts its own upstream call only', async () => {
    const signals = [];
    const hanging = (url, { signal }) =>
      new Promise(
        (_, reject) => (
          signals.push(signal),
          signal.addEventListener('abort', () => reject(signal.reason))
        ),
      );
    const { ask } = await openHandler(lib, {
      fetch: () => hanging,
      timeoutMs: 60_000,
      retry: false,
    });
    const controllers = [new AbortController(), new AbortController()];
    const answers = controllers.map(({ signal }) => ask('/auth/token', { signal }));
    await until(() => signals.length === 2, 'both upstream calls');
    controllers[0].abort();
    equal((await answers[0]).status, 499, 'status of the first request');
    equal(
      signals.map(({ aborted }) => aborted),
      [true, false],
      'aborted upstream calls',
    );
    controllers[1].abort();
    equal((await answers[1]).status, 499, 'status of the second request');
    ok(signals[1].aborted, 'the second upstream call was not aborted');
  });
  test('a request that is already aborted causes no upstream call', async () => {
    const { ask, service } = await openHandler(lib);
    const answer = await ask('/auth/token', { signal: AbortSignal.abort() });
    equal(answer.status, 499, 'status');
    equal(answer.body.kind, 'aborted', 'kind');
    equal(service.requests.length, 0, 'requests');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  crowd(test, lib);
};
