/**
 * Signs users in to social.plus (formerly Amity Social Cloud) with an API key, and keeps them
 * signed in. Unofficial.
 *
 * Importing the package does nothing; the first call loads its WebAssembly file.
 *
 * @example
 * Keep a user signed in, in every tab:
 * ```js
 * import { SessionClient } from 'social-plus-auth';
 *
 * const client = new SessionClient({
 *   region: 'eu',
 *   apiKey,
 *   authTokenFrom: '/auth/token',
 *   storage: 'local',
 * });
 * await client.login({ userId: 'ada' });
 * ```
 * @example
 * Create one session, without renewal:
 * ```js
 * import { createSession } from 'social-plus-auth';
 *
 * const options = { region: 'eu', apiKey };
 * const session = await createSession(options, { userId: 'ada', deviceId: 'device-1', authToken });
 * ```
 * @packageDocumentation
 */
export {
  SessionClient,
  type SessionClientEventMap,
  type SessionClientOptions,
  type SessionState,
  type SessionStorage,
  type TerminationReason,
} from './session-client.js';

/** The region of the network: Europe, Singapore or the United States, in upper or lower case. */
export type Region = 'eu' | 'sg' | 'us' | 'EU' | 'SG' | 'US';

/** The kind of user who holds a session. */
export type UserType = 'signed-in' | 'visitor' | 'bot';

/**
 * Your own `fetch`. Each attempt calls it with an address and an init, never with a `Request`. Add
 * the options that your runtime needs (`dispatcher`, `client`, `tls`, `cf`) to the init, and call
 * the runtime's `fetch` with both. An exception or an invalid result becomes a `SocialPlusError`.
 */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Identifies the network, and configures the calls. */
export interface ServiceOptions {
  /** The API key, which identifies the network, not a user. It is not a secret. */
  apiKey: string;
  /** The region of the network. Give exactly one of `region` and `endpoint`. */
  region?: Region;
  /**
   * The full address of the service, instead of a region: `https:`, or `http:` on a loopback host.
   * It must not contain user info, a query or a fragment. A path prefix is kept.
   */
  endpoint?: string | URL;
  /**
   * The version of the session call. Default `v5`, like the official SDKs. `v3` and `v4` return a
   * refresh token.
   */
  apiVersion?: 'v3' | 'v4' | 'v5';
  /**
   * Your own `fetch`. Default: the global `fetch` at the time of the attempt. The function is
   * called without `this`.
   */
  fetch?: FetchLike;
  /**
   * The longest time for one attempt, response body included, in milliseconds: 1 to 2 147 483 647.
   * Default 10 000.
   */
  timeoutMs?: number;
  /**
   * How the call retries after transient failures. With `false`, it makes one attempt only.
   *
   * - `attempts`: the maximum number of times that the call sends a request, 1 to 20. Default 3. A
   *   call that makes two different requests (`exchangeSession`) counts the attempts of each
   *   separately.
   * - `baseDelayMs`: the longest wait before the second attempt, in milliseconds. It doubles for
   *   each further attempt. Default 250.
   * - `maxDelayMs`: the longest wait before any attempt, in milliseconds. Default 8 000.
   *
   * Each wait is random, between 0 and the longest (full jitter). A `Retry-After` of the service is
   * respected; if it exceeds `maxDelayMs`, the call fails immediately, and the error has
   * `retryAfterMs`.
   */
  retry?: false | { attempts?: number; baseDelayMs?: number; maxDelayMs?: number };
  /**
   * Receives an event for every attempt, response and retry, and for the error that ends a call. A
   * call that fails because an input has the wrong type, or because the WebAssembly cannot be
   * loaded, reports no event. A `SessionClient` also reports states, renewals, storage and messages
   * of other tabs. No event contains a key, token, signature, query or body. Exceptions of the
   * function are ignored.
   */
  onEvent?: (event: DiagnosticEvent) => void;
}

