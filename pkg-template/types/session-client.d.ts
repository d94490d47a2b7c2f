/**
 * The part of `social-plus-auth` that keeps a user signed in. Import it from `social-plus-auth`.
 * The guide `docs/sessions.md` in the package explains it.
 *
 * @packageDocumentation
 */
import type {
  CallOptions,
  ServiceOptions,
  Session,
  SessionJson,
  SocialPlusError,
  User,
  UserType,
} from './browser.js';

/**
 * The state of a client. The names are those of the official SDK.
 *
 * - `notLoggedIn`: nobody is signed in.
 * - `establishing`: a login is in flight. A renewal passes through this state on its way from
 *   `tokenExpired` to `established`.
 * - `established`: a user is signed in, and the token is valid as far as the client knows.
 * - `tokenExpired`: the user is still signed in, but the token has expired. The client renews it as
 *   soon as it can.
 * - `terminated`: the service has ended the session; `terminationReason` says why. Only a logout
 *   leaves this state.
 */
export type SessionState =
  'notLoggedIn' | 'establishing' | 'established' | 'tokenExpired' | 'terminated';

/**
 * Why the service has ended a session. The names are those of the official SDK.
 *
 * - `globalBan`: the user is banned from the network.
 * - `userDeleted`: the user was deleted.
 * - `unauthorized`: the service refuses to create another session for the user.
 *
 * Only the service's own response ends a session. A failing network, a proxy or your own backend
 * never does.
 */
export type TerminationReason = 'globalBan' | 'userDeleted' | 'unauthorized';

/** Identifies the network, and configures how the client keeps one device signed in to it. */
export interface SessionClientOptions extends ServiceOptions {
  /**
   * Where the client gets a fresh auth token in secure mode, for each login and each renewal.
   *
   * - A string or `URL`: the address of a `POST …/token` route made by `createAuthHandler` of
   *   `social-plus-auth/edge`. The client calls it with `credentials: 'include'`, except in Workers
   *   and on Vercel Edge. In a page a path is enough; elsewhere give a full address.
   * - A function: returns the token, 1 to 100 characters.
   *
   * The route or the function must finish within `timeoutMs`. If it fails, the login or renewal
   * fails, but a session that is still valid continues.
   *
   * Default: none, which works only in unsecure mode.
   */
  authTokenFrom?:
    | string
    | URL
    | ((request: { userId: string; deviceId: string; signal: AbortSignal }) => Promise<string>);
  /**
   * Where the client gets a visitor's signature in secure visitor mode: the address of a
   * `POST …/visitor` route, or a function. The rules of `authTokenFrom` apply.
   *
   * Default: none, which works only without secure visitor mode.
   */
  visitorSignatureFrom?:
    | string
    | URL
    | ((request: {
        deviceId: string;
        signal: AbortSignal;
      }) => Promise<{ authSignature: string; authSignatureExpiresAt: string }>);
  /**
   * Where the client keeps the session.
   *
   * - `memory` (default): in the open tabs of the device.
   * - `local`: in `localStorage`. It survives a reload and a restart of the browser.
   * - `encrypted`: in `localStorage`, encrypted with AES-GCM under a key in IndexedDB that scripts
   *   cannot export. It protects the token from anyone who reads only `localStorage` from the disk,
   *   but not from script in your page.
   * - An object: your own storage.
   *
   * If the browser lacks what `local` or `encrypted` needs, the client falls back to `memory` and
   * reports it to `onEvent` with type `storage`. The client never stores a refresh token.
   */
  storage?: 'memory' | 'local' | 'encrypted' | SessionStorage;
  /**
   * Separates apps that share an origin and an API key. At least 1 character; default `default`.
   *
   * In a page with `localStorage`, clients with the same namespace, endpoint, API key and
   * `deviceId` option act as the tabs of one device. Outside a page, for example in Node, clients
   * in one process do so only if you name a namespace. The clients of a service worker or another
   * worker never share a device with a page. In all other cases, and always on Workers and Vercel
   * Edge, each client is a device of its own.
   */
  namespace?: string;
  /**
   * The id of this device, 1 to 150 characters. Two devices with the same id end each other's
   * sessions.
   *
   * Default: a random id, made once per namespace, endpoint and API key, and kept in
   * `localStorage`. Outside a page, for example in Node, clients of one process share an id if you
   * name a `namespace`. In all other cases, each client makes its own id.
   */
  deviceId?: string;
  /**
   * Replaces the clocks and timers, for tests and simulations. `now` returns milliseconds since the
   * Unix epoch. `monotonic` returns milliseconds since an arbitrary moment and never goes back. The
   * functions `setTimeout` and `clearTimeout` work like the global ones.
   *
   * Default: `Date.now`, `performance.now`, `setTimeout` and `clearTimeout`.
   */
  clock?: {
    now(): number;
    monotonic(): number;
    setTimeout(callback: () => void, ms: number): unknown;
    clearTimeout(handle: unknown): void;
  };
}

