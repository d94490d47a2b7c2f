/**
 * The secure side: workers and servers that may hold the server key. Stateless: nothing outlives a
 * request. Unofficial.
 *
 * @example
 * ```js
 * import { createAuthToken } from 'social-plus-auth/edge';
 *
 * const { token } = await createAuthToken({ region: 'eu', serverKey: env.SERVER_KEY }, { userId: 'ada' });
 * ```
 * @packageDocumentation
 */
import type {
  CallOptions,
  DiagnosticEvent,
  FetchLike,
  Region,
  ServiceOptions,
  Session,
  SessionRequest,
} from './browser.js';

export {
  SocialPlusError,
  createBotSession,
  createSession,
  createVisitorSession,
  ready,
  revokeSession,
  verifySession,
  version,
  type BearerOptions,
  type CallOptions,
  type DeviceInfo,
  type DiagnosticEvent,
  type ErrorKind,
  type FetchLike,
  type Region,
  type ServiceOptions,
  type Session,
  type SessionJson,
  type SessionRequest,
  type User,
  type UserType,
} from './browser.js';

/** How auth tokens are minted. */
export type EdgeOptions = Omit<ServiceOptions, 'apiKey' | 'apiVersion'> & {
  /** At most 150 characters. Keep it in the platform's secrets, never in a page or an app. */
  serverKey: string;
  /**
   * Default `v4`, a POST that keeps the user id out of URLs and access logs; `v3` is the deprecated
   * GET.
   */
  apiVersion?: 'v3' | 'v4';
};

/**
 * Good for one user id, as often as wanted, until it expires. Logged or inspected it shows no
 * token; `JSON.stringify` gives it.
 */
export interface AuthToken {
  token: string;
  userId: string;
  /** Ten minutes after it was asked for. */
  expiresAt: Date;
  toJSON(): { token: string; userId: string; expiresAt: string };
}

/**
 * Mints an auth token for a user whom your app has recognised. Never take the user id from a
 * request's body: whoever is named here is signed in.
 *
 * @param request - `userId`: 1 to 50 characters (100 in v3).
 * @throws {SocialPlusError} `unauthorized` for a wrong server key; `forbidden` if secure mode is
 * off; `invalidRequest` for the user id;
 * `network`, `timeout`, `server`, which may pass.
 * @example
 * ```js
 * const { token, expiresAt } = await createAuthToken({ region: 'eu', serverKey: env.SERVER_KEY }, { userId: user.id });
 * ```
 */
export function createAuthToken(
  options: EdgeOptions,
  request: CallOptions & { userId: string },
): Promise<AuthToken>;

/**
 * Secure mode in one call: mints the auth token and redeems it. The session is the device's: hand
 * it to the client that `deviceId` belongs to.
 *
 * @throws {SocialPlusError} As `createAuthToken` and `createSession`; `operation` is
 * `exchangeSession` for both steps.
 * @example
 * ```js
 * const session = await exchangeSession({ region: 'eu', serverKey: env.SERVER_KEY, apiKey: env.API_KEY }, { userId: user.id, deviceId });
 * ```
 */
export function exchangeSession(
  options: EdgeOptions & { apiKey: string; sessionApiVersion?: ServiceOptions['apiVersion'] },
  request: Omit<SessionRequest, 'authToken'>,
): Promise<Session>;

/** Who administers, and where. */
export type AdminOptions = Omit<ServiceOptions, 'apiKey' | 'apiVersion'> & {
  /** A backend tool's credential, good for a year. Keep it in the platform's secrets. */
  adminToken: string;
};

/** Logged or inspected it shows no token; `JSON.stringify` gives it. */
export interface AdminToken {
  adminToken: string;
  issuedAt: Date;
  expiresAt: Date;
  toJSON(): { adminToken: string; issuedAt: string; expiresAt: string };
}

/**
 * Issues a new admin token, good for a year; the present one stays good for its grace period (24
 * hours, `getSecurityConfig`). Never sent twice: a late first attempt would end the token that the
 * second returned.
 *
 * @throws {SocialPlusError} `unauthorized` for an admin token that is wrong, expired or revoked.
 * After `network` or `timeout` the service may have acted:
 * look with `getAdminToken` before you ask again.
 * @example
 * ```js
 * const { adminToken, expiresAt } = await issueAdminToken({ region: 'eu', adminToken: present });
 * ```
 */
export function issueAdminToken(options: AdminOptions, call?: CallOptions): Promise<AdminToken>;

