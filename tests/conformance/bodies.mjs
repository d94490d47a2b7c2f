// Responses with a faulty body: too large, endless, truncated, stalled, already read, or invalid.
// Each call settles and releases the stream.
import { equal, fail, ok, settled, turn } from './harness.mjs';
import {
  ACCESS_TOKEN,
  CANARY,
  USER,
  answer,
  entries,
  resolves,
  healthyService,
  operations,
  recordingFetch,
  rejects,
  sessionBody,
} from './helpers.mjs';

const MIB = 1 << 20;
const json = { 'content-type': 'application/json' };
const noRetry = { retry: false };
const invalidResponse = { kind: 'invalidResponse', retryable: false, status: 200 };
const tooLarge = { kind: 'invalidResponse', retryable: false };

/**
 * Creates a response with a streamed body. `pull` receives the controller and the index of the
 * pull; `seen` records the pulls and whether the stream was cancelled.
 */
const streamedResponse = (pull, init = { headers: json }) => {
  const seen = { pulls: 0, isCancelled: false };
  const stream = new ReadableStream({
    pull: (controller) => pull(controller, seen.pulls++),
    cancel: () => void (seen.isCancelled = true),
  });
  return { seen, response: new Response(stream, init) };
};
const padWithSpaces = (text, bytes) => text + ' '.repeat(bytes - text.length);

const sizes = (test, name, call) => {
  test(`${name}: accepts a body of exactly 1 MiB`, () =>
    resolves(() =>
      call({
        ...noRetry,
        fetch: async (url, init) => {
          const text = await healthyService(url, init).text();
          return answer(padWithSpaces(text, MIB));
        },
      }),
    ));
  test(`${name}: rejects a body of 1 MiB and one byte`, () =>
    rejects(
      () =>
        call({
          ...noRetry,
          fetch: async (url, init) =>
            answer(padWithSpaces(await healthyService(url, init).text(), MIB + 1)),
        }),
      tooLarge,
    ));
  test(`${name}: rejects a body over 1 MiB in bytes but not in characters`, () =>
    rejects(
      () => call({ ...noRetry, fetch: async () => answer(`"${'字'.repeat(MIB / 2)}"`) }),
      tooLarge,
    ));
  test(`${name}: rejects a body whose content-length is over 1 MiB`, async () => {
    const { response } = streamedResponse(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      {
        headers: { ...json, 'content-length': String(2 * MIB) },
      },
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), tooLarge);
  });
  test(`${name}: rejects a body over 1 MiB despite a smaller content-length`, async () => {
    const { response } = streamedResponse(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      {
        headers: { ...json, 'content-length': '2' },
      },
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), tooLarge);
  });
  test(`${name}: ignores an invalid content-length`, async () => {
    for (const length of ['abc', '-1', '', '1e3', '2, 2']) {
      await resolves(
        () =>
          call({
            fetch: async (url, init) => {
              const real = healthyService(url, init);
              return {
                status: 200,
                ok: true,
                type: 'basic',
                headers: {
                  get: (key) =>
                    key.toLowerCase() === 'content-length' ? length : real.headers.get(key),
                },
                body: real.body,
                text: () => real.text(),
                arrayBuffer: () => real.arrayBuffer(),
              };
            },
          }),
        `content-length ${length}`,
      );
    }
  });
  test(`${name}: rejects an endless body at 1 MiB and cancels its stream`, async () => {
    const { seen, response } = streamedResponse((controller) =>
      controller.enqueue(new Uint8Array(65_536)),
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), tooLarge);
    ok(seen.pulls >= 16 && seen.pulls <= 32, `pulled 64 KiB ${seen.pulls} times`);
    ok(seen.isCancelled, 'the stream was not cancelled');
  });
  test(`${name}: reports the status of an endless error page`, async () => {
    const { seen, response } = streamedResponse(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      { status: 503 },
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), {
      kind: ['server', 'invalidResponse'],
    });
    ok(seen.isCancelled, 'the stream was not cancelled');
  });
};