/**
 * A storage of your own. It keeps one text per key, and must write a text completely or not at all.
 * The text contains the access token.
 *
 * Each call must finish within `timeoutMs`. If a call throws or takes longer, the session
 * continues, but storage may not contain it.
 *
 * @example
 * ```js
 * const storage = {
 *   getItem: (key) => sessionStorage.getItem(key),
 *   setItem: (key, value) => sessionStorage.setItem(key, value),
 *   removeItem: (key) => sessionStorage.removeItem(key),
 * };
 * new SessionClient({ region: 'eu', apiKey, storage });
 * ```
 */
export interface SessionStorage {
  /** Returns the text under a key, or `null`. */
  getItem(key: string): string | null | Promise<string | null>;
  /** Stores a text under a key, and replaces the earlier text. */
  setItem(key: string, value: string): void | Promise<void>;
  /** Removes the text under a key, if there is one. */
  removeItem(key: string): void | Promise<void>;
}

/**
 * The events of a `SessionClient`. No event contains a token.
 *
 * @example
 * ```js
 * client.addEventListener('statechange', ({ detail }) => {
 *   console.log(detail.previous, '→', detail.state, detail.reason ?? '');
 * });
 * ```
 */
export interface SessionClientEventMap {
  /** The state has changed. `reason` is set if the new state is `terminated`. */
  statechange: DetailEvent<{
    state: SessionState;
    previous: SessionState;
    reason?: TerminationReason;
  }>;
  /**
   * The session has a new token, which expires at `expiresAt`. `byThisTab` is false if another tab
   * renewed the session.
   */
  renewed: DetailEvent<{ expiresAt: Date; byThisTab: boolean }>;
  /**
   * A renewal has failed and the session is unchanged, or a new session was already over when it
   * arrived. The client tries again at `nextAttemptAt`. It tries earlier if you call `renew`, or if
   * the network comes back and the service has not asked for the wait. On Workers and Vercel Edge,
   * it tries again only if you make a call.
   */
  renewalfailed: DetailEvent<{ error: SocialPlusError; nextAttemptAt?: Date }>;
}

/**
 * Keeps one user signed in across all tabs of a browser. It signs in, renews in time, survives
 * reloads, sleep, bad networks and wrong clocks, and signs out.
 *
 * The service has no refresh: a renewal creates a new session, which ends the earlier token of the
 * device. `SessionClient` therefore renews once per device and hands the new token to every tab.
 *
 * After a deployment, tabs may run two versions of this package. If the later version stores
 * sessions in a new format, the earlier tabs use their token until it ends, and every call that
 * would change the session, also `logout`, rejects with `unsupported`: reload the page.
 *
 * Create one client per app, outside of components. On a server create one per request, and never
 * share a client between users.
 *
 * @example
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
 * const response = await client.fetch('/api/v3/users/ada');
 * ```
 */
