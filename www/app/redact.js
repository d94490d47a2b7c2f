// Masks the secrets in the headers and bodies that the page shows. The requests themselves are not
// changed.

/** @type {string} */
export const mask = '••••••••';

const SECRET_FIELD = /token|secret|signature|password|server-?key/i;

/**
 * Returns a copy of a body in which each string in a secret field is masked.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
export function redactBody(value) {
  if (Array.isArray(value)) return value.map(redactBody);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_FIELD.test(name) && typeof inner === 'string' ? mask : redactBody(inner),
    ]),
  );
}

/**
 * Returns a header's value, masked if it is a secret. The API key is public, so it is only
 * shortened.
 *
 * @param {string} name
 * @param {string} value
 */
export function redactHeader(name, value) {
  if (name === 'x-api-key') return `${value.slice(0, 4)}… (names your network; not a secret)`;
  if (name === 'authorization') return `Bearer ${mask}`;
  return SECRET_FIELD.test(name) ? mask : value;
}
