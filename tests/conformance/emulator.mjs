// Tests the emulator's API on every engine: `fetch`, the clock, faults, lists, and the rejection of
// invalid arguments.
import { equal, ok, registerSecret, getOutcome, containsSecret, waitUntil } from './harness.mjs';
import { SESSIONS_URL, assertRefusal, createTestService } from './emulated.mjs';
import testConsole from './emulator-console.mjs';

/** Returns whether this engine can create a `Request` from the arguments. */
const canCreateRequest = (args) => {
  try {
    return new Request(...args) instanceof Request;
  } catch {
    return false;
  }
};

/**
 * Creates invalid arguments, each with a pattern of the expected message. Either the argument or
 * its field `name` is a hostile object. Reading a hostile object throws an Error, or a plain object
 * with the fields of a `SocialPlusError`. What it throws contains `value`.
 */
const createThrowingArguments = (value, name) => {
  const fail = () => {
    throw new Error(value);
  };
  const failWithFields = () => {
    throw { kind: value, operation: value, message: value };
  };
  const hostile = [
    ...[fail, failWithFields].map((get) =>
      Object.defineProperty({}, name, { enumerable: true, get }),
    ),
    new Proxy({}, { ownKeys: fail, get: fail }),
    new Proxy([], { get: fail }),
  ];
  return [
    ...hostile.map((object) => [object, /object/]),
    ...hostile.map((object) => [{ [name]: object }, new RegExp(name)]),
  ];
};

const testFetch = (test, lib) => {
  test('fetch accepts a string, a URL or a Request, and needs no `this`', async () => {
    const { service, createInit } = await createTestService(lib);
    const { fetch } = service;
    const post = createInit({ userId: 'ada', deviceId: 'd' });
    for (const args of [
      [SESSIONS_URL, post],
      [new URL(SESSIONS_URL), post],
      [new Request(SESSIONS_URL, post)],
    ]) {
      const response = await fetch(...args);
      equal(response.status, 200, 'status');
      const contentType = response.headers.get('content-type');
      equal(contentType, 'application/json; charset=utf-8', 'content-type');
      equal((await response.json()).users[0].userId, 'ada', 'user');
    }
  });
  test('fetch rejects an invalid request with a TypeError', async () => {
    const { service } = await createTestService(lib);
    let acceptedCount = 0;
    for (const args of [
      ['http://'],
      [SESSIONS_URL, { method: 'GET', body: 'x' }],
      [SESSIONS_URL, { headers: { 'a b': 'c' } }],
    ]) {
      const { error } = await getOutcome(() => service.fetch(...args));
      // Bun accepts a GET with a body.
      if (canCreateRequest(args)) acceptedCount += 1;
      else ok(error instanceof TypeError, `rejected with ${error} instead of a TypeError`);
    }
    ok(acceptedCount < 2, `the engine accepts ${acceptedCount} of the invalid requests`);
    equal(service.requests.length, acceptedCount, 'requests');
  });
  const reason = Object.assign(new Error('mine'), { kind: 'mine' });
  test('a call with an aborted signal rejects with the reason of the signal', async () => {
    const { service } = await createTestService(lib);
    const signal = AbortSignal.abort(reason);
    equal(
      (await getOutcome(() => service.fetch(SESSIONS_URL, { signal }))).error,
      reason,
      'reason',
    );
    equal(service.requests.length, 0, 'requests');
  });
  test('an abort while the body is read rejects before the service acts', async () => {
    const { service } = await createTestService(lib);
    const controller = new AbortController();
    const pending = getOutcome(() =>
      service.fetch(SESSIONS_URL, { method: 'POST', body: '{}', signal: controller.signal }),
    );
    controller.abort(reason);
    equal((await pending).error, reason, 'reason');
    equal(service.requests.length, 0, 'requests');
  });
  test('an abort during a delay rejects after the service has acted', async () => {
    const { service } = await createTestService(lib);
    service.faults.add({ delayMs: 60_000 });
    const controller = new AbortController();
    const pending = getOutcome(() => service.fetch(SESSIONS_URL, { signal: controller.signal }));
    await waitUntil(() => service.requests.length > 0, 'the request');
    controller.abort(reason);
    equal((await pending).error, reason, 'reason');
    equal(service.requests.length, 1, 'requests');
  });
  test('a response has the length of its body and the date of the clock', async () => {
    const { service, signIn } = await createTestService(lib, { now: 1e12 });
    const response = await signIn();
    equal(
      Number(response.headers.get('content-length')),
      new TextEncoder().encode(await response.text()).length,
      'content-length',
    );
    equal(response.headers.get('date'), 'Sun, 09 Sep 2001 01:46:40 GMT', 'date');
    service.faults.add({ clockSkewMs: -1000 });
    const skewed = (await signIn()).headers.get('date');
    equal(skewed, 'Sun, 09 Sep 2001 01:46:39 GMT', 'skewed date');
  });
};

