// Sessions expire in the service's time, even if the device's clock is wrong, changes, or stops
// during sleep.
import { equal, ok, settled, until } from './harness.mjs';
import { answer, resolves } from './helpers.mjs';
import {
  DAY,
  HOUR,
  LIFETIME,
  MARGIN,
  MINUTE,
  SESSIONS,
  START,
  customStorage,
  inWorld,
} from './session-world.mjs';

const VERIFY = '/api/v3/sessions';
const countVerifications = (world) => world.requests(VERIFY, 'GET').length;

const wrongClock = (test, lib, engine) => {
  for (const skewMs of [-400 * DAY, -5 * HOUR, -7 * MINUTE, 7 * MINUTE, 5 * HOUR, 400 * DAY]) {
    const clock = `with a clock ${Math.abs(skewMs) / HOUR} hours ${skewMs < 0 ? 'slow' : 'fast'}`;
    test(
      `${clock} the client uses the service’s dates and does not renew early`,
      inWorld(lib, { skewMs }, async (world) => {
        const client = await world.signedIn();
        equal(client.state, 'established', 'state');
        equal(client.expiresAt.getTime(), START + LIFETIME, 'expiresAt');
        const token = await world.token(client);
        await world.advance((LIFETIME - MARGIN) / 2 - 2000);
        equal(await world.token(client), token, 'token');
        equal(world.sessionRequestCount(), 1, 'requests');
        equal(client.state, 'established', 'state');
      }),
    );
    test(
      `${clock} tokenExpired begins in the service’s time`,
      inWorld(lib, { skewMs, accessTokenLifetimeMs: HOUR }, async (world) => {
        const client = await world.signedIn();
        world.offline();
        // The Date header has a resolution of one second and ages on its way to the client.
        await world.advance(HOUR - 2000);
        equal(client.state, 'established', 'state two seconds before the end');
        await world.advance(4000);
        equal(client.state, 'tokenExpired', 'state two seconds after the end');
      }),
    );
    test(
      `${clock} and no readable Date header the client relies on issuedAt`,
      inWorld(lib, { skewMs, accessTokenLifetimeMs: HOUR }, async (world) => {
        world.respond = async (url, init) => {
          const response = await world.service.fetch(url, init);
          const headers = new Headers(response.headers);
          headers.delete('date');
          return new Response(await response.text(), { status: response.status, headers });
        };
        const client = await world.signedIn();
        await world.advance(20 * MINUTE);
        await world.token(client);
        equal(client.state, 'established', 'state');
        equal(world.sessionRequestCount(), 1, 'requests after twenty minutes');
        world.respond = () => Promise.reject(new TypeError('fetch failed'));
        await world.advance(40 * MINUTE + 2000);
        equal(client.state, 'tokenExpired', 'state after an hour');
      }),
    );
    if (engine.isWorker) continue;
    test(
      `${clock} the timer renews between half and nine tenths of the lifetime`,
      inWorld(lib, { skewMs }, async (world) => {
        const client = await world.signedIn();
        await world.advance(LIFETIME * 0.9);
        await until(() => client.seen.renewed.length === 1, 'the renewal');
        const renewedAfter = world.requests()[1].at - START;
        ok(
          renewedAfter >= (LIFETIME - MARGIN) * 0.5 - 2000 &&
            renewedAfter <= (LIFETIME - MARGIN) * 0.9 + 2000,
          `renewed after ${renewedAfter / LIFETIME} of the lifetime`,
        );
      }),
    );
  }
  test(
    'a wrong Date header causes no renewal storm',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      world.service.faults.add({ clockSkewMs: 10 * DAY, times: Infinity });
      const client = await world.signedIn();
      const token = await world.token(client);
      ok(await world.isTokenValid(token), 'the service rejects the token');
      ok(world.sessionRequestCount() <= 2, `${world.sessionRequestCount()} session requests`);
      for (let i = 0; i < 5; i += 1) {
        await world.advance(MINUTE);
        await world.token(client);
      }
      ok(
        world.sessionRequestCount() <= 3,
        `${world.sessionRequestCount()} session requests after five minutes`,
      );
    }),
  );
};

