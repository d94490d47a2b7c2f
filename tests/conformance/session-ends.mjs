// When a session is over: by the service's own word alone. Everything else is a fault that passes.
import { equal, ok, settled, until } from './harness.mjs';
import { CANARY, answer, rejects, resolves } from './helpers.mjs';
import { HOUR, LIFETIME, SESSIONS, uniqueNamespace, inWorld } from './session-world.mjs';

const refusal = (code, status, message = 'Unauthorized') =>
  answer({ status: 'error', code, message }, { status });

/** What is true of a client whose session is over. */
const isOver = async (client, reason) => {
  equal(
    [client.state, client.terminationReason, client.seen.reasons],
    ['terminated', reason, [reason]],
    'state, reason, event',
  );
  for (const call of [
    () => client.accessToken(),
    () => client.renew(),
    () => client.fetch('/x'),
    () => client.login({ userId: 'ada' }),
    () => client.loginAsVisitor(),
  ]) {
    await rejects(call, 'terminated', String(call));
  }
  await resolves(() => client.logout(), 'logout');
  equal(
    [client.state, client.terminationReason, client.userId],
    ['notLoggedIn', undefined, undefined],
    'after a logout',
  );
};

const definite = (test, lib) => {
  const words = {
    'a ban, told by 400312': ['globalBan', (world) => world.service.banUser('ada')],
    'a ban, told on the user': [
      'globalBan',
      async (world) => {
        const { service } = world;
        world.answer = async (url, init, path) => {
          if (path !== SESSIONS || init.method !== 'POST') return undefined;
          const body = await (await service.fetch(url, init)).json();
          return answer({
            ...body,
            users: body.users.map((user) => ({ ...user, isGlobalBan: true })),
          });
        };
      },
    ],
    'a deletion': ['userDeleted', (world) => world.service.deleteUser('ada')],
    'a deletion, told on the user': [
      'userDeleted',
      async (world) => {
        const { service } = world;
        world.answer = async (url, init, path) => {
          if (path !== SESSIONS || init.method !== 'POST') return undefined;
          const body = await (await service.fetch(url, init)).json();
          return answer({
            ...body,
            users: body.users.map((user) => ({ ...user, isDeleted: true })),
          });
        };
      },
    ],
    '400100 where no auth token was sent': [
      'unauthorized',
      (world) => {
        world.answer = (url, init, path) =>
          path === SESSIONS && init.method === 'POST' ? refusal(400100, 401) : undefined;
      },
    ],
    '400100 with another status': [
      'unauthorized',
      (world) => {
        world.answer = (url, init, path) =>
          path === SESSIONS && init.method === 'POST' ? refusal(400100, 403) : undefined;
      },
    ],
  };
  for (const [what, [reason, happen]] of Object.entries(words)) {
    test(
      `terminated by ${what}`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        await happen(world);
        await rejects(() => client.renew(), ['terminated', 'banned', 'notFound', 'unauthorized']);
        await until(() => client.state === 'terminated', 'the end');
        world.answer = undefined;
        await isOver(client, reason);
      }),
    );
  }
  test(
    'terminated while a token is waited for: the caller is told so',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.service.banUser('ada');
      world.sleep(LIFETIME + HOUR);
      await rejects(() => client.accessToken(), ['terminated', 'banned']);
      await isOver(client, 'globalBan');
    }),
  );
  test(
    'a logout is the way out: whoever is let in again may sign in',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      world.service.banUser('ada');
      await settled(() => client.renew());
      equal(client.state, 'terminated', 'state');
      world.service.unbanUser('ada');
      await resolves(() => client.logout());
      await resolves(() => client.login({ userId: 'ada' }), 'a login after the logout');
    }),
  );
};

