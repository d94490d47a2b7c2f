// The emulator of types/emulator.d.ts over the wasm one: keeps the delays and breaks the
// connections that a fault asks for.
import * as glue from '../wasm/emulator_bg.js';
import { SocialPlusError } from './error.js';
import { loader } from './load.js';

/**
 * What wasm throws are the fields of an error, unless the engine itself failed or the caller's
 * signal gives its reason.
 */
const rethrow = (fields) => {
  throw fields?.kind && !(fields instanceof Error) ? new SocialPlusError(fields) : fields;
};
const attempt = (run) => {
  try {
    return run();
  } catch (fields) {
    rethrow(fields);
  }
};

/**
 * A copy, so that no getter of the caller's runs inside wasm. What one of them throws may hold
 * anything, and goes no further.
 */
export const copy = (object, kind, operation) => {
  try {
    if (typeof object === 'object' && object !== null && !Array.isArray(object))
      return { ...object };
  } catch {
    // As if it were no object.
  }
  throw new SocialPlusError({
    kind,
    operation,
    message: `${operation} takes an object whose fields can be read.`,
  });
};

/**
 * What may have getters further down is no value of any field here. In its place wasm gets a
 * symbol, and refuses that by the field's name.
 */
const flat = (fields) => {
  const plain = (value) =>
    (typeof value === 'object' && value !== null) || typeof value === 'function' ? Symbol() : value;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
};

/** A list of objects, if it is one. */
const list = (given) => {
  if (given === undefined || given === null) return undefined;
  try {
    if (Array.isArray(given))
      return Array.from(given, (one) => (typeof one === 'object' ? flat({ ...one }) : undefined));
  } catch {
    // As if it were none.
  }
  return Symbol();
};

/** The options for wasm, and the listener. */
const settings = (options) => {
  const { admins, onRequest, ...rest } = copy(options, 'config', 'createEmulator');
  if (onRequest !== undefined && typeof onRequest !== 'function') {
    throw new SocialPlusError({
      kind: 'config',
      operation: 'createEmulator',
      message: '`onRequest` must be a function.',
    });
  }
  return [{ ...flat(rest), admins: list(admins) }, onRequest];
};

/** Headers may come in any form that `fetch` takes. Its own complaint would repeat a value. */
const fault = (given) => {
  const { headers, ...rest } = copy(given, 'invalidRequest', 'faults.add');
  if (headers === undefined) return flat(rest);
  try {
    return { ...flat(rest), headers: Object.fromEntries(new Headers(headers)) };
  } catch {
    const message = '`headers` must be an object of header names and values.';
    throw new SocialPlusError({ kind: 'invalidRequest', operation: 'faults.add', message });
  }
};

const signingRequest = (request) => {
  const { notAfter, ...rest } = copy(request, 'invalidRequest', 'createCertificate');
  if (notAfter === undefined) return flat(rest);
  // What is no date is no moment either, and refused as such.
  let moment = NaN;
  try {
    moment = Date.prototype.getTime.call(notAfter);
  } catch {
    // No date.
  }
  return { ...flat(rest), notAfter: moment };
};

const wait = (ms, signal) =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });

/**
 * The same response, whose body breaks off: what a client sees if the connection ends before
 * `content-length` is reached.
 */
const cut = async (response, length) => {
  const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, length);
  let sent = length === 0;
  const pull = (controller) => {
    if (sent) controller.error(new TypeError('terminated'));
    else controller.enqueue(bytes);
    sent = true;
  };
  // Nothing is pulled ahead of the reader: an error would take back what is still waiting.
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), response);
};

const exchange = async (service, input, init, certificate) => {
  const request = new Request(input, init);
  // The caller's own signal, since not every engine hands its reason on to `request.signal`.
  const signal = init?.signal ?? input?.signal;
  signal?.throwIfAborted();
  const { response, delayMs, truncateAt } = await service
    .handle(request, signal, certificate)
    .catch(rethrow);
  if (delayMs > 0) await wait(delayMs, signal);
  if (!response) throw new TypeError('fetch failed');
  return truncateAt === undefined ? response : cut(response, truncateAt);
};

/**
 * What only a server may do with an emulator: hand over the certificate that a client showed, and
 * know the private key.
 */
const servers = new WeakMap();
export const serverOf = (emulator) => servers.get(emulator);

const wrap = (service) => {
  const made = Object.freeze({
    apiKey: service.apiKey,
    visitorSecret: service.visitorSecret,
    get serverKey() {
      return service.serverKey;
    },
    get adminToken() {
      return service.adminToken;
    },
    fetch: (input, init) => exchange(service, input, init),
    clock: Object.freeze({
      now: () => service.now(),
      advance: (ms) => attempt(() => service.advance(ms)),
      set: (epochMs) => attempt(() => service.set(epochMs)),
    }),
    faults: Object.freeze({
      add: (given) => attempt(() => service.addFault(fault(given))),
      clear: () => service.clearFaults(),
    }),
    get requests() {
      return service.requests();
    },
    users: () => service.users(),
    sessions: () => service.sessions(),
    banUser: (userId) => attempt(() => service.banUser(String(userId))),
    unbanUser: (userId) => attempt(() => service.unbanUser(String(userId))),
    deleteUser: (userId) => attempt(() => service.deleteUser(String(userId))),
    setSecureMode: (enabled) => {
      // Whatever is no boolean would come out as one in wasm.
      if (typeof enabled === 'boolean') return service.setSecureMode(enabled);
      throw new SocialPlusError({
        kind: 'invalidRequest',
        operation: 'setSecureMode',
        message: '`enabled` must be true or false.',
      });
    },
    createCertificate: async (request) =>
      attempt(() => service.createCertificate(signingRequest(request))),
    reset: () => service.reset(),
  });
  servers.set(made, {
    tlsOptions: () => attempt(() => service.tlsOptions()),
    fetch: (request, init, certificate) => exchange(service, request, init, certificate),
  });
  return made;
};

/**
 * The emulator artifact as an object; each entry says where its wasm is and exports the rest by
 * name.
 */
export const emulator = (source) => {
  const { from, ready } = loader('emulator', glue);
  from(source);
  return {
    ready,
    createEmulator: async (options = {}) => {
      const [given, onRequest] = settings(options);
      await ready();
      const entropy = crypto.getRandomValues(new Uint8Array(32));
      return wrap(attempt(() => new glue.Emulator(given, onRequest, entropy)));
    },
  };
};
