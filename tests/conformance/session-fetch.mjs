// `client.fetch` sends the access token to the service and nowhere else, and replays a request once
// after a 401, with the newest token.
import { equal, ok, settled, containsSecret, turn } from './harness.mjs';
import { CANARY, answer, rejects, resolves } from './helpers.mjs';
import { DAY, ENDPOINT, MINUTE, SESSIONS, SETTINGS, inWorld } from './session-world.mjs';

/** Answers every request except those about sessions, and returns the list of recorded requests. */
const recordRequests = (world, respond = () => answer({ hello: true })) => {
  const requests = [];
  world.respond = (url, init, path) => {
    if (path === SESSIONS || path === '/api/v3/sessions') return undefined;
    requests.push({
      url: String(url),
      init,
      bearer: new Headers(init.headers).get('authorization'),
    });
    return respond(requests.length, init);
  };
  return requests;
};

/** Creates a stream of the text `hello` in several chunks. */
const helloStream = () =>
  new ReadableStream({
    async start(controller) {
      for (const part of ['he', 'll', 'o']) {
        await turn();
        controller.enqueue(new TextEncoder().encode(part));
      }
      controller.close();
    },
  });

const addresses = (test, lib) => {
  test(
    'accepts a path, and an absolute URL of the service as a string, a URL or a Request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const requests = recordRequests(world);
      const absolute = `${ENDPOINT}/api/v9/x?y=1`;
      for (const input of ['/api/v9/x?y=1', absolute, new URL(absolute), new Request(absolute)]) {
        const response = await resolves(() => client.fetch(input));
        equal(response.status, 200, 'status');
        equal(await response.json(), { hello: true }, 'body');
      }
      equal(
        requests.map(({ url }) => url),
        Array(4).fill(absolute),
        'URLs',
      );
      ok(
        requests.every(({ bearer }) => bearer === `Bearer ${token}`),
        'a request lacks the bearer token',
      );
      ok(
        requests.every(({ init }) => init.redirect === 'manual' || init.redirect === 'error'),
        'a request follows redirects',
      );
    }),
  );
  for (const [what, input] of [
    ['another host', 'https://elsewhere.test/x'],
    ['another port', `${ENDPOINT}:8443/x`],
    ['another scheme', 'http://emulator.test/x'],
    ['a URL without a scheme', '//elsewhere.test/x'],
    ['backslashes', '\\\\elsewhere.test\\x'],
    ['a host that starts with the service’s host', 'https://emulator.test.elsewhere.test/x'],
    ['the service’s host as user info', 'https://emulator.test@elsewhere.test/x'],
    ['a data URL', 'data:text/plain,x'],
    ['an invalid URL', 'https://'],
    ['a Request to another host', () => new Request('https://elsewhere.test/x')],
  ]) {
    test(
      `rejects another origin without a request: ${what}`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const requests = recordRequests(world);
        const before = world.service.requests.length;
        await rejects(
          () => client.fetch(typeof input === 'function' ? input() : input),
          'invalidRequest',
        );
        equal(requests.length, 0, 'requests to other paths');
        equal(world.service.requests.length, before, 'requests to the service');
      }),
    );
  }
  test(
    'sends the method, headers and body unchanged, but replaces the authorization header',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const requests = recordRequests(world, async (n, { body }) =>
        answer({ body: await new Response(body).text() }),
      );
      const init = {
        method: 'PATCH',
        headers: { 'x-mine': '1', authorization: CANARY, 'content-type': 'text/plain' },
        body: 'hello',
      };
      for (const call of [
        () => client.fetch('/x', init),
        () => client.fetch(`${ENDPOINT}/x`, { ...init, headers: new Headers(init.headers) }),
        () => client.fetch('/x', { ...init, headers: Object.entries(init.headers) }),
        () => client.fetch(new Request(`${ENDPOINT}/x`, init)),
      ]) {
        equal(await (await resolves(call)).json(), { body: 'hello' }, 'body');
        const { init: sent, bearer } = requests.at(-1);
        const headers = new Headers(sent.headers);
        equal(sent.method, 'PATCH', 'method');
        equal(headers.get('x-mine'), '1', 'x-mine');
        equal(headers.get('content-type'), 'text/plain', 'content-type');
        ok(bearer === `Bearer ${token}`, 'the authorization header is not the client’s token');
      }
    }),
  );
  test(
    'an abort ends the call, before it starts and during the request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await settled(() => client.fetch('/x', { signal: AbortSignal.abort() })).then(({ error }) =>
        ok(error, 'a call with an aborted signal resolved'),
      );
      const controller = new AbortController();
      const held = world.hold({ path: '/x', method: 'GET' });
      const pending = settled(() => client.fetch('/x', { signal: controller.signal }));
      await held.arrived;
      controller.abort();
      ok((await pending).error !== undefined, 'the aborted call resolved');
    }),
  );
  test(
    'rejects with notLoggedIn and without a request while signed out',
    inWorld(lib, {}, async (world) => {
      const requests = recordRequests(world);
      await rejects(() => world.client().fetch('/x'), 'notLoggedIn');
      equal(requests.length, 0, 'requests');
    }),
  );
  test(
    'calls the fetch option without a receiver, with a URL string and an init',
    inWorld(lib, {}, async (world) => {
      let problem;
      const fetch = function (...args) {
        if (this !== undefined && this !== globalThis) problem = 'a receiver';
        if (typeof args[0] !== 'string' || args.length !== 2)
          problem = 'arguments other than a URL and an init';
        return world.fetch(...args);
      };
      const client = await world.signedIn({ fetch });
      await resolves(() => client.fetch(SETTINGS));
      await resolves(() => client.fetch(new Request(`${ENDPOINT}${SETTINGS}`)));
      await resolves(() => client.logout());
      equal(problem, undefined, 'problem of a call');
    }),
  );
};

