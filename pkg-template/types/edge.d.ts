/**
 * The server side of the package, for workers and servers that may hold the server key. It keeps no
 * state between requests. Unofficial.
 *
 * @example
 * ```js
 * import { createAuthToken } from 'social-plus-auth/edge';
 *
 * const options = { region: 'eu', serverKey: env.SERVER_KEY };
 * const { token } = await createAuthToken(options, { userId: 'ada' });
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

/** The options of a call that mints auth tokens. */
export type EdgeOptions = Omit<ServiceOptions, 'apiKey' | 'apiVersion'> & {
  /** At most 150 characters. Keep it in the secrets of your platform, never in a page or an app. */
  serverKey: string;
  /**
   * The version of the call. Default `v4`, which keeps the user id out of URLs and access logs.
   * `v3` is deprecated.
   */
  apiVersion?: 'v3' | 'v4';
};

/**
 * An auth token, which signs one user in until it expires. Logging or inspecting it shows no token;
 * `JSON.stringify` includes the token.
 */
export interface AuthToken {
  /** The token, 1 to 100 characters. */
  token: string;
  /** The only user whom the token signs in. */
  userId: string;
  /** 10 minutes after the call began. */
  expiresAt: Date;
  toJSON(): { token: string; userId: string; expiresAt: string };
}

/**
 * Mints an auth token for a user whom your app has recognised. Never take the user id from a
 * request's body: the token signs that user in.
 *
 * @param request - `userId`: 1 to 50 characters; 100 in v3.
 * @throws {SocialPlusError} `unauthorized` if the service refused the server key; `forbidden` if
 * secure mode is off; `invalidRequest` if the user id is invalid; `config` if an option is invalid;
 * `network`, `timeout`, `server` or `rateLimited` for a transient failure.
 * @example
 * ```js
 * const options = { region: 'eu', serverKey: env.SERVER_KEY };
 * const { token, expiresAt } = await createAuthToken(options, { userId: user.id });
 * ```
 */
export function createAuthToken(
  options: EdgeOptions,
  request: CallOptions & { userId: string },
): Promise<AuthToken>;

/**
 * Creates a session in secure mode in one call: mints an auth token and exchanges it. The session
 * belongs to the device `deviceId`: hand it to that client only.
 *
 * @throws {SocialPlusError} The kinds of `createAuthToken` and `createSession`. `operation` is
 * `exchangeSession` in both steps.
 * @example
 * ```js
 * const options = { region: 'eu', serverKey: env.SERVER_KEY, apiKey: env.API_KEY };
 * const session = await exchangeSession(options, { userId: user.id, deviceId });
 * ```
 */
export function exchangeSession(
  options: EdgeOptions & { apiKey: string; sessionApiVersion?: ServiceOptions['apiVersion'] },
  request: Omit<SessionRequest, 'authToken'>,
): Promise<Session>;

/** The options of an administration call. */
export type AdminOptions = Omit<ServiceOptions, 'apiKey' | 'apiVersion'> & {
  /**
   * The admin token, valid for a year. Keep it in the secrets of your tools, not in the auth
   * routes.
   */
  adminToken: string;
};

/** An admin token. Logging or inspecting it shows no token; `JSON.stringify` includes the token. */
export interface AdminToken {
  adminToken: string;
  issuedAt: Date;
  expiresAt: Date;
  toJSON(): { adminToken: string; issuedAt: string; expiresAt: string };
}

/**
 * Issues a new admin token, valid for a year. The previous token stays valid for its grace period,
 * 24 hours by default (`getSecurityConfig`). The package never sends this call twice: a first
 * attempt that arrives late would end the token that the second attempt returned.
 *
 * @throws {SocialPlusError} `unauthorized` if the admin token is wrong, expired or revoked. After
 * `network` or `timeout` the service may have issued a token: check with `getAdminToken` before you
 * try again.
 * @example
 * ```js
 * const { adminToken, expiresAt } = await issueAdminToken({ region: 'eu', adminToken: current });
 * ```
 */
export function issueAdminToken(options: AdminOptions, call?: CallOptions): Promise<AdminToken>;

/**
 * Returns the current admin token. The call uses a path of the console (`/admin/v1/token`) that the
 * public API description no longer contains.
 *
 * @throws {SocialPlusError} `unauthorized` if the admin token is wrong, expired or revoked.
 * @example
 * ```js
 * const { expiresAt } = await getAdminToken({ region: 'eu', adminToken });
 * ```
 */
