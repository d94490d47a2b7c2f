// The app's own sign-in, which social.plus knows nothing of: a cookie that names the user, signed
// with HMAC-SHA-256 so that nobody can write one for another user. A real app has its own; what
// matters to the token route is only that `signedInUser` answers from something the page can
// neither read nor forge.
const lifetimeSeconds = 3600;
const encoder = new TextEncoder();

const keyFrom = (secret) =>
  crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);

const toHex = (bytes) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex) => new Uint8Array((hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16)));

// `Secure` wherever there is TLS; a demo on http://127.0.0.1 has none, and Safari would drop the
// cookie.
const cookie = (request, value, maxAge) =>
  `app-session=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${new URL(request.url).protocol === 'https:' ? '; Secure' : ''}`;

/** The `Set-Cookie` value that signs this user in to the app. */
export async function signedInCookie(request, userId, secret) {
  const claim = `${userId}.${Math.floor(Date.now() / 1000) + lifetimeSeconds}`;
  const signature = await crypto.subtle.sign('HMAC', await keyFrom(secret), encoder.encode(claim));
  return cookie(request, `${claim}.${toHex(signature)}`, lifetimeSeconds);
}

/** The `Set-Cookie` value that signs the app's user out. */
export const signedOutCookie = (request) => cookie(request, '', 0);

/** Who is asking, as `{userId}`, or `null`: decided by the cookie alone. */
export async function signedInUser(request, secret) {
  const value = /(?:^|;\s*)app-session=([^;]*)/.exec(request.headers.get('cookie') ?? '')?.[1];
  const [, userId, expires, signature] = /^(\w+)\.(\d+)\.([0-9a-f]{64})$/.exec(value ?? '') ?? [];
  if (!userId || Number(expires) * 1000 < Date.now()) return null;
  // `verify` compares in constant time; comparing two strings would not.
  const genuine = await crypto.subtle.verify(
    'HMAC',
    await keyFrom(secret),
    fromHex(signature),
    encoder.encode(`${userId}.${expires}`),
  );
  return genuine ? { userId } : null;
}
