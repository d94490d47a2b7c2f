// Signing in: with an auth token at hand or one that is fetched, as another user, twice at once,
// with a session made elsewhere, as a visitor and as a bot.
import { equal, ok, secret, settled, spills } from './harness.mjs';
import { CANARY, answer, rejects, resolves } from './helpers.mjs';
import { ENDPOINT, SESSIONS, inWorld } from './session-world.mjs';

const ROUTE = 'https://app.example/auth/token';
const secure = { secureMode: true };

/** Where a worker has no cookies of its own, some refuse the very word. */
const cookies = ({ isWorker }) => (isWorker ? undefined : 'include');

const authTokens = (test, lib, engine) => {
  test(
    'an auth token at hand goes along, for this once',
    inWorld(lib, secure, async (world) => {
      const client = world.client();
      await resolves(async () =>
        client.login({ userId: 'ada', authToken: await world.mint('ada') }),
      );
      equal([client.state, world.sessionRequestCount()], ['established', 1], 'state, requests');
      await rejects(
        () => client.renew(),
        ['secureModeRequired', 'config'],
        'a renewal, which has none',
      );
      equal(client.state, 'established', 'a session that is still good');
    }),
  );
  test(
    'authTokenFrom is asked with the user, the device and a signal, for the login and for each renewal',
    inWorld(lib, secure, async (world) => {
      const asked = [];
      const authTokenFrom = ({ userId, deviceId, signal }) => {
        asked.push([userId, deviceId, signal instanceof AbortSignal && !signal.aborted]);
        return world.mint(userId);
      };
      const client = await world.signedIn({ authTokenFrom });
      await resolves(() => client.renew());
      const deviceId = await client.getDeviceId();
      equal(asked, Array(2).fill(['ada', deviceId, true]), 'asked');
      equal(world.sessionRequestCount(), 2, 'session requests');
    }),
  );
  test(
    'an auth token at hand goes before authTokenFrom',
    inWorld(lib, secure, async (world) => {
      let asked = 0;
      const authTokenFrom = ({ userId }) => ((asked += 1), world.mint(userId));
      const client = world.client({ authTokenFrom });
      await resolves(async () =>
        client.login({ userId: 'ada', authToken: await world.mint('ada') }),
      );
      equal(asked, 0, 'asked at the login');
      await resolves(() => client.renew());
      equal(asked, 1, 'asked at the renewal');
    }),
  );
  for (const [what, address] of [
    ['a text', ROUTE],
    ['a URL', new URL(ROUTE)],
  ]) {
    test(
      `authTokenFrom may be the address of a route: ${what}`,
      inWorld(lib, secure, async (world) => {
        const inits = [];
        world.answer = (url, init) => {
          if (String(url) !== ROUTE) return undefined;
          inits.push(init);
          return world
            .mint('ada')
            .then((authToken) =>
              answer({ authToken, expiresAt: new Date(world.clock.now() + 600_000).toISOString() }),
            );
        };
        await world.signedIn({ authTokenFrom: address });
        const [{ method, credentials, headers, redirect }] = inits;
        equal(
          [inits.length, method, credentials],
          [1, 'POST', cookies(engine)],
          'requests, method, credentials',
        );
        ok(redirect === 'manual' || redirect === 'error', 'redirects are not followed');
        ok(
          !JSON.stringify([...new Headers(headers)]).includes(world.service.apiKey),
          'the API key goes to the service alone',
        );
      }),
    );
  }
  const faulty = {
    'a function that throws': () => {
      throw new Error(CANARY);
    },
    'a function that rejects': async () => Promise.reject(new Error(CANARY)),
    'a function that rejects with no error': async () => Promise.reject(CANARY),
    nothing: async () => undefined,
    'a number': async () => 42,
    'an empty text': async () => '',
    'a text too long': async () => CANARY.repeat(20),
    'a page': async () => '<!doctype html><title>Sign in</title>',
    'a function that never settles': () => new Promise(() => {}),
  };
  const routes = {
    'a route that answers 401': () =>
      answer({ title: CANARY, kind: 'unauthorized' }, { status: 401 }),
    'a route that answers 403': () => answer({ title: CANARY }, { status: 403 }),
    'a route that answers with the service’s own refusal': () =>
      answer({ status: 'error', code: 400100, message: CANARY }, { status: 401 }),
    'a route that answers with a ban': () =>
      answer({ status: 'error', code: 400312, message: CANARY }, { status: 403 }),
    'a route that redirects': () =>
      answer('', { status: 302, headers: { location: `/${CANARY}` } }),
    'a route that answers 500': () =>
      answer(CANARY, { status: 500, headers: { 'content-type': 'text/html' } }),
    'a route that answers with a page': () =>
      answer(`<html>${CANARY}`, { headers: { 'content-type': 'text/html' } }),
    'a route that answers with no token': () => answer({ hello: CANARY }),
    'a route that is not reached': () => Promise.reject(new TypeError(CANARY)),
  };
  for (const [what, authTokenFrom] of [...Object.entries(faulty), ...Object.entries(routes)]) {
    test(
      `${what} fails a login, and signs nobody out at a renewal`,
      inWorld(lib, secure, async (world) => {
        let isDown = true;
        const isRoute = what in routes;
        world.answer = (url) => {
          if (String(url) !== ROUTE) return undefined;
          return isDown
            ? authTokenFrom()
            : world.mint('ada').then((authToken) => answer({ authToken }));
        };
        const given = isRoute
          ? ROUTE
          : ({ userId }) => (isDown ? authTokenFrom() : world.mint(userId));
        const client = world.client({ authTokenFrom: given, timeoutMs: 200 });
        const { error } = await world.advanceUntilSettled(() => client.login({ userId: 'ada' }));
        ok(lib.browser.SocialPlusError.is(error), `the login: ${error?.name}`);
        ok(
          !spills(`${error.message}${error.stack}${JSON.stringify(error)}`),
          'what the app’s own backend said is repeated',
        );
        equal(
          [client.state, world.sessionRequestCount()],
          ['notLoggedIn', 0],
          'state, session requests',
        );
        isDown = false;
        await resolves(() => client.login({ userId: 'ada' }), 'the next login');
        isDown = true;
        await world.advanceUntilSettled(() => client.renew());
        equal(
          [client.state, client.terminationReason, client.seen.failed.length],
          ['established', undefined, 1],
          'after the renewal',
        );
        ok(await world.isTokenValid(await world.token(client)), 'the session is as good as it was');
      }),
    );
  }
};

