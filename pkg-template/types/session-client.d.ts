/**
 * The part of `social-plus-auth` that keeps a user signed in. Import it from there. More of it, for
 * reading: `docs/sessions.md` of the package.
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
 * Where a client stands, by the official SDK's names.
 *
 * - `notLoggedIn`: nobody is signed in.
 * - `establishing`: a login is on its way; on the way from `tokenExpired` to `established` it is
 *   passed.
 * - `established`: there is a token, and the service honours it as far as anyone knows.
 * - `tokenExpired`: the token's time is over; the next use or wake renews it. Nobody has been
 *   signed out.
 * - `terminated`: the service has ended it (`terminationReason`); only a logout leads on.
 */
export type SessionState =
  'notLoggedIn' | 'establishing' | 'established' | 'tokenExpired' | 'terminated';

/**
 * Why a session was terminated, by the official SDK's names: the user is banned, the user is
 * deleted, or the service refuses to make the user another session. Only the service's own word
 * counts for it; a network, a proxy or your own backend terminates nothing.
 */
export type TerminationReason = 'globalBan' | 'userDeleted' | 'unauthorized';

/** Which network, and how one device is kept signed in to it. */
export interface SessionClientOptions extends ServiceOptions {
  /**
   * Secure mode: where a fresh auth token comes from, for a login and for every renewal. A URL is
   * the full address (in a page its path will do) of a `POST …/token` route made by
   * `social-plus-auth/edge`, fetched with `credentials: 'include'`; a function returns the token,
   * which has 1 to 100 characters. Either has `timeoutMs`. Whatever it does, a session that is
   * still good stays: a refusal of your own backend is a failed renewal, not the end of a session.
   */
  authTokenFrom?:
    | string
    | URL
    | ((request: { userId: string; deviceId: string; signal: AbortSignal }) => Promise<string>);
  /**
   * Secure visitor mode: where a visitor's signature comes from. A URL of `POST …/visitor`, or a
   * function, likewise.
   */
  visitorSignatureFrom?:
    | string
    | URL
    | ((request: {
        deviceId: string;
        signal: AbortSignal;
      }) => Promise<{ authSignature: string; authSignatureExpiresAt: string }>);
  /**
   * Where the session is kept. `memory`, the default: as long as a tab of it is open. `local`:
   * `localStorage`, so that it survives a reload and the browser's end. `encrypted`: the same,
   * under an AES-GCM key in IndexedDB that no script can export. Where the browser refuses what one
   * of them needs it becomes `memory`, and says so in an event of type `storage`. No refresh token
   * is ever kept.
   */
  storage?: 'memory' | 'local' | 'encrypted' | SessionStorage;
  /**
   * Keeps two apps on one origin apart. Default `default`. Clients with the same namespace,
   * endpoint, API key and `deviceId` option are the tabs of one device; outside a browser (Node,
   * Deno, Bun) those of one process are, if a namespace is given, and otherwise each stands alone.
   */
  namespace?: string;
  /**
   * 1 to 150 characters. Default: made once per namespace, endpoint and API key, and kept in
   * `localStorage`.
   */
  deviceId?: string;
  /**
   * For tests and simulations: `now` in milliseconds since the epoch; `monotonic` in milliseconds
   * since whenever, never going back; the other two as the global ones. Default: the real ones.
   */
  clock?: {
    now(): number;
    monotonic(): number;
    setTimeout(callback: () => void, ms: number): unknown;
    clearTimeout(handle: unknown): void;
  };
}

/**
 * A place of your own for the session: text under a key, whole or absent. Each call has
 * `timeoutMs`; what it throws costs persistence, never the session. The text holds the access
 * token.
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
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

/**
 * The events of a `SessionClient`. None of them carries a token.
 *
 * @example
 * ```js
 * client.addEventListener('statechange', ({ detail }) => console.log(detail.previous, '→', detail.state, detail.reason ?? ''));
 * ```
 */
export interface SessionClientEventMap {
  /** The state is another one now; `reason` comes with `terminated`. */
  statechange: DetailEvent<{
    state: SessionState;
    previous: SessionState;
    reason?: TerminationReason;
  }>;
  /** There is a new token, good until `expiresAt`; another tab may have fetched it. */
  renewed: DetailEvent<{ expiresAt: Date; byThisTab: boolean }>;
  /**
   * A renewal failed, and the session stays as it is. The next one is made at the next use or wake,
   * not before `nextAttemptAt`.
   */
  renewalfailed: DetailEvent<{ error: SocialPlusError; nextAttemptAt?: Date }>;
}

/**
 * Keeps one user signed in, in every tab of a browser: signs in, renews in time, survives reloads,
 * sleep, bad networks and wrong clocks, and signs out. The service has no refresh: a renewal is a
 * new session of the device, which ends the device's earlier token. So a device renews once,
 * whatever happens, and all its tabs go on with that token.
 *
 * Make one client per app, outside of components. On a server make one per request, and never share
 * it between users.
 *
 * @example
 * ```js
 * import { SessionClient } from 'social-plus-auth';
 *
 * const client = new SessionClient({ region: 'eu', apiKey, authTokenFrom: '/auth/token', storage: 'local' });
 * if ((await client.resume()) !== 'established') await client.login({ userId: 'ada' });
 * const answer = await client.fetch('/api/v3/users/ada');
 * ```
 */