/**
 * The current admin token. A console path (`/admin/v1/token`) that is no longer in the public
 * description.
 *
 * @throws {SocialPlusError} `unauthorized` for an admin token that is wrong, expired or revoked.
 * @example
 * ```js
 * const { expiresAt } = await getAdminToken({ region: 'eu', adminToken });
 * ```
 */
export function getAdminToken(options: AdminOptions, call?: CallOptions): Promise<AdminToken>;

/**
 * Revokes an administrator's token: an admin only its own, a super-admin any. A console path that
 * is no longer in the public description.
 *
 * @param request - `username`: 1 to 50 characters.
 * @throws {SocialPlusError} `forbidden` for somebody else's, `notFound` for an unknown username.
 * @example
 * ```js
 * await revokeAdminToken({ region: 'eu', adminToken }, { username: 'grace' });
 * ```
 */
export function revokeAdminToken(
  options: AdminOptions,
  request: CallOptions & { username: string },
): Promise<void>;

/**
 * Ends every access token of a user. In secure mode the user's client then asks your backend for a
 * new auth token, which is the place to say no; in unsecure mode nobody can say no.
 *
 * @param request - `userId`: 1 to 50 characters; `isPublic` (default true): whether it is the app's
 * id of the user, not the service's internal one.
 * @throws {SocialPlusError} `notFound` for an unknown user, `banned` for a banned one.
 * @example
 * ```js
 * await revokeUserSessions({ region: 'eu', adminToken }, { userId: 'ada' });
 * ```
 */
export function revokeUserSessions(
  options: AdminOptions,
  request: CallOptions & { userId: string; isPublic?: boolean },
): Promise<void>;

/**
 * Issues a new server key; the present one stays good for its grace period (1 hour,
 * `getSecurityConfig`). Shown this once. Never sent twice.
 *
 * @throws {SocialPlusError} `forbidden` for an admin token that may not. After `network` or
 * `timeout` the service may have acted: look with
 * `getServerKeyInfo` before you ask again.
 * @example
 * ```js
 * const serverKey = await issueServerKey({ region: 'eu', adminToken });
 * ```
 */
export function issueServerKey(options: AdminOptions, call?: CallOptions): Promise<string>;

/**
 * When the server key was last changed, and by whom.
 *
 * @throws {SocialPlusError} `forbidden` for an admin token that may not.
 * @example
 * ```js
 * const { updatedAt } = await getServerKeyInfo({ region: 'eu', adminToken });
 * ```
 */
export function getServerKeyInfo(
  options: AdminOptions,
  call?: CallOptions,
): Promise<{ updatedAt: Date; updatedBy: string }>;

/** How long a replaced server key or admin token stays good, in hours. */
export interface SecurityConfig {
  serverKey?: { expiresInHours?: number; apiScopeEnabled?: boolean };
  adminToken?: { expiresInHours?: number };
}

/**
 * Reads the grace periods.
 *
 * @throws {SocialPlusError} `forbidden` for an admin token that may not.
 * @example
 * ```js
 * const { serverKey } = await getSecurityConfig({ region: 'eu', adminToken });
 * ```
 */
export function getSecurityConfig(
  options: AdminOptions,
  call?: CallOptions,
): Promise<SecurityConfig>;

/**
 * Sets the grace periods; what is left out stays.
 *
 * @throws {SocialPlusError} `invalidRequest` for hours that are none.
 * @example
 * ```js
 * await setSecurityConfig({ region: 'eu', adminToken }, { serverKey: { expiresInHours: 2 } });
 * ```
 */
export function setSecurityConfig(
  options: AdminOptions,
  request: CallOptions & SecurityConfig,
): Promise<SecurityConfig>;

/**
 * The network's settings. A console path that is no longer in the public description.
 *
 * @throws {SocialPlusError} `forbidden` for an admin token that may not.
 * @example
 * ```js
 * const { useSecureAuthentication } = await getNetwork({ region: 'eu', adminToken });
 * ```
 */
export function getNetwork(
  options: AdminOptions,
  call?: CallOptions,
): Promise<{ name: string; useSecureAuthentication: boolean; [field: string]: unknown }>;

/**
 * Switches secure mode. Off, anyone can be anyone. A console path that is no longer in the public
 * description.
 *
 * @throws {SocialPlusError} `forbidden` for an admin token that may not.
 * @example
 * ```js
 * await setSecureMode({ region: 'eu', adminToken }, { enabled: true });
 * ```
 */
export function setSecureMode(
  options: AdminOptions,
  request: CallOptions & { enabled: boolean },
): Promise<void>;