const testFaults = (test, lib) => {
  for (const [drop, sessionCount] of [
    [true, 0],
    ['afterHandling', 1],
  ]) {
    test(`a fault with drop ${drop} makes fetch reject with a TypeError`, async () => {
      const { service, signIn } = await createTestService(lib);
      service.faults.add({ drop });
      const { error } = await getOutcome(() => signIn());
      ok(error instanceof TypeError, `rejected with ${error} instead of a TypeError`);
      equal(service.sessions().length, sessionCount, 'sessions');
    });
  }
  for (const truncateAt of [0, 10]) {
    test(`reading a body that is truncated after ${truncateAt} bytes fails`, async () => {
      const { service, signIn } = await createTestService(lib);
      service.faults.add({ truncateAt });
      const response = await signIn();
      equal(response.status, 200, 'status');
      const reader = response.body.getReader();
      let length = 0;
      const { error } = await getOutcome(async () => {
        for (let part = await reader.read(); !part.done; part = await reader.read())
          length += part.value.length;
      });
      ok(error instanceof TypeError, `rejected with ${error} instead of a TypeError`);
      equal(length, truncateAt, 'bytes');
    });
  }
  test('a response whose status forbids a body has no body', async () => {
    const { service, signIn } = await createTestService(lib);
    for (const status of [204, 205, 304]) {
      service.faults.add({ status, body: 'x' });
      const response = await signIn();
      equal(response.status, status, 'status');
      equal(await response.text(), '', `body of ${status}`);
    }
  });
  test('an error that a getter of a fault throws does not reach the caller', async () => {
    const value = registerSecret('fault-getter-never-print');
    const { service } = await createTestService(lib);
    for (const [fault, pattern] of createThrowingArguments(value, 'status')) {
      await assertRefusal(lib, async () => service.faults.add(fault), 'invalidRequest', pattern);
    }
    // Makes only `headers` itself hostile, because a header value is converted to a string.
    for (const [headers] of createThrowingArguments(value, 'a').filter(([, pattern]) =>
      pattern.test('object'),
    )) {
      await assertRefusal(
        lib,
        async () => service.faults.add({ status: 500, headers }),
        'invalidRequest',
        /headers/,
      );
    }
    equal((await service.fetch(SESSIONS_URL)).status, 404, 'status after the rejected faults');
  });
  test('the error about an invalid fault names the field', async () => {
    const value = registerSecret('fault-never-print');
    const { service } = await createTestService(lib);
    for (const [fault, pattern] of [
      [undefined, /object/],
      [[], /object/],
      [{}, /effect/],
      [{ times: 0, drop: true }, /times/],
      [{ status: value }, /status/],
      [{ drop: value }, /drop/],
      [{ latency: 1 }, /latency/],
      [{ path: () => value, status: 500 }, /path/],
      [{ headers: value }, /headers/],
      [{ headers: { a: `${value}\nb` } }, /headers/],
      [{ headers: { 'content-length': value } }, /headers/],
    ])
      await assertRefusal(lib, async () => service.faults.add(fault), 'invalidRequest', pattern);
    equal((await service.fetch(SESSIONS_URL)).status, 404, 'status after the rejected faults');
  });
};