export class SessionClient extends EventTarget {
  /**
   * Creates a client. The constructor uses no network, storage or timer, so it is safe during
   * server-side rendering.
   *
   * @throws {SocialPlusError} `config` if an option is missing or has the wrong type. The first
   * call of any method loads the WebAssembly and checks the other limits, for example the names of
   * regions. Therefore it may also reject with `config`, `network` or `unsupported`.
   * @example
   * ```js
   * const client = new SessionClient({ region: 'eu', apiKey, authTokenFrom: '/auth/token' });
   * ```
   */
  constructor(options: SessionClientOptions);

  /** The state at this moment, judged by the service's time. */
  readonly state: SessionState;
  /** Why the service has ended the session; set while `state` is `terminated`. */
  readonly terminationReason: TerminationReason | undefined;
  /** The id of the user who is signed in, or whose session the service has terminated. */
  readonly userId: string | undefined;
  /** The user who is signed in or was terminated, as described by the newest session. */
  readonly user: User | undefined;
  /** Whether the session belongs to a user, a visitor or a bot. */
  readonly userType: UserType | undefined;
  /** When the token expires, in the service's time. The user stays signed in after that. */
  readonly expiresAt: Date | undefined;

  /**
   * Returns the id of this device: the `deviceId` option, or the id that was made for this browser.
   *
   * @throws {SocialPlusError} `aborted` after `close`; `unsupported` if another tab ran a later
   * version before this client had resumed the session.
   * @example
   * ```js
   * const deviceId = await client.getDeviceId();
   * ```
   */
  getDeviceId(): Promise<string>;

  /**
   * Resumes the session that storage or another tab holds, and returns the resulting state:
   * `notLoggedIn` if there is no session.
   *
   * It waits for the network only to load the WebAssembly. If the token may have expired, the
   * client verifies it afterwards. Other calls on a new client resume automatically.
   *
   * @throws {SocialPlusError} `aborted` by the signal, or after `close`; `unsupported` if another
   * tab ran a later version before this client had resumed the session. Failures of storage or of
   * other tabs are not errors: the state is then `notLoggedIn`.
   * @example
   * ```js
   * if ((await client.resume()) === 'notLoggedIn') showSignIn();
   * ```
   */
  resume(call?: CallOptions): Promise<SessionState>;

  /**
   * Signs a user in, and returns the user.
   *
   * If the device already has a valid session for this user, in any tab, the call joins it without
   * a request, unless you pass `displayName` or `authToken`. If another user is signed in, the
   * call signs that user out first. A visitor stays signed in until the login has succeeded.
   *
   * @param request - `userId`: 1 to 50 characters; in v5 it must not start with `ADMIN_` or
   * `DELETED_`. `displayName`: at most 100 characters; updates the user's name. `authToken`: 1 to
   * 100 characters, used for this login only; renewals use `authTokenFrom`.
   * @throws {SocialPlusError} After an error, the state is `notLoggedIn` or the state before the
   * call. It is `terminated` if the call was for the present user, who is banned or deleted.
   *
   * - `secureModeRequired`: secure mode is on, and no auth token was sent.
   * - `unauthorized`: the service refused the API key or the auth token.
   * - `banned`, `notFound`: the user is banned or deleted.
   * - `invalidRequest`: a field is over its limit; nothing was sent.
   * - `superseded`: another login or a logout came first.
   * - `terminated`: the service has ended the previous session; call `logout` first.
   * - `aborted`: the signal or `close` ended the call.
   * - `unsupported`: another tab runs a later version, and the call cannot join a valid session.
   * - `rateLimited`, `server`, `network`, `timeout`: transient; try again.
   * @example
   * ```js
   * const user = await client.login({ userId: 'ada' });
   * ```
   */
  login(
    request: CallOptions & { userId: string; displayName?: string; authToken?: string },
  ): Promise<User>;