/** What happened during a call or in a `SessionClient`. Every event is safe to log. */
export interface DiagnosticEvent {
  type: 'attempt' | 'response' | 'retry' | 'error' | 'state' | 'renewal' | 'storage' | 'tab';
  /** When it happened, in milliseconds since the Unix epoch. */
  at: number;
  /** The name of the call, such as `createSession`. */
  operation?: string;
  /** The HTTP status of a response. */
  status?: number;
  /**
   * The number of the attempt, from 1. For a `retry`, the number of the attempt that failed. For an
   * `error`, the number of attempts that the call made.
   */
  attempt?: number;
  /** How long the response took, or how long the call waits before a retry, in milliseconds. */
  durationMs?: number;
  /**
   * For a `retry` or an `error`, the kind of the error. For a `state`, the new state. For
   * other types, a few words about what happened.
   */
  detail?: string;
}

/** The options of a call that a signal can abort. */
export interface CallOptions {
  /** Aborts the call, which then rejects with `aborted`. */
  signal?: AbortSignal;
}

/** The options of a call that sends a token instead of the API key. */
export type BearerOptions = Omit<ServiceOptions, 'apiKey'> & { apiKey?: string };

/** A description of a device, which the service stores. */
export interface DeviceInfo {
  /** The platform of the device. */
  kind?: 'ios' | 'android' | 'web' | 'node';
  /** At most 100 characters; 300 in v5. */
  model?: string;
  /** At most 30 characters. */
  sdkVersion?: string;
}

/**
 * The user to sign in, and the device. Lengths count UTF-16 code units. If a field exceeds
 * its limit, the call rejects with `invalidRequest` and sends nothing.
 */
export interface SessionRequest extends CallOptions {
  /**
   * 1 to 50 characters; in v5 it must not start with `ADMIN_` or `DELETED_`. The service creates
   * the user if necessary.
   */
  userId: string;
  /**
   * 1 to 150 characters, stable per device. A new session of a device ends the device's earlier
   * access token.
   */
  deviceId: string;
  /** At most 100 characters. Updates the name of the user. */
  displayName?: string;
  /** At most 100 characters. Needs v4 or v5. */
  profileHandle?: string;
  /**
   * 1 to 100 characters, required in secure mode. Your backend mints it for this user; it is valid
   * for 10 minutes.
   */
  authToken?: string;
  /** A description of the device, which the service stores. */
  deviceInfo?: DeviceInfo;
}

/** A user, as the service returns it. The package also keeps fields that are not listed here. */
export interface User {
  userId: string;
  displayName?: string;
  /** ISO 8601. */
  createdAt?: string;
  /** ISO 8601. */
  updatedAt?: string;
  roles: string[];
  permissions: string[];
  /** What your app has stored about the user. */
  metadata: Record<string, unknown>;
  /** Whether the user is banned from the network. */
  isGlobalBan: boolean;
  isDeleted: boolean;
  [field: string]: unknown;
}

/**
 * A session. Logging or inspecting it shows no token. `JSON.stringify` returns a `SessionJson`,
 * tokens included.
 */
export interface Session {
  /** The access token. It is valid until `expiresAt`. */
  accessToken: string;
  /** The refresh token, in v3 and v4 only. */
  refreshToken?: string;
  /** When the service issued the session, in the service's time. */
  issuedAt: Date;
  /**
   * When the access token expires, in the service's time: 30 days after `issuedAt` by default. If
   * the response contains no date, this is the expiry date in the token. If the token contains none
   * either, it is one day after the response arrived.
   */
  expiresAt: Date;
  /** The id of the user who holds the session. */
  userId: string;
  /** The device that the session was created for. */
  deviceId: string;
  /** The user who holds the session. */
  user: User;
  /** All users of the response; `user` is one of them. */
  users: User[];
  /** The files of the response, for example avatars; empty if it has none. */
  files: unknown[];
  /** The kind of user, in v5 only. */
  userType?: UserType;
  /** Returns the session as JSON, tokens included. */
  toJSON(): SessionJson;
}

/** A session as JSON. Its dates are ISO 8601. */
export type SessionJson = Omit<Session, 'issuedAt' | 'expiresAt' | 'toJSON'> & {
  issuedAt: string;
  expiresAt: string;
};