const testState = (test, lib) => {
  test('the clock starts at `now` and can be set; without `now`, it shows real time', async () => {
    const { service } = await createTestService(lib, { now: 1000 });
    service.clock.advance(500);
    equal(service.clock.now(), 1500, 'time after advance');
    service.clock.set(7);
    equal(service.clock.now(), 7, 'time after set');
    await assertRefusal(lib, async () => service.clock.advance(-1), 'invalidRequest', /ms/);
    await assertRefusal(lib, async () => service.clock.set(-1), 'invalidRequest', /epochMs/);
    const { service: unfrozen } = await createTestService(lib);
    const difference = Math.abs(unfrozen.clock.now() - Date.now());
    ok(difference < 60_000, `${difference} ms from the real time`);
  });
  test('requests are recorded without their secrets, oldest first', async () => {
    const { service, createInit, signIn } = await createTestService(lib, { secureMode: true });
    await signIn();
    await service.fetch('https://emulator.test/api/v4/authentication/token?a=b', {
      method: 'POST',
      headers: {
        ...createInit().headers,
        'x-server-key': registerSecret(service.serverKey),
        authorization: `Bearer ${registerSecret(service.adminToken)}`,
      },
      body: JSON.stringify({
        userId: 'ada',
        authToken: registerSecret('auth-token-never-print'),
        n: 2 ** 60,
      }),
    });
    const { requests } = service;
    const lines = requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
    equal(
      lines,
      ['POST /api/v5/sessions 403', 'POST /api/v4/authentication/token 200'],
      'requests',
    );
    equal(requests[1].body, { userId: 'ada', authToken: '[redacted]', n: 2 ** 60 }, 'body');
    equal(requests[0].headers['x-api-key'], service.apiKey, 'API key');
    equal(requests[1].headers['x-server-key'], '[redacted]', 'server key');
    ok(!containsSecret(JSON.stringify(requests)), 'a secret was recorded');
  });
  test('onRequest is called before the response, and its exceptions are ignored', async () => {
    const events = [];
    const onRequest = (request) => {
      events.push(request);
      throw new Error('a bug of the listener');
    };
    const { service, signIn } = await createTestService(lib, { onRequest });
    await signIn().then(() => events.push('response'));
    service.faults.add({ drop: true });
    await getOutcome(() => signIn());
    const order = events.map((event) => event.status ?? event);
    equal(order, [200, 'response', 0], 'order of events');
    equal([events[0], events[2]], service.requests, 'requests that onRequest received');
  });
  test('lists contain plain objects, and a reset restores the initial state', async () => {
    const { service, signIn } = await createTestService(lib, { now: 5000 });
    await signIn();
    service.faults.add({ status: 500, times: Infinity });
    service.setSecureMode(true);
    service.clock.advance(1);
    equal(service.users(), [{ userId: 'ada', isGlobalBan: false, isDeleted: false }], 'users');
    const expiresAt = 5000 + 30 * 86_400_000;
    equal(
      service.sessions(),
      [{ userId: 'ada', deviceId: 'd', issuedAt: 5000, expiresAt, valid: true }],
      'sessions',
    );
    service.reset();
    equal(service.users(), [], 'users after the reset');
    equal(service.sessions(), [], 'sessions after the reset');
    equal(service.requests, [], 'requests after the reset');
    equal(service.clock.now(), 5000, 'clock after the reset');
    equal((await signIn()).status, 200, 'status after the reset');
  });
  test('setSecureMode accepts only booleans', async () => {
    const { service, signIn } = await createTestService(lib, { secureMode: true });
    for (const value of ['true', '', 'false', 1, 0, null, undefined, {}]) {
      await assertRefusal(
        lib,
        async () => service.setSecureMode(value),
        'invalidRequest',
        /enabled/,
      );
    }
    equal((await signIn()).status, 403, 'status while secure mode is on');
    service.setSecureMode(false);
    equal((await signIn()).status, 200, 'status while secure mode is off');
  });
  test('to ban, unban or delete a user who never had a session throws notFound', async () => {
    const { service } = await createTestService(lib);
    for (const call of ['banUser', 'unbanUser', 'deleteUser']) {
      await assertRefusal(lib, async () => service[call]('nobody'), 'notFound', /userId/);
    }
  });
  test('the same seed gives the same keys and tokens', async () => {
    const readAll = async (seed) => {
      const { service, signIn } = await createTestService(lib, { seed, now: 1e12 });
      return [
        service.apiKey,
        service.serverKey,
        service.adminToken,
        service.visitorSecret,
        await (await signIn()).text(),
      ];
    };
    const values = await readAll(1);
    equal(await readAll(1), values, 'values of the same seed');
    const other = await readAll(2);
    ok(
      values.every((text, index) => text !== other[index]),
      'two seeds gave the same value',
    );
    const [first, second] = [await createTestService(lib), await createTestService(lib)];
    ok(
      first.service.serverKey !== second.service.serverKey,
      'two emulators without a seed have the same server key',
    );
  });
};

