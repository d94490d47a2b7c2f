// The states of a client by their official names and in their official order, and the three ways to
// follow them: events, the iterator, and a look. What is closed says so and keeps nothing going.
import { equal, ok, settled, until } from './harness.mjs';
import { rejects, resolves } from './helpers.mjs';
import { DAY, HOUR, uniqueNamespace, inWorld } from './session-world.mjs';

const transitions = (test, lib, engine) => {
  test(
    'a client begins signed out, with nothing to tell and nothing touched',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const { state, terminationReason, userId, user, userType, expiresAt } = client;
      equal(
        [state, terminationReason, userId, user, userType, expiresAt],
        ['notLoggedIn', ...Array(5)],
        'what is read',
      );
      await world.untilIdle();
      equal(
        [world.service.requests.length, world.pending()],
        [0, 0],
        'requests and timers by construction',
      );
    }),
  );
  test(
    'a login: establishing, then established, with the user and the dates of the service',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const user = await resolves(() => client.login({ userId: 'ada', displayName: 'Ada' }));
      equal(client.seen.states, ['establishing', 'established'], 'states');
      equal(
        [user.userId, user.displayName, client.userId, client.user?.displayName],
        ['ada', 'Ada', 'ada', 'Ada'],
        'user',
      );
      const [session] = world.service.sessions();
      equal(
        [client.expiresAt?.getTime(), client.userType],
        [session.expiresAt, 'signed-in'],
        'expiresAt, userType',
      );
      equal(session.deviceId, await client.getDeviceId(), 'device');
    }),
  );
  test(
    'a login that fails leads back to notLoggedIn',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      world.service.faults.add({ status: 500, body: 'no' });
      await rejects(() => client.login({ userId: 'ada' }), 'server');
      equal(
        [client.seen.states, client.state],
        [['establishing', 'notLoggedIn'], 'notLoggedIn'],
        'states',
      );
      await rejects(() => client.accessToken(), 'notLoggedIn', 'accessToken');
      await resolves(() => client.login({ userId: 'ada' }), 'the next login');
    }),
  );
  test(
    'what no service would take is refused, and nobody was ever establishing',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      for (const request of [
        {},
        { userId: '' },
        { userId: 42 },
        { userId: 'a'.repeat(51) },
        null,
        undefined,
        'ada',
      ]) {
        await rejects(() => client.login(request), 'invalidRequest', JSON.stringify(request));
      }
      equal([client.state, world.sessionRequestCount()], ['notLoggedIn', 0], 'state, requests');
    }),
  );
  test(
    'tokenExpired from the very moment on, and a renewal leads back',
    inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
      const client = await world.signedIn();
      world.offline();
      await world.advance(HOUR - 1);
      equal(client.state, 'established', 'a millisecond before');
      await world.advance(1);
      equal(client.state, 'tokenExpired', 'at that moment');
      ok(client.userId === 'ada', 'nobody is signed out');
      world.online();
      await world.advanceUntil(
        () =>
          client.accessToken().then(
            () => true,
            () => false,
          ),
        60_000,
        HOUR,
        'a renewal',
      );
      equal(client.seen.states.slice(2), ['tokenExpired', 'establishing', 'established'], 'states');
    }),
  );
  if (!engine.isWorker) {
    test(
      'tokenExpired is announced by itself',
      inWorld(lib, { accessTokenLifetimeMs: HOUR }, async (world) => {
        const client = await world.signedIn();
        world.offline();
        await world.advance(HOUR + 60_000);
        ok(client.seen.states.includes('tokenExpired'), `states: ${client.seen.states}`);
      }),
    );
  }
  test(
    'a logout leads to notLoggedIn, and nothing of the user is left',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await resolves(() => client.logout());
      equal(client.seen.states, ['establishing', 'established', 'notLoggedIn'], 'states');
      const { terminationReason, userId, user, userType, expiresAt } = client;
      equal(
        [terminationReason, userId, user, userType, expiresAt],
        Array(5).fill(undefined),
        'what is read',
      );
    }),
  );
  test(
    'another user: established, notLoggedIn, establishing, established',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await resolves(() => client.login({ userId: 'grace' }));
      equal(
        client.seen.states.slice(1),
        ['established', 'notLoggedIn', 'establishing', 'established'],
        'states',
      );
      equal(client.userId, 'grace', 'userId');
    }),
  );
  test(
    'each state is told to onEvent, with no word of the user',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await resolves(() => client.logout());
      const told = world.events.filter(({ type }) => type === 'state').map(({ detail }) => detail);
      equal(told, client.seen.states, 'details');
      ok(
        world.events.every(({ at }) => Number.isFinite(at)),
        'each has a moment',
      );
      ok(!JSON.stringify(world.events).includes('ada'), 'the user id is in an event');
    }),
  );
  test(
    'an onEvent that throws or rejects disturbs nobody',
    inWorld(lib, {}, async (world) => {
      for (const onEvent of [
        () => {
          throw new Error('mine');
        },
        async () => {
          throw new Error('mine');
        },
      ]) {
        const client = world.client({ onEvent, namespace: uniqueNamespace() });
        await resolves(() => client.login({ userId: 'ada' }));
        await resolves(() => client.logout());
      }
    }),
  );
};

