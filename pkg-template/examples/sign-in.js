// The app's own sign-in, of which social.plus knows nothing: put yours here. This one reads a JWT
// that the app has signed (HS256) from the cookie `session`. What matters is that nobody can write
// one for another user, and that the user id comes from here alone.
const encoder = new TextEncoder();
const bytes = (base64url) =>
  Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (char) =>
    char.charCodeAt(0),
  );
const json = (base64url) => JSON.parse(new TextDecoder().decode(bytes(base64url)));

/** Who is asking, or `null`. */
export const signedInUser = async ({ headers }, secret) => {
  if (!secret) throw new Error('SESSION_SECRET is not set.');
  const [, head, claims, signature] =
    /(?:^|;\s*)session=([\w-]+)\.([\w-]+)\.([\w-]+)(?:;|$)/.exec(headers.get('cookie') ?? '') ?? [];
  if (!signature) return null;
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
      bytes(signature),
      encoder.encode(`${head}.${claims}`),
    );
    const { sub, name, exp } = json(claims);
    return isGenuine && json(head).alg === 'HS256' && exp * 1000 > Date.now()
      ? { userId: sub, displayName: name }
      : null;
  } catch {
    return null;
  }
};