  /**
   * Signs in with a session that was created elsewhere for this device, for example by the
   * `POST …/session` route of the edge entry. The session's `deviceId` must be the id
   * that `getDeviceId` returns.
   *
   * @throws {SocialPlusError} `invalidRequest` if the value is not a session, or if it belongs to
   * another device; `terminated` if the service has ended the previous session; `unsupported` if
   * another tab runs a later version; `aborted` after `close`.
   * @example
   * ```js
   * const response = await fetch('/auth/session', {
   *   method: 'POST',
   *   headers: { 'content-type': 'application/json' },
   *   body: JSON.stringify({ deviceId: await client.getDeviceId() }),
   * });
   * await client.loginWithSession(await response.json());
   * ```
   */
  loginWithSession(session: Session | SessionJson): Promise<User>;

  /**
   * Signs in as a visitor: an unknown person who can only read. Visitors need API version v5, and
   * the vendor must enable them for your network.
   *
   * @throws {SocialPlusError} `unauthorized` if the service refused the API key or the signature;
   * `forbidden` if visitors are not enabled; otherwise the kinds of `login`.
   * @example
   * ```js
   * const visitor = await client.loginAsVisitor();
   * ```
   */
  loginAsVisitor(call?: CallOptions): Promise<User>;

  /**
   * Signs in as a bot, such as a search engine, which can only read. Bots need API version v5, and
   * the vendor must enable them for your network.
   *
   * @throws {SocialPlusError} The kinds of `loginAsVisitor`.
   * @example
   * ```js
   * if (/bot|crawler/i.test(navigator.userAgent)) await client.loginAsBot();
   * ```
   */
  loginAsBot(call?: CallOptions): Promise<User>;

  /**
   * Returns the access token, and renews it first if it is about to expire.
   *
   * Call it each time you need the token. While the token is not yet due for renewal and is valid
   * for `minValidityMs`, the call makes no request and, without a `signal`, reads no storage. If a
   * renewal is due but the token is valid for `minValidityMs`, the call returns the token
   * immediately and the renewal runs in the background. Concurrent calls, in all tabs, cause one
   * renewal.
   *
   * @param call - `minValidityMs`: how long the token must stay valid, in milliseconds; default
   * 60 000. A value above half of the token's lifetime counts as half. After one renewal the call
   * returns the token even if the token is valid for less time.
   * @throws {SocialPlusError} `notLoggedIn`; `terminated`; `superseded` if another user has signed
   * in since the call began; `aborted`; `unsupported` if the token has ended and another tab runs a
   * later version; `invalidRequest` for a negative `minValidityMs`. If the token has expired and
   * the renewal fails, the error of the renewal (`network`, `timeout`, `server`, …). Until the next
   * attempt is due, further calls reject immediately.
   * @example
   * ```js
   * const headers = { authorization: `Bearer ${await client.accessToken()}` };
   * ```
   */
  accessToken(call?: CallOptions & { minValidityMs?: number }): Promise<string>;

  /**
   * Renews the token now, even if it is not due. If any tab is already renewing, the call joins
   * that renewal.
   *
   * @throws {SocialPlusError} The kinds of `accessToken`, and `unsupported` even if the token is
   * valid, if another tab runs a later version. A session that is still valid continues.
   * @example
   * ```js
   * await client.renew();
   * client.expiresAt; // later than before
   * ```
   */
  renew(call?: CallOptions): Promise<void>;