const joining = (test, lib) => {
  test(
    'the same user twice at once: one request, and both get the user',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const users = await Promise.all(
        Array.from({ length: 5 }, () => resolves(() => client.login({ userId: 'ada' }))),
      );
      equal(
        users.map(({ userId }) => userId),
        Array(5).fill('ada'),
        'users',
      );
      equal(
        [world.sessionRequestCount(), client.seen.states],
        [1, ['establishing', 'established']],
        'requests, states',
      );
    }),
  );
  test(
    'the same user, still valid: joins without a request, unless there is something new to say',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      equal((await resolves(() => client.login({ userId: 'ada' }))).userId, 'ada', 'user');
      equal(
        [world.sessionRequestCount(), await world.token(client)],
        [1, token],
        'requests, token',
      );
      const user = await resolves(() => client.login({ userId: 'ada', displayName: 'Ada King' }));
      equal(
        [user.displayName, client.user?.displayName, world.sessionRequestCount()],
        ['Ada King', 'Ada King', 2],
        'a new name',
      );
      await resolves(() => client.login({ userId: 'ada', authToken: 'new-auth-token' }));
      equal(world.sessionRequestCount(), 3, 'a new auth token');
    }),
  );
  test(
    'one caller’s abort ends that caller’s wait alone',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const held = world.hold();
      const controller = new AbortController();
      const first = settled(() => client.login({ userId: 'ada', signal: controller.signal }));
      const second = settled(() => client.login({ userId: 'ada' }));
      await held.arrived;
      controller.abort(new Error(CANARY));
      const { error } = await first;
      equal(error?.kind, 'aborted', 'the one who left');
      ok(!spills(`${error.message}${error.stack}`), 'the reason is repeated');
      held.release();
      equal(
        [(await second).value?.userId, client.state, world.sessionRequestCount()],
        ['ada', 'established', 1],
        'the one who stayed',
      );
      await rejects(
        () => client.login({ userId: 'eve', signal: AbortSignal.abort() }),
        'aborted',
        'a signal that had aborted',
      );
      equal([client.userId, world.sessionRequestCount()], ['ada', 1], 'afterwards');
    }),
  );
  test(
    'another user supersedes: who waits for the first is told so, and its session goes to nobody',
    inWorld(lib, {}, async (world) => {
      for (const answerFirst of [true, false]) {
        const client = world.client({ namespace: `${world.namespace}-${answerFirst}` });
        const held = world.hold({ answer: true });
        const first = settled(() => client.login({ userId: 'ada' }));
        const waiting = settled(() => client.accessToken());
        await held.arrived;
        const second = settled(() => client.login({ userId: 'grace' }));
        if (answerFirst) held.release();
        await world.untilIdle();
        held.release();
        equal((await first).error?.kind, 'superseded', 'the first login');
        equal((await second).value?.userId, 'grace', 'the second');
        await waiting;
        await world.untilIdle();
        equal([client.userId, client.state], ['grace', 'established'], 'user, state');
        ok(await world.isTokenValid(await world.token(client)), 'the service honours the token');
        ok(
          !world.service.sessions().some(({ userId, valid }) => userId === 'ada' && valid),
          'a session of the first user is left',
        );
      }
    }),
  );
  test(
    'a pending accessToken of one user never gives another’s',
    inWorld(lib, { accessTokenLifetimeMs: 3_600_000 }, async (world) => {
      const client = await world.signedIn();
      world.sleep(2 * 3_600_000);
      const held = world.hold({ answer: true });
      const waiting = [settled(() => client.accessToken()), settled(() => client.renew())];
      await held.arrived;
      await resolves(() => client.login({ userId: 'grace' }));
      held.release();
      for (const { error, value } of await Promise.all(waiting)) {
        ok(error?.kind === 'superseded' && value === undefined, `ended as ${error?.kind}`);
      }
      equal(client.userId, 'grace', 'user');
    }),
  );
};

