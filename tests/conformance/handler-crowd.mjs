// Tests many concurrent users of the auth routes. No user gets the token of another user, and an
// abort affects only its own request.
import { equal, ok, registerSecret, waitUntil } from './harness.mjs';
import { resolves } from './helpers.mjs';
import { assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

/** Creates a function that returns numbers from 0 to 1, in the same sequence in every run. */
const createRandom = (seed) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
  return seed / 4_294_967_296;
};

const testCrowd = (test, lib) => {
  for (const route of ['token', 'session']) {
    test(`200 concurrent users of /${route} each get their own result or an error`, async () => {
      const random = createRandom(7);
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      let slowFetch;
      // A long timeout, because a busy machine is slow.
      const { sendRequest, service, clientOptions, verify } = await openHandler(lib, {
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
          const response = await sendRequest(`/auth/${route}`, {
            headers: { cookie },
            body: JSON.stringify({ deviceId: `device of ${cookie}` }),
            signal: controller.signal,
          });
          if (response.status === 499) {
            equal(response.body.kind, 'aborted', 'kind of an aborted request');
            ok(controller.signal.aborted, 'a request failed as aborted without an abort');
          } else if (response.status !== 200) assertProblem(response, 502, 'network');
          return response;
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
        registerSecret(body.authToken ?? body.accessToken);
        if (route === 'session') {
          equal(body.userId, users[n], 'userId');
          equal(body.user.userId, users[n], 'user.userId');
          equal(body.deviceId, `device of ${users[n]}`, 'deviceId');
          equal(await verify(body.accessToken), { valid: true }, 'verification');
        } else {
          const session = await resolves(
            () =>
              lib.edge.createSession(clientOptions, {
                userId: users[n],
                deviceId: 'd',
                authToken: body.authToken,
              }),
            `redeeming the token of ${users[n]}`,
          );
          equal(session.userId, users[n], 'user of the token');
        }
      }
      const abortedUser = users[outcomes.findIndex(({ status }) => status === 499)];
      slowFetch = service.fetch;
      assertSuccess(
        await sendRequest(`/auth/${route}`, {
          headers: { cookie: abortedUser },
          body: '{"deviceId":"d"}',
        }),
      );
    });
  }
  test('an aborted request aborts its own upstream call only', async () => {
    const signals = [];
    const hangingFetch = (url, { signal }) =>
      new Promise(
        (_, reject) => (
          signals.push(signal),
          signal.addEventListener('abort', () => reject(signal.reason))
        ),
      );
    const { sendRequest } = await openHandler(lib, {
      fetch: () => hangingFetch,
      timeoutMs: 60_000,
      retry: false,
    });
    const controllers = [new AbortController(), new AbortController()];
    const responses = controllers.map(({ signal }) => sendRequest('/auth/token', { signal }));
    await waitUntil(() => signals.length === 2, 'both upstream calls');
    controllers[0].abort();
    equal((await responses[0]).status, 499, 'status of the first request');
    equal(
      signals.map(({ aborted }) => aborted),
      [true, false],
      'aborted upstream calls',
    );
    controllers[1].abort();
    equal((await responses[1]).status, 499, 'status of the second request');
    ok(signals[1].aborted, 'the second upstream call was not aborted');
  });
  test('a request that is already aborted causes no upstream call', async () => {
    const { sendRequest, service } = await openHandler(lib);
    const response = await sendRequest('/auth/token', { signal: AbortSignal.abort() });
    equal(response.status, 499, 'status');
    equal(response.body.kind, 'aborted', 'kind');
    equal(service.requests.length, 0, 'requests');
  });
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testCrowd(test, lib);
};