export function getAdminToken(options: AdminOptions, call?: CallOptions): Promise<AdminToken>;

/**
 * Revokes the token of an administrator. An admin can revoke only its own token, a super-admin
 * any token. The call uses a path of the console that the public API description no longer
 * contains. The package never sends it twice.
 *
 * @param request - `username`: 1 to 50 characters.
 * @throws {SocialPlusError} `forbidden` for the token of another admin, `notFound` for an unknown
 * username.
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
 * Revokes all access tokens of a user. In secure mode the user's client then asks your backend for
 * a new auth token, and your backend can refuse. In unsecure mode nobody can refuse.
 *
 * @param request - `userId`: 1 to 50 characters. `isPublic`: whether `userId` is your app's id of
 * the user, not the service's internal id; default true.
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
 * Issues a new server key and returns it. The service never shows the key again. The previous key
 * stays valid for its grace period, 1 hour by default (`getSecurityConfig`). The package never
 * sends this call twice.
 *
 * @throws {SocialPlusError} `forbidden` if the admin may not issue a server key. After `network` or
 * `timeout` the service may have issued a key: check with `getServerKeyInfo` before you try again.
 * @example
 * ```js
 * const serverKey = await issueServerKey({ region: 'eu', adminToken });
 * ```
 */
export function issueServerKey(options: AdminOptions, call?: CallOptions): Promise<string>;

/**
 * Returns when the server key was last changed, and by whom.
 *
 * @throws {SocialPlusError} `forbidden` if the admin may not read this.
 * @example
 * ```js
 * const { updatedAt, updatedBy } = await getServerKeyInfo({ region: 'eu', adminToken });
 * ```
 */
export function getServerKeyInfo(
  options: AdminOptions,
  call?: CallOptions,
): Promise<{ updatedAt: Date; updatedBy: string }>;

/**
 * The grace periods: how many hours a replaced server key or admin token stays valid.
 * `apiScopeEnabled` is a setting of the service for server keys.
 */
export interface SecurityConfig {
  serverKey?: { expiresInHours?: number; apiScopeEnabled?: boolean };
  adminToken?: { expiresInHours?: number };
}

/**
 * Returns the grace periods.
 *
 * @throws {SocialPlusError} `forbidden` if the admin may not read the grace periods.
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
 * Sets the grace periods, and returns them. A field that you leave out keeps its value.
 *
 * @param request - `expiresInHours`: a whole number, 0 to 1 000 000.
 * @throws {SocialPlusError} `invalidRequest` for any other number of hours; `forbidden` if the
 * admin may not set the grace periods.
 * @example
 * ```js
 * const changes = { serverKey: { expiresInHours: 2 } };
 * await setSecurityConfig({ region: 'eu', adminToken }, changes);
 * ```
 */
export function setSecurityConfig(
  options: AdminOptions,
  request: CallOptions & SecurityConfig,
): Promise<SecurityConfig>;

/**
 * Returns the settings of the network. The call uses a path of the console that the public API
 * description no longer contains.
 *
 * @throws {SocialPlusError} `forbidden` if the admin may not read the settings.
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
 * Switches secure mode on or off. While it is off, anyone can sign in as anyone. The call uses a
 * path of the console that the public API description no longer contains.
 *
 * @throws {SocialPlusError} `forbidden` if the admin may not switch secure mode.
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
 * Switches the push notifications of the network on or off, and optionally those of single events.
 * While they are off for the network, chat, social and live stream send none, and the settings of
 * single events have no effect. The call uses a path of the console that the public API description
 * no longer contains.
 *
 * @param request - `enabled`: whether the network sends push notifications. `events`: 1 to 24
 * events, each with its name and whether it sends a notification; default: these settings stay as
 * they are.
 * @throws {SocialPlusError} `forbidden` if the admin may not switch push notifications;
 * `invalidRequest` if `events` is invalid.
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
 * Signs the device of a visitor, for networks in secure visitor mode. The page passes the signature
 * to `createVisitorSession`; the visitor secret stays here.
 *
 * @param options - `visitorSecret`: from the console, Settings → Integrations.
 * @param request - `deviceId`: 1 to 150 characters. `expiresInMs`: how long the signature is valid,
 * in milliseconds; default 3 600 000 (an hour). `now`: when the validity begins, in
 * milliseconds since the Unix epoch; default the current time.
 * @returns The signature, 64 hexadecimal characters, and its expiry date, ISO 8601. Pass
 * both on unchanged.
 * @throws {SocialPlusError} `config` without a secret; `invalidRequest` if a field is invalid.
 * @example
 * ```js
 * const options = { visitorSecret: env.VISITOR_SECRET };
 * const { authSignature, authSignatureExpiresAt } = await signVisitor(options, { deviceId });
 * ```
 */