const streams = (test, name, call) => {
  test(`${name}: times out and aborts the request if the body stalls`, async () => {
    const { seen, response } = streamedResponse((controller, n) =>
      n ? new Promise(() => {}) : controller.enqueue(new Uint8Array([123])),
    );
    const fetch = recordingFetch(async () => response);
    await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch }), {
      kind: 'timeout',
      retryable: true,
      attempts: 1,
    });
    ok(
      seen.isCancelled || fetch.calls[0].init.signal.aborted,
      'neither the stream nor the request was cancelled',
    );
  });
  test(`${name}: rejects an endless body of empty chunks`, async () => {
    const readEmptyChunk = () => turn().then(() => ({ done: false, value: new Uint8Array(0) }));
    const body = {
      getReader: () => ({ read: readEmptyChunk, cancel: async () => {}, releaseLock() {} }),
      cancel: async () => {},
    };
    await rejects(
      () =>
        call({
          ...noRetry,
          timeoutMs: 20,
          fetch: async () => ({
            status: 200,
            ok: true,
            type: 'basic',
            headers: new Headers(json),
            body,
            bodyUsed: false,
          }),
        }),
      { kind: ['timeout', 'invalidResponse'] },
    );
  });
  test(`${name}: stops reading a body after the timeout`, async () => {
    const { seen, response } = streamedResponse((controller) =>
      turn().then(() => controller.enqueue(new Uint8Array([32]))),
    );
    await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch: async () => response }), {
      kind: 'timeout',
    });
    const { pulls } = seen;
    for (let n = 0; n < 5; n++) await turn();
    ok(seen.pulls <= pulls + 2, `${seen.pulls - pulls} reads after the timeout`);
  });
  test(`${name}: reports an interrupted body as a network error`, async () => {
    const { response } = streamedResponse((controller, n) =>
      n ? controller.error(new Error(CANARY)) : controller.enqueue(new Uint8Array([123])),
    );
    await rejects(() => call({ ...noRetry, fetch: async () => response }), {
      kind: 'network',
      retryable: true,
    });
  });
  test(`${name}: rejects a body of strings instead of bytes`, async () => {
    const { response } = streamedResponse((controller) => controller.enqueue('{}'));
    await rejects(() => call({ ...noRetry, fetch: async () => response }), {
      kind: ['network', 'invalidResponse'],
    });
  });
  test(`${name}: rejects a response whose body was already read`, async () => {
    await rejects(
      () =>
        call({
          ...noRetry,
          fetch: async (url, init) => {
            const response = healthyService(url, init);
            await response.text();
            return response;
          },
        }),
      { kind: ['invalidResponse', 'network'] },
    );
  });
  test(`${name}: rejects a response whose body is locked`, async () => {
    await rejects(
      () =>
        call({
          ...noRetry,
          fetch: async (url, init) => {
            const response = healthyService(url, init);
            response.body.getReader();
            return response;
          },
        }),
      { kind: ['invalidResponse', 'network'] },
    );
  });
  test(`${name}: rejects if every attempt gets the same response object`, async () => {
    const response = answer('{}', { status: 503 });
    await rejects(
      () =>
        call({
          retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
          fetch: async () => response,
        }),
      {
        kind: ['server', 'network', 'invalidResponse'],
      },
    );
  });
  test(`${name}: times out if fetch never settles and ignores its signal`, async () => {
    const fetch = recordingFetch(() => new Promise(() => {}));
    await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch }), {
      kind: 'timeout',
      retryable: true,
      attempts: 1,
      status: undefined,
    });
    ok(fetch.calls[0].init.signal.aborted, 'the signal of the request is not aborted');
  });
  test(`${name}: ignores a response or error after the timeout`, async () => {
    const pending = [];
    const fetch = () => new Promise((resolve, reject) => pending.push([resolve, reject]));
    for (const settle of [
      ([resolve]) => resolve(answer({})),
      ([, reject]) => reject(new Error(CANARY)),
      ([resolve]) => resolve(undefined),
      ([resolve]) => resolve(streamedResponse(() => {}).response),
    ]) {
      await rejects(() => call({ ...noRetry, timeoutMs: 5, fetch }), { kind: 'timeout' });
      settle(pending.pop());
    }
  });
  test(`${name}: times out if text() never settles`, () => {
    const neverSettle = () => new Promise(() => {});
    const response = {
      status: 200,
      ok: true,
      type: 'basic',
      headers: new Headers(json),
      body: { getReader: () => ({ read: neverSettle, cancel: neverSettle, releaseLock() {} }) },
      bodyUsed: false,
      text: neverSettle,
      arrayBuffer: neverSettle,
    };
    return rejects(() => call({ ...noRetry, timeoutMs: 5, fetch: async () => response }), {
      kind: 'timeout',
    });
  });
};

const html = '<!doctype html><title>Sign in to Wi-Fi</title>';
const INVALID_BODIES = [
  '',
  html,
  '{',
  '{"accessToken":"x","refre',
  '[]',
  '42',
  'true',
  '"text"',
  'null',
  '\ufeff',
  '\0',
  'undefined',
  "{'a':1}",
  'NaN',
  `${CANARY}`,
];

