// Helpers for the topics about the emulator. They create an emulator, send requests directly with
// its `fetch`, and assert that a call rejects.
import { equal, match, ok, getOutcome, containsSecret } from './harness.mjs';

const BASE = 'https://emulator.test';
export const SESSIONS_URL = `${BASE}/api/v5/sessions`;

/**
 * Creates an emulator, a function that creates the init of a POST request, and a function that
 * signs in with the emulator's `fetch`.
 */
export const createTestService = async (lib, options) => {
  const service = await lib.emulator.createEmulator(options);
  const headers = { 'x-api-key': service.apiKey, 'content-type': 'application/json' };
  const createInit = (body) => ({ method: 'POST', headers, body: JSON.stringify(body) });
  const signIn = (userId = 'ada', deviceId = 'd') =>
    service.fetch(SESSIONS_URL, createInit({ userId, deviceId }));
  return { service, createInit, signIn };
};

/**
 * Asserts that the call rejects with this kind and message, and that the error contains no secret.
 */
export const assertRefusal = async (lib, call, kind, pattern) => {
  const { error } = await getOutcome(call);
  ok(
    lib.emulator.SocialPlusError.is(error),
    `the call did not reject with a SocialPlusError (error: ${error})`,
  );
  equal(error.kind, kind, 'kind');
  match(error.message, pattern, 'message');
  ok(!containsSecret(`${error.message}${error.stack}`), 'the error contains a secret');
};

/**
 * Sends a request with the emulator's `fetch`. `bearer` is an access or admin token, `key` is a
 * server key, and the other fields form the body. Returns the status and body of the response.
 */
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