/**
 * Creates one session, without state and without renewal. To renew a session, create another one,
 * because the service has no refresh.
 *
 * @throws {SocialPlusError}
 * - `secureModeRequired`: secure mode is on, and no auth token was given.
 * - `unauthorized`: the service refused the API key or the auth token.
 * - `banned`, `notFound`: the user is banned or deleted.
 * - `invalidRequest`: a field is missing or over its limit; nothing was sent. If `status` is set,
 *   the service refused the request.
 * - `rateLimited`, `server`, `network`, `timeout`: a transient failure that no retry overcame.
 * - `config`, `forbidden`, `invalidResponse`, `aborted`, `unsupported`: see `ErrorKind`.
 * @example
 * ```js
 * const options = { region: 'eu', apiKey };
 * const session = await createSession(options, { userId: 'ada', deviceId: 'device-1', authToken });
 * session.expiresAt; // a Date
 * ```
 */
export function createSession(options: ServiceOptions, request: SessionRequest): Promise<Session>;

/**
 * Creates a session for a visitor, an unknown person who can only read. Visitors need v5, and the
 * vendor must enable them for your network. In secure visitor mode your backend signs the device
 * with `signVisitor`.
 *
 * @throws {SocialPlusError} `unauthorized` if the service refused the API key, or if the signature
 * is missing, wrong or expired; `forbidden` if visitors are not enabled; `config` for v3 and v4;
 * otherwise the kinds of `createSession`.
 * @example
 * ```js
 * const session = await createVisitorSession({ region: 'eu', apiKey }, { deviceId: 'device-1' });
 * session.userType; // 'visitor'
 * ```
 */
export function createVisitorSession(
  options: ServiceOptions,
  request: CallOptions & {
    /** 1 to 150 characters. */
    deviceId: string;
    deviceInfo?: DeviceInfo;
    /** 64 lower-case hexadecimal characters. Pass it together with `authSignatureExpiresAt`. */
    authSignature?: string;
    /** When the signature expires, in ISO 8601. It must be the exact text that was signed. */
    authSignatureExpiresAt?: string;
  },
): Promise<Session>;

/**
 * Creates a session for a bot, such as a search engine, which can only read. Bots need v5, and
 * the vendor must enable them for your network. `deviceId` has 1 to 150 characters.
 *
 * @throws {SocialPlusError} `unauthorized` if the service refused the API key; `forbidden` if bots
 * are not enabled; `config` for v3 and v4; otherwise the kinds of `createSession`.
 * @example
 * ```js
 * const session = await createBotSession({ region: 'eu', apiKey }, { deviceId: 'crawler-1' });
 * ```
 */
export function createBotSession(
  options: ServiceOptions,
  request: CallOptions & { deviceId: string; deviceInfo?: DeviceInfo },
): Promise<Session>;

/**
 * Asks the service whether an access token is valid. If the service refuses the token, the call
 * resolves with the reason.
 *
 * @throws {SocialPlusError} `invalidRequest` or `config` if an input is invalid; `network`,
 * `timeout`, `server`, `rateLimited`, `quotaExceeded`, `invalidResponse` or `aborted`; any kind if
 * a proxy, not the service, refused the request. After an error, the token may still be valid.
 * @example
 * ```js
 * const { valid } = await verifySession({ region: 'eu' }, session.accessToken);
 * ```
 */
export function verifySession(
  options: BearerOptions,
  accessToken: string,
  call?: CallOptions,
): Promise<{ valid: true } | { valid: false; reason: 'unauthorized' | 'banned' | 'notFound' }>;

/**
 * Revokes an access token.
 *
 * @throws {SocialPlusError} `unauthorized` if the service does not know the token, which is
 * therefore invalid. (If a retry gets this response, the call resolves instead, because an earlier
 * attempt may have revoked the token.)
 * @example
 * ```js
 * await revokeSession({ region: 'eu' }, session.accessToken);
 * ```
 */
export function revokeSession(
  options: BearerOptions,
  accessToken: string,
  call?: CallOptions,
): Promise<void>;

/**
 * Exchanges the refresh token of a v3 or v4 session for a new access token, by the legacy call
 * `/v1/accessToken`. Prefer a new session: this is the only call that puts a token into a URL.
 *
 * @throws {SocialPlusError} `unauthorized` if the service does not know the refresh token.
 * @example
 * ```js
 * const { refreshToken } = session;
 * const accessToken = await refreshAccessToken(
 *   { region: 'eu', apiKey },
 *   { userId: 'ada', refreshToken },
 * );
 * ```
 */
export function refreshAccessToken(
  options: ServiceOptions,
  request: CallOptions & { userId: string; refreshToken: string },
): Promise<string>;

