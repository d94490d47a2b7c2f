// Reads the claims of an access token, which are the payload of a JWT. Anyone can read the claims;
// only the service can verify them.

/**
 * Returns the payload, or an empty object if the token is not a JWT.
 *
 * @param {string} token
 * @returns {Record<string, unknown>}
 */
export function readClaims(token) {
  try {
    const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
}

const TIME_CLAIMS = new Set(['iat', 'exp', 'nbf']);
const MAX_TEXT_LENGTH = 48;

/**
 * Returns the claims as pairs of a name and a text.
 *
 * @param {Record<string, unknown>} claims
 * @returns {[name: string, text: string][]}
 */
export function toClaimRows(claims) {
  return Object.entries(claims).flatMap(([name, value]) =>
    value !== null && typeof value === 'object'
      ? Object.entries(value).map(([inner, innerValue]) =>
          toRow(`${name}.${inner}`, inner, innerValue),
        )
      : [toRow(name, name, value)],
  );
}

/**
 * @param {string} label
 * @param {string} name
 * @param {unknown} value
 * @returns {[string, string]}
 */
const toRow = (label, name, value) => [label, format(name, value)];

/**
 * @param {string} name
 * @param {unknown} value
 */
function format(name, value) {
  if (TIME_CLAIMS.has(name) && typeof value === 'number')
    return new Date(value * 1000).toLocaleString(undefined, {
      dateStyle: 'medium',
      timeStyle: 'medium',
    });
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH - 1)}…` : text;
}

/**
 * Returns the start of the token's id, the claim `jti`. Two tabs that show the same id have the
 * same session.
 *
 * @param {Record<string, unknown>} claims
 */
export const readShortId = ({ jti }) => (typeof jti === 'string' ? jti.slice(0, 6) : undefined);
