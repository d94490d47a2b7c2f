// The app's own sign-in, which does not involve social.plus: a cookie that names the user, signed
// with HMAC-SHA-256 so that nobody can forge a cookie for another user. A real app has its own
// sign-in. The token route only requires that `findSignedInUser` relies on a credential that the
// page can neither read nor forge.

const LIFETIME_SECONDS = 3600;
const encoder = new TextEncoder();

/** @param {string} secret */
const importKey = (secret) =>
  crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);

/** @param {ArrayBuffer} bytes */
const toHex = (bytes) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
/** @param {string} hex */
const fromHex = (hex) => new Uint8Array((hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));

/**
 * Returns a `Set-Cookie` value. The cookie is `Secure` only if the request used TLS, because the
 * demo runs on http://127.0.0.1, where Safari would drop a `Secure` cookie.
 *
 * @param {Request} request
 * @param {string} value
 * @param {number} maxAge
 */
function createCookie(request, value, maxAge) {
  const secure = new URL(request.url).protocol === 'https:' ? '; Secure' : '';
  return `app-session=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

/**
 * Returns the `Set-Cookie` value that signs this user in to the app.
 *
 * @param {Request} request
 * @param {string} userId
 * @param {string} secret
 */
export async function createSignedInCookie(request, userId, secret) {
  const claim = `${userId}.${Math.floor(Date.now() / 1000) + LIFETIME_SECONDS}`;
  const signature = await crypto.subtle.sign(
    'HMAC',
    await importKey(secret),
    encoder.encode(claim),
  );
  return createCookie(request, `${claim}.${toHex(signature)}`, LIFETIME_SECONDS);
}

/**
 * Returns the `Set-Cookie` value that signs the app's user out.
 *
 * @param {Request} request
 */
export const createSignedOutCookie = (request) => createCookie(request, '', 0);

/**
 * Returns the user who sent a request, as `{userId}`, or `null` if the request has no valid cookie.
 *
 * @param {Request} request
 * @param {string} secret
 */
export async function findSignedInUser(request, secret) {
  const value = /(?:^|;\s*)app-session=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1];
  const [, userId, expires, signature] = /^(\w+)\.(\d+)\.([0-9a-f]{64})$/.exec(value ?? '') ?? [];
  if (!userId || !signature || Number(expires) * 1000 < Date.now()) return null;
  // `verify` compares in constant time; a comparison of strings would not.
  const isGenuine = await crypto.subtle.verify(
    'HMAC',
    await importKey(secret),
    fromHex(signature),
    encoder.encode(`${userId}.${expires}`),
  );
  return isGenuine ? { userId } : null;
}