const texts = (test, name, operation, call) => {
  if (!['createAuthToken', 'exchangeSession'].includes(operation)) {
    for (const body of INVALID_BODIES) {
      // verifySession and revokeSession may accept a 200 without an object, but not a web page.
      if (/^(verify|revoke)/.test(operation) && !/[<{']./.test(body)) continue;
      test(
        `${name}: rejects the body ` + `${JSON.stringify(body.replace(CANARY, '…').slice(0, 30))}`,
        () =>
          rejects(
            () => call({ ...noRetry, fetch: recordingFetch(async () => answer(body)) }),
            invalidResponse,
          ),
      );
    }
  }
  test(`${name}: rejects a body that is not UTF-8`, async () => {
    const { error, value } = await settled(() =>
      call({
        ...noRetry,
        fetch: async () =>
          new Response(new Uint8Array([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]), {
            headers: json,
          }),
      }),
    );
    equal(error?.kind, 'invalidResponse', `kind (resolved with ${typeof value})`);
  });
};

const INVALID_SESSIONS = {
  'no accessToken': { accessToken: undefined },
  'an empty accessToken': { accessToken: '' },
  'an accessToken that is a number': { accessToken: 42 },
  'an accessToken that is null': { accessToken: null },
  'no users': { users: undefined },
  'users that are null': { users: null },
  'users that are an object': { users: {} },
  'an empty list of users': { users: [] },
  'invalid entries in users': { users: [null, 42, 'ada', []] },
  'another user': { users: [{ ...USER, userId: 'eve' }] },
  'a user whose id differs in case': { users: [{ ...USER, userId: 'Ada' }] },
  'a user whose id is a number': { users: [{ ...USER, userId: 7 }] },
};

const sessionBodies = (test, entry, session) => {
  for (const [what, changes] of Object.entries(INVALID_SESSIONS)) {
    test(`${entry} createSession: rejects a response with ${what}`, () =>
      rejects(
        () => session({ ...noRetry, fetch: async () => answer(sessionBody(changes)) }),
        invalidResponse,
      ));
  }
  test(`${entry} createSession: settles with metadata nested 100 000 levels deep`, async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const fetch = async () =>
      answer(
        `{"accessToken":"${ACCESS_TOKEN}","users":[{"userId":"ada","metadata":{"deep":${deep}}}]}`,
      );
    const { error } = await settled(() => session({ ...noRetry, fetch }));
    if (error && error.kind !== 'invalidResponse') fail(`got ${error.kind ?? error}`);
    await resolves(() =>
      session({ fetch: recordingFetch(async (url, init) => healthyService(url, init)) }),
    );
  });
  for (const [what, value] of [
    ['no bytes', () => new Uint8Array(0)],
    ['a negative length', () => ({ byteLength: -1 })],
    ['no length', () => ({ byteLength: Number.NaN })],
  ]) {
    test(`${entry} createSession: stops reading a body of chunks with ${what}`, async () => {
      let reads = 0;
      const reader = {
        read: async () => ({ done: ++reads > 3 * MIB, value: value() }),
        cancel: async () => {},
        releaseLock() {},
      };
      const body = { getReader: () => reader, cancel: async () => {} };
      await rejects(
        () =>
          session({
            ...noRetry,
            fetch: async () => ({
              status: 200,
              ok: true,
              type: 'basic',
              headers: new Headers(json),
              body,
            }),
          }),
        tooLarge,
      );
      ok(reads <= MIB + 1, `${reads} reads`);
    });
  }
  test(`${entry} createSession: accepts ten thousand users`, async () => {
    const users = Array.from({ length: 10_000 }, (_, n) => ({ userId: `u${n}` }));
    const result = await resolves(() =>
      session({ fetch: async () => answer(sessionBody({ users: [...users, USER] })) }),
    );
    equal(result.userId, 'ada', 'userId');
    equal(result.users.length, 10_001, 'users');
  });
};

export default ({ test, lib }) => {
  for (const [entry, api] of entries(lib)) {
    for (const { operation, call } of operations(api)) {
      const name = `${entry} ${operation}`;
      sizes(test, name, call);
      streams(test, name, call);
      texts(test, name, operation, call);
    }
    sessionBodies(test, entry, operations(api)[0].call);
    test(`${entry} revokeSession: rejects a 200 with success: false`, () =>
      rejects(
        () =>
          operations(api)
            .find(({ operation }) => operation === 'revokeSession')
            .call({ ...noRetry, fetch: async () => answer({ success: false }) }),
        invalidResponse,
      ));
  }
};