export function signVisitor(
  options: { visitorSecret: string },
  request: { deviceId: string; expiresInMs?: number; now?: number },
): Promise<{ authSignature: string; authSignatureExpiresAt: string }>;

/**
 * Checks whether a webhook comes from the service. The header `x-amity-signature` must be the
 * base64 of HMAC-SHA-256 over the raw body. The comparison takes constant time.
 *
 * Respond to a webhook within 1.5 seconds. The service delivers each event twice: ignore the
 * delivery with `x-eko-signature`.
 *
 * @param options - `secret`: the secret of the webhook.
 * @param request - `body`: the raw body, before any `JSON.parse`. `signature`: the header. If
 * it is missing (`null`), malformed or wrong, the call returns false.
 * @throws {SocialPlusError} `config` without a secret; `invalidRequest` for a body that is neither
 * text nor bytes.
 * @example
 * ```js
 * const body = await request.text();
 * const signature = request.headers.get('x-amity-signature');
 * const isGenuine = await verifyWebhook({ secret: env.WEBHOOK_SECRET }, { body, signature });
 * ```
 */
export function verifyWebhook(
  options: { secret: string },
  request: { body: string | Uint8Array | ArrayBuffer; signature: string | null | undefined },
): Promise<boolean>;

/**
 * The options of `createAuthHandler`. If an option is a function of `env`, the handler calls the
 * function with the platform's `env` for every request that needs the option. The function may
 * return a promise, except that of `fetch`. `POST /session` without `apiKey`, and `POST /visitor`
 * without `visitorSecret`, return 404.
 */
