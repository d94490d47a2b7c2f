// Tests the states of a client and their order, the three ways to observe them (events, the
// iterator and the property), and closing.
import { equal, ok, getOutcome, waitUntil } from './harness.mjs';
import { rejects, resolves } from './helpers.mjs';
import { DAY_MS, HOUR_MS, withWorld, createNamespace } from './session-world.mjs';

const testTransitions = (test, lib, engine) => {
  test(
    'a new client is signed out, sends no request and sets no timer',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const { state, terminationReason, userId, user, userType, expiresAt } = client;
      equal(
        { state, terminationReason, userId, user, userType, expiresAt },
        { state: 'notLoggedIn' },
        'properties',
      );
      await world.waitUntilIdle();
      equal(world.service.requests.length, 0, 'requests');
      equal(world.countTimers(), 0, 'timers');
    }),
  );
  test(
    'a login passes through establishing and sets the user, the device and expiresAt',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const user = await resolves(() => client.login({ userId: 'ada', displayName: 'Ada' }));
      equal(client.seen.states, ['establishing', 'established'], 'states');
      equal(user.userId, 'ada', 'userId of the returned user');
      equal(user.displayName, 'Ada', 'displayName of the returned user');
      equal(client.userId, 'ada', 'client.userId');
      equal(client.user?.displayName, 'Ada', 'displayName of client.user');
      const [session] = world.service.sessions();
      equal(client.expiresAt?.getTime(), session.expiresAt, 'expiresAt');
      equal(client.userType, 'signed-in', 'userType');
      equal(session.deviceId, await client.getDeviceId(), 'device');
    }),
  );
  test(
    'a failed login returns to notLoggedIn',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      world.service.faults.add({ status: 500, body: 'no' });
      await rejects(() => client.login({ userId: 'ada' }), 'server');
      equal(client.seen.states, ['establishing', 'notLoggedIn'], 'announced states');
      equal(client.state, 'notLoggedIn', 'state');
      await rejects(() => client.accessToken(), 'notLoggedIn', 'accessToken');
      await resolves(() => client.login({ userId: 'ada' }), 'second login');
    }),
  );
  test(
    'login rejects an invalid request without entering establishing',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
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
      equal(client.state, 'notLoggedIn', 'state');
      equal(client.seen.states, [], 'announced states');
      equal(world.countSessionRequests(), 0, 'requests');
    }),
  );
  test(
    'the state is tokenExpired from expiresAt on, until a renewal',
    withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
      const client = await world.signIn();
      world.goOffline();
      await world.advance(HOUR_MS - 1);
      equal(client.state, 'established', 'state a millisecond before the end');
      await world.advance(1);
      equal(client.state, 'tokenExpired', 'state at the end');
      equal(client.userId, 'ada', 'user at the end');
      world.goOnline();
      await world.advanceUntil(
        () =>
          client.accessToken().then(
            () => true,
            () => false,
          ),
        60_000,
        HOUR_MS,
        'a renewal',
      );
      equal(client.seen.states.slice(2), ['tokenExpired', 'establishing', 'established'], 'states');
    }),
  );
  if (!engine.isWorker) {
    test(
      'a timer announces tokenExpired',
      withWorld(lib, { accessTokenLifetimeMs: HOUR_MS }, async (world) => {
        const client = await world.signIn();
        world.goOffline();
        await world.advance(HOUR_MS + 60_000);
        ok(client.seen.states.includes('tokenExpired'), `states: ${client.seen.states}`);
      }),
    );
  }
  test(
    'a logout leads to notLoggedIn and clears every property',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      await resolves(() => client.logout());
      equal(client.seen.states, ['establishing', 'established', 'notLoggedIn'], 'states');
      const { terminationReason, userId, user, userType, expiresAt } = client;
      equal({ terminationReason, userId, user, userType, expiresAt }, {}, 'properties');
    }),
  );
  test(
    'a login as another user passes through notLoggedIn and establishing',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
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
    'onEvent receives each state but not the user id',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      await resolves(() => client.logout());
      const details = world.events
        .filter(({ type }) => type === 'state')
        .map(({ detail }) => detail);
      equal(details, client.seen.states, 'details');
      ok(
        world.events.every(({ at }) => Number.isFinite(at)),
        'an event lacks its time',
      );
      ok(!JSON.stringify(world.events).includes('ada'), 'an event contains the user id');
    }),
  );
  test(
    'an onEvent that throws or rejects does not affect calls',
    withWorld(lib, {}, async (world) => {
      for (const onEvent of [
        () => {
          throw new Error('from onEvent');
        },
        async () => {
          throw new Error('from onEvent');
        },
      ]) {
        const client = world.createClient({ onEvent, namespace: createNamespace() });
        await resolves(() => client.login({ userId: 'ada' }));
        await resolves(() => client.logout());
      }
    }),
  );
};

