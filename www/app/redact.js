// Takes the secrets out of whatever the page shows of a request. The real ones stay where they must
// be: in the request.
export const mask = '••••••••';

const secretField = /token|secret|signature|password|server-?key/i;

/** A copy of a body with every secret field masked. */
export function redactBody(value) {
  if (Array.isArray(value)) return value.map(redactBody);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      secretField.test(name) && typeof inner === 'string' ? mask : redactBody(inner),
    ]),
  );
}

/** The API key names the network and is no secret; its beginning is enough to know it again. */
export function redactHeader(name, value) {
  if (name === 'x-api-key') return `${value.slice(0, 4)}… (names your network, no secret)`;
  if (name === 'authorization') return `Bearer ${mask}`;
  return secretField.test(name) ? mask : value;
}
