// Tests the rate limit of the auth routes: the arguments that `rateLimit` receives, and how the
// handler interprets its result.
import { equal, fail, match } from './harness.mjs';
import { assertProblem, assertSuccess, openHandler } from './handler-helpers.mjs';

/** Describes a result of `rateLimit`. JSON cannot express some values of `retryAfterMs`. */
const describe = (verdict) =>
  typeof verdict === 'object' && 'retryAfterMs' in verdict
    ? `retryAfterMs ${verdict.retryAfterMs}`
    : JSON.stringify(verdict);

const testLimits = (test, lib) => {
  test('rateLimit receives the route, the user, the address and the env', async () => {
    const keys = [];
    const rateLimit = async (key, env) => (keys.push({ ...key, env }), true);
    const { postJson } = await openHandler(lib, {
      rateLimit,
      clientIp: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    });
    const init = {
      headers: { 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '198.51.100.7' },
      env: { n: 1 },
    };
    assertSuccess(await postJson('/auth/token', {}, init));
    assertSuccess(await postJson('/auth/visitor', { deviceId: 'd' }, init));
    equal(
      keys,
      [
        { route: 'token', userId: 'ada', ip: '192.0.2.1', stage: 'after', env: { n: 1 } },
        { route: 'visitor', userId: undefined, ip: '192.0.2.1', stage: 'after', env: { n: 1 } },
      ],
      'keys',
    );
  });
  test('without clientIp, rateLimit receives no address', async () => {
    let received;
    const { postJson } = await openHandler(lib, {
      rateLimit: async (key) => ((received = key), true),
      clientIp: undefined,
      visitorSecret: undefined,
    });
    assertSuccess(
      await postJson(
        '/auth/token',
        {},
        { headers: { 'x-forwarded-for': '198.51.100.7', forwarded: 'for=198.51.100.7' } },
      ),
    );
    equal(received.ip, undefined, 'ip');
  });
  for (const [rateLimitStage, userStages, visitorStages] of [
    ['before', ['before'], ['before']],
    ['after', ['after ada'], ['after']],
    ['both', ['before', 'after ada'], ['before']],
  ]) {
    test(`rateLimitStage ${rateLimitStage} decides when rateLimit is called`, async () => {
      const calls = [];
      const { postJson } = await openHandler(lib, {
        rateLimitStage,
        rateLimit: async ({ stage, userId }) =>
          calls.push(userId ? `${stage} ${userId}` : stage) > 0,
      });
      assertSuccess(await postJson('/auth/token', {}));
      equal(calls.splice(0), userStages, 'calls for a user');
      assertSuccess(await postJson('/auth/visitor', { deviceId: 'd' }));
      equal(calls, visitorStages, 'calls for a visitor');
    });
  }
  test('authenticate is not called if rateLimit refuses the request before', async () => {
    const { postJson, events } = await openHandler(lib, {
      rateLimitStage: 'both',
      rateLimit: async ({ stage }) => stage === 'after',
      authenticate: async () => fail('authenticate was called'),
    });
    assertProblem(await postJson('/auth/token', {}), 429, 'rateLimited');
    match(events.at(-1).detail, /^rateLimited: /, 'detail of the event');
  });
  for (const [verdict, retryAfter] of [
    [false, '10'],
    [{ retryAfterMs: 30_000 }, '30'],
    [{ retryAfterMs: 1_001 }, '2'],
    [{ retryAfterMs: 'soon' }, '10'],
    [{ retryAfterMs: -5_000 }, '1'],
    [{ retryAfterMs: 1 }, '1'],
    [{ retryAfterMs: 0 }, '1'],
    [{ retryAfterMs: 1e9 }, '86400'],
    [{ retryAfterMs: Infinity }, '86400'],
    [{ retryAfterMs: NaN }, '10'],
    [{ success: true }, '10'],
    [undefined, '10'],
    [1, '10'],
  ]) {
    test(`responds with a 429 if rateLimit returns ${describe(verdict)}`, async () => {
      const { postJson, service } = await openHandler(lib, { rateLimit: async () => verdict });
      for (const route of ['token', 'session', 'visitor']) {
        const response = await postJson(`/auth/${route}`, { deviceId: 'd' });
        assertProblem(response, 429, 'rateLimited');
        equal(response.headers['retry-after'], retryAfter, 'Retry-After');
      }
      equal(service.requests.length, 0, 'requests');
    });
  }
};

const testInvalidWaits = (test, lib) => {
  for (const retryAfterMs of [5n, Symbol('soon')]) {
    test(`responds with a 500 if retryAfterMs is a ${typeof retryAfterMs}`, async () => {
      const { postJson, service } = await openHandler(lib, {
        rateLimit: async () => ({ retryAfterMs }),
      });
      assertProblem(await postJson('/auth/token', {}), 500, 'server');
      equal(service.requests.length, 0, 'requests');
    });
  }
};

export default ({ test, lib }) => {
  if (!lib.edge) return;
  testLimits(test, lib);
  testInvalidWaits(test, lib);
};
