// The two signatures: a visitor's, made, and a webhook's, checked; by the cases of the wire
// contract, and against whatever else comes.
import { equal, match, ok, secret, spills } from './harness.mjs';
import { CANARY, resolves, rejects } from './helpers.mjs';

const SECRET = secret('visitor-secret-never-print');
const HALF = 'a\ud800b';
const throwing = (name) => ({
  get [name]() {
    throw new Error(CANARY);
  },
});

const visitors = (test, { signVisitor }, vectors) => {
  for (const { visitorSecret, deviceId, authSignatureExpiresAt, authSignature } of vectors) {
    test(`the visitor's signature of ${JSON.stringify(deviceId)}`, async () => {
      const at = Date.parse(authSignatureExpiresAt);
      const wanted = { authSignature, authSignatureExpiresAt };
      equal(
        await resolves(() =>
          signVisitor({ visitorSecret }, { deviceId, now: at - 5, expiresInMs: 5 }),
        ),
        wanted,
        'with its lifetime',
      );
      equal(
        await resolves(() => signVisitor({ visitorSecret }, { deviceId, now: at - 3_600_000 })),
        wanted,
        'with the default one',
      );
    });
  }
  const sign = (request, options) =>
    signVisitor({ visitorSecret: SECRET, ...options }, { deviceId: 'dev-1', ...request });
  test('a signature is good for an hour from now, and shows nothing of the secret', async () => {
    const before = Date.now();
    const { authSignature, authSignatureExpiresAt } = await resolves(() => sign());
    const lifetime = Date.parse(authSignatureExpiresAt) - 3_600_000;
    ok(before <= lifetime && lifetime <= Date.now(), `expires at ${authSignatureExpiresAt}`);
    match(authSignature, /^[0-9a-f]{64}$/, 'signature');
    match(authSignatureExpiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'date');
    ok(!spills(authSignature), 'the secret');
  });
  test('device ids of any kind and of all lengths that are allowed', async () => {
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
  const bad = {
    'no device id': { deviceId: undefined },
    'an empty device id': { deviceId: '' },
    'a device id of 151 characters': { deviceId: 'x'.repeat(151) },
    'a device id that is a number': { deviceId: 42 },
    'a device id with half a surrogate pair': { deviceId: HALF },
    'a device id that goes on as the rest of the text': {
      deviceId: 'dev-1&authSignatureExpiresAt=2099-01-01T00:00:00.000Z',
    },
    'a lifetime of nothing': { expiresInMs: 0 },
    'a lifetime below nothing': { expiresInMs: -1 },
    'a lifetime that is no number': { expiresInMs: NaN },
    'a lifetime without end': { expiresInMs: Infinity },
    'a lifetime in words': { expiresInMs: '5' },
    'a time that is no number': { now: NaN },
    'a time in words': { now: '2026-01-01' },
    'a date after the year 9999': { now: Date.UTC(9999, 11, 31, 23, 59, 59, 999), expiresInMs: 1 },
    'a date before 1970': { now: -10, expiresInMs: 5 },
  };
  for (const [what, request] of Object.entries(bad)) {
    test(`${what} is refused`, () =>
      rejects(() => sign(request), {
        kind: 'invalidRequest',
        operation: 'signVisitor',
        attempts: 0,
        message: new RegExp(`\`(${Object.keys(request).join('|')}|expiresInMs)\``),
      }));
  }
  test('the last date that is written in four digits is fine', async () => {
    const { authSignatureExpiresAt } = await resolves(() =>
      sign({ now: Date.UTC(9999, 11, 31, 23, 59, 59, 998), expiresInMs: 1 }),
    );
    equal(authSignatureExpiresAt, '9999-12-31T23:59:59.999Z', 'date');
  });
  for (const visitorSecret of [undefined, null, '', 42, HALF]) {
    test(`the visitor secret ${JSON.stringify(visitorSecret)} is refused`, () =>
      rejects(() => sign({}, { visitorSecret }), {
        kind: 'config',
        operation: 'signVisitor',
        message: /`visitorSecret`/,
      }));
  }
  test('nothing at all is refused', async () => {
    await rejects(() => signVisitor(), { operation: 'signVisitor' });
    await rejects(() => signVisitor({ visitorSecret: SECRET }), { kind: 'invalidRequest' });
  });
  test('getters that throw are refused', async () => {
    await rejects(() => signVisitor(throwing('visitorSecret'), { deviceId: 'd' }), {
      kind: 'config',
    });
    await rejects(() => signVisitor({ visitorSecret: SECRET }, throwing('deviceId')), {
      kind: 'invalidRequest',
    });
  });
};

const webhooks = (test, { verifyWebhook }, vectors) => {
  const encode = (text) => new TextEncoder().encode(text);
  for (const { secret: key, body, signature } of vectors) {
    test(`the webhook ${body}`, async () => {
      for (const [shape, raw] of [
        ['text', body],
        ['bytes', encode(body)],
        ['a buffer', encode(body).buffer],
        ['a part of a buffer', encode(` ${body} `).subarray(1, -1)],
      ]) {
        equal(
          await resolves(() => verifyWebhook({ secret: key }, { body: raw, signature })),
          true,
          shape,
        );
      }
    });
    test(`the webhook ${body}, but not quite`, async () => {
      const wrong = [
        [key, `${body} `, signature],
        [key, '', signature],
        [key, new Uint8Array(), signature],
        [`${key} `, body, signature],
        [key, body, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
      ];
      for (const [other, raw, sent] of wrong)
        equal(
          await resolves(() => verifyWebhook({ secret: other }, { body: raw, signature: sent })),
          false,
          'verified',
        );
    });
  }
  const [{ secret: key, body, signature }] = vectors;
  test('a signature that is no text is wrong, whatever it would be as one', async () => {
    const sly = { toString: () => signature };
    const nasty = {
      toString() {
        throw new Error(CANARY);
      },
    };
    for (const sent of [Symbol('signature'), [signature], sly, nasty, 1n])
      equal(
        await resolves(() => verifyWebhook({ secret: key }, { body, signature: sent })),
        false,
        'verified',
      );
  });
  test('getters that throw are refused', async () => {
    await rejects(() => verifyWebhook(throwing('secret'), { body, signature }), { kind: 'config' });
    for (const request of [throwing('body'), throwing('signature')])
      await rejects(() => verifyWebhook({ secret: key }, request), {
        kind: 'invalidRequest',
        operation: 'verifyWebhook',
      });
  });
  test('a body of a symbol is refused', () =>
    rejects(() => verifyWebhook({ secret: key }, { body: Symbol('body'), signature }), {
      kind: 'invalidRequest',
      message: /`body`/,
    }));
  const hex = Array.from(atob(signature), (character) =>
    character.charCodeAt().toString(16).padStart(2, '0'),
  ).join('');
  const junk = [
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
  for (const sent of junk) {
    test(`the signature ${JSON.stringify(sent)} is wrong, and no error`, async () =>
      equal(
        await resolves(() => verifyWebhook({ secret: key }, { body, signature: sent })),
        false,
        'verified',
      ));
  }
  for (const raw of [undefined, null, 42, {}, { event: 'channel.didAddUsers' }, [123]]) {
    test(`the body ${JSON.stringify(raw)} is refused, whatever the signature`, async () => {
      for (const sent of [signature, 'junk'])
        await rejects(() => verifyWebhook({ secret: key }, { body: raw, signature: sent }), {
          kind: 'invalidRequest',
          operation: 'verifyWebhook',
          message: /`body`/,
        });
    });
  }
  for (const other of [undefined, null, '', 42, HALF]) {
    test(`the secret ${JSON.stringify(other)} is refused`, () =>
      rejects(() => verifyWebhook({ secret: other }, { body, signature }), {
        kind: 'config',
        operation: 'verifyWebhook',
        message: /`secret`/,
      }));
  }
  test('nothing at all is refused', () => rejects(() => verifyWebhook(), { kind: 'config' }));
};

export default ({ test, lib, vectors }) => {
  if (!lib.edge) return;
  visitors(test, lib.edge, vectors.signatures);
  webhooks(test, lib.edge, vectors.webhooks);
};