const listeners = (test, lib) => {
  test(
    'listeners: a function, an object, once, a signal; each can be removed',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const heard = [];
      const plain = () => heard.push('plain');
      const removed = () => heard.push('removed');
      const object = { handleEvent: ({ type }) => heard.push(`object ${type}`) };
      const ended = new AbortController();
      client.addEventListener('statechange', plain);
      client.addEventListener('statechange', removed);
      client.addEventListener('statechange', object);
      client.addEventListener('statechange', () => heard.push('once'), { once: true });
      client.addEventListener('statechange', () => heard.push('signal'), { signal: ended.signal });
      client.removeEventListener('statechange', removed);
      ended.abort();
      await resolves(() => client.login({ userId: 'ada' }));
      equal(heard, ['plain', 'object statechange', 'once', 'plain', 'object statechange'], 'heard');
      client.removeEventListener('statechange', plain);
      client.removeEventListener('statechange', object);
      await resolves(() => client.logout());
      equal(heard.length, 5, 'heard after the removal');
    }),
  );
  test(
    'an event is a CustomEvent of a client that is an EventTarget',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      ok(
        client instanceof EventTarget && client instanceof lib.browser.SessionClient,
        'the client',
      );
      let event;
      client.addEventListener('statechange', (came) => (event ??= came));
      await resolves(() => client.login({ userId: 'ada' }));
      ok(
        event instanceof Event &&
          event.target === client &&
          (globalThis.CustomEvent === undefined || event instanceof CustomEvent),
        'the event',
      );
      equal(
        [event.type, event.detail],
        ['statechange', { state: 'establishing', previous: 'notLoggedIn' }],
        'type, detail',
      );
    }),
  );
};

/** All that an iterator gives, and whether it has ended. */
const follow = (states) => {
  const came = { states: [], ended: false };
  came.done = (async () => {
    for await (const state of states) came.states.push(state);
    came.ended = true;
  })();
  return came;
};

