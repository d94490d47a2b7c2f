// Tests `client.fetch`. It sends the access token only to the service. After a 401 it replays the
// request once, with the newest token.
import { equal, ok, getOutcome, containsSecret, waitOneTurn } from './harness.mjs';
import { CANARY, createResponse, rejects, resolves } from './helpers.mjs';
import { DAY_MS, ENDPOINT, MINUTE_MS, SESSIONS, SETTINGS, withWorld } from './session-world.mjs';

/**
 * Responds to every request, except those that create, verify or revoke a session, and returns the
 * list in which it records the requests.
 */
const recordRequests = (world, respond = () => createResponse({ hello: true })) => {
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
const createHelloStream = () =>
  new ReadableStream({
    async start(controller) {
      for (const part of ['he', 'll', 'o']) {
        await waitOneTurn();
        controller.enqueue(new TextEncoder().encode(part));
      }
      controller.close();
    },
  });

const createStreamingRequest = () =>
  new Request(`${ENDPOINT}/x`, { method: 'POST', body: createHelloStream(), duplex: 'half' });

/** Returns whether the engine sends a stream. Firefox sends the text `[object ReadableStream]`. */
const canStreamRequests = () => !createStreamingRequest().headers.has('content-type');

const testUrls = (test, lib) => {
  test(
    'accepts a path, and an absolute URL of the service as a string, a URL or a Request',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
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
      `rejects a URL that is not of the service’s origin and sends no request: ${what}`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
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
  const TENANT = `${ENDPOINT}/tenant`;
  for (const [what, input] of [
    ['a path that leaves the endpoint’s path', '/../other'],
    ['a path that leaves it with encoded dots', '/%2e%2e/other'],
    ['a path that leaves it with a backslash', '/..\\other'],
    ['the URL of another tenant', `${ENDPOINT}/other/x`],
    ['the URL of a tenant whose name begins like this one', `${ENDPOINT}/tenant-2/x`],
    ['a URL that leaves the endpoint’s path', `${TENANT}/a/../../other`],
    ['the endpoint’s path without a slash', TENANT],
    ['a relative URL', '../other'],
    ['a Request to another tenant', () => new Request(`${ENDPOINT}/other/x`)],
    ['a blob of the same origin', `blob:${TENANT}/5b5ff4e6-0000-4000-8000-000000000000`],
    ['a blob whose path is that of the endpoint', `blob:${ENDPOINT}/tenant/x`],
  ]) {
    test(
      `rejects a URL outside of the endpoint’s path and sends no request: ${what}`,
      withWorld(lib, {}, async (world) => {
        world.respond = (url, init, path) =>
          path.startsWith('/tenant/')
            ? world.service.fetch(String(url).replace('/tenant', ''), init)
            : createResponse({ stolen: new Headers(init.headers).get('authorization') });
        const client = await world.signIn({ endpoint: TENANT });
        equal((await resolves(() => client.fetch(SETTINGS))).status, 200, 'status of a path');
        const urls = [];
        const { respond } = world;
        world.respond = (url, ...rest) => (urls.push(String(url)), respond(url, ...rest));
        await rejects(
          () => client.fetch(typeof input === 'function' ? input() : input),
          'invalidRequest',
        );
        equal(urls, [], 'requests');
      }),
    );
  }
  test(
    'sends the method, headers and body unchanged, but replaces the authorization header',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      const requests = recordRequests(world, async (n, { body }) =>
        createResponse({ body: await new Response(body).text() }),
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
    'a network failure rejects with a retryable error',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      world.respond = () => Promise.reject(new TypeError(CANARY));
      await rejects(() => client.fetch(SETTINGS), { kind: 'network', retryable: true });
    }),
  );
  test(
    'an abort ends the call, both before it starts and during the request',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      await getOutcome(() => client.fetch('/x', { signal: AbortSignal.abort() })).then(
        ({ error }) => ok(error, 'a call with an aborted signal resolved'),
      );
      const controller = new AbortController();
      const held = world.hold({ path: '/x', method: 'GET' });
      const pending = getOutcome(() => client.fetch('/x', { signal: controller.signal }));
      await held.arrived;
      controller.abort();
      ok((await pending).error !== undefined, 'the aborted call resolved');
    }),
  );
  test(
    'rejects with notLoggedIn and sends no request while no user is signed in',
    withWorld(lib, {}, async (world) => {
      const requests = recordRequests(world);
      await rejects(() => world.createClient().fetch('/x'), 'notLoggedIn');
      equal(requests.length, 0, 'requests');
    }),
  );
  test(
    'calls the fetch option without a receiver, with a URL string and an init',
    withWorld(lib, {}, async (world) => {
      let problem;
      const fetch = function (...args) {
        if (this !== undefined && this !== globalThis) problem = 'a receiver';
        if (typeof args[0] !== 'string' || args.length !== 2)
          problem = 'arguments other than a URL and an init';
        return world.fetch(...args);
      };
      const client = await world.signIn({ fetch });
      await resolves(() => client.fetch(SETTINGS));
      await resolves(() => client.fetch(new Request(`${ENDPOINT}${SETTINGS}`)));
      await resolves(() => client.logout());
      equal(problem, undefined, 'unexpected receiver or arguments');
    }),
  );
};

