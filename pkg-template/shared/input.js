// Reads what callers hand in, with the type of everything checked: no getter of theirs runs inside
// wasm, and nothing there is of another type than it seems. What the values may be is for the Rust
// side to say.
import { SocialPlusError } from './error.js';

// Each list is in the order of `Input::read` in src/js/input.rs.
const RETRY = ['attempts', 'baseDelayMs', 'maxDelayMs'];
const SERVICE = ['region', 'endpoint', 'apiVersion', 'apiKey'];
const SESSION = ['userId', 'deviceId', 'displayName', 'profileHandle', 'authToken'];
const DEVICE = ['kind', 'model', 'sdkVersion'];
const SIGNATURE = ['authSignature', 'authSignatureExpiresAt'];

/** Where an auth token that is minted in the call itself goes. */
export const AUTH_TOKEN = 1 + RETRY.length + SERVICE.length + 1 + SESSION.indexOf('authToken');

/** Reads `given[name]`, which must be of `type` if it is there at all. */
export const reader =
  (kind, operation, given, path = '') =>
  (type) =>
  (name) => {
    const refuse = (why) => {
      throw new SocialPlusError({ kind, operation, message: `\`${path}${name}\` ${why}.` });
    };
    let value;
    try {
      value = given?.[name];
      if (name === 'endpoint') value = value?.href ?? value;
    } catch {
      refuse('could not be read');
    }
    if (value === undefined || value === null) return undefined;
    const is = Array.isArray(value) ? 'array' : typeof value;
    if (is !== type && !(name === 'retry' && value === false)) refuse(`must be of type ${type}`);
    // In UTF-8 every half of a surrogate pair becomes the same character, and so two user ids one.
    if (type === 'string' && /\p{Surrogate}/u.test(value))
      refuse('has half a surrogate pair in it');
    return value;
  };

/**
 * One call: `list` for wasm, and what is left to do here; `report` tells the caller's listener, and
 * never throws. `credential` names what the call has besides the API key, in the options (a server
 * key) or in the request (a token); `versioned` names one more API version among the options;
 * `user` is what the call names the user by; `once` keeps it from being sent twice; `detail` makes
 * what only a call of an administrator has.
 */
export const readInput = (
  operation,
  options,
  request,
  { credential, inOptions, versioned, user = 'userId', once, detail } = {},
) => {
  const option = reader('config', operation, options);
  const field = reader('invalidRequest', operation, request);
  const onEvent = option('function')('onEvent');
  // A session client's own, so that its calls go by the same.
  const clock = option('object')('clock') ?? Date;
  const report =
    onEvent &&
    ((type, event) => {
      try {
        onEvent({ type, at: clock.now(), operation, ...event })?.catch?.(() => {});
      } catch {
        // The listener's own trouble.
      }
    });
  const given = option('object')('retry');
  const retry =
    given === false || once
      ? [1, 0, 0]
      : RETRY.map(reader('config', operation, given, 'retry.')('number'));
  const session = [user, ...SESSION.slice(1)].map(field('string'));
  const device = reader(
    'invalidRequest',
    operation,
    field('object')('deviceInfo'),
    'deviceInfo.',
  )('string');
  const signal = field('object')('signal');
  const part = reader('invalidRequest', operation, signal, 'signal.');
  if (
    signal &&
    (part('function')('addEventListener') === undefined || part('boolean')('aborted') === undefined)
  ) {
    throw new SocialPlusError({
      kind: 'invalidRequest',
      operation,
      message: '`signal` must be an AbortSignal.',
    });
  }
  const list = [
    option('number')('timeoutMs'),
    ...retry,
    ...SERVICE.map(option('string')),
    credential && (inOptions ? option : field)('string')(credential),
    ...session,
    ...DEVICE.map(device),
    ...SIGNATURE.map(field('string')),
    versioned && option('string')(versioned),
    detail?.(request, operation),
  ];
  const [userId, deviceId] = session;
  return {
    list,
    fetch: option('function')('fetch'),
    signal,
    userId,
    deviceId,
    report,
    clock,
    at: clock.now(),
    attempts: 0,
  };
};
