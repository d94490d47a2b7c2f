// Tests that sessions expire in the service's time, even if the device sleeps or its clock is wrong
// or changes.
import { equal, ok, getOutcome, waitUntil } from './harness.mjs';
import { createResponse, resolves } from './helpers.mjs';
import {
  DAY_MS,
  HOUR_MS,
  LIFETIME_MS,
  MARGIN_MS,
  MINUTE_MS,
  SESSIONS,
  START_MS,
  createStorage,
  withWorld,
} from './session-world.mjs';

const VERIFY = '/api/v3/sessions';
const countVerifications = (world) => world.listRequests(VERIFY, 'GET').length;

const testWrongClock = (test, lib, engine) => {
  for (const skewMs of [
    -400 * DAY_MS,
    -5 * HOUR_MS,
    -7 * MINUTE_MS,
    7 * MINUTE_MS,
    5 * HOUR_MS,
    400 * DAY_MS,
  ]) {
    const minutes = Math.abs(skewMs) / MINUTE_MS;
    const clock = `with a clock ${minutes} minutes ${skewMs < 0 ? 'slow' : 'fast'}`;
    test(
      `${clock}, the client uses the service’s dates and does not renew early`,
      withWorld(lib, { skewMs }, async (world) => {
        const client = await world.signIn();
        equal(client.state, 'established', 'state');
        equal(client.expiresAt.getTime(), START_MS + LIFETIME_MS, 'expiresAt');
        const token = await world.getToken(client);
        await world.advance((LIFETIME_MS - MARGIN_MS) / 2 - 2000);
        equal(await world.getToken(client), token, 'token');
        equal(world.countSessionRequests(), 1, 'requests');
        equal(client.state, 'established', 'state');
      }),
    );
    test(
      `${clock}, the state becomes tokenExpired in the service’s time`,
      withWorld(lib, { skewMs, accessTokenLifetimeMs: HOUR_MS }, async (world) => {
        const client = await world.signIn();
        world.goOffline();
        // The client reads the service's time from the Date header, which has whole seconds. So the
        // error is up to a second plus the duration of the request.
        await world.advance(HOUR_MS - 2000);
        equal(client.state, 'established', 'state two seconds before the end');
        await world.advance(4000);
        equal(client.state, 'tokenExpired', 'state two seconds after the end');
      }),
    );
    test(
      `${clock} and no readable Date header, the client relies on issuedAt`,
      withWorld(lib, { skewMs, accessTokenLifetimeMs: HOUR_MS }, async (world) => {
        world.respond = async (url, init) => {
          const response = await world.service.fetch(url, init);
          const headers = new Headers(response.headers);
          headers.delete('date');
          return new Response(await response.text(), { status: response.status, headers });
        };
        const client = await world.signIn();
        await world.advance(20 * MINUTE_MS);
        await world.getToken(client);
        equal(client.state, 'established', 'state');
        equal(world.countSessionRequests(), 1, 'requests after twenty minutes');
        world.respond = () => Promise.reject(new TypeError('fetch failed'));
        await world.advance(40 * MINUTE_MS + 2000);
        equal(client.state, 'tokenExpired', 'state after an hour');
      }),
    );
    if (engine.isWorker) continue;
    test(
      `${clock}, the timer renews at 50 % to 90 % of the usable lifetime`,
      withWorld(lib, { skewMs }, async (world) => {
        const client = await world.signIn();
        await world.advance(LIFETIME_MS * 0.9);
        await waitUntil(() => client.seen.renewed.length === 1, 'the renewal');
        const renewedAfter = world.listRequests()[1].at - START_MS;
        // The usable lifetime is the lifetime less a margin (rule 5).
        ok(
          renewedAfter >= (LIFETIME_MS - MARGIN_MS) * 0.5 - 2000 &&
            renewedAfter <= (LIFETIME_MS - MARGIN_MS) * 0.9 + 2000,
          `renewed after ${renewedAfter / (LIFETIME_MS - MARGIN_MS)} of the usable lifetime`,
        );
      }),
    );
  }
  test(
    'a wrong Date header causes no renewal storm',
    withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
      world.service.faults.add({ clockSkewMs: 10 * DAY_MS, times: Infinity });
      const client = await world.signIn();
      const token = await world.getToken(client);
      ok(await world.isTokenValid(token), 'the service rejects the token');
      ok(world.countSessionRequests() <= 2, `${world.countSessionRequests()} session requests`);
      for (let i = 0; i < 5; i += 1) {
        await world.advance(MINUTE_MS);
        await world.getToken(client);
      }
      ok(
        world.countSessionRequests() <= 3,
        `${world.countSessionRequests()} session requests after five minutes`,
      );
    }),
  );
};

