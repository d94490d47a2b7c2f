// `client.fetch`: the bearer token goes to the service and nowhere else; a refusal is answered by
// one replay with the token that is then best.
import { equal, ok, settled, spills, turn } from './harness.mjs';
import { CANARY, answer, rejects, resolves } from './helpers.mjs';
import { DAY, ENDPOINT, MINUTE, SESSIONS, SETTINGS, inWorld } from './session-world.mjs';

/** Keeps what is sent to one path, and answers it. */
const listening = (world, respond = () => answer({ fine: true })) => {
  const came = [];
  world.answer = (url, init, path) => {
    if (path === SESSIONS || path === '/api/v3/sessions') return undefined;
    came.push({ url: String(url), init, bearer: new Headers(init.headers).get('authorization') });
    return respond(came.length, init);
  };
  return came;
};

/** The text `hello` in pieces. */
const stream = () =>
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
    'relative addresses are the service’s, whole ones of its origin are taken, each as text, URL and Request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const came = listening(world);
      const whole = `${ENDPOINT}/api/v9/x?y=1`;
      for (const input of ['/api/v9/x?y=1', whole, new URL(whole), new Request(whole)]) {
        const response = await resolves(() => client.fetch(input));
        equal([response.status, await response.json()], [200, { fine: true }], 'answer');
      }
      equal(
        came.map(({ url }) => url),
        Array(4).fill(whole),
        'addresses',
      );
      ok(
        came.every(({ bearer }) => bearer === `Bearer ${token}`),
        'the bearer token',
      );
      ok(
        came.every(({ init }) => init.redirect === 'manual' || init.redirect === 'error'),
        'redirects are not followed',
      );
    }),
  );
  for (const [what, input] of [
    ['another host', 'https://elsewhere.test/x'],
    ['another port', `${ENDPOINT}:8443/x`],
    ['another scheme', 'http://emulator.test/x'],
    ['an address without a scheme', '//elsewhere.test/x'],
    ['backslashes', '\\\\elsewhere.test\\x'],
    ['a host that begins so', 'https://emulator.test.elsewhere.test/x'],
    ['user info', 'https://emulator.test@elsewhere.test/x'],
    ['data', 'data:text/plain,x'],
    ['what is no address', 'https://'],
    ['a Request to another host', () => new Request('https://elsewhere.test/x')],
  ]) {
    test(
      `another origin is refused, unsent: ${what}`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const came = listening(world);
        const before = world.service.requests.length;
        await rejects(
          () => client.fetch(typeof input === 'function' ? input() : input),
          'invalidRequest',
        );
        equal([came.length, world.service.requests.length], [0, before], 'requests');
      }),
    );
  }
  test(
    'the method, the headers and the body go as they are; the caller’s authorization gives way',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const came = listening(world, async (n, { body }) =>
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
        const { init: sent, bearer } = came.at(-1);
        const headers = new Headers(sent.headers);
        equal(
          [sent.method, headers.get('x-mine'), headers.get('content-type')],
          ['PATCH', '1', 'text/plain'],
          'method, headers',
        );
        ok(bearer === `Bearer ${token}`, 'authorization');
      }
    }),
  );
  test(
    'an abort ends it, also while the answer is waited for',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await settled(() => client.fetch('/x', { signal: AbortSignal.abort() })).then(({ error }) =>
        ok(error, 'aborted before'),
      );
      const controller = new AbortController();
      const held = world.hold({ path: '/x', method: 'GET' });
      const pending = settled(() => client.fetch('/x', { signal: controller.signal }));
      await held.arrived;
      controller.abort();
      ok((await pending).error !== undefined, 'aborted under way');
    }),
  );
  test(
    'signed out: notLoggedIn, and nothing is sent',
    inWorld(lib, {}, async (world) => {
      const came = listening(world);
      await rejects(() => world.client().fetch('/x'), 'notLoggedIn');
      equal(came.length, 0, 'requests');
    }),
  );
  test(
    'the caller’s fetch is called unbound, and with an address and an init',
    inWorld(lib, {}, async (world) => {
      let wrong;
      const fetch = function (...given) {
        if (this !== undefined && this !== globalThis) wrong = 'a receiver';
        if (typeof given[0] !== 'string' || given.length !== 2)
          wrong = 'not an address and an init';
        return world.fetch(...given);
      };
      const client = await world.signedIn({ fetch });
      await resolves(() => client.fetch(SETTINGS));
      await resolves(() => client.fetch(new Request(`${ENDPOINT}${SETTINGS}`)));
      await resolves(() => client.logout());
      equal(wrong, undefined, 'how it was called');
    }),
  );
};