const testReplays = (test, lib) => {
  /** Creates a client that does not know that its token was revoked. */
  const createClientWithRevokedToken = async (world) => {
    const client = await world.signIn();
    const token = await world.getToken(client);
    await world.advance(2 * MINUTE_MS);
    await world.revoke(token);
    return { client, token };
  };
  test(
    'concurrent calls that get a 401 share one renewal, and each is replayed once',
    withWorld(lib, {}, async (world) => {
      const { client, token } = await createClientWithRevokedToken(world);
      const responses = await Promise.all(
        Array.from({ length: 10 }, () => resolves(() => client.fetch(SETTINGS))),
      );
      equal(
        responses.map(({ status }) => status),
        Array(10).fill(200),
        'statuses',
      );
      equal(world.countSessionRequests(), 2, 'requests');
      equal(client.state, 'established', 'state');
      ok((await world.getToken(client)) !== token, 'the token did not change');
      const statuses = world.listRequests(SETTINGS, 'GET').map(({ status }) => status);
      const refusals = statuses.filter((status) => status === 401).length;
      ok(refusals <= 10, `${refusals} responses with a 401`);
      ok(statuses.length <= 20, `${statuses.length} requests`);
    }),
  );
  test(
    'if the token was renewed during the request, the replay uses the new token',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const held = world.hold({ path: SETTINGS, method: 'GET' });
      const pending = resolves(() => client.fetch(SETTINGS));
      await held.arrived;
      await resolves(() => client.renew());
      held.release();
      equal((await pending).status, 200, 'status');
      equal(world.countSessionRequests(), 2, 'session requests');
    }),
  );
  test(
    'a replay sends the whole body again for every type of body',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
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
      };
      if (canStreamRequests()) calls['a Request with a stream'] = () => [createStreamingRequest()];
      for (const [what, createArguments] of Object.entries(calls)) {
        await world.advance(2 * MINUTE_MS);
        const before = world.countSessionRequests();
        const bodies = [];
        const requests = recordRequests(world, async (n, { body, headers }) => {
          bodies.push((await new Response(body).text()).replace('=', ''));
          return createResponse(
            { type: new Headers(headers).get('content-type') },
            { status: bodies.length % 2 ? 401 : 200 },
          );
        });
        const response = await resolves(() => client.fetch(...createArguments()), what);
        equal(response.status, 200, `${what}: status`);
        equal(bodies, ['hello', 'hello'], `${what}: bodies`);
        equal(requests.length, 2, `${what}: requests`);
        equal(world.countSessionRequests() - before, 1, `${what}: renewals`);
      }
    }),
  );
  test(
    'a stream cannot be sent twice, so the call resolves with the 401',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      await world.advance(2 * MINUTE_MS);
      const bodies = [];
      recordRequests(world, async (n, { body }) => {
        bodies.push(await new Response(body).text());
        return createResponse({}, { status: 401 });
      });
      const response = await resolves(() =>
        client.fetch('/x', { method: 'POST', body: createHelloStream(), duplex: 'half' }),
      );
      equal(response.status, 401, 'status');
      equal(bodies, ['hello'], 'bodies');
    }),
  );
  test(
    'a second 401 is returned to the caller and does not sign the user out',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      await world.advance(2 * MINUTE_MS);
      const requests = recordRequests(world, () => createResponse({ no: CANARY }, { status: 401 }));
      const response = await resolves(() => client.fetch('/x'));
      equal(response.status, 401, 'status');
      equal(await response.json(), { no: CANARY }, 'body');
      equal(requests.length, 2, 'requests');
      equal(client.state, 'established', 'state');
      equal(world.countSessionRequests(), 2, 'session requests');
    }),
  );
  test(
    'a path that always responds with 401 causes no storm of renewals',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      recordRequests(world, () => createResponse({}, { status: 401 }));
      for (let i = 0; i < 30; i += 1) {
        await world.advance(1000);
        equal((await resolves(() => client.fetch('/x'))).status, 401, 'status');
      }
      ok(
        world.countSessionRequests() <= 2,
        `${world.countSessionRequests()} session requests in half a minute`,
      );
      equal(client.state, 'established', 'state');
    }),
  );
  test(
    'if the renewal fails, the call resolves with the 401',
    withWorld(lib, {}, async (world) => {
      const { client } = await createClientWithRevokedToken(world);
      world.service.faults.add({ path: SESSIONS, drop: true });
      const response = await resolves(() => client.fetch(SETTINGS));
      equal(response.status, 401, 'status');
      equal((await response.json()).code, 400100, 'code');
      equal(client.userId, 'ada', 'user');
    }),
  );
  test(
    'in secure mode, a 401 causes no renewal if the app’s backend refuses an auth token',
    withWorld(lib, { secureMode: true }, async (world) => {
      let isAllowed = true;
      const authTokenFrom = ({ userId }) =>
        isAllowed ? world.mint(userId) : Promise.reject(new Error(CANARY));
      const client = await world.signIn({ authTokenFrom });
      await world.advance(2 * MINUTE_MS);
      isAllowed = false;
      await world.revoke(await world.getToken(client));
      equal((await resolves(() => client.fetch(SETTINGS))).status, 401, 'status');
      ok(!world.service.sessions().some(({ valid }) => valid), 'the user has a valid session');
    }),
  );
  for (const status of [200, 204, 400, 403, 404, 429, 500, 503]) {
    test(
      `a ${status} is returned to the caller without a replay`,
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        const requests = recordRequests(world, () =>
          createResponse(status === 204 ? undefined : {}, { status }),
        );
        equal((await resolves(() => client.fetch('/x'))).status, status, 'status');
        equal(requests.length, 1, 'requests');
        equal(world.countSessionRequests(), 1, 'session requests');
      }),
    );
  }
};

