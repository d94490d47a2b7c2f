// Tests `signVisitor` and `verifyWebhook` with the cases of the wire contract and with invalid
// arguments.
import { equal, match, ok, registerSecret, containsSecret, withReplaced } from './harness.mjs';
import { CANARY, rejects, resolves } from './helpers.mjs';

const SECRET = registerSecret('visitor-secret-never-print');
const LONE_SURROGATE = 'a\ud800b';
const createThrowingGetter = (name) => ({
  get [name]() {
    throw new Error(CANARY);
  },
});

const testVisitors = (test, { signVisitor }, vectors) => {
  for (const { visitorSecret, deviceId, authSignatureExpiresAt, authSignature } of vectors) {
    test(`signs the visitor device ${JSON.stringify(deviceId)}`, async () => {
      const expiresAtMs = Date.parse(authSignatureExpiresAt);
      const expected = { authSignature, authSignatureExpiresAt };
      equal(
        await resolves(() =>
          signVisitor({ visitorSecret }, { deviceId, now: expiresAtMs - 5, expiresInMs: 5 }),
        ),
        expected,
        'signature with an explicit lifetime',
      );
      equal(
        await resolves(() =>
          signVisitor({ visitorSecret }, { deviceId, now: expiresAtMs - 3_600_000 }),
        ),
        expected,
        'signature with the default lifetime',
      );
    });
  }
  const sign = (request, options) =>
    signVisitor({ visitorSecret: SECRET, ...options }, { deviceId: 'dev-1', ...request });
  test('a signature is valid for an hour by default and does not contain the secret', async () => {
    const before = Date.now();
    const { authSignature, authSignatureExpiresAt } = await resolves(() => sign());
    const signedAt = Date.parse(authSignatureExpiresAt) - 3_600_000;
    ok(before <= signedAt && signedAt <= Date.now(), `expires at ${authSignatureExpiresAt}`);
    match(authSignature, /^[0-9a-f]{64}$/, 'signature');
    match(authSignatureExpiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'date');
    ok(!containsSecret(authSignature), 'the signature contains the secret');
  });
  test('signs special device ids, and the shortest and the longest device id', async () => {
    for (const deviceId of [
      'x',
      'y'.repeat(150),
      'é&=?#/ %',
      '👩‍👩‍👧',
      '"\\',
      '__proto__',
      'a\nb',
      'authSignatureExpiresAt=',
    ])
      await resolves(() => sign({ deviceId }), deviceId);
  });
  const INVALID_REQUESTS = {
    'no device id': { deviceId: undefined },
    'an empty device id': { deviceId: '' },
    'a device id of 151 characters': { deviceId: 'x'.repeat(151) },
    'a device id that is a number': { deviceId: 42 },
    'a device id with a lone surrogate': { deviceId: LONE_SURROGATE },
    'a device id that imitates the text to sign': {
      deviceId: 'dev-1&authSignatureExpiresAt=2099-01-01T00:00:00.000Z',
    },
    'a lifetime of 0': { expiresInMs: 0 },
    'a negative lifetime': { expiresInMs: -1 },
    'a lifetime of NaN': { expiresInMs: NaN },
    'an infinite lifetime': { expiresInMs: Infinity },
    'a lifetime that is a string': { expiresInMs: '5' },
    'a time of NaN': { now: NaN },
    'a time that is a string': { now: '2026-01-01' },
    'a date after the year 9999': { now: Date.UTC(9999, 11, 31, 23, 59, 59, 999), expiresInMs: 1 },
    'a date before 1970': { now: -10, expiresInMs: 5 },
  };
  for (const [what, request] of Object.entries(INVALID_REQUESTS)) {
    test(`signVisitor rejects ${what}`, () =>
      rejects(() => sign(request), {
        kind: 'invalidRequest',
        operation: 'signVisitor',
        attempts: 0,
        message: new RegExp(`\`(${Object.keys(request).join('|')}|expiresInMs)\``),
      }));
  }
  test('signVisitor accepts the last date of the year 9999', async () => {
    const { authSignatureExpiresAt } = await resolves(() =>
      sign({ now: Date.UTC(9999, 11, 31, 23, 59, 59, 998), expiresInMs: 1 }),
    );
    equal(authSignatureExpiresAt, '9999-12-31T23:59:59.999Z', 'date');
  });
  for (const visitorSecret of [undefined, null, '', 42, LONE_SURROGATE]) {
    test(`signVisitor rejects the visitor secret ${JSON.stringify(visitorSecret)}`, () =>
      rejects(() => sign({}, { visitorSecret }), {
        kind: 'config',
        operation: 'signVisitor',
        message: /`visitorSecret`/,
      }));
  }
  test('signVisitor rejects missing arguments', async () => {
    await rejects(() => signVisitor(), { operation: 'signVisitor' });
    await rejects(() => signVisitor({ visitorSecret: SECRET }), { kind: 'invalidRequest' });
  });
  test('signVisitor rejects getters that throw', async () => {
    await rejects(() => signVisitor(createThrowingGetter('visitorSecret'), { deviceId: 'd' }), {
      kind: 'config',
    });
    await rejects(() => signVisitor({ visitorSecret: SECRET }, createThrowingGetter('deviceId')), {
      kind: 'invalidRequest',
    });
  });
};

