// The emulator's own surface on every engine: its fetch, clock, faults and lists, and how it
// refuses what it cannot use.
import { equal, ok, secret, settled, spills, until } from './harness.mjs';
import { AT, refusal, started } from './emulated.mjs';
import fromTheConsole from './emulator-console.mjs';

/** Whether this engine itself takes them for a request. */
const isRequest = (args) => {
  try {
    return new Request(...args) instanceof Request;
  } catch {
    return false;
  }
};

/**
 * Objects that throw as they are read, at the top or in a field, with what the refusal names; one
 * throws what looks like a refusal.
 */
const throwing = (value, name) => {
  const fail = () => {
    throw new Error(value);
  };
  const pretend = () => {
    throw { kind: value, operation: value, message: value };
  };
  const hostile = [
    ...[fail, pretend].map((get) => Object.defineProperty({}, name, { enumerable: true, get })),
    new Proxy({}, { ownKeys: fail, get: fail }),
    new Proxy([], { get: fail }),
  ];
  return [
    ...hostile.map((one) => [one, /object/]),
    ...hostile.map((one) => [{ [name]: one }, new RegExp(name)]),
  ];
};

const fetching = (test, lib) => {
  test('fetch takes an address, a URL and a Request, unbound', async () => {
    const { service, init } = await started(lib);
    const { fetch } = service;
    const wanted = init({ userId: 'ada', deviceId: 'd' });
    for (const args of [[AT, wanted], [new URL(AT), wanted], [new Request(AT, wanted)]]) {
      const response = await fetch(...args);
      equal(
        [response.status, response.headers.get('content-type')],
        [200, 'application/json; charset=utf-8'],
        'answer',
      );
      equal((await response.json()).users[0].userId, 'ada', 'user');
    }
  });
  test('fetch rejects as fetch does for what is no request', async () => {
    const { service } = await started(lib);
    let taken = 0;
    for (const args of [
      ['http://'],
      [AT, { method: 'GET', body: 'x' }],
      [AT, { headers: { 'a b': 'c' } }],
    ]) {
      const { error } = await settled(() => service.fetch(...args));
      // Bun makes a request of a GET with a body.
      if (isRequest(args)) taken += 1;
      else ok(error instanceof TypeError, `no TypeError: ${error}`);
    }
    ok(taken < 2, 'the engine takes anything for a request');
    equal(service.requests.length, taken, 'requests');
  });
  test('an aborted signal ends a call with its reason, before, while the body is read, and during a delay', async () => {
    const { service } = await started(lib);
    const reason = Object.assign(new Error('mine'), { kind: 'mine' });
    equal(
      (await settled(() => service.fetch(AT, { signal: AbortSignal.abort(reason) }))).error,
      reason,
      'before',
    );
    const reading = new AbortController();
    const read = settled(() =>
      service.fetch(AT, { method: 'POST', body: '{}', signal: reading.signal }),
    );
    reading.abort(reason);
    equal(
      [(await read).error === reason, service.requests.length],
      [true, 0],
      'while the body is read',
    );
    service.faults.add({ delayMs: 60_000 });
    const controller = new AbortController();
    const pending = settled(() => service.fetch(AT, { signal: controller.signal }));
    await until(() => service.requests.length > 0, 'the request');
    controller.abort(reason);
    equal((await pending).error, reason, 'during');
    equal(service.requests.length, 1, 'the service has acted on the last alone');
  });
  test('the content-length and the date can be read', async () => {
    const { service, signIn } = await started(lib, { now: 1e12 });
    const response = await signIn();
    equal(
      Number(response.headers.get('content-length')),
      new TextEncoder().encode(await response.text()).length,
      'content-length',
    );
    equal(response.headers.get('date'), 'Sun, 09 Sep 2001 01:46:40 GMT', 'date');
    service.faults.add({ clockSkewMs: -1000 });
    equal((await signIn()).headers.get('date'), 'Sun, 09 Sep 2001 01:46:39 GMT', 'skewed');
  });
};

const faults = (test, lib) => {
  test("a broken connection is a TypeError; whether the service acted is the fault's choice", async () => {
    const { service, signIn } = await started(lib);
    for (const [drop, sessions] of [
      [true, 0],
      ['afterHandling', 1],
    ]) {
      service.faults.add({ drop });
      const { error } = await settled(() => signIn());
      equal(
        [error instanceof TypeError, service.sessions().length],
        [true, sessions],
        `drop: ${drop}`,
      );
    }
  });
  for (const truncateAt of [0, 10]) {
    test(`a body that breaks off after ${truncateAt} bytes has its head, and fails while it is read`, async () => {
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
      equal([error instanceof TypeError, length], [true, truncateAt], 'broken off');
    });
  }
  test('answers that may have no body have none', async () => {
    const { service, signIn } = await started(lib);
    for (const status of [204, 205, 304]) {
      service.faults.add({ status, body: 'x' });
      const response = await signIn();
      equal([response.status, await response.text()], [status, ''], 'answer');
    }
  });
  test('what a getter of a fault throws goes no further', async () => {
    const value = secret('fault-getter-never-print');
    const { service } = await started(lib);
    for (const [fault, naming] of throwing(value, 'status')) {
      await refusal(lib, async () => service.faults.add(fault), 'invalidRequest', naming);
    }
    // Deeper down an object is a header's value like any other.
    for (const [headers] of throwing(value, 'a').filter(([, naming]) => naming.test('object'))) {
      await refusal(
        lib,
        async () => service.faults.add({ status: 500, headers }),
        'invalidRequest',
        /headers/,
      );
    }
    equal((await service.fetch(AT)).status, 404, 'nothing of it happens');
  });
  test('what is no fault is refused by the name of its field', async () => {
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
    equal((await service.fetch(AT)).status, 404, 'nothing of it happens');
  });
};

