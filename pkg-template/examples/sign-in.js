// The sign-in of your app: replace this file with your own. It decides who the user is, so a caller
// must not be able to forge the result. This version verifies a JWT (HS256) in the cookie
// `session`.
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** @param {string} text */
const decodeBase64Url = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));

/** @param {string} part */
const parsePart = (part) => JSON.parse(decoder.decode(decodeBase64Url(part)));

/**
 * Returns the user who is signed in to the app, or `null`.
 *
 * @param {Request} request
 * @param {string} secret
 * @returns {Promise<{ userId: string, displayName?: string } | null>}
 */
export const findSignedInUser = async ({ headers }, secret) => {
  if (!secret) throw new Error('SESSION_SECRET is not set.');
  const cookie = headers.get('cookie') ?? '';
  const jwt = /(?:^|;\s*)session=([\w-]+)\.([\w-]+)\.([\w-]+)(?:;|$)/.exec(cookie);
  if (!jwt) return null;
  const [, head = '', claims = '', signature = ''] = jwt;
  const key = await crypto.subtle.importKey(
    'raw',
    encoder.encode(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  try {
    // `verify` compares in constant time.
    const isGenuine = await crypto.subtle.verify(
      'HMAC',
      key,
      decodeBase64Url(signature),
      encoder.encode(`${head}.${claims}`),
    );
    if (!isGenuine || parsePart(head).alg !== 'HS256') return null;
    const { sub, name, exp } = parsePart(claims);
    return exp * 1000 > Date.now() ? { userId: sub, displayName: name } : null;
  } catch {
    // A part is not base64url or not JSON, so the app did not create the cookie.
    return null;
  }
};
