// What a session is asked for with in secure mode: an auth token, or a visitor's signature, from the app's own function or from an edge handler's route.
// Whatever those do is the app's own trouble and passes: it never ends a session.
import { SocialPlusError } from './error.js';
import { host } from './host.js';
import { exchange } from './transport.js';

const TROUBLE = { 1: 'network', 2: 'invalidResponse', 3: 'invalidResponse', 4: 'timeout', 5: 'aborted', 6: 'network', 401: 'unauthorized', 403: 'forbidden', 429: 'rateLimited' };

const refuse = (operation, kind, why, more) => {
  throw new SocialPlusError({ operation, kind, message: `\`${operation}\` ${why}`, retryable: true, ...more });
};

/** The JSON of a route's answer. */
const ask = async (operation, url, { fetch, deviceId, timeoutMs, signal }) => {
  // Not on a worker: some of them throw at the word.
  const send = (address, init) => (fetch ?? globalThis.fetch)(address, host.still ? init : { ...init, credentials: 'include' });
  const request = { method: 'POST', url, headers: 'content-type\napplication/json', body: JSON.stringify({ deviceId }), timeoutMs };
  const { status, text, retryAfterMs } = await exchange(send, request, signal);
  if (status !== 200) {
    const kind = TROUBLE[status] ?? (status < 500 ? 'invalidResponse' : 'server');
    refuse(operation, kind, status < 10 ? 'got no answer from its address.' : 'was refused by its address.', { retryAfterMs, ...(status > 9 && { status }) });
  }
  return JSON.parse(text);
};

/** What `source`, the option of this name, gives: an object with these fields, all of them text. */
export const credential = async (operation, source, fields, about) => {
  const { timeoutMs, signal, userId, deviceId } = about;
  let given;
  let timer;
  try {
    if (typeof source !== 'function') given = await ask(operation, String(source), about);
    else {
      const controller = new AbortController();
      const late = new Promise((resolve, reject) => {
        timer = setTimeout(() => {
          controller.abort();
          reject(new SocialPlusError({ operation, kind: 'timeout', message: `\`${operation}\` took longer than \`timeoutMs\`.`, retryable: true }));
        }, timeoutMs);
        signal.addEventListener('abort', reject, { once: true, signal: controller.signal });
      });
      given = await Promise.race([late, source({ userId, deviceId, signal: controller.signal })]);
      controller.abort();
    }
  } catch (error) {
    if (SocialPlusError.is(error)) throw error;
    refuse(operation, 'network', 'failed.');
  } finally {
    clearTimeout(timer);
  }
  if (typeof given === 'string') given = { [fields[0]]: given };
  const [wrong] = fields.filter((field) => typeof given?.[field] !== 'string' || !given[field]);
  if (wrong) refuse(operation, 'invalidResponse', `gave no \`${wrong}\`.`);
  return Object.fromEntries(fields.map((field) => [field, given[field]]));
};
