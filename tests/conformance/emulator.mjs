// The emulator's API on every engine: fetch, clock, faults, lists, and how it rejects invalid
// arguments.
import { equal, ok, secret, settled, containsSecret, until } from './harness.mjs';
import { AT, refusal, started } from './emulated.mjs';
import testConsole from './emulator-console.mjs';

/** Returns whether this engine can create a `Request` from the arguments. */
const isRequest = (args) => {
  try {
    return new Request(...args) instanceof Request;
  } catch {
    return false;
  }
};

/**
 * Returns objects that throw when they or their field `name` are read, each with a pattern of the
 * expected message. Some throw a plain object that looks like the fields of a `SocialPlusError`.
 */
const throwing = (value, name) => {
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
    ...hostile.map((one) => [one, /object/]),
    ...hostile.map((one) => [{ [name]: one }, new RegExp(name)]),
  ];
};

const testFetch = (test, lib) => {
  test('fetch accepts a string, a URL or a Request, and needs no `this`', async () => {
    const { service, init } = await started(lib);
    const { fetch } = service;
    const post = init({ userId: 'ada', deviceId: 'd' });
    for (const args of [[AT, post], [new URL(AT), post], [new Request(AT, post)]]) {
      const response = await fetch(...args);
      equal(response.status, 200, 'status');
      const contentType = response.headers.get('content-type');
      equal(contentType, 'application/json; charset=utf-8', 'content-type');
      equal((await response.json()).users[0].userId, 'ada', 'user');
    }
  });
  test('fetch rejects an invalid request with a TypeError', async () => {
    const { service } = await started(lib);
    let acceptedCount = 0;
    for (const args of [
      ['http://'],
      [AT, { method: 'GET', body: 'x' }],
      [AT, { headers: { 'a b': 'c' } }],
    ]) {
      const { error } = await settled(() => service.fetch(...args));
      // Bun accepts a GET with a body.
      if (isRequest(args)) acceptedCount += 1;
      else ok(error instanceof TypeError, `rejected with ${error} instead of a TypeError`);
    }
    ok(acceptedCount < 2, 'the engine accepts almost anything as a request');
    equal(service.requests.length, acceptedCount, 'requests');
  });
  const reason = Object.assign(new Error('mine'), { kind: 'mine' });
  test('a call with an aborted signal rejects with its reason', async () => {
    const { service } = await started(lib);
    const signal = AbortSignal.abort(reason);
    equal((await settled(() => service.fetch(AT, { signal }))).error, reason, 'reason');
    equal(service.requests.length, 0, 'requests');
  });
  test('an abort while the body is read rejects before the service acts', async () => {
    const { service } = await started(lib);
    const reading = new AbortController();
    const read = settled(() =>
      service.fetch(AT, { method: 'POST', body: '{}', signal: reading.signal }),
    );
    reading.abort(reason);
    equal((await read).error, reason, 'reason');
    equal(service.requests.length, 0, 'requests');
  });
  test('an abort during a delay rejects after the service has acted', async () => {
    const { service } = await started(lib);
    service.faults.add({ delayMs: 60_000 });
    const controller = new AbortController();
    const pending = settled(() => service.fetch(AT, { signal: controller.signal }));
    await until(() => service.requests.length > 0, 'the request');
    controller.abort(reason);
    equal((await pending).error, reason, 'reason');
    equal(service.requests.length, 1, 'requests');
  });
  test('a response has the length of its body and the date of the clock', async () => {
    const { service, signIn } = await started(lib, { now: 1e12 });
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
    test(`a fault with drop ${drop} breaks the connection with a TypeError`, async () => {
      const { service, signIn } = await started(lib);
      service.faults.add({ drop });
      const { error } = await settled(() => signIn());
      ok(error instanceof TypeError, `rejected with ${error} instead of a TypeError`);
      equal(service.sessions().length, sessionCount, 'sessions');
    });
  }
  for (const truncateAt of [0, 10]) {
    test(`reading a body that is truncated after ${truncateAt} bytes fails`, async () => {
      const { service, signIn } = await started(lib);
      service.faults.add({ truncateAt });
      const response = await signIn();
      equal(response.status, 200, 'status');
      const reader = response.body.getReader();
      let length = 0;
      const { error } = await settled(async () => {
        for (let part = await reader.read(); !part.done; part = await reader.read())
          length += part.value.length;
      });
      ok(error instanceof TypeError, `rejected with ${error} instead of a TypeError`);
      equal(length, truncateAt, 'bytes');
    });
  }
  test('a response with a status that forbids a body has none', async () => {
    const { service, signIn } = await started(lib);
    for (const status of [204, 205, 304]) {
      service.faults.add({ status, body: 'x' });
      const response = await signIn();
      equal(response.status, status, 'status');
      equal(await response.text(), '', `body of ${status}`);
    }
  });
  test('an error that a getter of a fault throws is not passed on', async () => {
    const value = secret('fault-getter-never-print');
    const { service } = await started(lib);
    for (const [fault, naming] of throwing(value, 'status')) {
      await refusal(lib, async () => service.faults.add(fault), 'invalidRequest', naming);
    }
    // An object as the value of a header is converted to a string.
    for (const [headers] of throwing(value, 'a').filter(([, naming]) => naming.test('object'))) {
      await refusal(
        lib,
        async () => service.faults.add({ status: 500, headers }),
        'invalidRequest',
        /headers/,
      );
    }
    equal((await service.fetch(AT)).status, 404, 'no fault was added');
  });
  test('an invalid fault is rejected by the name of its field', async () => {
    const value = secret('fault-never-print');
    const { service } = await started(lib);
    for (const [fault, naming] of [
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
      await refusal(lib, async () => service.faults.add(fault), 'invalidRequest', naming);
    equal((await service.fetch(AT)).status, 404, 'no fault was added');
  });
};

const testState = (test, lib) => {
  test('the clock stands still at `now`, or follows the real time', async () => {
    const { service } = await started(lib, { now: 1000 });
    service.clock.advance(500);
    equal(service.clock.now(), 1500, 'advanced');
    service.clock.set(7);
    equal(service.clock.now(), 7, 'set');
    await refusal(lib, async () => service.clock.advance(-1), 'invalidRequest', /ms/);
    await refusal(lib, async () => service.clock.set(-1), 'invalidRequest', /epochMs/);
    const { service: unfrozen } = await started(lib);
    const difference = Math.abs(unfrozen.clock.now() - Date.now());
    ok(difference < 60_000, `${difference} ms from the real time`);
  });
  test('requests are recorded without their secrets, oldest first', async () => {
    const { service, init, signIn } = await started(lib, { secureMode: true });
    await signIn();
    await service.fetch('https://emulator.test/api/v4/authentication/token?a=b', {
      method: 'POST',
      headers: {
        ...init().headers,
        'x-server-key': secret(service.serverKey),
        authorization: `Bearer ${secret(service.adminToken)}`,
      },
      body: JSON.stringify({
        userId: 'ada',
        authToken: secret('auth-token-never-print'),
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
    const { service, signIn } = await started(lib, { onRequest });
    await signIn().then(() => events.push('response'));
    service.faults.add({ drop: true });
    await settled(() => signIn());
    const order = events.map((event) => event.status ?? event);
    equal(order, [200, 'response', 0], 'order of events');
    equal([events[0], events[2]], service.requests, 'the requests as recorded');
  });
  test('lists contain plain objects, and a reset empties them', async () => {
    const { service, signIn } = await started(lib, { now: 5000 });
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
    equal((await signIn()).status, 200, 'a reset removes faults and restores the secure mode');
  });
  test('setSecureMode accepts only booleans', async () => {
    const { service, signIn } = await started(lib, { secureMode: true });
    for (const value of ['true', '', 'false', 1, 0, null, undefined, {}]) {
      await refusal(lib, async () => service.setSecureMode(value), 'invalidRequest', /enabled/);
    }
    equal((await signIn()).status, 403, 'secure mode is still on');
    service.setSecureMode(false);
    equal((await signIn()).status, 200, 'secure mode is off');
  });
  test('banning or deleting a user who has never had a session throws notFound', async () => {
    const { service } = await started(lib);
    for (const call of ['banUser', 'unbanUser', 'deleteUser']) {
      await refusal(lib, async () => service[call]('nobody'), 'notFound', /userId/);
    }
  });
  test('the same seed gives the same keys and tokens', async () => {
    const drawAll = async (seed) => {
      const { service, signIn } = await started(lib, { seed, now: 1e12 });
      return [
        service.apiKey,
        service.serverKey,
        service.adminToken,
        service.visitorSecret,
        await (await signIn()).text(),
      ];
    };
    const first = await drawAll(1);
    equal(await drawAll(1), first, 'the same seed');
    const other = await drawAll(2);
    ok(
      first.every((text, index) => text !== other[index]),
      'another seed gives other values',
    );
    const [one, two] = [await started(lib), await started(lib)];
    ok(one.service.serverKey !== two.service.serverKey, 'values are random without a seed');
  });
};

/** The tests of the emulator. */
export default ({ test, lib }) => {
  testFetch(test, lib);
  testFaults(test, lib);
  testState(test, lib);
  testConsole({ test, lib });
  test('listen opens a port, or says what to do where the runtime cannot', async () => {
    const { service } = await started(lib);
    const { value, error } = await settled(() => lib.emulator.listen(service));
    if (value) return value.close();
    await refusal(lib, async () => Promise.reject(error), 'unsupported', /emulator\.fetch/);
  });
  test('an error that a getter of an option throws is not passed on', async () => {
    const value = secret('option-getter-never-print');
    const at = (name) => throwing(value, name);
    const cases = [...at('apiKey'), ...at('admins'), ...at('now'), ...at('onRequest')];
    for (const [one] of at('username'))
      cases.push([{ admins: [one] }, /admins/], [{ admins: one }, /admins/]);
    for (const [options, naming] of cases)
      await refusal(lib, () => lib.emulator.createEmulator(options), 'config', naming);
    const { service } = await started(lib, { secureMode: true });
    for (const [request, naming] of at('name'))
      await refusal(lib, () => service.createCertificate(request), 'invalidRequest', naming);
  });
  test('an invalid or unknown option is rejected by the name of its field', async () => {
    const value = secret('option-never-print');
    for (const [options, naming] of [
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
      [{ admins: [{ username: 'a', role: value }] }, /admins/],
      [{ admins: [{ username: 'a', role: 'admin', token: `${value} ` }] }, /admins/],
      [{ admins: [{ username: () => value }] }, /admins/],
    ])
      await refusal(lib, () => lib.emulator.createEmulator(options), 'config', naming);
  });
};