export class SessionClient extends EventTarget {
  /**
   * Touches no network, storage or timer, so it is safe on a server.
   *
   * @throws {SocialPlusError} `config` for what can be seen at once; whatever else is wrong rejects
   * the first call.
   * @example
   * ```js
   * const client = new SessionClient({ region: 'eu', apiKey, authTokenFrom: '/auth/token' });
   * ```
   */
  constructor(options: SessionClientOptions);

  /** Where the client stands, at this moment of the service's time. */
  readonly state: SessionState;
  /** Set while `state` is `terminated`. */
  readonly terminationReason: TerminationReason | undefined;
  /** Who is signed in, or was until the service terminated the session. */
  readonly userId: string | undefined;
  /** The user as the newest session told of it. */
  readonly user: User | undefined;
  /** v5 only. */
  readonly userType: UserType | undefined;
  /** When the present token ends, in the service's time. The user stays signed in beyond it. */
  readonly expiresAt: Date | undefined;

  /**
   * This device's id: the `deviceId` option, or the one that was made for this browser. Where there
   * is no `localStorage`, one client is one device.
   *
   * @throws {SocialPlusError} `aborted` after `close`.
   * @example
   * ```js
   * const deviceId = await client.getDeviceId();
   * ```
   */
  getDeviceId(): Promise<string>;

  /**
   * Takes up the session that another tab holds or that is stored, and says where that leads:
   * `notLoggedIn` if there is none. Waits for no network: whether a token that may have expired is
   * still good is looked into afterwards. Other calls on a fresh client do it by themselves.
   *
   * @throws {SocialPlusError} `aborted` by the signal, or after `close`. What storage and siblings
   * do wrong is no error: there is no session then.
   * @example
   * ```js
   * if ((await client.resume()) === 'notLoggedIn') showSignIn();
   * ```
   */
  resume(call?: CallOptions): Promise<SessionState>;

  /**
   * Signs a user in. If this device has that user already, in any tab, it joins them without a
   * request, unless `displayName` or `authToken` is given. Another user is signed out for it,
   * first; a visitor only once the login has succeeded.
   *
   * @param request - `userId`: 1 to 50 characters, in v5 not beginning with `ADMIN_` or `DELETED_`.
   * `displayName`: at most 100. `authToken`: a token at hand,
   * for this once; renewals use `authTokenFrom`.
   * @throws {SocialPlusError} `secureModeRequired` without an auth token in secure mode;
   * `unauthorized` for a wrong key or auth token; `banned`, `notFound`
   * for a banned or deleted user; `superseded` by another login or a logout meanwhile; `terminated`
   * if the session before was ended by the service: log out first; `invalidRequest` for a limit
   * that is broken; `aborted`; `rateLimited`, `server`, `network`, `timeout`, which may pass. The
   * state is then `notLoggedIn`, or what it was before.
   * @example
   * ```js
   * const user = await client.login({ userId: 'ada' });
   * ```
   */
  login(
    request: CallOptions & { userId: string; displayName?: string; authToken?: string },
  ): Promise<User>;

  /**
   * Goes on with a session that was made elsewhere (by the edge's `POST …/session`, say) for this
   * device, by its `getDeviceId`.
   *
   * @throws {SocialPlusError} `invalidRequest` for what is no session, or one of another device;
   * otherwise as `login`.
   * @example
   * ```js
   * const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ deviceId: await client.getDeviceId() }) };
   * await client.loginWithSession(await (await fetch('/auth/session', init)).json());
   * ```
   */
  loginWithSession(session: Session | SessionJson): Promise<User>;

  /**
   * Signs a visitor in: somebody whom the app does not know, and who only reads. v5 only, and off
   * until the vendor turns it on.
   *
   * @throws {SocialPlusError} `unauthorized` for a wrong key or signature; `forbidden` if the mode
   * is off; otherwise as `login`.
   * @example
   * ```js
   * const visitor = await client.loginAsVisitor();
   * ```
   */
  loginAsVisitor(call?: CallOptions): Promise<User>;

  /**
   * Signs a bot in (a search engine, say), which only reads. v5 only, and off until the vendor
   * turns it on.
   *
   * @throws {SocialPlusError} As `loginAsVisitor`.
   * @example
   * ```js
   * if (/bot|crawler/i.test(navigator.userAgent)) await client.loginAsBot();
   * ```
   */
  loginAsBot(call?: CallOptions): Promise<User>;