const elsewhere = (test, lib) => {
  const made = async (world, client, userId = 'ada') => {
    const deviceId = await client.getDeviceId();
    const session = await resolves(() =>
      lib.browser.createSession(
        { endpoint: ENDPOINT, apiKey: world.service.apiKey, fetch: world.service.fetch },
        { userId, deviceId },
      ),
    );
    secret(session.accessToken);
    return session;
  };
  for (const [what, form] of [
    ['as it is', (session) => session],
    ['as JSON', (session) => session.toJSON()],
    ['as JSON that went over a wire', (session) => JSON.parse(JSON.stringify(session))],
  ]) {
    test(
      `loginWithSession takes a session of this device ${what}, without another`,
      inWorld(lib, {}, async (world) => {
        const client = world.client();
        const session = await made(world, client);
        equal((await resolves(() => client.loginWithSession(form(session)))).userId, 'ada', 'user');
        equal(
          [client.state, client.userId, world.sessionRequestCount()],
          ['established', 'ada', 1],
          'state, user, requests',
        );
        equal(await world.token(client), session.accessToken, 'token');
        equal(client.expiresAt?.getTime(), session.expiresAt.getTime(), 'expiresAt');
        await resolves(() => client.renew(), 'and it can be renewed');
      }),
    );
  }
  test(
    'loginWithSession refuses what is no session, by no word of it',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const session = (await made(world, client)).toJSON();
      for (const wrong of [
        undefined,
        null,
        CANARY,
        {},
        { ...session, accessToken: undefined },
        { ...session, expiresAt: 'some day' },
      ]) {
        await rejects(
          () => client.loginWithSession(wrong),
          ['invalidRequest', 'invalidResponse'],
          typeof wrong,
        );
      }
      equal(client.state, 'notLoggedIn', 'state');
    }),
  );
  test(
    'getDeviceId: made once, kept, and the one that is given if one is',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const [one, two] = await Promise.all([client.getDeviceId(), client.getDeviceId()]);
      ok(
        typeof one === 'string' && one.length >= 16 && one.length <= 150 && one === two,
        'the same',
      );
      await resolves(() => client.login({ userId: 'ada' }));
      await resolves(() => client.logout());
      equal(await client.getDeviceId(), one, 'after a login and a logout');
      equal(
        await world.client({ deviceId: 'my own', namespace: `${world.namespace}-2` }).getDeviceId(),
        'my own',
        'given',
      );
    }),
  );
};

