// The two signatures of the service, over WebCrypto: the one that we make for a visitor, and the
// one of a webhook, which we check. Both are HMAC-SHA-256.
import { fail } from './error.js';
import { reader } from './input.js';

/** The first moment that ISO 8601 writes with more than four digits for the year. */
const YEAR_10000 = 253_402_300_800_000;

const bytes = (text) => new TextEncoder().encode(text);

/** The key that the secret `name` makes. */
const key = (operation, options, name, use) => {
  const secret =
    reader('config', operation, options)('string')(name) ||
    fail('config', operation, `\`${name}\` is missing or empty.`);
  return crypto.subtle.importKey('raw', bytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    use,
  ]);
};

/** `signVisitor` of types/edge.d.ts. */
export const signVisitor = async (options, request) => {
  const operation = 'signVisitor';
  const kind = 'invalidRequest';
  const read = reader(kind, operation, request);
  const deviceId = read('string')('deviceId') ?? '';
  // Signed for a device of such a name, the text would be good for another device and another date
  // as well.
  if (!/^[^]{1,150}$/.test(deviceId) || deviceId.includes('&authSignatureExpiresAt=')) {
    fail(
      kind,
      operation,
      '`deviceId` must have 1 to 150 characters, and no `&authSignatureExpiresAt=`.',
    );
  }
  const lifetimeMs = read('number')('expiresInMs') ?? 3_600_000;
  const at = (read('number')('now') ?? Date.now()) + lifetimeMs;
  if (!(lifetimeMs > 0 && at >= 0 && at < YEAR_10000))
    fail(kind, operation, '`expiresInMs` must be over 0, and end before the year 10000.');
  const authSignatureExpiresAt = new Date(at).toISOString();
  const text = `deviceId=${deviceId}&authSignatureExpiresAt=${authSignatureExpiresAt}`;
  const made = await crypto.subtle.sign(
    'HMAC',
    await key(operation, options, 'visitorSecret', 'sign'),
    bytes(text),
  );
  const authSignature = Array.from(new Uint8Array(made), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
  return { authSignature, authSignatureExpiresAt };
};

/** `verifyWebhook` of types/edge.d.ts. */
export const verifyWebhook = async (options, request) => {
  const operation = 'verifyWebhook';
  const secret = await key(operation, options, 'secret', 'verify');
  try {
    const { body, signature } = request ?? {};
    const data = typeof body === 'string' ? bytes(body) : body;
    // One that is missing, or no signature at all, comes from a stranger: it is as wrong as a wrong
    // one, and no error of whoever asks.
    const text =
      typeof signature === 'string' && /^[A-Za-z\d+/]{43}=$/.test(signature) ? atob(signature) : '';
    // Compares in constant time.
    return await crypto.subtle.verify(
      'HMAC',
      secret,
      Uint8Array.from(text, (character) => character.charCodeAt()),
      data,
    );
  } catch {
    return fail('invalidRequest', operation, '`body` must be the raw body, a string or bytes.');
  }
};