const replays = (test, lib) => {
  /** A client whose token the service no longer takes, which it does not know. */
  const rejects = async (world) => {
    const client = await world.signedIn();
    const token = await world.token(client);
    await world.advance(2 * MINUTE);
    await world.revoke(token);
    return { client, token };
  };
  test(
    'a 401: one renewal, one replay, whatever the number of callers',
    inWorld(lib, {}, async (world) => {
      const { client, token } = await rejects(world);
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => resolves(() => client.fetch(SETTINGS))),
      );
      equal(
        answers.map(({ status }) => status),
        Array(10).fill(200),
        'statuses',
      );
      equal(
        [world.sessionRequestCount(), client.state, (await world.token(client)) === token],
        [2, 'established', false],
        'requests, state, token',
      );
      const asked = world.requests(SETTINGS, 'GET').map(({ status }) => status);
      ok(
        asked.filter((status) => status === 401).length <= 10 && asked.length <= 20,
        `asked ${asked.length} times`,
      );
    }),
  );
  test(
    'a newer token at hand is used for the replay, without another renewal',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const held = world.hold({ path: SETTINGS, method: 'GET' });
      const pending = resolves(() => client.fetch(SETTINGS));
      await held.arrived;
      await resolves(() => client.renew());
      held.release();
      equal(
        [(await pending).status, world.sessionRequestCount()],
        [200, 2],
        'status, session requests',
      );
    }),
  );
  test(
    'bodies are replayed whole: text, bytes, form, and that of a Request',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const bodies = {
        'a text': () => ['/x', { method: 'POST', body: 'hello' }],
        bytes: () => ['/x', { method: 'POST', body: new TextEncoder().encode('hello') }],
        'a blob': () => ['/x', { method: 'POST', body: new Blob(['hel', 'lo']) }],
        'search parameters': () => [
          '/x',
          { method: 'POST', body: new URLSearchParams({ hello: '' }) },
        ],
        'a Request with a text': () => [
          new Request(`${ENDPOINT}/x`, { method: 'POST', body: 'hello' }),
        ],
        'a Request with a stream': () => [
          new Request(`${ENDPOINT}/x`, { method: 'POST', body: stream(), duplex: 'half' }),
        ],
      };
      for (const [what, make] of Object.entries(bodies)) {
        await world.advance(2 * MINUTE);
        const before = world.sessionRequestCount();
        const read = [];
        const came = listening(world, async (n, { body, headers }) => {
          read.push((await new Response(body).text()).replace('=', ''));
          return answer(
            { type: new Headers(headers).get('content-type') },
            { status: read.length % 2 ? 401 : 200 },
          );
        });
        const response = await resolves(() => client.fetch(...make()), what);
        equal([response.status, read], [200, ['hello', 'hello']], what);
        equal(
          [came.length, world.sessionRequestCount() - before],
          [2, 1],
          `${what}: requests, renewals`,
        );
      }
    }),
  );
  test(
    'a stream is sent whole, once: its 401 is the answer',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await world.advance(2 * MINUTE);
      const read = [];
      listening(world, async (n, { body }) => {
        read.push(await new Response(body).text());
        return answer({}, { status: 401 });
      });
      const response = await resolves(() =>
        client.fetch('/x', { method: 'POST', body: stream(), duplex: 'half' }),
      );
      equal([response.status, read], [401, ['hello']], 'status, what was sent');
    }),
  );
  test(
    'refused twice: the caller gets the second 401, and nobody is signed out',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await world.advance(2 * MINUTE);
      const came = listening(world, () => answer({ no: CANARY }, { status: 401 }));
      const response = await resolves(() => client.fetch('/x'));
      equal(
        [response.status, await response.json(), came.length],
        [401, { no: CANARY }, 2],
        'answer, requests',
      );
      equal(
        [client.state, world.sessionRequestCount()],
        ['established', 2],
        'state, session requests',
      );
    }),
  );
  test(
    'an endpoint that always says 401 causes no storm of renewals',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      listening(world, () => answer({}, { status: 401 }));
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
    'if the renewal fails, the 401 itself is the answer',
    inWorld(lib, {}, async (world) => {
      const { client } = await rejects(world);
      world.service.faults.add({ path: SESSIONS, drop: true });
      const response = await resolves(() => client.fetch(SETTINGS));
      equal(
        [response.status, (await response.json()).code, client.userId],
        [401, 400100, 'ada'],
        'answer, user',
      );
    }),
  );
  test(
    'in secure mode the app’s backend is asked before a revoked user is let in again',
    inWorld(lib, { secureMode: true }, async (world) => {
      let isWelcome = true;
      const authTokenFrom = ({ userId }) =>
        isWelcome ? world.mint(userId) : Promise.reject(new Error(CANARY));
      const client = await world.signedIn({ authTokenFrom });
      await world.advance(2 * MINUTE);
      isWelcome = false;
      await world.revoke(await world.token(client));
      equal((await resolves(() => client.fetch(SETTINGS))).status, 401, 'status');
      ok(!world.service.sessions().some(({ valid }) => valid), 'the backend said no');
    }),
  );
  for (const status of [200, 204, 400, 403, 404, 429, 500, 503]) {
    test(
      `a ${status} is the caller’s, once`,
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        const came = listening(world, () => answer(status === 204 ? undefined : {}, { status }));
        equal(
          [
            (await resolves(() => client.fetch('/x'))).status,
            came.length,
            world.sessionRequestCount(),
          ],
          [status, 1, 1],
          'status, requests',
        );
      }),
    );
  }
};