const testChangedClock = (test, lib) => {
  for (const ms of [-400 * DAY_MS, -5 * HOUR_MS, 5 * HOUR_MS, 400 * DAY_MS]) {
    test(
      `changing the clock by ${ms / HOUR_MS} hours changes neither the state nor the token`,
      withWorld(lib, { accessTokenLifetimeMs: 3 * HOUR_MS }, async (world) => {
        const client = await world.signIn();
        const token = await world.getToken(client);
        world.shiftWallClock(ms);
        equal(client.state, 'established', 'state right after the change');
        equal(await world.getToken(client), token, 'token');
        equal(client.state, 'established', 'state');
        await world.waitUntilIdle();
        equal(world.countSessionRequests(), 1, 'session requests');
        ok(countVerifications(world) <= 1, 'the session was verified more than once');
        await world.advance(MINUTE_MS);
        equal(await world.getToken(client), token, 'token a minute later');
        ok(
          countVerifications(world) <= 1,
          'a minute later, the session had been verified more than once',
        );
      }),
    );
    test(
      `while offline, changing the clock by ${ms / HOUR_MS} hours does not end the session`,
      withWorld(lib, { accessTokenLifetimeMs: 3 * HOUR_MS }, async (world) => {
        const client = await world.signIn();
        await world.getToken(client);
        world.goOffline();
        world.shiftWallClock(ms);
        await getOutcome(() => client.accessToken());
        equal(client.state, 'established', 'state');
        equal(client.userId, 'ada', 'user');
        world.goOnline();
        await world.advance(6 * MINUTE_MS);
        await getOutcome(() => client.accessToken());
        await world.waitUntilIdle();
        equal(client.state, 'established', 'state once online');
        ok(
          await world.isTokenValid(await world.getToken(client)),
          'the token is invalid once the client is online',
        );
        ok(world.countSessionRequests() <= 2, `${world.countSessionRequests()} session requests`);
      }),
    );
  }
  test(
    'if the device sleeps past the session’s end, the next use renews with one request',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.sleep(LIFETIME_MS + DAY_MS);
      const token = await world.getToken(client);
      ok(await world.isTokenValid(token), 'the service rejects the token');
      equal(world.countSessionRequests(), 2, 'requests');
      equal(client.state, 'established', 'state');
    }),
  );
  test(
    'if the device wakes before a renewal is due, the client keeps the token',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      world.sleep(LIFETIME_MS * 0.45);
      equal(await world.getToken(client), token, 'token');
      equal(client.state, 'established', 'state');
      await world.waitUntilIdle();
      equal(world.countSessionRequests(), 1, 'requests');
    }),
  );
};

const testSuspectedExpiry = (test, lib) => {
  /** Creates a client whose stored session is valid, but has expired by the client's clock. */
  const createClientWithWrongClock = async (world) => {
    const storage = createStorage();
    const first = await world.signIn({ storage });
    const token = await world.getToken(first);
    await first.close();
    world.shiftWallClock(400 * DAY_MS);
    return { client: world.createClient({ storage }), token };
  };
  test(
    'a stored session that looks expired but passes a verification is not renewed',
    withWorld(lib, {}, async (world) => {
      const { client, token } = await createClientWithWrongClock(world);
      await resolves(() => client.resume());
      equal(await world.getToken(client), token, 'token');
      equal(client.state, 'established', 'state');
      equal(world.countSessionRequests(), 1, 'session requests');
      equal(countVerifications(world), 1, 'verifications');
    }),
  );
  test(
    'a failed verification does not sign the user out',
    withWorld(lib, {}, async (world) => {
      const { client } = await createClientWithWrongClock(world);
      world.goOffline();
      await resolves(() => client.resume());
      await getOutcome(() => client.accessToken());
      ok(!['notLoggedIn', 'terminated'].includes(client.state), `state: ${client.state}`);
      equal(client.userId, 'ada', 'user');
      world.goOnline();
      await world.advance(6 * MINUTE_MS);
      await getOutcome(() => client.accessToken());
      await world.waitUntilIdle();
      equal(client.state, 'established', 'state once online');
      ok(
        await world.isTokenValid(await world.getToken(client)),
        'the token is invalid once the client is online',
      );
    }),
  );
  test(
    'a stored session that is valid only by the device’s clock is renewed once after a 401',
    withWorld(lib, {}, async (world) => {
      const storage = createStorage();
      const first = await world.signIn({ storage });
      await first.close();
      world.service.clock.advance(LIFETIME_MS + DAY_MS);
      const client = world.createClient({ storage });
      await resolves(() => client.resume());
      const response = await resolves(() => client.fetch('/api/v3/network-settings/chat'));
      equal(response.status, 200, 'status');
      equal(world.countSessionRequests(), 2, 'session requests');
    }),
  );
  test(
    'a revoked stored session that looks expired is renewed after at most three verifications',
    withWorld(lib, {}, async (world) => {
      const { client, token: stored } = await createClientWithWrongClock(world);
      await world.revoke(stored);
      await resolves(() => client.resume());
      await world.waitUntilIdle();
      const token = await world.getToken(client);
      await world.waitUntilIdle();
      ok(countVerifications(world) <= 3, `${countVerifications(world)} verifications`);
      equal(world.countSessionRequests(), 2, 'session requests');
      ok(await world.isTokenValid(token), 'the service rejects the new token');
    }),
  );
  test(
    'a session of ten years, longer than any timer, needs no renewal in two years',
    withWorld(lib, { accessTokenLifetimeMs: 3650 * DAY_MS }, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      await world.advance(2 * 365 * DAY_MS);
      equal(await world.getToken(client), token, 'token');
      equal(client.state, 'established', 'state');
      equal(world.countSessionRequests(), 1, 'requests');
    }),
  );
  test(
    'a session without dates counts as valid for a day after it arrives',
    withWorld(lib, {}, async (world) => {
      world.respond = async (url, init, path) => {
        if (path !== SESSIONS || init.method !== 'POST') return undefined;
        const { issuedAt, expiresAt, ...body } = await (
          await world.service.fetch(url, init)
        ).json();
        return createResponse({ ...body, accessToken: 'opaque' });
      };
      const client = await world.signIn();
      const remainingMs = client.expiresAt.getTime() - world.clock.now();
      ok(Math.abs(remainingMs - DAY_MS) <= 2000, `expires in ${remainingMs / HOUR_MS} hours`);
      await world.advance(DAY_MS * 0.4);
      await world.getToken(client);
      equal(world.countSessionRequests(), 1, 'session requests before half a day');
    }),
  );
};

export default ({ test, lib, engine }) => {
  testWrongClock(test, lib, engine);
  testChangedClock(test, lib);
  testSuspectedExpiry(test, lib);
};