/**
 * What went wrong. Decide by the kind, not by the message.
 *
 * - `config`: an option is missing or wrong. Nothing was sent.
 * - `invalidRequest`: a field is missing or over its limit, or the service refused it (`status` is
 *   then set).
 * - `network`: no response, or the connection was interrupted; or the WebAssembly could not be
 *   loaded.
 * - `timeout`: no complete response within `timeoutMs`.
 * - `aborted`: a signal or `close` of the client ended the call.
 * - `unauthorized`: the service refused the key or the token.
 * - `forbidden`: the call is not permitted, or the network's current mode does not allow it.
 * - `secureModeRequired`: secure mode is on, and no auth token was sent.
 * - `banned`: the user is banned from the network.
 * - `notFound`: the user or another subject of the call does not exist.
 * - `rateLimited`: too many calls; see `retryAfterMs`.
 * - `quotaExceeded`: visitors and bots have used up the reads of the day.
 * - `server`: the service failed.
 * - `invalidResponse`: the response is not the service's. A proxy or a captive portal may have
 *   answered.
 * - `notLoggedIn`: nobody is signed in (`SessionClient`).
 * - `terminated`: the service has ended the session; log out (`SessionClient`).
 * - `superseded`: another login or a logout came first (`SessionClient`).
 * - `storage`: reserved. At present, `SessionClient` reports failures of storage to `onEvent`.
 * - `unsupported`: the engine has no WebAssembly, or the page's Content-Security-Policy forbids it;
 *   a page called the edge entry; the runtime cannot open a port for `listen`; or another tab runs
 *   a later version of this package with a new storage format (`SessionClient`): reload the page.
 */
export type ErrorKind =
  | 'config'
  | 'invalidRequest'
  | 'network'
  | 'timeout'
  | 'aborted'
  | 'unauthorized'
  | 'forbidden'
  | 'secureModeRequired'
  | 'banned'
  | 'notFound'
  | 'rateLimited'
  | 'quotaExceeded'
  | 'server'
  | 'invalidResponse'
  | 'notLoggedIn'
  | 'terminated'
  | 'superseded'
  | 'storage'
  | 'unsupported';

/**
 * The error with which all calls reject. Its message says what to do and is safe to log: it
 * contains no key, token, signature, header value or response body. It has no `cause`.
 *
 * @example
 * ```js
 * try {
 *   await createSession(options, request);
 * } catch (error) {
 *   if (SocialPlusError.is(error) && error.kind === 'banned') showBanned();
 *   else throw error;
 * }
 * ```
 */
export class SocialPlusError extends Error {
  private constructor();
  /** What went wrong. */
  readonly kind: ErrorKind;
  /** The name of the call that failed. */
  readonly operation: string;
  /**
   * The option or field that the error is about, for example `userId` or `retry.attempts`;
   * `undefined` for other errors.
   */
  readonly field: string | undefined;
  /** The service's own code, for example 400312. */
  readonly code: number | undefined;
  /** The HTTP status of the response. */
  readonly status: number | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** How long to wait before the next call, in milliseconds, if the service said so. */
  readonly retryAfterMs: number | undefined;
  /** How many requests the call sent. */
  readonly attempts: number;
  /** Returns the main fields, without the stack. They are safe to log. */
  toJSON(): {
    name: string;
    message: string;
    kind: ErrorKind;
    operation: string;
    field?: string;
    code?: number;
    status?: number;
    retryable: boolean;
  };
  /**
   * Whether a value is a `SocialPlusError`. It also recognises an error of another copy of the
   * package.
   */
  static is(value: unknown): value is SocialPlusError;
}

/**
 * Loads the WebAssembly. Every call does this automatically. Call `ready` if your bundler or CDN
 * moves the file. After a failure, the next call tries again.
 *
 * @param module - The wasm file of the entry (`wasm/browser_bg.wasm` for this one), as an address,
 * bytes, a response or a compiled module. Default: the file of the package.
 * @throws {SocialPlusError} `network` if the file cannot be loaded; `unsupported` if the engine has
 * no WebAssembly, or if it refuses the file.
 * @example
 * ```js
 * await ready('https://cdn.example/social-plus-auth/wasm/browser_bg.wasm');
 * ```
 */
export function ready(module?: unknown): Promise<void>;

/** The version of the package. */
export const version: string;