const testListeners = (test, lib) => {
  test(
    'listeners can be functions or objects, with once and signal, and can be removed',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const received = [];
      const plainListener = () => received.push('plain');
      const removedListener = () => received.push('removed');
      const objectListener = { handleEvent: ({ type }) => received.push(`object ${type}`) };
      const controller = new AbortController();
      client.addEventListener('statechange', plainListener);
      client.addEventListener('statechange', removedListener);
      client.addEventListener('statechange', objectListener);
      client.addEventListener('statechange', () => received.push('once'), { once: true });
      client.addEventListener('statechange', () => received.push('signal'), {
        signal: controller.signal,
      });
      client.removeEventListener('statechange', removedListener);
      controller.abort();
      await resolves(() => client.login({ userId: 'ada' }));
      equal(
        received,
        ['plain', 'object statechange', 'once', 'plain', 'object statechange'],
        'calls of the listeners',
      );
      client.removeEventListener('statechange', plainListener);
      client.removeEventListener('statechange', objectListener);
      await resolves(() => client.logout());
      equal(received.length, 5, 'number of calls after the removal');
    }),
  );
  test(
    'a client is an EventTarget and dispatches CustomEvents',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      ok(client instanceof EventTarget, 'the client is not an EventTarget');
      ok(client instanceof lib.browser.SessionClient, 'the client is not a SessionClient');
      let event;
      client.addEventListener('statechange', (dispatched) => (event ??= dispatched));
      await resolves(() => client.login({ userId: 'ada' }));
      ok(event instanceof Event, 'the event is not an Event');
      ok(event.target === client, 'the target is not the client');
      if (globalThis.CustomEvent !== undefined)
        ok(event instanceof CustomEvent, 'the event is not a CustomEvent');
      equal(event.type, 'statechange', 'type');
      equal(event.detail, { state: 'establishing', previous: 'notLoggedIn' }, 'detail');
    }),
  );
};

/** Collects the states of an iterator, and records whether it has ended. */
const collect = (states) => {
  const collected = { states: [], hasEnded: false };
  collected.done = (async () => {
    for await (const state of states) collected.states.push(state);
    collected.hasEnded = true;
  })();
  return collected;
};

const testIterator = (test, lib) => {
  test(
    'the iterator yields the current state and then each change, even if it is read late',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const eager = collect(client.states());
      const late = client.states();
      await resolves(() => client.login({ userId: 'ada' }));
      await resolves(() => client.logout());
      const all = ['notLoggedIn', 'establishing', 'established', 'notLoggedIn'];
      await waitUntil(() => eager.states.length === 4, 'the states');
      equal(eager.states, all, 'states of the waiting iterator');
      const lateStates = [];
      for (let i = 0; i < 4; i += 1) lateStates.push((await late.next()).value);
      equal(lateStates, all, 'states of the iterator that was read late');
      await client.close();
      await Promise.all([eager.done, late.next()]);
      ok(eager.hasEnded, 'close did not end the iterator');
    }),
  );
  test(
    'the iterator ends without an error after return() or an abort, even if aborted at its start',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      const controller = new AbortController();
      const followed = collect(client.states({ signal: controller.signal }));
      await waitUntil(() => followed.states.length === 1, 'the first state');
      equal(followed.states, ['established'], 'states');
      controller.abort();
      await followed.done;
      const startedAborted = collect(client.states({ signal: AbortSignal.abort() }));
      await startedAborted.done;
      ok(startedAborted.hasEnded, 'an aborted signal did not end the iterator');
      ok(
        startedAborted.states.length <= 1,
        `${startedAborted.states.length} states after an abort`,
      );
      for await (const state of client.states()) {
        equal(state, 'established', 'state');
        break;
      }
      const states = client.states();
      equal((await states.next()).value, 'established', 'first state');
      await states.return();
      equal((await states.next()).done, true, 'done after return()');
    }),
  );
  test(
    'two iterators both receive every state',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const both = [collect(client.states()), collect(client.states())];
      await resolves(() => client.login({ userId: 'ada' }));
      await client.close();
      await Promise.all(both.map(({ done }) => done));
      for (const { states } of both)
        equal(states, ['notLoggedIn', 'establishing', 'established'], 'states');
    }),
  );
};

const testClosing = (test, lib) => {
  test(
    'after close, calls reject with aborted, except another close',
    withWorld(lib, {}, async (world) => {
      const client = await world.signIn();
      await resolves(() => client.close());
      await resolves(() => client.close(), 'second close');
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
      ok(world.service.sessions()[0].valid, 'close revoked the session');
    }),
  );
  test(
    'close rejects pending calls, and a late response has no effect',
    withWorld(lib, {}, async (world) => {
      const client = world.createClient();
      const held = world.hold();
      const pending = getOutcome(() => client.login({ userId: 'ada' }));
      await held.arrived;
      await resolves(() => client.close());
      equal((await pending).error?.kind, 'aborted', 'error of the login');
      held.release();
      await world.advance(DAY_MS);
      ok(client.state !== 'established', `state: ${client.state}`);
    }),
  );
  if (Symbol.asyncDispose !== undefined) {
    test(
      'Symbol.asyncDispose closes the client',
      withWorld(lib, {}, async (world) => {
        const client = await world.signIn();
        await client[Symbol.asyncDispose]();
        await rejects(() => client.accessToken(), 'aborted');
      }),
    );
  }
};

const testConstruction = (test, lib) => {
  test('the constructor throws a config error for invalid options', () => {
    const valid = { region: 'eu', apiKey: 'k' };
    new lib.browser.SessionClient(valid);
    for (const invalid of [
      undefined,
      null,
      42,
      'x',
      { ...valid, storage: 'cookie' },
      { ...valid, storage: {} },
      { ...valid, storage: { getItem() {}, setItem() {} } },
      { ...valid, clock: {} },
      { ...valid, namespace: 42 },
      { ...valid, deviceId: 42 },
      { ...valid, authTokenFrom: 42 },
      { ...valid, visitorSignatureFrom: {} },
      { ...valid, fetch: 'fetch' },
      { ...valid, onEvent: 'log' },
    ]) {
      let error;
      try {
        new lib.browser.SessionClient(invalid);
      } catch (thrown) {
        error = thrown;
      }
      equal(error?.kind, 'config', JSON.stringify(invalid) ?? 'undefined');
    }
  });
};

export default ({ test, lib, engine }) => {
  testConstruction(test, lib);
  testTransitions(test, lib, engine);
  testListeners(test, lib);
  testIterator(test, lib);
  testClosing(test, lib);
};
