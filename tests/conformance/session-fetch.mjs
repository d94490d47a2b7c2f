// Tests `client.fetch`: where it sends the access token, what it sends, and how it fails.
import { equal, ok, getOutcome, containsSecret } from './harness.mjs';
import { CANARY, createResponse, rejects, resolves } from './helpers.mjs';
import { DAY_MS, ENDPOINT, SETTINGS, recordRequests, withWorld } from './session-world.mjs';

const testUrls = (test, lib) => {
  test(
    'the method of a Request counts if init has none',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const requests = recordRequests(world);
      const request = () => new Request(`${ENDPOINT}/x`, { method: 'PUT', body: 'a' });
      for (const init of [undefined, {}, { method: undefined }])
        await resolves(() => client.fetch(request(), init));
      equal(
        requests.map(({ init: { method } }) => method),
        Array(3).fill('PUT'),
        'methods',
      );
    }),
  );
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
  testSecrets(test, lib);
};