const withAuthToken = (test, lib) => {
  test(
    '400100 to an auth token is believed only after one more try with a fresh one, which may succeed',
    inWorld(lib, { secureMode: true }, async (world) => {
      let bad = 0;
      const asked = [];
      const authTokenFrom = ({ userId }) => {
        asked.push(userId);
        return bad-- > 0 ? 'an-auth-token-that-nobody-knows' : world.mint(userId);
      };
      const client = await world.signedIn({ authTokenFrom });
      bad = 1;
      await resolves(() => client.renew());
      equal(
        [client.state, asked.length, world.sessionRequestCount()],
        ['established', 3, 3],
        'state, auth tokens, requests',
      );
      bad = 2;
      await rejects(() => client.renew(), ['terminated', 'unauthorized']);
      equal([asked.length, world.sessionRequestCount()], [5, 5], 'auth tokens, requests');
      await isOver(client, 'unauthorized');
    }),
  );
  test(
    'if no fresh one can be had, the first refusal is not believed',
    inWorld(lib, { secureMode: true }, async (world) => {
      const given = [
        () => world.mint('ada'),
        async () => 'an-auth-token-that-nobody-knows',
        async () => Promise.reject(new Error(CANARY)),
      ];
      const client = await world.signedIn({
        authTokenFrom: () => (given.shift() ?? (() => world.mint('ada')))(),
      });
      await settled(() => client.renew());
      equal([client.state, client.terminationReason], ['established', undefined], 'state');
      ok(await world.isTokenValid(await world.token(client)), 'the session is good');
    }),
  );
  test(
    'a ban is believed at once, auth token or not',
    inWorld(lib, { secureMode: true }, async (world) => {
      let asked = 0;
      const client = await world.signedIn({
        authTokenFrom: ({ userId }) => ((asked += 1), world.mint(userId)),
      });
      world.service.banUser('ada');
      await settled(() => client.renew());
      equal(
        [client.state, client.terminationReason, asked],
        ['terminated', 'globalBan', 2],
        'state, reason, auth tokens',
      );
    }),
  );
};

const transient = (test, lib) => {
  const html = (status) =>
    answer(`<!doctype html>${CANARY}`, { status, headers: { 'content-type': 'text/html' } });
  const faults = {
    'a page with 401, as of a proxy': () => html(401),
    'a page with 403': () => html(403),
    'a page with 404': () => html(404),
    'a page with 200, as of a Wi-Fi': () => html(200),
    'JSON of another with 401': () => answer({ error: CANARY }, { status: 401 }),
    'an empty 401': () => answer('', { status: 401 }),
    'a redirect': () =>
      answer('', { status: 302, headers: { location: `https://${CANARY}.example` } }),
    'an opaque redirect': () => ({
      status: 0,
      headers: new Headers(),
      body: null,
      text: async () => '',
    }),
    '500000 with 500': () => refusal(500000, 500),
    '500000 with 422': () => refusal(500000, 422),
    502: () => html(502),
    429: () => refusal(400311, 429),
    400000: () => refusal(400000, 400),
    '400300, as when secure mode is switched on': () => refusal(400300, 403),
    // To a look at the token the same would be the service's word that the user is gone.
    '400400 for the path': ({ method }) =>
      method === 'POST' ? refusal(400400, 404, 'Path not found') : undefined,
    'no JSON': () => answer(CANARY),
    null: () => answer('null'),
    'a session of another user': () =>
      answer({
        accessToken: CANARY,
        issuedAt: '2026-01-20T00:00:00.000Z',
        expiresAt: '2026-03-20T00:00:00.000Z',
        users: [{ userId: 'eve', createdAt: '', updatedAt: '' }],
        files: [],
      }),
    'a session without a token': () => answer({ users: [{ userId: 'ada' }] }),
    'no network': () => Promise.reject(new TypeError(CANARY)),
    'no response at all': () => 42,
  };
  for (const [what, respond] of Object.entries(faults)) {
    test(
      `nobody is signed out by ${what}`,
      inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
        const client = await world.signedIn();
        const token = await world.token(client);
        // Also once it has expired, and also if the client asks whether its token is good.
        world.answer = (url, init, path) =>
          path.startsWith('/api/v3/network') ? undefined : respond(init);
        await settled(() => client.renew());
        equal(
          [client.state, client.userId, await world.token(client)],
          ['established', 'ada', token],
          'while it is good',
        );
        await world.advance(HOUR);
        ok(
          (await settled(() => client.accessToken())).error !== undefined,
          'nothing good is at hand',
        );
        equal([client.state, client.userId], ['tokenExpired', 'ada'], 'once it has expired');
        equal(client.seen.reasons, [], 'reasons');
        world.answer = undefined;
        await world.advance(HOUR);
        ok(await world.isTokenValid(await world.token(client)), 'afterwards');
        equal([client.state, client.userId], ['established', 'ada'], 'afterwards');
      }),
    );
  }
  test(
    'a visitor’s renewal that gives somebody else is thrown away',
    inWorld(lib, {}, async (world) => {
      const client = world.client({ namespace: uniqueNamespace() });
      const { userId } = await resolves(() => client.loginAsVisitor());
      world.answer = async (url, init, path) => {
        if (path !== `${SESSIONS}/visitor`) return undefined;
        const body = await (await world.service.fetch(url, init)).json();
        return answer({ ...body, users: [{ ...body.users[0], userId: 'another visitor' }] });
      };
      await settled(() => client.renew());
      equal([client.userId, client.user.userId], [userId, userId], 'user');
    }),
  );
};

export default ({ test, lib }) => {
  definite(test, lib);
  withAuthToken(test, lib);
  transient(test, lib);
};
