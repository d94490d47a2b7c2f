// Answers whose body is the trouble: too large, endless, cut, hanging, consumed, or not what it
// says. Each call settles, and lets go of the stream.
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
const none = { retry: false };
const junk = { kind: 'invalidResponse', retryable: false, status: 200 };
const tooLarge = { kind: 'invalidResponse', retryable: false };

/**
 * A response made of a stream. `pull` gets the controller and the number of the pull; `seen` tells
 * what became of it.
 */
const streamed = (pull, init = { headers: json }) => {
  const seen = { pulls: 0, cancelled: false };
  const stream = new ReadableStream({
    pull: (controller) => pull(controller, seen.pulls++),
    cancel: () => void (seen.cancelled = true),
  });
  return { seen, response: new Response(stream, init) };
};
const padded = (text, bytes) => text + ' '.repeat(bytes - text.length);

const sizes = (test, name, call) => {
  test(`${name}: a body of exactly 1 MiB is read`, () =>
    resolves(() =>
      call({
        ...none,
        fetch: async (url, init) => {
          const text = await healthyService(url, init).text();
          return answer(padded(text, MIB));
        },
      }),
    ));
  test(`${name}: a body of 1 MiB and a byte is refused`, () =>
    rejects(
      () =>
        call({
          ...none,
          fetch: async (url, init) =>
            answer(padded(await healthyService(url, init).text(), MIB + 1)),
        }),
      tooLarge,
    ));
  test(`${name}: a body over 1 MiB in bytes though not in characters is refused`, () =>
    rejects(
      () => call({ ...none, fetch: async () => answer(`"${'字'.repeat(MIB / 2)}"`) }),
      tooLarge,
    ));
  test(`${name}: a body over 1 MiB that says so beforehand is refused`, async () => {
    const { response } = streamed((controller) => controller.enqueue(new Uint8Array(65_536)), {
      headers: { ...json, 'content-length': String(2 * MIB) },
    });
    await rejects(() => call({ ...none, fetch: async () => response }), tooLarge);
  });
  test(`${name}: a content-length that lies low does not let a large body in`, async () => {
    const { response } = streamed((controller) => controller.enqueue(new Uint8Array(65_536)), {
      headers: { ...json, 'content-length': '2' },
    });
    await rejects(() => call({ ...none, fetch: async () => response }), tooLarge);
  });
  test(`${name}: a content-length that is junk is not minded`, async () => {
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
  test(`${name}: a body that never ends is refused at 1 MiB, and its stream cancelled`, async () => {
    const { seen, response } = streamed((controller) => controller.enqueue(new Uint8Array(65_536)));
    await rejects(() => call({ ...none, fetch: async () => response }), tooLarge);
    ok(seen.pulls >= 16 && seen.pulls <= 32, `pulled ${seen.pulls} times 64 KiB`);
    ok(seen.cancelled, 'the stream was left open');
  });
  test(`${name}: an endless error page is still an error of its status`, async () => {
    const { seen, response } = streamed(
      (controller) => controller.enqueue(new Uint8Array(65_536)),
      { status: 503 },
    );
    await rejects(() => call({ ...none, fetch: async () => response }), {
      kind: ['server', 'invalidResponse'],
    });
    ok(seen.cancelled, 'the stream was left open');
  });
};

const streams = (test, name, call) => {
  test(`${name}: a body that hangs is a timeout, and its request is aborted`, async () => {
    const { seen, response } = streamed((controller, n) =>
      n ? new Promise(() => {}) : controller.enqueue(new Uint8Array([123])),
    );
    const fetch = recordingFetch(async () => response);
    await rejects(() => call({ ...none, timeoutMs: 5, fetch }), {
      kind: 'timeout',
      retryable: true,
      attempts: 1,
    });
    ok(seen.cancelled || fetch.calls[0].init.signal.aborted, 'nothing told the stream');
  });
  test(`${name}: a body of empty chunks for ever is a timeout or refused`, async () => {
    const empty = () => turn().then(() => ({ done: false, value: new Uint8Array(0) }));
    const body = {
      getReader: () => ({ read: empty, cancel: async () => {}, releaseLock() {} }),
      cancel: async () => {},
    };
    await rejects(
      () =>
        call({
          ...none,
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
  test(`${name}: nothing more is read of a body once its time is over`, async () => {
    const { seen, response } = streamed((controller) =>
      turn().then(() => controller.enqueue(new Uint8Array([32]))),
    );
    await rejects(() => call({ ...none, timeoutMs: 5, fetch: async () => response }), {
      kind: 'timeout',
    });
    const { pulls } = seen;
    for (let n = 0; n < 5; n++) await turn();
    ok(seen.pulls <= pulls + 2, `read ${seen.pulls - pulls} times more`);
  });
  test(`${name}: a body that breaks off with an error is a network error`, async () => {
    const { response } = streamed((controller, n) =>
      n ? controller.error(new Error(CANARY)) : controller.enqueue(new Uint8Array([123])),
    );
    await rejects(() => call({ ...none, fetch: async () => response }), {
      kind: 'network',
      retryable: true,
    });
  });
  test(`${name}: a body of strings instead of bytes`, async () => {
    const { response } = streamed((controller) => controller.enqueue('{}'));
    await rejects(() => call({ ...none, fetch: async () => response }), {
      kind: ['network', 'invalidResponse'],
    });
  });
  test(`${name}: a response that was consumed already`, async () => {
    await rejects(
      () =>
        call({
          ...none,
          fetch: async (url, init) => {
            const response = healthyService(url, init);
            await response.text();
            return response;
          },
        }),
      { kind: ['invalidResponse', 'network'] },
    );
  });
  test(`${name}: a response whose body is locked by another reader`, async () => {
    await rejects(
      () =>
        call({
          ...none,
          fetch: async (url, init) => {
            const response = healthyService(url, init);
            response.body.getReader();
            return response;
          },
        }),
      { kind: ['invalidResponse', 'network'] },
    );
  });
  test(`${name}: one response given to every attempt`, async () => {
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
  test(`${name}: a fetch that never answers and ignores its signal is a timeout`, async () => {
    const fetch = recordingFetch(() => new Promise(() => {}));
    await rejects(() => call({ ...none, timeoutMs: 5, fetch }), {
      kind: 'timeout',
      retryable: true,
      attempts: 1,
      status: undefined,
    });
    equal(fetch.calls[0].init.signal.aborted, true, 'the signal of the attempt');
  });
  test(`${name}: a fetch that answers, or fails, after its timeout changes nothing`, async () => {
    const late = [];
    const fetch = () => new Promise((resolve, reject) => late.push([resolve, reject]));
    for (const settle of [
      ([resolve]) => resolve(answer({})),
      ([, reject]) => reject(new Error(CANARY)),
      ([resolve]) => resolve(undefined),
      ([resolve]) => resolve(streamed(() => {}).response),
    ]) {
      await rejects(() => call({ ...none, timeoutMs: 5, fetch }), { kind: 'timeout' });
      settle(late.pop());
    }
  });
  test(`${name}: a text() that hangs is a timeout`, () => {
    const hang = () => new Promise(() => {});
    const response = {
      status: 200,
      ok: true,
      type: 'basic',
      headers: new Headers(json),
      body: { getReader: () => ({ read: hang, cancel: hang, releaseLock() {} }) },
      bodyUsed: false,
      text: hang,
      arrayBuffer: hang,
    };
    return rejects(() => call({ ...none, timeoutMs: 5, fetch: async () => response }), {
      kind: 'timeout',
    });
  });
};

const html = '<!doctype html><title>Sign in to Wi-Fi</title>';
const bodiesThatAreNone = [
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
    for (const body of bodiesThatAreNone) {
      // What a 200 without an object means to verify and revoke is for them to say; that a web page
      // is no consent is not.
      if (/^(verify|revoke)/.test(operation) && !/[<{']./.test(body)) continue;
      test(`${name}: a 200 that says ${JSON.stringify(body.replace(CANARY, '…').slice(0, 30))} is refused`, () =>
        rejects(() => call({ ...none, fetch: recordingFetch(async () => answer(body)) }), junk));
    }
  }
  test(`${name}: a body that is not UTF-8`, async () => {
    const { error, value } = await settled(() =>
      call({
        ...none,
        fetch: async () =>
          new Response(new Uint8Array([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80]), {
            headers: json,
          }),
      }),
    );
    ok(error?.kind === 'invalidResponse', `got ${error?.kind ?? typeof value}`);
  });
};

const wrongSessions = {
  'no accessToken': { accessToken: undefined },
  'an empty accessToken': { accessToken: '' },
  'an accessToken that is a number': { accessToken: 42 },
  'an accessToken that is null': { accessToken: null },
  'no users': { users: undefined },
  'users that are null': { users: null },
  'users that are an object': { users: {} },
  'no user in users': { users: [] },
  'junk in users': { users: [null, 42, 'ada', []] },
  'another user': { users: [{ ...USER, userId: 'eve' }] },
  'a user whose id differs in case': { users: [{ ...USER, userId: 'Ada' }] },
  'a user whose id is a number': { users: [{ ...USER, userId: 7 }] },
};

const sessionBodies = (test, entry, session) => {
  for (const [what, over] of Object.entries(wrongSessions)) {
    test(`${entry} createSession: an answer with ${what} is refused`, () =>
      rejects(() => session({ ...none, fetch: async () => answer(sessionBody(over)) }), junk));
  }
  test(`${entry} createSession: metadata nested a hundred thousand deep settles, and the next call works`, async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const fetch = async () =>
      answer(
        `{"accessToken":"${ACCESS_TOKEN}","users":[{"userId":"ada","metadata":{"deep":${deep}}}]}`,
      );
    const { error } = await settled(() => session({ ...none, fetch }));
    if (error && error.kind !== 'invalidResponse') fail(`got ${error.kind ?? error}`);
    await resolves(() =>
      session({ fetch: recordingFetch(async (url, init) => healthyService(url, init)) }),
    );
  });
  for (const [what, value] of [
    ['nothing', () => new Uint8Array(0)],
    ['less than nothing', () => ({ byteLength: -1 })],
    ['no length', () => ({ byteLength: Number.NaN })],
  ]) {
    test(`${entry} createSession: a body of chunks that hold ${what} comes to an end, though it never waits`, async () => {
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
            ...none,
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
      ok(reads <= MIB + 1, `read ${reads} times`);
    });
  }
  test(`${entry} createSession: ten thousand users are no trouble`, async () => {
    const users = Array.from({ length: 10_000 }, (_, n) => ({ userId: `u${n}` }));
    const made = await resolves(() =>
      session({ fetch: async () => answer(sessionBody({ users: [...users, USER] })) }),
    );
    equal(made.userId, 'ada', 'userId');
    equal(made.users.length, 10_001, 'users');
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
    test(`${entry} revokeSession: a 200 that says success: false has revoked nothing`, () =>
      rejects(
        () =>
          operations(api)
            .find(({ operation }) => operation === 'revokeSession')
            .call({ ...none, fetch: async () => answer({ success: false }) }),
        junk,
      ));
  }
};