const replays = (test, lib) => {
  /** Creates a client that does not know that its token was revoked. */
  const clientWithRevokedToken = async (world) => {
    const client = await world.signedIn();
    const token = await world.token(client);
    await world.advance(2 * MINUTE);
    await world.revoke(token);
    return { client, token };
  };
  test(
    'concurrent calls that get a 401 share one renewal and are replayed once',
    inWorld(lib, {}, async (world) => {
      const { client, token } = await clientWithRevokedToken(world);
      const responses = await Promise.all(
        Array.from({ length: 10 }, () => resolves(() => client.fetch(SETTINGS))),
      );
      equal(
        responses.map(({ status }) => status),
        Array(10).fill(200),
        'statuses',
      );
      equal(world.sessionRequestCount(), 2, 'requests');
      equal(client.state, 'established', 'state');
      ok((await world.token(client)) !== token, 'the token did not change');
      const statuses = world.requests(SETTINGS, 'GET').map(({ status }) => status);
      const refusals = statuses.filter((status) => status === 401).length;
      ok(refusals <= 10, `${refusals} responses with a 401`);
      ok(statuses.length <= 20, `${statuses.length} requests`);
    }),
  );
  test(
    'a replay uses a token that was renewed meanwhile, without another renewal',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const held = world.hold({ path: SETTINGS, method: 'GET' });
      const pending = resolves(() => client.fetch(SETTINGS));
      await held.arrived;
      await resolves(() => client.renew());
      held.release();
      equal((await pending).status, 200, 'status');
      equal(world.sessionRequestCount(), 2, 'session requests');
    }),
  );
  test(
    'a replay sends the whole body again for every type of body',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const calls = {
        'a string': () => ['/x', { method: 'POST', body: 'hello' }],
        'a Uint8Array': () => ['/x', { method: 'POST', body: new TextEncoder().encode('hello') }],
        'a blob': () => ['/x', { method: 'POST', body: new Blob(['hel', 'lo']) }],
        'search parameters': () => [
          '/x',
          { method: 'POST', body: new URLSearchParams({ hello: '' }) },
        ],
        'a Request with a string': () => [
          new Request(`${ENDPOINT}/x`, { method: 'POST', body: 'hello' }),
        ],
        'a Request with a stream': () => [
          new Request(`${ENDPOINT}/x`, { method: 'POST', body: helloStream(), duplex: 'half' }),
        ],
      };
      for (const [what, make] of Object.entries(calls)) {
        await world.advance(2 * MINUTE);
        const before = world.sessionRequestCount();
        const bodies = [];
        const requests = recordRequests(world, async (n, { body, headers }) => {
          bodies.push((await new Response(body).text()).replace('=', ''));
          return answer(
            { type: new Headers(headers).get('content-type') },
            { status: bodies.length % 2 ? 401 : 200 },
          );
        });
        const response = await resolves(() => client.fetch(...make()), what);
        equal(response.status, 200, `${what}: status`);
        equal(bodies, ['hello', 'hello'], `${what}: bodies`);
        equal(requests.length, 2, `${what}: requests`);
        equal(world.sessionRequestCount() - before, 1, `${what}: renewals`);
      }
    }),
  );
  test(
    'a stream is sent only once, so the call resolves with its 401',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await world.advance(2 * MINUTE);
      const bodies = [];
      recordRequests(world, async (n, { body }) => {
        bodies.push(await new Response(body).text());
        return answer({}, { status: 401 });
      });
      const response = await resolves(() =>
        client.fetch('/x', { method: 'POST', body: helloStream(), duplex: 'half' }),
      );
      equal(response.status, 401, 'status');
      equal(bodies, ['hello'], 'bodies');
    }),
  );
  test(
    'a second 401 is returned to the caller and signs nobody out',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await world.advance(2 * MINUTE);
      const requests = recordRequests(world, () => answer({ no: CANARY }, { status: 401 }));
      const response = await resolves(() => client.fetch('/x'));
      equal(response.status, 401, 'status');
      equal(await response.json(), { no: CANARY }, 'body');
      equal(requests.length, 2, 'requests');
      equal(client.state, 'established', 'state');
      equal(world.sessionRequestCount(), 2, 'session requests');
    }),
  );
  test(
    'an endpoint that always responds with 401 causes no storm of renewals',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      recordRequests(world, () => answer({}, { status: 401 }));
      for (let i = 0; i < 30; i += 1) {
        await world.advance(1000);
        equal((await resolves(() => client.fetch('/x'))).status, 401, 'status');
      }
      ok(
        world.sessionRequestCount() <= 2,
        `${world.sessionRequestCount()} session requests in half a minute`,
      );
      equal(client.state, 'established', 'state');
    }),
  );
  test(
    'if the renewal fails, the call resolves with the 401',
    inWorld(lib, {}, async (world) => {
      const { client } = await clientWithRevokedToken(world);
      world.service.faults.add({ path: SESSIONS, drop: true });
      const response = await resolves(() => client.fetch(SETTINGS));
      equal(response.status, 401, 'status');
      equal((await response.json()).code, 400100, 'code');
      equal(client.userId, 'ada', 'user');
    }),
  );
  test(
    'in secure mode a 401 does not renew without an auth token from the app’s backend',
    inWorld(lib, { secureMode: true }, async (world) => {
      let isAllowed = true;
      const authTokenFrom = ({ userId }) =>
        isAllowed ? world.mint(userId) : Promise.reject(new Error(CANARY));
      const client = await world.signedIn({ authTokenFrom });
      await world.advance(2 * MINUTE);
      isAllowed = false;
      await world.revoke(await world.token(client));
      equal((await resolves(() => client.fetch(SETTINGS))).status, 401, 'status');
      ok(!world.service.sessions().some(({ valid }) => valid), 'the user has a valid session');
    }),
  );
  for (const status of [200, 204, 400, 403, 404, 429, 500, 503]) {
    test(
      `a ${status} is returned to the caller without a replay`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const requests = recordRequests(world, () =>
          answer(status === 204 ? undefined : {}, { status }),
        );
        equal((await resolves(() => client.fetch('/x'))).status, status, 'status');
        equal(requests.length, 1, 'requests');
        equal(world.sessionRequestCount(), 1, 'session requests');
      }),
    );
  }
};