  /**
   * The access token. Any number of callers and tabs cause one renewal; a renewal that is due while
   * the token is still good goes on in the background. Ask for it each time you need it: on a valid
   * token that costs next to nothing.
   *
   * @param call - `minValidityMs`: for how many milliseconds it must at least be good, default 60
   * 000; more than half of the token's lifetime counts as half.
   * After one renewal it returns what there is.
   * @throws {SocialPlusError} `notLoggedIn`; `terminated`; `superseded` by the login of another
   * user meanwhile; `aborted`; if the token has expired and
   * cannot be renewed, what kept it from that (`network`, `timeout`, `server` …), at once while the
   * next attempt is not due.
   * @example
   * ```js
   * const headers = { authorization: `Bearer ${await client.accessToken()}` };
   * ```
   */
  accessToken(call?: CallOptions & { minValidityMs?: number }): Promise<string>;

  /**
   * Renews now, although nothing asks for it. A renewal that is on its way, in whichever tab, is
   * joined.
   *
   * @throws {SocialPlusError} As `accessToken`. A session that is still good stays as it is.
   * @example
   * ```js
   * await client.renew();
   * client.expiresAt; // later than before
   * ```
   */
  renew(call?: CallOptions): Promise<void>;

  /**
   * `fetch` with the bearer token. A relative address is the service's; redirects are not followed.
   * A 401 is answered by one replay, with a newer token if there is one, else after one renewal; if
   * that fails, the 401 itself is returned. Nothing else is tried again, and no other status is an
   * error. Of a `Request` the address, method, headers, body and signal count. It has no timeout of
   * its own.
   *
   * @throws {SocialPlusError} `invalidRequest` for another origin than the service's; `network`,
   * `aborted`; `superseded` if somebody else has signed in since
   * it was called; otherwise as `accessToken`.
   * @example
   * ```js
   * const answer = await client.fetch('/api/v3/users/ada');
   * const { users } = await answer.json();
   * ```
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

  /**
   * Signs out, here at once and in every tab, also without a network. Then tries once to revoke the
   * token, for at most `timeoutMs`; if the service could not be asked that is tried again while the
   * page lives. A token that the service no longer knows, or that has expired, counts as revoked.
   *
   * @param call - `revoke`: `false` leaves the token good until it expires.
   * @throws {SocialPlusError} `aborted` by the signal, which ends the wait for the revoke (aborted
   * beforehand it keeps everything as it is); after `close`.
   * @example
   * ```js
   * const { revoked } = await client.logout();
   * ```
   */
  logout(call?: CallOptions & { revoke?: boolean }): Promise<{ revoked: boolean }>;

  /**
   * Revokes the token, and signs out once that is done: the official SDK's meaning. A token that
   * the service no longer knows, or that has expired, counts as revoked.
   *
   * @throws {SocialPlusError} `network`, `timeout`, `server` … if the service could not be asked:
   * the user is still signed in. `notLoggedIn` (a terminated
   * session, on the other hand, can be left by it); `aborted`.
   * @example
   * ```js
   * await client.secureLogout().catch(() => client.logout()); // out in any case
   * ```
   */
  secureLogout(call?: CallOptions): Promise<void>;

  /**
   * Every state from now on, the present one first. Ends with the signal, or with `close`.
   *
   * @example
   * ```js
   * for await (const state of client.states({ signal })) render(state);
   * ```
   */
  states(call?: CallOptions): AsyncIterableIterator<SessionState>;

  /**
   * As on every `EventTarget`; with the names of `SessionClientEventMap` the event's `detail` is
   * typed.
   *
   * @example
   * ```js
   * client.addEventListener('renewalfailed', ({ detail }) => console.warn(detail.error.message, detail.nextAttemptAt), { signal });
   * ```
   */
  addEventListener<K extends keyof SessionClientEventMap>(
    type: K,
    listener: Listener<SessionClientEventMap[K]>,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void;
  addEventListener(...args: Parameters<EventTarget['addEventListener']>): void;
  /** As on every `EventTarget`. */
  removeEventListener<K extends keyof SessionClientEventMap>(
    type: K,
    listener: Listener<SessionClientEventMap[K]>,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void;
  removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void;

  /**
   * Lets go of timers, listeners, channels and locks; the session itself stays where it is. Pending
   * calls, and all later ones, reject with `aborted`. Also `Symbol.asyncDispose`, where the engine
   * has it.
   *
   * @example
   * ```js
   * import.meta.hot?.dispose(() => client.close()); // hot reload makes a new one
   * ```
   */
  close(): Promise<void>;
}

/** `await using client = new SessionClient(…)`, where the compiler's library knows of it. */
export interface SessionClient extends Disposal {}

type Disposal = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { [K in Key]: () => Promise<void> }
  : {};

type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void } | null;

// A `CustomEvent<Detail>`, also where the library at hand has no such type (older ones of Node).
interface DetailEvent<Detail> extends Omit<AnyCustomEvent, 'detail'> {
  readonly detail: Detail;
}
type AnyCustomEvent = typeof globalThis extends { CustomEvent: { prototype: infer E } } ? E : Event;

export {};