const changedClock = (test, lib) => {
  for (const ms of [-400 * DAY, -5 * HOUR, 5 * HOUR, 400 * DAY]) {
    test(
      `setting the clock by ${ms / HOUR} hours changes neither the state nor the token`,
      inWorld(lib, { accessTokenLifetimeMs: 3 * HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        world.shiftWallClock(ms);
        equal(client.state, 'established', 'state right after the change');
        equal(await world.token(client), token, 'token');
        equal(client.state, 'established', 'state');
        await world.untilIdle();
        equal(world.sessionRequestCount(), 1, 'session requests');
        ok(countVerifications(world) <= 1, 'the session was verified more than once');
        await world.advance(MINUTE);
        equal(await world.token(client), token, 'token a minute later');
        ok(countVerifications(world) <= 1, 'the session was verified again');
      }),
    );
    test(
      `setting the clock by ${ms / HOUR} hours offline does not end the session`,
      inWorld(lib, { accessTokenLifetimeMs: 3 * HOUR }, async (world) => {
        const client = await world.signedIn();
        await world.token(client);
        world.offline();
        world.shiftWallClock(ms);
        await settled(() => client.accessToken());
        equal(client.state, 'established', 'state');
        equal(client.userId, 'ada', 'user');
        world.online();
        await world.advance(6 * MINUTE);
        await settled(() => client.accessToken());
        await world.untilIdle();
        equal(client.state, 'established', 'state once online');
        ok(await world.isTokenValid(await world.token(client)), 'invalid token once online');
        ok(world.sessionRequestCount() <= 2, `${world.sessionRequestCount()} session requests`);
      }),
    );
  }
  test(
    'after sleep beyond the session’s end the next use renews with one request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.sleep(LIFETIME + DAY);
      const token = await world.token(client);
      ok(await world.isTokenValid(token), 'the service rejects the token');
      equal(world.sessionRequestCount(), 2, 'requests');
      equal(client.state, 'established', 'state');
    }),
  );
  test(
    'after sleep that ends before the session does the token is kept',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      world.sleep(LIFETIME * 0.45);
      equal(await world.token(client), token, 'token');
      equal(client.state, 'established', 'state');
      await world.untilIdle();
      equal(world.sessionRequestCount(), 1, 'requests');
    }),
  );
};

const suspectedExpiry = (test, lib) => {
  /** Creates a client whose clock makes a valid stored session look expired. */
  const clientWithWrongClock = async (world) => {
    const storage = customStorage();
    const first = await world.signedIn({ storage });
    const token = await world.token(first);
    await first.close();
    world.shiftWallClock(400 * DAY);
    return { client: world.client({ storage }), token };
  };
  test(
    'a stored session that looks expired is verified first',
    inWorld(lib, {}, async (world) => {
      const { client, token } = await clientWithWrongClock(world);
      await resolves(() => client.resume());
      equal(await world.token(client), token, 'token');
      equal(client.state, 'established', 'state');
      equal(world.sessionRequestCount(), 1, 'session requests');
      equal(countVerifications(world), 1, 'verifications');
    }),
  );
  test(
    'a failed verification does not sign the user out',
    inWorld(lib, {}, async (world) => {
      const { client } = await clientWithWrongClock(world);
      world.offline();
      await resolves(() => client.resume());
      await settled(() => client.accessToken());
      ok(!['notLoggedIn', 'terminated'].includes(client.state), `state: ${client.state}`);
      equal(client.userId, 'ada', 'user');
      world.online();
      await world.advance(6 * MINUTE);
      await settled(() => client.accessToken());
      await world.untilIdle();
      equal(client.state, 'established', 'state once online');
      ok(await world.isTokenValid(await world.token(client)), 'invalid token once online');
    }),
  );
  test(
    'a stored session that has expired unnoticed is renewed once after a 401',
    inWorld(lib, {}, async (world) => {
      const storage = customStorage();
      const first = await world.signedIn({ storage });
      await first.close();
      world.service.clock.advance(LIFETIME + DAY);
      const client = world.client({ storage });
      await resolves(() => client.resume());
      const response = await resolves(() => client.fetch('/api/v3/network-settings/chat'));
      equal(response.status, 200, 'status');
      equal(world.sessionRequestCount(), 2, 'session requests');
    }),
  );
  test(
    'a session that the service revoked is renewed after at most three verifications',
    inWorld(lib, {}, async (world) => {
      const { client, token: stored } = await clientWithWrongClock(world);
      await world.revoke(stored);
      await resolves(() => client.resume());
      await world.untilIdle();
      const token = await world.token(client);
      await world.untilIdle();
      ok(countVerifications(world) <= 3, `${countVerifications(world)} verifications`);
      equal(world.sessionRequestCount(), 2, 'session requests');
      ok(await world.isTokenValid(token), 'the service rejects the new token');
    }),
  );
  test(
    'a session of ten years, longer than any timer, needs no renewal in two years',
    inWorld(lib, { accessTokenLifetimeMs: 3650 * DAY }, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      await world.advance(2 * 365 * DAY);
      equal(await world.token(client), token, 'token');
      equal(client.state, 'established', 'state');
      equal(world.sessionRequestCount(), 1, 'requests');
    }),
  );
  test(
    'a session without dates counts as valid for a day from its arrival',
    inWorld(lib, {}, async (world) => {
      world.respond = async (url, init, path) => {
        if (path !== SESSIONS || init.method !== 'POST') return undefined;
        const { issuedAt, expiresAt, ...body } = await (
          await world.service.fetch(url, init)
        ).json();
        return answer({ ...body, accessToken: 'opaque', hidden: issuedAt < expiresAt });
      };
      const client = await world.signedIn();
      const left = client.expiresAt.getTime() - world.clock.now();
      ok(Math.abs(left - DAY) <= 2000, `expires in ${left / HOUR} hours`);
      await world.advance(DAY * 0.4);
      await world.token(client);
      equal(world.sessionRequestCount(), 1, 'session requests before half a day');
    }),
  );
};

export default ({ test, lib, engine }) => {
  wrongClock(test, lib, engine);
  changedClock(test, lib);
  suspectedExpiry(test, lib);
};
