// Tests responses with unusual content: other formats, incomplete sessions, invalid chunks and
// extreme sizes. If the content is invalid, the call rejects with a typed error.
import { equal, fail, ok, getOutcome } from './harness.mjs';
import {
  ACCESS_TOKEN,
  CANARY,
  USER,
  createResponse,
  listEntries,
  respondWithSuccess,
  listOperations,
  createRecordingFetch,
  rejects,
  resolves,
  createSessionBody,
} from './helpers.mjs';

const MIB = 1 << 20;
const json = { 'content-type': 'application/json' };
const noRetry = { retry: false };
const invalidResponse = { kind: 'invalidResponse', retryable: false, status: 200 };

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

const testTexts = (test, name, operation, call) => {
  if (!['createAuthToken', 'exchangeSession'].includes(operation)) {
    for (const body of INVALID_BODIES) {
      test(
        `${name}: rejects the body ` + `${JSON.stringify(body.replace(CANARY, '…').slice(0, 30))}`,
        () =>
          rejects(
            () =>
              call({ ...noRetry, fetch: createRecordingFetch(async () => createResponse(body)) }),
            invalidResponse,
          ),
      );
    }
  }
  test(`${name}: rejects a body that is not UTF-8`, async () => {
    const { error, value } = await getOutcome(() =>
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

const testSessionBodies = (test, entry, createSession) => {
  for (const [what, changes] of Object.entries(INVALID_SESSIONS)) {
    test(`${entry} createSession: rejects a response with ${what}`, () =>
      rejects(
        () =>
          createSession({
            ...noRetry,
            fetch: async () => createResponse(createSessionBody(changes)),
          }),
        invalidResponse,
      ));
  }
  test(`${entry} createSession: settles with metadata 100 000 levels deep`, async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const fetch = async () =>
      createResponse(
        `{"accessToken":"${ACCESS_TOKEN}","users":[{"userId":"ada","metadata":{"deep":${deep}}}]}`,
      );
    const { error } = await getOutcome(() => createSession({ ...noRetry, fetch }));
    if (error && error.kind !== 'invalidResponse') fail(`got ${error.kind ?? error}`);
    await resolves(() =>
      createSession({
        fetch: createRecordingFetch(async (url, init) => respondWithSuccess(url, init)),
      }),
    );
  });
  /**
   * Makes a call whose response has a body with chunks that are ready immediately. Asserts that the
   * call rejects, and returns how many chunks it read.
   */
  const countReadChunks = async (chunk, expected) => {
    let reads = 0;
    const reader = {
      read: async () => ({ done: ++reads > 3 * MIB, value: chunk }),
      cancel: async () => {},
      releaseLock() {},
    };
    const body = { getReader: () => reader, cancel: async () => {} };
    const response = { status: 200, ok: true, type: 'basic', headers: new Headers(json), body };
    await rejects(
      () => createSession({ ...noRetry, timeoutMs: 20, fetch: async () => response }),
      expected,
    );
    return reads;
  };
  test(`${entry} createSession: empty chunks do not keep the timeout from firing`, async () => {
    const reads = await countReadChunks(new Uint8Array(0), { kind: 'timeout' });
    ok(reads <= MIB, `${reads} reads`);
  });
  for (const [what, chunk] of [
    ['a string', '{}'],
    ['an object with a negative length', { byteLength: -1 }],
    ['an object whose length is not a number', { byteLength: Number.NaN }],
    ['undefined', undefined],
  ]) {
    test(`${entry} createSession: stops reading at a chunk that is ${what}`, async () => {
      equal(await countReadChunks(chunk, { kind: 'invalidResponse' }), 1, 'reads');
    });
  }
  test(`${entry} createSession: accepts ten thousand users`, async () => {
    const users = Array.from({ length: 10_000 }, (_, n) => ({ userId: `u${n}` }));
    const result = await resolves(() =>
      createSession({
        fetch: async () => createResponse(createSessionBody({ users: [...users, USER] })),
      }),
    );
    equal(result.userId, 'ada', 'userId');
    equal(result.users.length, 10_001, 'users');
  });
};

export default ({ test, lib }) => {
  for (const [entry, api] of listEntries(lib)) {
    for (const { operation, call } of listOperations(api))
      testTexts(test, `${entry} ${operation}`, operation, call);
    testSessionBodies(test, entry, listOperations(api)[0].call);
    test(`${entry} revokeSession: rejects a 200 with success: false`, () =>
      rejects(
        () =>
          listOperations(api)
            .find(({ operation }) => operation === 'revokeSession')
            .call({ ...noRetry, fetch: async () => createResponse({ success: false }) }),
        invalidResponse,
      ));
  }
};