/**
 * Switches push notifications for the whole network, at once, chat and social; or single events of
 * them.
 *
 * @param request - `events`: 1 to 24.
 * @throws {SocialPlusError} `forbidden` for an admin token that may not.
 * @example
 * ```js
 * await setNetworkPush({ region: 'eu', adminToken }, { enabled: false });
 * ```
 */
export function setNetworkPush(
  options: AdminOptions,
  request: CallOptions & { enabled: boolean; events?: { name: string; enabled: boolean }[] },
): Promise<void>;

/**
 * Signs a visitor's device, for networks in secure visitor mode. The page redeems it with
 * `createVisitorSession`; the visitor secret stays here.
 *
 * @param options - `visitorSecret`: from the console, Settings → Integrations.
 * @param request - `deviceId`: 1 to 150 characters. `expiresInMs`: how long the signature is good,
 * in milliseconds, default 3 600 000 (an hour). `now`:
 * the time to count from, in milliseconds since the epoch, default the clock's.
 * @returns The signature, 64 hexadecimal characters, and the date that it was made for: pass both
 * on as they are.
 * @throws {SocialPlusError} `config` without a secret; `invalidRequest` for the rest.
 * @example
 * ```js
 * const { authSignature, authSignatureExpiresAt } = await signVisitor({ visitorSecret: env.VISITOR_SECRET }, { deviceId });
 * ```
 */
export function signVisitor(
  options: { visitorSecret: string },
  request: { deviceId: string; expiresInMs?: number; now?: number },
): Promise<{ authSignature: string; authSignatureExpiresAt: string }>;

/**
 * Whether a webhook comes from the service: its header `x-amity-signature` is base64 of
 * HMAC-SHA-256 over the raw body. Compared in constant time. Answer within 1.5 seconds, and ignore
 * the second delivery of each event, the one with `x-eko-signature`.
 *
 * @param options - `secret`: the webhook's own.
 * @param request - `body`: as it came, before any `JSON.parse`. `signature`: the header; a missing
 * one (`null`) or junk is `false`, like a wrong one.
 * @throws {SocialPlusError} `config` without a secret; `invalidRequest` for a body that is neither
 * text nor bytes.
 * @example
 * ```js
 * const body = await request.text();
 * const genuine = await verifyWebhook({ secret: env.WEBHOOK_SECRET }, { body, signature: request.headers.get('x-amity-signature') });
 * ```
 */
export function verifyWebhook(
  options: { secret: string },
  request: { body: string | Uint8Array | ArrayBuffer; signature: string | null | undefined },
): Promise<boolean>;

/**
 * How the routes are set up. What may be a function is asked at every request, with what the
 * platform hands the handler as `env`; it may return a promise. Left-out secrets close their
 * routes.
 */
export interface AuthHandlerOptions<Env = unknown> {
  /**
   * Exactly one of `region` and `endpoint`, as everywhere; a function that gives `undefined` gives
   * none.
   */
  region?: Region | ((env: Env) => Region | undefined | Promise<Region | undefined>);
  endpoint?:
    string | URL | ((env: Env) => string | URL | undefined | Promise<string | URL | undefined>);
  /** At most 150 characters. Keep it in the platform's secrets. */
  serverKey: string | ((env: Env) => string | Promise<string>);
  /** Opens `/session`. */
  apiKey?: string | ((env: Env) => string | Promise<string>);
  /** Opens `/visitor`, which asks for a `rateLimit` or for `allowUnlimitedVisitors`. */
  visitorSecret?: string | ((env: Env) => string | Promise<string>);
  /**
   * Who is asking, by the app's own sign-in (a cookie, a bearer token of the app). `null`: 401. The
   * user id never comes from the request body: leave that alone, or read a clone. What it throws
   * becomes a 500 that says nothing, to the listener neither: log it yourself. A `userId` has 1 to
   * 50 characters, none of them a control character.
   */
  authenticate: (
    request: Request,
    env: Env,
  ) =>
    | Promise<{ userId: string; displayName?: string } | null>
    | { userId: string; displayName?: string }
    | null;
  /**
   * Exact origins of the pages that may ask from elsewhere, as browsers write them
   * (`https://app.example`); `*` is refused. A request passes if its `Sec-Fetch-Site` is
   * `same-origin`, or its `Origin` is the request's own or one of these; `same-site`, `cross-site`
   * and `null` count as cross-origin.
   */
  allowedOrigins?: string[] | ((env: Env) => string[] | Promise<string[]>);
  /**
   * Lets requests without `Origin` and `Sec-Fetch-Site` pass (native apps, servers). Default false.
   */
  allowNonBrowser?: boolean;
  /**
   * Asked when it is known who asks, before the body is read. Only `true` lets the request pass;
   * `false`, or how long to wait, is a 429 with `Retry-After` (10 s, if it is not said; from a
   * second to a day). If it throws, nobody passes: 503. Bind it to the platform's own limiter.
   */
  rateLimit?: (
    key: { userId?: string; ip?: string; route: 'token' | 'session' | 'visitor' },
    env: Env,
  ) => Promise<boolean | { retryAfterMs: number }>;
  /** `/visitor` signs for anyone who asks: without `rateLimit` it must be allowed by name. */
  allowUnlimitedVisitors?: boolean;
  /**
   * Where the caller's address stands on this platform (`cf-connecting-ip`, say); forwarded headers
   * are never trusted by themselves.
   */
  clientIp?: (request: Request, env: Env) => string | undefined;
  /** An mTLS binding's fetch, say: `fetch: (env) => (url, init) => env.MTLS.fetch(url, init)`. */
  fetch?: (env: Env) => FetchLike | undefined;
  /**
   * Milliseconds for a whole request, the body's coming and the app's own functions included; each
   * attempt at the service has its share of it. Default 8 000.
   */
  timeoutMs?: number;
  /** Default two attempts; a wait of over two seconds is left to the client. */
  retry?: ServiceOptions['retry'];
  /** Default `/auth`. Matched to the letter; `''` for routes at the root. */
  basePath?: string;
  /**
   * Told what the library tells of its calls, and of every answer of the handler, with what went
   * wrong in `detail`: fit to log. All that belongs to one request has its `correlationId`. Nobody
   * waits for what it returns; what it throws or rejects with is dropped.
   */
  onEvent?: (event: DiagnosticEvent & { correlationId: string }) => void;
}

