// Tests how `client.fetch` handles a 401: it replays the request once, with the newest token.
import { equal, ok, waitOneTurn } from './harness.mjs';
import { CANARY, createResponse, resolves } from './helpers.mjs';
import {
  ENDPOINT,
  MINUTE_MS,
  SESSIONS,
  SETTINGS,
  recordRequests,
  withWorld,
} from './session-world.mjs';

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

export default ({ test, lib }) => {
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
