// Reads what callers hand in, into the one list that src/js/input.rs takes, with the type of everything checked: no getter of theirs runs inside wasm,
// and nothing there is of another type than it seems. What the values may be is for the Rust side to say.
import { SocialPlusError } from './error.js';

// Each list below is in the order of `Input::read`.
const FUNCTIONS = ['fetch', 'onEvent'];
const RETRY = ['attempts', 'baseDelayMs', 'maxDelayMs'];
const SERVICE = ['region', 'endpoint', 'apiVersion', 'apiKey'];
const SESSION = ['userId', 'deviceId', 'displayName', 'profileHandle', 'authToken'];
const DEVICE = ['kind', 'model', 'sdkVersion'];

/** `given[name]`, which must be of `type` if it is there at all. */
const read = (refuse, given, name, type, path = '') => {
  let value;
  try {
    value = given?.[name];
    if (name === 'endpoint') value = value?.href ?? value;
  } catch {
    refuse(`\`${path}${name}\` could not be read.`);
  }
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type && !(name === 'retry' && value === false)) refuse(`\`${path}${name}\` must be a${type === 'object' ? 'n' : ''} ${type}.`);
  // In UTF-8 every half of a surrogate pair becomes the same character, and so two user ids one.
  if (type === 'string' && /\p{Surrogate}/u.test(value)) refuse(`\`${path}${name}\` has half a surrogate pair in it.`);
  return value;
};

const refusal = (kind, operation) => (message) => {
  throw new SocialPlusError({ kind, operation, message });
};

/**
 * The list for one call, and what is left to do here: `report` tells the caller's listener. `credential` names what the call has besides the API key, in the options (a server key) or in the request (a token);
 * `versioned` names one more API version among the options.
 */
export const readInput = (operation, options, request, { credential, inOptions, versioned } = {}) => {
  const option = (type) => (name) => read(refusal('config', operation), options, name, type);
  const field = (type) => (name) => read(refusal('invalidRequest', operation), request, name, type);
  const [fetch, onEvent] = FUNCTIONS.map(option('function'));
  const report = onEvent && ((type, event) => {
    try {
      onEvent({ type, at: Date.now(), operation, ...event });
    } catch {
      // The listener's own trouble.
    }
  });
  const retry = option('object')('retry');
  const device = field('object')('deviceInfo');
  const signal = field('object')('signal');
  if (signal && !(typeof signal.addEventListener === 'function' && typeof signal.aborted === 'boolean')) refusal('invalidRequest', operation)('`signal` must be an AbortSignal.');
  const session = SESSION.map(field('string'));
  const list = [
    fetch,
    report,
    signal,
    option('number')('timeoutMs'),
    ...(retry === false ? [1, 0, 0] : RETRY.map((name) => read(refusal('config', operation), retry, name, 'number', 'retry.'))),
    ...SERVICE.map(option('string')),
    credential && (inOptions ? option : field)('string')(credential),
    ...session,
    ...DEVICE.map((name) => read(refusal('invalidRequest', operation), device, name, 'string', 'deviceInfo.')),
    versioned && option('string')(versioned),
  ];
  const [userId, deviceId] = session;
  return { list, report, userId, deviceId };
};
