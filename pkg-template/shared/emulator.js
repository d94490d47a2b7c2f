// Implements `createEmulator` of types/emulator.d.ts: wraps the wasm artifact, and simulates the
// delays and broken connections of faults.
import * as glue from '../wasm/emulator_bg.js';
import { readCertificateRequest, readFault, readOptions } from './emulator-input.js';
import { fail } from './error.js';
import { createLoader } from './load.js';

/**
 * @import { Emulator, EmulatorOptions, ErrorKind, Fault } from 'social-plus-auth/emulator'
 * @typedef {{ kind: ErrorKind, operation: string, message: string }} ErrorFields
 *
 * @typedef {object} Server The functions of an emulator that only `listen` uses.
 * @property {() => ReturnType<glue.Emulator['tlsOptions']>} tlsOptions
 * @property {(request: Request, init: RequestInit, certificate?: Uint8Array) => Promise<Response>}
 *   fetch Handles a request, with the certificate (DER) that the client presented, if any.
 */

/**
 * @param {unknown} error
 * @returns {error is ErrorFields}
 */
const isErrorFields = (error) => !(error instanceof Error) && Boolean(Object(error).kind);

/**
 * Throws a `SocialPlusError` if wasm threw the fields of such an error. Otherwise throws the value
 * itself, which is an error of the engine or the abort reason of the caller's signal.
 *
 * @param {unknown} error
 * @returns {never}
 */
const rethrow = (error) => {
  if (isErrorFields(error)) return fail(error.kind, error.operation, error.message);
  throw error;
};

/**
 * Calls wasm, and converts its errors.
 *
 * @template T
 * @param {() => T} call
 * @returns {T}
 */
const invoke = (call) => {
  try {
    return call();
  } catch (error) {
    return rethrow(error);
  }
};

/**
 * Returns a number. A value of another type becomes NaN, which wasm rejects.
 *
 * @param {unknown} value
 */
const toNumber = (value) => (typeof value === 'number' ? value : NaN);

/**
 * Returns a user id. A value of another type becomes an empty text, which is no user's id.
 *
 * @param {unknown} value
 */
const toUserId = (value) => (typeof value === 'string' ? value : '');

/**
 * Waits for `ms` milliseconds. If the signal aborts meanwhile, rejects with its reason.
 *
 * @param {number} ms
 * @param {AbortSignal | null | undefined} signal
 * @returns {Promise<void>}
 */
const wait = (ms, signal) =>
  new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });

/**
 * Returns the response with a body that fails after `length` bytes, as if the connection had broken
 * in the middle of the body.
 *
 * @param {Response} response
 * @param {number} length
 */
const truncate = async (response, length) => {
  const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, length);
  let isSent = length === 0;
  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  const pull = (controller) => {
    if (isSent) controller.error(new TypeError('terminated'));
    else controller.enqueue(bytes);
    isSent = true;
  };
  // Turn read-ahead off, because an error would discard the bytes that the stream has queued.
  return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), response);
};

/**
 * Handles one request as `fetch` does.
 *
 * @param {glue.Emulator} service
 * @param {string | URL | Request} input
 * @param {RequestInit} [init]
 * @param {Uint8Array} [certificate] The client's certificate (DER).
 * @returns {Promise<Response>}
 */
const exchange = async (service, input, init, certificate) => {
  const request = new Request(input, init);
  // Use the caller's signal, because in some engines `request.signal` lacks the abort reason.
  const signal = init?.signal ?? /** @type {Partial<Request>} */ (input)?.signal;
  signal?.throwIfAborted();
  const { response, delayMs, truncateAt } = await service
    .handle(request, signal, certificate)
    .catch(rethrow);
  if (delayMs > 0) await wait(delayMs, signal);
  if (!response) throw new TypeError('fetch failed');
  return truncateAt === undefined ? response : truncate(response, truncateAt);
};

/** @type {WeakMap<Emulator, Server>} */
const servers = new WeakMap();

/**
 * Returns the server functions of an emulator. Returns `undefined` for any other object, such as a
 * copy of an emulator.
 *
 * @param {Emulator} emulator
 */
export const getServer = (emulator) => servers.get(emulator);

/**
 * @param {glue.Emulator} service
 * @returns {Emulator}
 */
const wrap = (service) => {
  /** @type {Emulator} */
  const emulator = Object.freeze({
    apiKey: service.apiKey,
    visitorSecret: service.visitorSecret,
    get serverKey() {
      return service.serverKey;
    },
    get adminToken() {
      return service.adminToken;
    },
    /** @type {Emulator['fetch']} */
    fetch: (input, init) => exchange(service, input, init),
    clock: Object.freeze({
      now: () => service.now(),
      /** @param {number} ms */
      advance: (ms) => invoke(() => service.advance(toNumber(ms))),
      /** @param {number} epochMs */
      set: (epochMs) => invoke(() => service.set(toNumber(epochMs))),
    }),
    faults: Object.freeze({
      /** @param {Fault} fault */
      add: (fault) => invoke(() => service.addFault(readFault(fault))),
      clear: () => service.clearFaults(),
    }),
    get requests() {
      return service.requests();
    },
    users: () => service.users(),
    sessions: () => service.sessions(),
    /** @param {string} userId */
    banUser: (userId) => invoke(() => service.banUser(toUserId(userId))),
    /** @param {string} userId */
    unbanUser: (userId) => invoke(() => service.unbanUser(toUserId(userId))),
    /** @param {string} userId */
    deleteUser: (userId) => invoke(() => service.deleteUser(toUserId(userId))),
    /** @param {boolean} enabled */
    setSecureMode: (enabled) => {
      // Check the type here, because wasm would convert any value to a boolean.
      if (typeof enabled !== 'boolean')
        fail('invalidRequest', 'setSecureMode', '`enabled` must be true or false.');
      service.setSecureMode(enabled);
    },
    /** @type {Emulator['createCertificate']} */
    createCertificate: async (request) =>
      invoke(() => service.createCertificate(readCertificateRequest(request))),
    reset: () => service.reset(),
  });
  servers.set(emulator, {
    tlsOptions: () => invoke(() => service.tlsOptions()),
    fetch: (request, init, certificate) => exchange(service, request, init, certificate),
  });
  return emulator;
};

/**
 * Creates the exports of the entry of a runtime. `source` loads the wasm file.
 *
 * @param {() => unknown} source
 */
export const createEntry = (source) => {
  const { setSource, ready } = createLoader('emulator', glue.imports, glue.__wbg_set_wasm);
  setSource(source);
  return {
    ready,
    /**
     * @param {EmulatorOptions} [options]
     * @returns {Promise<Emulator>}
     */
    createEmulator: async (options = {}) => {
      const [fields, onRequest] = readOptions(options);
      await ready();
      const entropy = crypto.getRandomValues(new Uint8Array(32));
      return wrap(invoke(() => new glue.Emulator(fields, onRequest, entropy)));
    },
  };
};