export default ({ test, lib }) => {
  testFetch(test, lib);
  testFaults(test, lib);
  testState(test, lib);
  testConsole({ test, lib });
  test('listen opens a port, or rejects with advice if the runtime cannot open one', async () => {
    const { service } = await createTestService(lib);
    const { value, error } = await getOutcome(() => lib.emulator.listen(service));
    if (value) return value.close();
    await assertRefusal(lib, async () => Promise.reject(error), 'unsupported', /emulator\.fetch/);
  });
  test('an error that a getter of an option throws does not reach the caller', async () => {
    const value = registerSecret('option-getter-never-print');
    const createCases = (name) => createThrowingArguments(value, name);
    const cases = ['apiKey', 'admins', 'now', 'onRequest'].flatMap(createCases);
    for (const [admin] of createCases('username'))
      cases.push([{ admins: [admin] }, /admins/], [{ admins: admin }, /admins/]);
    for (const [options, pattern] of cases)
      await assertRefusal(lib, () => lib.emulator.createEmulator(options), 'config', pattern);
    const { service } = await createTestService(lib, { secureMode: true });
    for (const [request, pattern] of createCases('name'))
      await assertRefusal(lib, () => service.createCertificate(request), 'invalidRequest', pattern);
  });
  test('the error about an invalid or unknown option names the field', async () => {
    const value = registerSecret('option-never-print');
    for (const [options, pattern] of [
      [value, /object/],
      [null, /object/],
      [[], /object/],
      [{ apiKey: `${value} ` }, /apiKey/],
      [{ apiKey: () => value }, /apiKey/],
      [{ serverKey: [value] }, /serverKey/],
      [{ secureMode: value }, /secureMode/],
      [{ now: value }, /now/],
      [{ seed: NaN }, /seed/],
      [{ accessTokenLifetimeMs: 0 }, /accessTokenLifetimeMs/],
      [{ visitors: value }, /visitors/],
      [{ visitorDailyQuota: -1 }, /visitorDailyQuota/],
      [{ mtls: true }, /secureMode/],
      [{ onRequest: value }, /onRequest/],
      [{ visitor: true }, /visitor/],
      [{ admins: value }, /admins/],
      [{ admins: [value] }, /admins/],
      [{ admins: [null] }, /admins/],
      [{ allowOrigins: value }, /allowOrigins/],
      [{ allowOrigins: [value] }, /allowOrigins/],
      [{ allowOrigins: [null] }, /allowOrigins/],
      [{ allowOrigins: [{ origin: value }] }, /allowOrigins/],
      [{ admins: [{ username: 'a', role: value }] }, /admins/],
      [{ admins: [{ username: 'a', role: 'admin', token: `${value} ` }] }, /admins/],
      [{ admins: [{ username: () => value }] }, /admins/],
    ])
      await assertRefusal(lib, () => lib.emulator.createEmulator(options), 'config', pattern);
  });
};