const testWebhooks = (test, { verifyWebhook }, vectors) => {
  const encode = (text) => new TextEncoder().encode(text);
  for (const { secret: key, body, signature } of vectors) {
    test(`accepts the signature of the webhook ${body}`, async () => {
      for (const [shape, raw] of [
        ['a string', body],
        ['a Uint8Array', encode(body)],
        ['an ArrayBuffer', encode(body).buffer],
        ['a view of a part of a buffer', encode(` ${body} `).subarray(1, -1)],
      ]) {
        equal(
          await resolves(() => verifyWebhook({ secret: key }, { body: raw, signature })),
          true,
          shape,
        );
      }
    });
    test(`refuses a changed body, secret or signature of the webhook ${body}`, async () => {
      const mismatches = [
        [key, `${body} `, signature],
        [key, '', signature],
        [key, new Uint8Array(), signature],
        [`${key} `, body, signature],
        [key, body, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
      ];
      for (const [other, raw, sent] of mismatches)
        equal(
          await resolves(() => verifyWebhook({ secret: other }, { body: raw, signature: sent })),
          false,
          'result',
        );
    });
  }
  const [{ secret: key, body, signature }] = vectors;
  test('verifyWebhook lets the engine compare the signatures, in constant time', async () => {
    const forged = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`;
    for (const [sent, answer] of [
      [signature, false],
      [forged, true],
    ]) {
      const result = await withReplaced(
        crypto.subtle,
        'verify',
        async () => answer,
        () => resolves(() => verifyWebhook({ secret: key }, { body, signature: sent })),
      );
      equal(result, answer, 'result, which is that of crypto.subtle.verify');
    }
  });
  test('verifyWebhook refuses a signature that is not a string', async () => {
    const convertible = { toString: () => signature };
    const throwingObject = {
      toString() {
        throw new Error(CANARY);
      },
    };
    for (const sent of [Symbol('signature'), [signature], convertible, throwingObject, 1n])
      equal(
        await resolves(() => verifyWebhook({ secret: key }, { body, signature: sent })),
        false,
        'result',
      );
  });
  test('verifyWebhook rejects getters that throw', async () => {
    await rejects(() => verifyWebhook(createThrowingGetter('secret'), { body, signature }), {
      kind: 'config',
    });
    for (const request of [createThrowingGetter('body'), createThrowingGetter('signature')])
      await rejects(() => verifyWebhook({ secret: key }, request), {
        kind: 'invalidRequest',
        operation: 'verifyWebhook',
      });
  });
  test('verifyWebhook rejects a symbol as body', () =>
    rejects(() => verifyWebhook({ secret: key }, { body: Symbol('body'), signature }), {
      kind: 'invalidRequest',
      message: /`body`/,
    }));
  const hex = Array.from(atob(signature), (character) =>
    character.charCodeAt().toString(16).padStart(2, '0'),
  ).join('');
  const INVALID_SIGNATURES = [
    undefined,
    null,
    '',
    ' ',
    42,
    {},
    [signature, signature],
    'sha256=' + signature,
    signature.slice(1),
    signature + signature,
    signature.slice(0, -1),
    `${signature}\n`,
    ` ${signature}`,
    hex,
    '\u0000',
    '👩',
    '='.repeat(44),
    '_'.repeat(43) + '=',
  ];
  for (const sent of INVALID_SIGNATURES) {
    test(`the signature ${JSON.stringify(sent)} is invalid`, async () =>
      equal(
        await resolves(() => verifyWebhook({ secret: key }, { body, signature: sent })),
        false,
        'result',
      ));
  }
  for (const raw of [undefined, null, 42, {}, { event: 'channel.didAddUsers' }, [123]]) {
    test(`verifyWebhook rejects the body ${JSON.stringify(raw)}`, async () => {
      for (const sent of [signature, 'invalid'])
        await rejects(() => verifyWebhook({ secret: key }, { body: raw, signature: sent }), {
          kind: 'invalidRequest',
          operation: 'verifyWebhook',
          message: /`body`/,
        });
    });
  }
  for (const other of [undefined, null, '', 42, LONE_SURROGATE]) {
    test(`verifyWebhook rejects the secret ${JSON.stringify(other)}`, () =>
      rejects(() => verifyWebhook({ secret: other }, { body, signature }), {
        kind: 'config',
        operation: 'verifyWebhook',
        message: /`secret`/,
      }));
  }
  test('verifyWebhook rejects missing arguments', () =>
    rejects(() => verifyWebhook(), { kind: 'config' }));
};

export default ({ test, lib, vectors }) => {
  if (!lib.edge) return;
  testVisitors(test, lib.edge, vectors.signatures);
  testWebhooks(test, lib.edge, vectors.webhooks);
};