export interface AuthHandlerOptions<Env = unknown> {
  /**
   * The region of the network. Give exactly one of `region` and `endpoint`; a function that returns
   * `undefined` counts as not given.
   */
  region?: Region | ((env: Env) => Region | undefined | Promise<Region | undefined>);
  /** The full address of the service, instead of a region. */
  endpoint?:
    string | URL | ((env: Env) => string | URL | undefined | Promise<string | URL | undefined>);
  /** At most 150 characters. Keep it in the secrets of your platform. */
  serverKey: string | ((env: Env) => string | Promise<string>);
  /** Enables `POST /session`. */
  apiKey?: string | ((env: Env) => string | Promise<string>);
  /**
   * Enables `POST /visitor`, which also needs `rateLimit` and `clientIp`, or
   * `allowUnlimitedVisitors`.
   */
  visitorSecret?: string | ((env: Env) => string | Promise<string>);
  /**
   * Recognises the user by your app's own sign-in, such as a cookie or a bearer token of your app.
   * Return `null` for a 401.
   *
   * A `userId` has 1 to 50 characters. It must not start with `ADMIN_` or `DELETED_`, and must not
   * contain control, line-separating or bidirectional characters, for these can make two users look
   * alike. The handler reads only own properties of the result.
   *
   * Never take the user id from the request's body. If you must read the body, read a clone. If the
   * function throws, the response is a 500. Neither the response nor `onEvent` contains the
   * exception, so log it yourself.
   */
  authenticate: (
    request: Request,
    env: Env,
  ) =>
    | Promise<{ userId: string; displayName?: string } | null>
    | { userId: string; displayName?: string }
    | null;
  /**
   * The exact origins of further pages that may call the routes, with CORS. Write them as browsers
   * do: `https://app.example`, without a path, a default port or `*`. Default: none.
   *
   * The first of these rules that applies decides whether a request passes or gets a 403:
   *
   * 1. A request whose `Origin` is one of `allowedOrigins` passes.
   * 2. If the request has a `Sec-Fetch-Site`, it passes only with the value `same-origin`, and, if
   *    `publicOrigin` is set, only if its `Origin` is a `publicOrigin`.
   * 3. If it has an `Origin`, that must be a `publicOrigin`. If `publicOrigin` is not set, it must
   *    be the origin of the request's URL. `null` never passes.
   * 4. A request with neither header passes only with `allowNonBrowser`.
   */
  allowedOrigins?: string[] | ((env: Env) => string[] | Promise<string[]>);
  /**
   * The origin, or the origins, under which browsers reach the routes. Set it behind a proxy that
   * terminates TLS, where the URL of a request is `http:`. This option also stops DNS rebinding,
   * where the page of an attacker reaches your server under the attacker's own host. The handler
   * never takes the origin from a header such as `x-forwarded-host`. Default: the origin of the
   * request's URL.
   */
  publicOrigin?:
    | string
    | string[]
    | ((env: Env) => string | string[] | undefined | Promise<string | string[] | undefined>);
  /**
   * The request headers that pages of `allowedOrigins` may send, for the response to a preflight
   * request. The list must contain `content-type`, which every request needs. Default
   * `['content-type', 'authorization', 'x-correlation-id']`.
   */
  allowedHeaders?: string[];
  /**
   * Whether requests pass that have neither an `Origin` nor a `Sec-Fetch-Site`, such as those of
   * native apps and servers. Default false.
   */
  allowNonBrowser?: boolean;
  /**
   * Limits the requests, for example with the limiter of your platform. The handler calls the
   * function before it reads the body, at the time that `rateLimitStage` says. `userId` is absent
   * before `authenticate` and for visitors. Only `true` lets a request pass. For any other result,
   * the response is a 429. Its `Retry-After` is `retryAfterMs`, rounded up to whole seconds, at
   * least 1 second and at most 1 day. If `retryAfterMs` is missing, it is 10 seconds. If the
   * function throws, the response is a 503.
   */
  rateLimit?: (
    key: {
      userId?: string;
      ip?: string;
      route: 'token' | 'session' | 'visitor';
      stage: 'before' | 'after';
    },
    env: Env,
  ) => Promise<boolean | { retryAfterMs: number }>;
  /**
   * When the handler calls `rateLimit`: `before` or `after` `authenticate`, or at `both` times. The
   * `stage` of the key says which. Before, the function can protect a slow `authenticate` from
   * callers who are not signed in; after, it can count by user. A visitor is counted once. Default
   * `after`.
   */
  rateLimitStage?: 'before' | 'after' | 'both';
  /**
   * Allows `POST /visitor` without `rateLimit` and `clientIp`. The route signs a device for anyone,
   * even if nobody is signed in. Default false.
   */
  allowUnlimitedVisitors?: boolean;
  /**
   * Returns the address of the caller on your platform, for example the header `cf-connecting-ip`.
   * Without this function, `rateLimit` gets no address, because the handler trusts no header.
   * `POST /visitor` needs it unless `allowUnlimitedVisitors` is true, because nothing else tells
   * visitors apart.
   */
  clientIp?: (request: Request, env: Env) => string | undefined;
  /**
   * Returns the `fetch` for calls to the service; `undefined` selects the global `fetch`. With an
   * mTLS binding: `(env) => (url, init) => env.MTLS.fetch(url, init)`.
   */
  fetch?: (env: Env) => FetchLike | undefined;
  /**
   * The longest time for a whole request, including the arrival of its body and your own functions,
   * in milliseconds. An attempt of a call to the service ends after `timeoutMs` divided by the
   * number of attempts. Default 8 000.
   */
  timeoutMs?: number;
  /**
   * How the handler retries calls to the service. Default: 2 attempts, and a `maxDelayMs` of 2 000.
   * The client itself can wait longer than that and call again.
   */
  retry?: ServiceOptions['retry'];
  /**
   * The path before the names of the routes. It must match exactly; `''` puts the routes at the
   * root. Default `/auth`.
   */
  basePath?: string;
  /**
   * Receives the events of every call to the service, and one event for every response of the
   * handler. If the response is a refusal, the `detail` of that event says what went wrong. No
   * event contains a secret. Events of one request share a `correlationId`. The handler does not
   * wait for the function and ignores its exceptions.
   */
  onEvent?: (event: AuthHandlerEvent) => void;
}

