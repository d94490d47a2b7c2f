// Signs the devices of visitors and verifies webhooks, with HMAC-SHA-256 of WebCrypto.
import { HEX_RADIX, YEAR_10000 } from './constants.js';
import { fail } from './error.js';
import { createReader } from './reader.js';
import { DEFAULT_SIGNATURE_LIFETIME_MS, MAX_DEVICE_ID_LENGTH } from './wire.js';

const DATE_FIELD = '&authSignatureExpiresAt=';

/** @param {string} text */
const encode = (text) => new TextEncoder().encode(text);

/**
 * Imports the secret in the option `name` as a key.
 *
 * @param {string} operation
 * @param {unknown} options
 * @param {string} name
 * @param {'sign' | 'verify'} usage
 */
const importKey = (operation, options, name, usage) => {
  const secret =
    createReader('config', operation, options)('string')(name) ||
    fail('config', operation, 'is missing or empty.', name);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', encode(secret), algorithm, false, [usage]);
};

/**
 * Signs a visitor's device. `src/protocol/visitor.rs` checks the input and builds the text to sign
 * for Rust programs, but exporting it from the wasm module would take more bytes than this code.
 *
 * @type {typeof import('social-plus-auth/edge').signVisitor}
 */
export const signVisitor = async (options, request) => {
  const operation = 'signVisitor';
  const kind = 'invalidRequest';
  const read = createReader(kind, operation, request);
  const deviceId = read('string')('deviceId') ?? '';
  const { length } = deviceId;
  if (!length || length > MAX_DEVICE_ID_LENGTH)
    fail(
      kind,
      operation,
      `must be 1 to ${MAX_DEVICE_ID_LENGTH} characters (got ${length}).`,
      'deviceId',
    );
  // The signed text of such an id would also be the text of a shorter id with another date.
  if (deviceId.includes(DATE_FIELD))
    fail(kind, operation, `must not contain \`${DATE_FIELD}\`.`, 'deviceId');
  const lifetimeMs = read('number')('expiresInMs') ?? DEFAULT_SIGNATURE_LIFETIME_MS;
  const at = (read('number')('now') ?? Date.now()) + lifetimeMs;
  if (!(lifetimeMs > 0 && at >= 0 && at < YEAR_10000))
    fail(kind, operation, 'must be more than 0 and end before the year 10000.', 'expiresInMs');
  const authSignatureExpiresAt = new Date(at).toISOString();
  const text = `deviceId=${deviceId}${DATE_FIELD}${authSignatureExpiresAt}`;
  const key = await importKey(operation, options, 'visitorSecret', 'sign');
  const signature = await crypto.subtle.sign('HMAC', key, encode(text));
  const authSignature = Array.from(new Uint8Array(signature), (byte) =>
    byte.toString(HEX_RADIX).padStart(2, '0'),
  ).join('');
  return { authSignature, authSignatureExpiresAt };
};

/** @type {typeof import('social-plus-auth/edge').verifyWebhook} */
export const verifyWebhook = async (options, request) => {
  const operation = 'verifyWebhook';
  const secret = await importKey(operation, options, 'secret', 'verify');
  try {
    const { body, signature } = request ?? {};
    const data = typeof body === 'string' ? encode(body) : body;
    // If the signature is missing or malformed, return false: the sender has caused this, and a
    // usage error would blame the app.
    const isSignature = typeof signature === 'string' && /^[A-Za-z\d+/]{43}=$/.test(signature);
    const bytes = Uint8Array.from(isSignature ? atob(signature) : '', (character) =>
      character.charCodeAt(0),
    );
    // `verify` compares in constant time.
    return await crypto.subtle.verify('HMAC', secret, bytes, /** @type {BufferSource} */ (data));
  } catch {
    return fail('invalidRequest', operation, 'must be the raw body, a string or bytes.', 'body');
  }
};