const iterator = (test, lib) => {
  test(
    'the iterator gives the present state first, then each one, to whoever reads late as well',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const eager = follow(client.states());
      const late = client.states();
      await resolves(() => client.login({ userId: 'ada' }));
      await resolves(() => client.logout());
      const all = ['notLoggedIn', 'establishing', 'established', 'notLoggedIn'];
      await until(() => eager.states.length === 4, 'the states');
      equal(eager.states, all, 'who waited');
      const read = [];
      for (let i = 0; i < 4; i += 1) read.push((await late.next()).value);
      equal(read, all, 'who read late');
      await client.close();
      await Promise.all([eager.done, late.next()]);
      equal(eager.ended, true, 'ended by close');
    }),
  );
  test(
    'it ends without an error on abort, also one that came before, and by return',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      const controller = new AbortController();
      const following = follow(client.states({ signal: controller.signal }));
      await until(() => following.states.length === 1, 'the first state');
      equal(following.states, ['established'], 'states');
      controller.abort();
      await following.done;
      const none = follow(client.states({ signal: AbortSignal.abort() }));
      await none.done;
      ok(none.ended && none.states.length <= 1, 'a signal that had aborted');
      for await (const state of client.states()) {
        equal(state, 'established', 'state');
        break;
      }
      const states = client.states();
      equal((await states.next()).value, 'established', 'the first');
      await states.return();
      equal((await states.next()).done, true, 'after a return');
    }),
  );
  test(
    'two iterators each get everything',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const both = [follow(client.states()), follow(client.states())];
      await resolves(() => client.login({ userId: 'ada' }));
      await client.close();
      await Promise.all(both.map(({ done }) => done));
      for (const { states } of both)
        equal(states, ['notLoggedIn', 'establishing', 'established'], 'states');
    }),
  );
};

const closing = (test, lib) => {
  test(
    'after close every call is refused as aborted, and a second close is fine',
    inWorld(lib, {}, async (world) => {
      const client = await world.signedIn();
      await resolves(() => client.close());
      await resolves(() => client.close(), 'again');
      const before = world.service.requests.length;
      for (const call of [
        () => client.login({ userId: 'ada' }),
        () => client.loginAsVisitor(),
        () => client.loginAsBot(),
        () => client.resume(),
        () => client.accessToken(),
        () => client.renew(),
        () => client.fetch('/x'),
        () => client.logout(),
        () => client.secureLogout(),
      ]) {
        await rejects(call, 'aborted', String(call));
      }
      equal(world.service.requests.length, before, 'requests after close');
      equal(world.service.sessions()[0].valid, true, 'the session stays as it is');
    }),
  );
  test(
    'close settles what is under way, and what comes afterwards is nobody’s',
    inWorld(lib, {}, async (world) => {
      const client = world.client();
      const held = world.hold();
      const pending = settled(() => client.login({ userId: 'ada' }));
      await held.arrived;
      await resolves(() => client.close());
      equal((await pending).error?.kind, 'aborted', 'the login');
      held.release();
      await world.advance(DAY);
      ok(client.state !== 'established', `state: ${client.state}`);
    }),
  );
  if (Symbol.asyncDispose !== undefined) {
    test(
      'Symbol.asyncDispose closes',
      inWorld(lib, {}, async (world) => {
        const client = await world.signedIn();
        await client[Symbol.asyncDispose]();
        await rejects(() => client.accessToken(), 'aborted');
      }),
    );
  }
};

const construction = (test, lib) => {
  test('the constructor refuses at once what can be seen at once', () => {
    const good = { region: 'eu', apiKey: 'k' };
    new lib.browser.SessionClient(good);
    for (const wrong of [
      undefined,
      null,
      42,
      'x',
      { ...good, storage: 'cookie' },
      { ...good, storage: {} },
      { ...good, storage: { getItem() {}, setItem() {} } },
      { ...good, clock: {} },
      { ...good, namespace: 42 },
      { ...good, deviceId: 42 },
      { ...good, authTokenFrom: 42 },
      { ...good, visitorSignatureFrom: {} },
      { ...good, fetch: 'fetch' },
      { ...good, onEvent: 'log' },
    ]) {
      let error;
      try {
        new lib.browser.SessionClient(wrong);
      } catch (thrown) {
        error = thrown;
      }
      equal(error?.kind, 'config', JSON.stringify(wrong) ?? 'undefined');
    }
  });
};

export default ({ test, lib, engine }) => {
  construction(test, lib);
  transitions(test, lib, engine);
  listeners(test, lib);
  iterator(test, lib);
  closing(test, lib);
};
