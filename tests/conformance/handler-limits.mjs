// The rate limit of the auth routes: what `rateLimit` receives, and how the handler interprets its
// result.
import { equal } from './harness.mjs';
import { assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

const limits = (test, lib) => {
  test('rateLimit receives the route, the user, the address and the env', async () => {
    const keys = [];
    const rateLimit = async (key, env) => (keys.push({ ...key, env }), true);
    const { json } = await openHandler(lib, {
      rateLimit,
      clientIp: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    });
    const init = {
      headers: { 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '198.51.100.7' },
      env: { n: 1 },
    };
    assertSuccess(await json('/auth/token', {}, init));
    assertSuccess(await json('/auth/visitor', { deviceId: 'd' }, init));
    equal(
      keys,
      [
        { route: 'token', userId: 'ada', ip: '192.0.2.1', env: { n: 1 } },
        { route: 'visitor', userId: undefined, ip: '192.0.2.1', env: { n: 1 } },
      ],
      'keys',
    );
  });
  test('without clientIp rateLimit receives no address', async () => {
    let received;
    const { json } = await openHandler(lib, { rateLimit: async (key) => ((received = key), true) });
    assertSuccess(
      await json(
        '/auth/token',
        {},
        { headers: { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7' } },
      ),
    );
    equal(received.ip, undefined, 'ip');
  });
  for (const [verdict, retryAfter] of [
    [false, '10'],
    [{ retryAfterMs: 30_000 }, '30'],
    [{ retryAfterMs: 1_001 }, '2'],
    [{ retryAfterMs: 'soon' }, '10'],
    [{ retryAfterMs: -5_000 }, '1'],
    [{ retryAfterMs: 1 }, '1'],
    [{ retryAfterMs: 1e9 }, '86400'],
    [{ retryAfterMs: Infinity }, '86400'],
    [{ retryAfterMs: NaN }, '10'],
    [{ success: true }, '10'],
    [undefined, '10'],
    [1, '10'],
  ]) {
    test(`${JSON.stringify(verdict)} (${verdict?.retryAfterMs}) of rateLimit is 429`, async () => {
      const { json, service } = await openHandler(lib, { rateLimit: async () => verdict });
      for (const route of ['token', 'session', 'visitor']) {
        const answer = await json(`/auth/${route}`, { deviceId: 'd' });
        assertProblem(answer, 429, 'rateLimited');
        equal(answer.headers['retry-after'], retryAfter, 'Retry-After');
      }
      equal(service.requests.length, 0, 'requests');
    });
  }
};

const invalidWaits = (test, lib) => {
  for (const retryAfterMs of [5n, Symbol('soon')]) {
    test(`a retryAfterMs that is a ${typeof retryAfterMs} is a 500`, async () => {
      const { json, service } = await openHandler(lib, {
        rateLimit: async () => ({ retryAfterMs }),
      });
      assertProblem(await json('/auth/token', {}), 500, 'server');
      equal(service.requests.length, 0, 'requests');
    });
  }
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  limits(test, lib);
  invalidWaits(test, lib);
};