const guests = (test, lib, engine) => {
  for (const [call, path, userType] of [
    ['loginAsVisitor', `${SESSIONS}/visitor`, 'visitor'],
    ['loginAsBot', `${SESSIONS}/bot`, 'bot'],
  ]) {
    test(
      `${call}, and its renewal is one again`,
      inWorld(lib, {}, async (world) => {
        const client = world.client();
        const user = await resolves(() => client[call]());
        equal(
          [client.state, client.userType, client.userId],
          ['established', userType, user.userId],
          'state, type, user',
        );
        await resolves(() => client[call](), 'again');
        equal(world.requests(path).length, 1, 'joins');
        await resolves(() => client.renew());
        equal(
          [
            client.userType,
            client.userId,
            world.requests(path).length,
            world.sessionRequestCount(),
          ],
          [userType, user.userId, 2, 0],
          'after renew',
        );
      }),
    );
  }
  test(
    'a visitor who signs in stays a visitor until that has succeeded',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const visitor = await resolves(() => client.loginAsVisitor());
      const token = await world.token(client);
      world.service.faults.add({ status: 500, body: 'no', path: SESSIONS });
      await rejects(() => client.login({ userId: 'ada' }), 'server');
      equal(
        [client.state, client.userId, client.userType],
        ['established', visitor.userId, 'visitor'],
        'after a failure',
      );
      ok(
        (await world.token(client)) === token && (await world.isTokenValid(token)),
        'with a token that is good',
      );
      await resolves(() => client.login({ userId: 'ada' }));
      equal(
        [client.state, client.userId, client.userType],
        ['established', 'ada', 'signed-in'],
        'after the success',
      );
      ok(!(await world.isTokenValid(token)), 'the visitor has ended');
    }),
  );
  test(
    'secure visitor mode: visitorSignatureFrom is asked with the device, and its failure is transient',
    inWorld(lib, { secureVisitorMode: true, visitorSecret: 'of-the-visitors' }, async (world) => {
      const encode = (text) => new TextEncoder().encode(text);
      const key = await crypto.subtle.importKey(
        'raw',
        encode('of-the-visitors'),
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      const sign = async ({ deviceId, signal }) => {
        ok(signal instanceof AbortSignal, 'a signal');
        const authSignatureExpiresAt = new Date(world.clock.now() + 60_000).toISOString();
        const message = encode(
          `deviceId=${deviceId}&authSignatureExpiresAt=${authSignatureExpiresAt}`,
        );
        const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, message));
        const authSignature = secret(
          [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
        );
        return { authSignature, authSignatureExpiresAt };
      };
      let isDown = false;
      const client = world.client({
        visitorSignatureFrom: (asked) => (isDown ? Promise.reject(new Error(CANARY)) : sign(asked)),
      });
      await resolves(() => client.loginAsVisitor());
      isDown = true;
      await settled(() => client.renew());
      equal(
        [client.state, client.seen.failed.length],
        ['established', 1],
        'a signature that could not be had',
      );
      const address = 'https://app.example/auth/visitor';
      world.answer = (url, init) => {
        if (String(url) !== address) return undefined;
        const { deviceId } = JSON.parse(init.body);
        equal([init.method, init.credentials], ['POST', cookies(engine)], 'method, credentials');
        return sign({ deviceId, signal: init.signal }).then((signed) => answer(signed));
      };
      const other = world.client({
        namespace: `${world.namespace}-2`,
        visitorSignatureFrom: address,
      });
      await resolves(() => other.loginAsVisitor(), 'by the address of a route');
    }),
  );
};

export default ({ test, lib, engine }) => {
  authTokens(test, lib, engine);
  joining(test, lib);
  elsewhere(test, lib);
  guests(test, lib, engine);
};
