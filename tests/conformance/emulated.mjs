// Helpers that the emulator's topics share: creating an emulator, calling it with plain `fetch`,
// and asserting a rejection.
import { equal, match, ok, settled, containsSecret } from './harness.mjs';

const BASE = 'https://emulator.test';
export const AT = `${BASE}/api/v5/sessions`;

/** Creates an emulator, and a function that signs in with plain `fetch`. */
export const started = async (lib, options) => {
  const service = await lib.emulator.createEmulator(options);
  const headers = { 'x-api-key': service.apiKey, 'content-type': 'application/json' };
  const init = (body) => ({ method: 'POST', headers, body: JSON.stringify(body) });
  const signIn = (userId = 'ada', deviceId = 'd') => service.fetch(AT, init({ userId, deviceId }));
  return { service, init, signIn };
};

/** Asserts that the call rejects with this kind, names the field, and contains no secret. */
export const refusal = async (lib, call, kind, naming) => {
  const { error } = await settled(call);
  ok(lib.emulator.SocialPlusError.is(error), `rejected with ${error} instead of a SocialPlusError`);
  equal(error.kind, kind, 'kind');
  match(error.message, naming, 'message');
  ok(!containsSecret(`${error.message}${error.stack}`), 'the error contains a secret');
};

/** Calls the emulator with plain `fetch` and returns the status and body of the response. */
export const send = async (service, method, path, { bearer, key, ...body } = {}) => {
  const headers = { 'x-api-key': service.apiKey, 'content-type': 'application/json' };
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
  if (key !== undefined) headers['x-server-key'] = key;
  const hasNoBody = method === 'GET' || Object.keys(body).length === 0;
  const response = await service.fetch(BASE + path, {
    method,
    headers,
    body: hasNoBody ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('"') ? JSON.parse(text) : text,
  };
};