const secrets = (test, lib) => {
  test(
    'errors of client.fetch contain no token',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const failure = new Error('the app’s own fetch failed');
      world.respond = (url, init, path) => (path === '/x' ? Promise.reject(failure) : undefined);
      for (const call of [
        () => client.fetch('/x'),
        () => client.fetch('/x', { headers: { 'bad name': 'x' } }),
        () => client.fetch('/x', { method: 'GET', body: 'x' }),
        () => client.fetch('/x', { headers: { 'x-y': 'a\nb' } }),
        () => client.fetch(Object.create(null)),
      ]) {
        const { error } = await settled(call);
        ok(error !== undefined || String(call).includes('body'), `${call} resolved`);
        ok(
          !containsSecret(`${error?.message}${error?.stack}${JSON.stringify(error ?? null)}`),
          `${call}: the error contains a secret`,
        );
      }
      const json = JSON.stringify(client) ?? '';
      ok(!containsSecret(json), 'the client as JSON contains a secret');
      ok(!json.includes(token), 'the client as JSON contains the token');
    }),
  );
  test(
    'no property of a client leads to a token',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn({ authTokenFrom: async () => CANARY });
      await world.token(client);
      await world.advance(DAY);
      const propertyText = (value, depth) =>
        Reflect.ownKeys(value)
          .map((key) => Object.getOwnPropertyDescriptor(value, key).value)
          .map((inner) =>
            typeof inner === 'object' && inner !== null && depth
              ? propertyText(inner, depth - 1)
              : String(inner),
          )
          .join();
      ok(!containsSecret(propertyText(client, 5)), 'an own property leads to a token');
    }),
  );
};

export default ({ test, lib }) => {
  addresses(test, lib);
  replays(test, lib);
  secrets(test, lib);
};
