// What the emulator's topics share: one of it, a call with bare `fetch`, and what a refusal looks
// like.
import { equal, match, ok, settled, spills } from './harness.mjs';

const BASE = 'https://emulator.test';
export const AT = `${BASE}/api/v5/sessions`;

/** An emulator, and a sign-in with bare `fetch`. */
export const started = async (lib, options) => {
  const service = await lib.emulator.createEmulator(options);
  const headers = { 'x-api-key': service.apiKey, 'content-type': 'application/json' };
  const init = (body) => ({ method: 'POST', headers, body: JSON.stringify(body) });
  const signIn = (userId = 'ada', deviceId = 'd') => service.fetch(AT, init({ userId, deviceId }));
  return { service, init, signIn };
};

/** A refusal of a kind, whose message names the field and holds no secret. */
export const refusal = async (lib, call, kind, naming) => {
  const { error } = await settled(call);
  ok(lib.emulator.SocialPlusError.is(error), `no SocialPlusError: ${error}`);
  equal(error.kind, kind, 'kind');
  match(error.message, naming, 'message');
  ok(!spills(`${error.message}${error.stack}`), 'a value is repeated');
};

/** One call with bare `fetch`, its answer's status and body. */
export const asked = async (service, method, path, { bearer, key, ...body } = {}) => {
  const headers = { 'x-api-key': service.apiKey, 'content-type': 'application/json' };
  if (bearer !== undefined) headers.authorization = `Bearer ${bearer}`;
  if (key !== undefined) headers['x-server-key'] = key;
  const bodiless = method === 'GET' || Object.keys(body).length === 0;
  const response = await service.fetch(BASE + path, {
    method,
    headers,
    body: bodiless ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('"') ? JSON.parse(text) : text,
  };
};