const secrets = (test, lib) => {
  test(
    'what goes wrong repeats no token',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const token = await world.token(client);
      const own = new Error('the app’s own fetch failed');
      world.answer = (url, init, path) => (path === '/x' ? Promise.reject(own) : undefined);
      for (const call of [
        () => client.fetch('/x'),
        () => client.fetch('/x', { headers: { 'bad name': 'x' } }),
        () => client.fetch('/x', { method: 'GET', body: 'x' }),
        () => client.fetch('/x', { headers: { 'x-y': 'a\nb' } }),
        () => client.fetch(Object.create(null)),
      ]) {
        const { error } = await settled(call);
        ok(error !== undefined || String(call).includes('body'), `${call}: an error`);
        ok(
          !spills(`${error?.message}${error?.stack}${JSON.stringify(error ?? null)}`),
          `${call}: a secret shows`,
        );
      }
      ok(
        !spills(JSON.stringify(client) ?? '') && !JSON.stringify(client).includes(token),
        'the client as JSON',
      );
    }),
  );
  test(
    'a client that is logged or inspected shows no token',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn({ authTokenFrom: async () => CANARY });
      await world.token(client);
      await world.advance(DAY);
      const shown = (value, depth) =>
        Reflect.ownKeys(value)
          .map((key) => Object.getOwnPropertyDescriptor(value, key).value)
          .map((inner) =>
            typeof inner === 'object' && inner !== null && depth
              ? shown(inner, depth - 1)
              : String(inner),
          )
          .join();
      ok(!spills(shown(client, 5)), 'an own property leads to a token');
    }),
  );
};

export default ({ test, lib }) => {
  addresses(test, lib);
  replays(test, lib);
  secrets(test, lib);
};