const keeping = (test, lib) => {
  test('the clock stands still from where it is told to, or goes along', async () => {
    const { service } = await started(lib, { now: 1000 });
    service.clock.advance(500);
    equal(service.clock.now(), 1500, 'advanced');
    service.clock.set(7);
    equal(service.clock.now(), 7, 'set');
    await refusal(lib, async () => service.clock.advance(-1), 'invalidRequest', /ms/);
    await refusal(lib, async () => service.clock.set(-1), 'invalidRequest', /epochMs/);
    const { service: along } = await started(lib);
    ok(Math.abs(along.clock.now() - Date.now()) < 60_000, 'the real time');
  });
  test('what came in is kept without its secrets, newest last', async () => {
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
    const asked = requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
    equal(
      asked,
      ['POST /api/v5/sessions 403', 'POST /api/v4/authentication/token 200'],
      'requests',
    );
    equal(requests[1].body, { userId: 'ada', authToken: '[redacted]', n: 2 ** 60 }, 'body');
    equal(
      [requests[0].headers['x-api-key'], requests[1].headers['x-server-key']],
      [service.apiKey, '[redacted]'],
      'keys',
    );
    ok(!spills(JSON.stringify(requests)), 'a secret was kept');
  });
  test('each request is told to a listener, before its answer; what the listener throws harms nobody', async () => {
    const told = [];
    const onRequest = (request) => {
      told.push(request);
      throw new Error('its own affair');
    };
    const { service, signIn } = await started(lib, { onRequest });
    const answer = signIn().then(() => told.push('answered'));
    await answer;
    service.faults.add({ drop: true });
    await settled(() => signIn());
    equal(
      told.map((one) => one.status ?? one),
      [200, 'answered', 0],
      'told',
    );
    equal([told[0], told[2]], service.requests, 'as they are kept');
  });
  test('lists are plain, and a reset empties them', async () => {
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
    equal(
      [service.users(), service.sessions(), service.requests, service.clock.now()],
      [[], [], [], 5000],
      'emptied',
    );
    equal((await signIn()).status, 200, 'no fault, no secure mode, the same key');
  });
  test('secure mode is on or off, and nothing else', async () => {
    const { service, signIn } = await started(lib, { secureMode: true });
    for (const value of ['true', '', 'false', 1, 0, null, undefined, {}]) {
      await refusal(lib, async () => service.setSecureMode(value), 'invalidRequest', /enabled/);
    }
    equal((await signIn()).status, 403, 'still on');
    service.setSecureMode(false);
    equal((await signIn()).status, 200, 'off');
  });
  test('a user who never had a session can be neither banned nor deleted', async () => {
    const { service } = await started(lib);
    for (const call of ['banUser', 'unbanUser', 'deleteUser']) {
      await refusal(lib, async () => service[call]('nobody'), 'notFound', /userId/);
    }
  });
  test('the same seed makes the same of everything', async () => {
    const life = async (seed) => {
      const { service, signIn } = await started(lib, { seed, now: 1e12 });
      return [
        service.apiKey,
        service.serverKey,
        service.adminToken,
        service.visitorSecret,
        await (await signIn()).text(),
      ];
    };
    equal(await life(1), await life(1), 'one seed');
    const [one, other] = [await life(1), await life(2)];
    ok(
      one.every((text, at) => text !== other[at]),
      'another seed',
    );
    ok(
      (await started(lib)).service.serverKey !== (await started(lib)).service.serverKey,
      'no seed',
    );
  });
};

/** The emulator's topic of the suite. */
export default ({ test, lib }) => {
  fetching(test, lib);
  faults(test, lib);
  keeping(test, lib);
  fromTheConsole({ test, lib });
  test('listen opens a port, or says what to do where there is none', async () => {
    const { service } = await started(lib);
    const { value, error } = await settled(() => lib.emulator.listen(service));
    if (value) return value.close();
    await refusal(lib, async () => Promise.reject(error), 'unsupported', /emulator\.fetch/);
  });
  test('what a getter of an option throws goes no further', async () => {
    const value = secret('option-getter-never-print');
    const at = (name) => throwing(value, name);
    const wrong = [...at('apiKey'), ...at('admins'), ...at('now'), ...at('onRequest')];
    for (const [one] of at('username'))
      wrong.push([{ admins: [one] }, /admins/], [{ admins: one }, /admins/]);
    for (const [options, naming] of wrong)
      await refusal(lib, () => lib.emulator.createEmulator(options), 'config', naming);
    const { service } = await started(lib, { secureMode: true });
    for (const [request, naming] of at('name'))
      await refusal(lib, () => service.createCertificate(request), 'invalidRequest', naming);
  });
  test('options that are wrong or unknown are refused by the name of the field', async () => {
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
