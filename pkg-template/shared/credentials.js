// What a session is asked for with in secure mode: an auth token, or a visitor's signature, from
// the app's own function or from an edge handler's route. Whatever those do is the app's own
// trouble and passes: it never ends a session.
import { SocialPlusError } from './error.js';
import { host } from './host.js';
import { exchange } from './transport.js';

const TROUBLE = {
  1: 'network',
  2: 'invalidResponse',
  3: 'invalidResponse',
  4: 'timeout',
  5: 'aborted',
  6: 'network',
  401: 'unauthorized',
  403: 'forbidden',
  429: 'rateLimited',
};

const refuse = (operation, kind, why, more) => {
  throw new SocialPlusError({
    operation,
    kind,
    message: `\`${operation}\` ${why}`,
    retryable: true,
    ...more,
  });
};

/** The JSON of a route's answer. */
const ask = async (operation, url, { fetch, deviceId, timeoutMs, signal }) => {
  // Not on a worker: some of them throw at the word.
  const send = (address, init) =>
    (fetch ?? globalThis.fetch)(address, host.still ? init : { ...init, credentials: 'include' });
  const request = {
    method: 'POST',
    url,
    headers: 'content-type\napplication/json',
    body: JSON.stringify({ deviceId }),
    timeoutMs,
  };
  const { status, text, retryAfterMs } = await exchange(send, request, signal);
  if (status !== 200) {
    const kind = TROUBLE[status] ?? (status < 500 ? 'invalidResponse' : 'server');
    refuse(operation, kind, status < 10 ? 'got no answer.' : `was answered ${status}.`, {
      retryAfterMs,
      ...(status > 9 && { status }),
    });
  }
  try {
    return JSON.parse(text);
  } catch {
    return refuse(operation, 'invalidResponse', 'was answered no JSON.');
  }
};

/** What the app's function gives, within `timeoutMs`. */
const call = async (operation, source, { timeoutMs, signal, userId, deviceId }) => {
  const controller = new AbortController();
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'timeout');
    signal.addEventListener('abort', () => resolve('aborted'), { signal: controller.signal });
  }).then((kind) => refuse(operation, kind, 'took too long.'));
  // Whichever is the later, nobody hears of it.
  late.catch(() => {});
  try {
    return await Promise.race([late, source({ userId, deviceId, signal: controller.signal })]);
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
};

/**
 * What `source`, the option of this name, gives: an object with these fields, each of them text.
 */
export const credential = async (operation, source, fields, about) => {
  let given;
  try {
    given = await (typeof source === 'function'
      ? call(operation, source, about)
      : ask(operation, String(source), about));
  } catch (error) {
    if (SocialPlusError.is(error)) throw error;
    refuse(operation, 'network', 'threw.');
  }
  if (typeof given === 'string') given = { [fields[0]]: given };
  const kept = {};
  for (const field of fields) {
    const text = given?.[field];
    // The contract's own limits: a page of some portal is none, and the service is not asked with
    // it.
    if (typeof text !== 'string' || !/^[^\s<]{1,100}$/.test(text))
      refuse(
        operation,
        'invalidResponse',
        `must give \`${field}\`, a text of 1 to 100 characters.`,
      );
    kept[field] = text;
  }
  return kept;
};