  /**
   * Calls `fetch` with the access token in the `Authorization` header. A relative address is
   * resolved against the service's base address. An address that is not below the base address is
   * refused: another origin, or a path that leaves the `endpoint`'s own path, for example to
   * another tenant of a shared host. Redirects are not followed.
   *
   * After a 401 the client replays the request once: with a newer token of this or another tab, or
   * else after one renewal. If there is no newer token, or the body is a stream, which can be sent
   * only once, the call returns the 401. It retries nothing else and treats no status as an error.
   * It has no timeout of its own: pass a `signal`. If you pass a `Request`, the client uses its
   * address, method, headers, body and signal.
   *
   * @throws {SocialPlusError} `invalidRequest` for an address outside of the endpoint; `network`;
   * `aborted`; `superseded` if another user has signed in since the call began; `unsupported` after
   * a 401 if another tab runs a later version; otherwise the kinds of `accessToken`.
   * @example
   * ```js
   * const response = await client.fetch('/api/v3/users/ada');
   * const { users } = await response.json();
   * ```
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

  /**
   * Signs out immediately, in every tab, even offline. Then it tries once to revoke the token.
   *
   * The call resolves after that attempt, at most `timeoutMs` later. `revoked` is false if the
   * attempt failed; the client then tries again while the page is open. `revoked` is also false if
   * `revoke` is false, if the client has no session, or if the service may still create another
   * session of this device, because a request is in flight or got no response. A token that the
   * service no longer knows, or that has expired, counts as revoked.
   *
   * @param call - `revoke`: whether to revoke the token; default true. With false the token stays
   * valid until it expires.
   * @throws {SocialPlusError} `aborted` after `close`, or by the signal. Aborting ends the wait for
   * the revocation, not the logout; a signal that is already aborted leaves the user signed in.
   * `unsupported` if another tab runs a later version: the user is still signed in.
   * @example
   * ```js
   * const { revoked } = await client.logout();
   * ```
   */
  logout(call?: CallOptions & { revoke?: boolean }): Promise<{ revoked: boolean }>;

  /**
   * Revokes the token, and signs out only after that has succeeded, like `secureLogout` of the
   * official SDK. A token that the service no longer knows, or that has expired, counts as revoked.
   * A login or renewal in flight ends first. In the state `terminated`, it signs out without a
   * request. A request for a session whose response was lost may still create a session afterwards,
   * but nobody receives its token.
   *
   * @throws {SocialPlusError} `network`, `timeout`, `server`, … if the revocation failed, or
   * `unsupported` if another tab runs a later version: the user is still signed in. `notLoggedIn`
   * if nobody is signed in; `aborted`.
   * @example
   * ```js
   * await client.secureLogout().catch(() => client.logout()); // sign out even offline
   * ```
   */
  secureLogout(call?: CallOptions): Promise<void>;

  /**
   * Iterates over the states: the current one first, then each change. The iteration ends when the
   * signal is aborted or the client is closed.
   *
   * @throws {SocialPlusError} `invalidRequest`, immediately, if `signal` is not an AbortSignal.
   * @example
   * ```js
   * for await (const state of client.states({ signal })) render(state);
   * ```
   */
  states(call?: CallOptions): AsyncIterableIterator<SessionState>;

  /**
   * Adds a listener, as on every `EventTarget`. With the names of `SessionClientEventMap`, the
   * event's `detail` is typed.
   *
   * @example
   * ```js
   * client.addEventListener('renewalfailed', ({ detail }) => {
   *   console.warn(detail.error.message, detail.nextAttemptAt);
   * });
   * ```
   */
  addEventListener<K extends keyof SessionClientEventMap>(
    type: K,
    listener: Listener<SessionClientEventMap[K]>,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void;
  addEventListener(...args: Parameters<EventTarget['addEventListener']>): void;
  /** Removes a listener, as on every `EventTarget`. */
  removeEventListener<K extends keyof SessionClientEventMap>(
    type: K,
    listener: Listener<SessionClientEventMap[K]>,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void;
  removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void;

  /**
   * Releases timers, listeners, channels and locks. The user stays signed in: the session remains
   * in storage and in the other tabs. Pending and later calls reject with `aborted`. The method is
   * also available as `Symbol.asyncDispose`, where the engine has it.
   *
   * @example
   * ```js
   * import.meta.hot?.dispose(() => client.close()); // hot reload creates a new client
   * ```
   */
  close(): Promise<void>;
}

/**
 * Allows `await using client = new SessionClient(…)`, where the compiler's library supports it.
 */
export interface SessionClient extends Disposal {}

type Disposal = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { [K in Key]: () => Promise<void> }
  : {};

type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void } | null;

// A `CustomEvent<Detail>` that also compiles with older Node types, which lack `CustomEvent`.
interface DetailEvent<Detail> extends Omit<AnyCustomEvent, 'detail'> {
  readonly detail: Detail;
}
type AnyCustomEvent = typeof globalThis extends { CustomEvent: { prototype: infer E } } ? E : Event;

export {};
