// What an access token says of itself: the payload of a JWT, which anyone may read and only the
// service can vouch for.

/** The payload; a token that is no JWT has none. */
export function claimsOf(token) {
  try {
    const base64 = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(
      new TextDecoder().decode(
        Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)),
      ),
    );
  } catch {
    return {};
  }
}

const times = new Set(['iat', 'exp', 'nbf']);

/** The claims as rows, a name and a text each. */
export function claimRows(claims) {
  return Object.entries(claims).flatMap(([name, value]) =>
    value !== null && typeof value === 'object'
      ? Object.entries(value).map(([inner, innerValue]) => [
          `${name}.${inner}`,
          shown(inner, innerValue),
        ])
      : [[name, shown(name, value)]],
  );
}

function shown(name, value) {
  if (times.has(name) && Number.isFinite(value))
    return new Date(value * 1000).toLocaleString(undefined, {
      dateStyle: 'medium',
      timeStyle: 'medium',
    });
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 48 ? `${text.slice(0, 47)}…` : text;
}

/**
 * Enough of a token's own id to know it again: two tabs that show the same have the same session.
 */
export const markOf = (claims) =>
  typeof claims.jti === 'string' ? claims.jti.slice(0, 6) : undefined;
