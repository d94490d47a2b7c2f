/**
 * Sign users in to social.plus (formerly Amity Social Cloud) with an API key, and keep them signed
 * in. Unofficial.
 *
 * Nothing happens at import; the first call loads the WebAssembly file of the package.
 *
 * @example
 * A user who stays signed in, in every tab:
 * ```js
 * import { SessionClient } from 'social-plus-auth';
 *
 * const client = new SessionClient({ region: 'eu', apiKey, authTokenFrom: '/auth/token', storage: 'local' });
 * await client.login({ userId: 'ada' });
 * ```
 * @example
 * One exchange, and nothing else:
 * ```js
 * import { createSession } from 'social-plus-auth';
 *
 * const session = await createSession({ region: 'eu', apiKey }, { userId: 'ada', deviceId: 'device-1', authToken });
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

/** Where the network is: Europe, Singapore or the United States. Either case. */
export type Region = 'eu' | 'sg' | 'us' | 'EU' | 'SG' | 'US';

/** Who a session is for. */
export type UserType = 'signed-in' | 'visitor' | 'bot';

/**
 * Called with the address and the init of one attempt, never with a `Request`: add `dispatcher`,
 * `client`, `tls`, `cf` … and pass it on. Whatever it does, throws or answers becomes a typed
 * error.
 */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

/** Which network, and how its service is asked. */
export interface ServiceOptions {
  /** Names the network, never a user: anyone may hold it. */
  apiKey: string;
  /** Exactly one of `region` and `endpoint`. */
  region?: Region;
  /**
   * A full address: `https:`, or `http:` on a loopback host; no user info, query or fragment. A
   * path before the service's own is kept.
   */
  endpoint?: string | URL;
  /**
   * Which session call. Default `v5`, which the official SDKs use; v3 and v4 answer with a refresh
   * token.
   */
  apiVersion?: 'v3' | 'v4' | 'v5';
  /** Default: the global `fetch`, looked up at each call. Either is called unbound. */
  fetch?: FetchLike;
  /** Milliseconds for one attempt, body included. Default 10 000. */
  timeoutMs?: number;
  /**
   * `false` for none. Default 3 attempts with full jitter: a random wait of up to 250 ms, then up
   * to 500 ms, doubling to 8 s at most. What the service asks for in `Retry-After` is waited; if
   * that is over `maxDelayMs`, the call ends at once, with `retryAfterMs` on its error.
   */
  retry?: false | { attempts?: number; baseDelayMs?: number; maxDelayMs?: number };
  /**
   * Told of every attempt, answer, retry and error; by a `SessionClient` also of states, renewals,
   * and what storage and other tabs do. Never carries a key, token, signature, query or body; what
   * it throws is ignored.
   */
  onEvent?: (event: DiagnosticEvent) => void;
}

/**
 * What `onEvent` is told. `at` is in milliseconds since the epoch. Of an `attempt` or a `response`,
 * `attempt` is its number; of a `retry`, the number of the one that has failed; of an `error`, how
 * many there were. `durationMs` is how long an answer took, or how long a retry waits. The types
 * `state`, `renewal`, `storage` and `tab` come from a `SessionClient`.
 */
export interface DiagnosticEvent {
  type: 'attempt' | 'response' | 'retry' | 'error' | 'state' | 'renewal' | 'storage' | 'tab';
  at: number;
  operation?: string;
  status?: number;
  attempt?: number;
  durationMs?: number;
  /**
   * Of a retry or an error: its kind. Of a state: its name. Otherwise what happened, in a few words
   * that are fit to log.
   */
  detail?: string;
}

/** What every call takes. */
export interface CallOptions {
  /** Ends the call with an error of kind `aborted`. */
  signal?: AbortSignal;
}

/** For calls that carry a bearer token instead of the API key. */
export type BearerOptions = Omit<ServiceOptions, 'apiKey'> & { apiKey?: string };

/** What the service is told of a device. */
export interface DeviceInfo {
  kind?: 'ios' | 'android' | 'web' | 'node';
  /** At most 100 characters, 300 in v5. */
  model?: string;
  /** At most 30 characters. */
  sdkVersion?: string;
}

/**
 * Whom to sign in, and where. Lengths count UTF-16 code units; a limit that is broken is reported
 * before anything is sent.
 */
export interface SessionRequest extends CallOptions {
  /**
   * 1 to 50 characters; in v5 not beginning with `ADMIN_` or `DELETED_`. An unknown user is
   * created.
   */
  userId: string;
  /**
   * 1 to 150 characters, stable per device: a new session of a device ends the access token that
   * the device had before.
   */
  deviceId: string;
  /** At most 100 characters; if given, the user's name is updated. */
  displayName?: string;
  /** At most 100 characters; v4 and v5. */
  profileHandle?: string;
  /** Required in secure mode: minted by your backend for this very user, good for ten minutes. */
  authToken?: string;
  deviceInfo?: DeviceInfo;
}

/** A user as the service tells of it; fields that are not named here are passed on as they come. */
export interface User {
  userId: string;
  displayName?: string;
  createdAt?: string;
  updatedAt?: string;
  roles: string[];
  permissions: string[];
  metadata: Record<string, unknown>;
  isGlobalBan: boolean;
  isDeleted: boolean;
  [field: string]: unknown;
}