/**
 * The app's auth routes as a fetch handler, for Workers, Deno, Bun, Vercel Edge, Hono, and Node
 * through an adapter. Stateless. Under `basePath`, JSON in (at most 16 KiB) and out, dates as ISO
 * 8601:
 *
 * - `POST /token`, `{deviceId?}`: `{authToken, expiresAt}`
 * - `POST /session`, `{deviceId, deviceInfo?}`: a `SessionJson`; needs `apiKey`
 * - `POST /visitor`, `{deviceId}`: `{authSignature, authSignatureExpiresAt}`; needs
 *   `visitorSecret`, and asks nobody who it is
 *
 * `OPTIONS` is answered for pages of `allowedOrigins`. A user id in a body is ignored, as is a
 * method in a header. Refusals are `application/problem+json`, `{type, title, status, kind,
 * correlationId}`:
 *
 * - 400, 413, 415 `invalidRequest`: the body; 408 `timeout`: it did not come in time
 * - 405 `invalidRequest`: the method; 404 `notFound`: an unknown path, or a route that is not set
 *   up
 * - 401 `unauthorized`: nobody is signed in; 403 `forbidden`: the page's origin; 403 `banned`,
 *   `notFound`: the service does not let this user in
 * - 429 `rateLimited`: by `rateLimit`; 503 `rateLimited`: by the service; both with `Retry-After`
 * - 502 `network`, `invalidResponse` or `server` (which is also what a wrong key is called), 503
 *   `server`, 504 `timeout`: the service could not be
 *   asked, or the time went by before that
 * - 500 `config`: an option cannot be used; 500 `server`: one of the app's functions failed.
 *   `onEvent` is told which.
 *
 * Answers have `cache-control: no-store` and `x-correlation-id`: the request's own
 * `x-correlation-id` or `x-request-id`, if that is short and plain, else a new one.
 *
 * @returns The handler. Without a second argument the functions among the options get an empty
 * object.
 * @throws {SocialPlusError} `config`, at once, for an option of another type; no `authenticate`, no
 * `serverKey`, neither `region` nor `endpoint`; visitors
 * without a limit; `allowedOrigins` or a `basePath` not as above; a `timeoutMs` that is no time.
 * What a value says (which region, which characters, how many attempts), and what a function gives,
 * is seen at each request: a 500 `config`.
 * @example
 * ```js
 * const auth = createAuthHandler({
 *   region: 'eu',
 *   serverKey: (env) => env.SERVER_KEY,
 *   authenticate: (request, env) => userOfCookie(request, env),
 * });
 * export default { fetch: (request, env) => auth(request, env) };
 * ```
 */
export function createAuthHandler<Env = unknown>(
  options: AuthHandlerOptions<Env>,
): (request: Request, env?: Env, context?: unknown) => Promise<Response>;