/**
 * An event of the handler. The event of a response (`operation` is `createAuthHandler`) also names
 * the request, so that these events can serve as an audit log. A user id is personal data: store
 * and delete such a log accordingly.
 */
export interface AuthHandlerEvent extends DiagnosticEvent {
  correlationId: string;
  /** The route; undefined if no enabled route has this path. */
  route?: 'token' | 'session' | 'visitor';
  /** The HTTP method. */
  method?: string;
  /**
   * The user whom `authenticate` returned; undefined for a visitor, and if the request was refused
   * before that.
   */
  userId?: string;
  /** The `Origin` header, if it has at most 256 visible ASCII characters. */
  origin?: string;
}

/**
 * Creates a fetch handler for your app's auth routes. It works on Workers, Deno, Bun, Vercel Edge
 * and Hono, and on Node through an adapter. It keeps no state. Under `basePath` it serves these
 * routes, with JSON bodies of at most 16 KiB and ISO 8601 dates:
 *
 * - `POST /token`, `{deviceId?}`: returns `{authToken, expiresAt}`.
 * - `POST /session`, `{deviceId, deviceInfo?}`: returns a `SessionJson`. It needs `apiKey`.
 * - `POST /visitor`, `{deviceId}`: returns `{authSignature, authSignatureExpiresAt}`. It needs
 *   `visitorSecret` and does not call `authenticate`.
 *
 * Every request needs the header `content-type: application/json`, even without a body. The handler
 * responds to preflight requests (`OPTIONS`) from the pages that may call the routes. It ignores a
 * user id in a body.
 *
 * The body of a refusal is `application/problem+json` with the fields `type`, `title`, `status`,
 * `kind` and `correlationId`:
 *
 * - 415 `invalidRequest`: the content type is not JSON; 400, 413 `invalidRequest`: the body is
 *   wrong; 408 `timeout`: it did not arrive in time.
 * - 405 `invalidRequest`: the method is not POST; 404 `notFound`: the path is unknown, or the route
 *   is disabled.
 * - 401 `unauthorized`: nobody is signed in to your app.
 * - 403 `forbidden`: the origin of the page is not allowed; 403 `banned`, `notFound`: the service
 *   refused the user.
 * - 429 `rateLimited`: `rateLimit` refused the request; 503 `rateLimited`: the service refused it.
 *   Every 429 and 503 has a `Retry-After` header.
 * - 502 `network`, `invalidResponse`, `server`, 503 `server`, 504 `timeout`: the service failed, it
 *   could not be reached, or the request took longer than `timeoutMs`. A wrong server key also
 *   leads to a 502 `server`.
 * - 500 `config`: an option is wrong; 500 `server`: one of your functions failed (503 if it was
 *   `rateLimit`). The event for `onEvent` names the option or the function.
 *
 * Every response has the headers `cache-control: no-store`, `x-content-type-options: nosniff`,
 * `cross-origin-resource-policy: same-origin` and `x-correlation-id`. The correlation
 * id is the request's `x-correlation-id` or `x-request-id`, if that has 1 to 64 letters, digits,
 * `_`, `.` or `-`. Otherwise it is a new id.
 *
 * @returns The handler. If you call it without a second argument, the functions in the options get
 * an empty object as `env`.
 * @throws {SocialPlusError} `config`, immediately, if an option has the wrong type, if
 * `authenticate`, `serverKey`, or both `region` and `endpoint` are missing, if `visitorSecret` is
 * set without `rateLimit` and `clientIp` or `allowUnlimitedVisitors`, or if `allowedOrigins`,
 * `publicOrigin`, `allowedHeaders`, `rateLimitStage`, `basePath` or `timeoutMs` is malformed or can
 * never match. Any other wrong value, or a wrong value that a function returns, leads
 * to a 500 `config` at each request that needs it.
 * @example
 * ```js
 * const auth = createAuthHandler({
 *   region: 'eu',
 *   serverKey: (env) => env.SERVER_KEY,
 *   authenticate: (request, env) => findUser(request, env),
 * });
 * export default { fetch: (request, env) => auth(request, env) };
 * ```
 */
export function createAuthHandler<Env = unknown>(
  options: AuthHandlerOptions<Env>,
): (request: Request, env?: Env, context?: unknown) => Promise<Response>;