/**
 * Logged or inspected as a whole it shows no token; `JSON.stringify` gives a `SessionJson`, tokens
 * included.
 */
export interface Session {
  /** Good until `expiresAt`, thirty days by default. */
  accessToken: string;
  /** v3 and v4 only. */
  refreshToken?: string;
  issuedAt: Date;
  /** By the answer, else by the token itself, else a day from now: never an assumed month. */
  expiresAt: Date;
  userId: string;
  deviceId: string;
  user: User;
  users: User[];
  files: unknown[];
  /** v5 only. */
  userType?: UserType;
  toJSON(): SessionJson;
}

/** A session as JSON; its dates are ISO 8601. */
export type SessionJson = Omit<Session, 'issuedAt' | 'expiresAt' | 'toJSON'> & {
  issuedAt: string;
  expiresAt: string;
};

/**
 * Creates a session: one exchange, no state, no renewal. Also the way to renew one: the service has
 * no other.
 *
 * @throws {SocialPlusError} `secureModeRequired` without an auth token in secure mode;
 * `unauthorized` for a wrong key or auth token; `banned`,
 * `notFound` for a banned or deleted user; `invalidRequest` for a limit that is broken;
 * `rateLimited`, `server`, `network`, `timeout`, which may pass.
 * @example
 * ```js
 * const session = await createSession({ region: 'eu', apiKey }, { userId: 'ada', deviceId: 'device-1', authToken });
 * session.expiresAt; // a Date
 * ```
 */
export function createSession(options: ServiceOptions, request: SessionRequest): Promise<Session>;

/**
 * Creates a session for a visitor: somebody whom the app does not know, and who only reads. Visitor
 * mode is off until the vendor turns it on; in secure visitor mode the edge signs (`signVisitor`).
 * v5 only.
 *
 * @throws {SocialPlusError} `unauthorized` for a wrong key, or a signature that is missing, wrong
 * or past its date; `forbidden` if the mode is off.
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
    /** 64 lower-case hex characters; goes together with its date. */
    authSignature?: string;
    /** ISO 8601, the very text that was signed. */
    authSignatureExpiresAt?: string;
  },
): Promise<Session>;

/**
 * Creates a session for a bot (a search engine, say), which only reads. v5 only.
 *
 * @throws {SocialPlusError} `unauthorized` for a wrong key; `forbidden` if the mode is off.
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
 * Asks the service whether an access token is good. A refusal is an answer, not an error; trouble
 * on the way is an error.
 *
 * @throws {SocialPlusError} `network`, `timeout`, `server`, `rateLimited`, `quotaExceeded`, or a
 * refusal that is not the service's own (a proxy's page):
 * nothing is known of the token then.
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
 * Ends an access token.
 *
 * @throws {SocialPlusError} `unauthorized` if the service no longer knows the token, which then is
 * as good as revoked. (Where an earlier attempt's answer
 * was lost, it counts as revoked.)
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
 * Legacy `/v1/accessToken`: a new access token for the refresh token of a v3 or v4 session. The one
 * call that puts a token in a URL; prefer a new session.
 *
 * @throws {SocialPlusError} `unauthorized` for a refresh token that the service does not know.
 * @example
 * ```js
 * const accessToken = await refreshAccessToken({ region: 'eu', apiKey }, { userId: 'ada', refreshToken: session.refreshToken });
 * ```
 */
export function refreshAccessToken(
  options: ServiceOptions,
  request: CallOptions & { userId: string; refreshToken: string },
): Promise<string>;

/**
 * What went wrong. `config`: the options cannot be used. `invalidRequest`: a parameter was refused,
 * here or by the service. `network`, `timeout`, `aborted` (by a signal, or a client that is
 * closed): there was no (whole) answer. `invalidResponse`: the answer is none of the service's. Of
 * a `SessionClient`, `notLoggedIn`: there is no session to act for; `terminated`: the service has
 * ended it, log out; `superseded`: another login or a logout came meanwhile; `storage`: what is
 * kept on the device cannot be used. `unsupported`: this engine or page has no WebAssembly. The
 * others are the service's word.
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
 * The one error class, the same in all entries. `message` says what to do and is fit to log: never
 * a key, token, signature, header value or response body, and there is no `cause` that could carry
 * one.
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
  readonly kind: ErrorKind;
  /** The call that failed, by its name. */
  readonly operation: string;
  /** The service's own code, e.g. 400312. */
  readonly code: number | undefined;
  /** The HTTP status. */
  readonly status: number | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** How long the service wants to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** How many requests were sent. */
  readonly attempts: number;
  toJSON(): {
    name: string;
    message: string;
    kind: ErrorKind;
    operation: string;
    code?: number;
    status?: number;
    retryable: boolean;
  };
  /** By brand, so it holds across two copies of the package, where `instanceof` does not. */
  static is(value: unknown): value is SocialPlusError;
}

/**
 * Only for a CDN or a bundler that cannot find the wasm by itself: its address, bytes, response or
 * module. Every call awaits it anyway, and after a failure the next call tries again.
 *
 * @throws {SocialPlusError} `network` if the file cannot be loaded; `unsupported` if the engine has
 * no WebAssembly or refuses it.
 * @example
 * ```js
 * await ready('https://cdn.example/social-plus-auth/wasm/browser_bg.wasm');
 * ```
 */
export function ready(module?: unknown): Promise<void>;

/** The package's version. */
export const version: string;