const testSecrets = (test, lib) => {
  test(
    'errors of client.fetch contain no token',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const token = await world.getToken(client);
      const failure = new Error('the app’s own fetch failed');
      world.respond = (url, init, path) => (path === '/x' ? Promise.reject(failure) : undefined);
      for (const call of [
        () => client.fetch('/x'),
        () => client.fetch('/x', { headers: { 'bad name': 'x' } }),
        () => client.fetch('/x', { method: 'GET', body: 'x' }),
        () => client.fetch('/x', { headers: { 'x-y': 'a\nb' } }),
        () => client.fetch(Object.create(null)),
      ]) {
        const { error } = await getOutcome(call);
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
    'no own property of a client leads to a token',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn({ authTokenFrom: async () => CANARY });
      await world.getToken(client);
      await world.advance(DAY_MS);
      const readProperties = (value, depth) =>
        Reflect.ownKeys(value)
          .map((key) => Object.getOwnPropertyDescriptor(value, key).value)
          .map((inner) =>
            typeof inner === 'object' && inner !== null && depth
              ? readProperties(inner, depth - 1)
              : String(inner),
          )
          .join();
      ok(!containsSecret(readProperties(client, 5)), 'an own property leads to a token');
    }),
  );
};

export default ({ test, lib }) => {
  testUrls(test, lib);
  testReplays(test, lib);
  testSecrets(test, lib);
};
