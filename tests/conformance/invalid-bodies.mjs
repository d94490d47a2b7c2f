// Responses that arrive intact but whose content is invalid: other formats, incomplete sessions,
// and extreme sizes. Each call rejects them with a typed error.
import { equal, fail, ok, settled } from './harness.mjs';
import {
  ACCESS_TOKEN,
  CANARY,
  USER,
  answer,
  entries,
  healthyService,
  operations,
  recordingFetch,
  rejects,
  resolves,
  sessionBody,
} from './helpers.mjs';

const MIB = 1 << 20;
const json = { 'content-type': 'application/json' };
const noRetry = { retry: false };
const invalidResponse = { kind: 'invalidResponse', retryable: false, status: 200 };
const tooLarge = { kind: 'invalidResponse', retryable: false };

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
    for (const { operation, call } of operations(api))
      texts(test, `${entry} ${operation}`, operation, call);
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
