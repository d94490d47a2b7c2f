// Reads what callers hand in: into plain copies with the type of everything checked, so that no getter of theirs runs inside wasm and nothing there is
// of another type than it seems. What the values may be is for the Rust side to say.
import { SocialPlusError } from './error.js';

const OPTIONS = { apiKey: 'string', region: 'string', endpoint: 'string', apiVersion: 'string', fetch: 'function', timeoutMs: 'number', retry: 'object', onEvent: 'function' };
const RETRY = { attempts: 'number', baseDelayMs: 'number', maxDelayMs: 'number' };
const REQUEST = { userId: 'string', deviceId: 'string', displayName: 'string', profileHandle: 'string', authToken: 'string', deviceInfo: 'object', refreshToken: 'string', accessToken: 'string', signal: 'object' };
const DEVICE = { kind: 'string', model: 'string', sdkVersion: 'string' };

const copy = (given, types, refuse, path = '') => {
  const read = {};
  for (const name in types) {
    const type = types[name];
    let value;
    try {
      value = given?.[name];
      if (name === 'endpoint') value = value?.href ?? value;
    } catch {
      refuse(`\`${path}${name}\` could not be read.`);
    }
    if (value === undefined || value === null) continue;
    if (typeof value !== type && !(name === 'retry' && value === false)) refuse(`\`${path}${name}\` must be a${type === 'object' ? 'n' : ''} ${type}.`);
    // In UTF-8 every half of a surrogate pair becomes the same character, and so two user ids one.
    if (type === 'string' && /\p{Surrogate}/u.test(value)) refuse(`\`${path}${name}\` has half a surrogate pair in it.`);
    read[name] = value;
  }
  return read;
};

const refusal = (kind, operation) => (message) => {
  throw new SocialPlusError({ kind, operation, message });
};

/** The options of a call, `retry` flattened; `more` are those that only some calls have. */
export const readOptions = (operation, given, more) => {
  const refuse = refusal('config', operation);
  const { retry, ...options } = copy(given, { ...OPTIONS, ...more }, refuse);
  return retry === undefined ? options : { ...options, ...(retry ? copy(retry, RETRY, refuse, 'retry.') : { attempts: 1 }) };
};

/** The request of a call. */
export const readRequest = (operation, given) => {
  const refuse = refusal('invalidRequest', operation);
  const request = copy(given, REQUEST, refuse);
  if (request.deviceInfo) request.deviceInfo = copy(request.deviceInfo, DEVICE, refuse, 'deviceInfo.');
  return request;
};
