/**
 * `social-plus-auth/emulator`: an in-memory emulation of the social.plus authentication service,
 * for development and tests.
 *
 * Never use it in production: it checks no passwords, and anyone who can reach it can sign in as
 * any user.
 *
 * @example
 * Sign a user in without a network, then advance the clock until the session expires:
 * ```ts
 * import { createEmulator } from 'social-plus-auth/emulator';
 * import { createAuthToken } from 'social-plus-auth/edge';
 * import { createSession } from 'social-plus-auth';
 *
 * const { apiKey, serverKey, fetch, clock } = await createEmulator({ secureMode: true });
 * const endpoint = 'https://emulator.test';
 * const { token } = await createAuthToken({ endpoint, serverKey, fetch }, { userId: 'ada' });
 * const session = await createSession(
 *   { endpoint, apiKey, fetch },
 *   { userId: 'ada', deviceId: 'laptop', authToken: token },
 * );
 * clock.advance(31 * 86_400_000); // the access token has expired
 * ```
 *
 * @packageDocumentation
 */
export { SocialPlusError, type ErrorKind, ready, version } from './browser.js';

/**
 * The settings of an emulator. {@link createEmulator} rejects with kind `config` if a field is
 * invalid or unknown.
 */
export interface EmulatorOptions {
  /**
   * The API key, which names the network: 1 to 150 visible ASCII characters. Default: random, see
   * {@link Emulator.apiKey}.
   */
  apiKey?: string;
  /**
   * The server key, with which a backend mints auth tokens: 1 to 150 visible ASCII characters.
   * Default: random, see {@link Emulator.serverKey}.
   */
  serverKey?: string;
  /**
   * The secret that signs visitor sessions in secure visitor mode: 1 to 1024 bytes of UTF-8.
   * Default: random, see {@link Emulator.visitorSecret}.
   */
  visitorSecret?: string;
  /**
   * The console users. Default: a super-admin `root` and an admin `admin`, whose token is {@link
   * Emulator.adminToken}.
   *
   * - `username`: unique, 1 to 50 characters.
   * - `role`: `none` is a console user without permissions.
   * - `token`: the initial admin token, unique, 1 to 4096 visible ASCII characters. Default: random
   *   for the role `admin`, no token for other roles.
   */
  admins?: { username: string; role: 'super-admin' | 'admin' | 'none'; token?: string }[];
  /** Whether creating a session requires an auth token. Default: false. */
  secureMode?: boolean;
  /**
   * Whether visitors can create sessions. If false, the response is 403 with code 400300. Default:
   * true.
   */
  visitors?: boolean;
  /**
   * Whether bots can create sessions. If false, the response is 403 with code 400300. Default:
   * true.
   */
  bots?: boolean;
  /**
   * Whether a visitor session requires a valid signature that has not expired. If false, signatures
   * are ignored. Default: false.
   */
  secureVisitorMode?: boolean;
  /**
   * The number of reads that all visitors and bots share per day (UTC, by the emulator's clock).
   * The response to a further read is 403 with code 400323. Every `GET` that the service answers
   * for their access tokens counts, including the verification of the session. A whole number of at
   * least 0, or `Infinity`. Default: 100.
   *
   * Besides reading, visitors and bots may end their own session. The response to every other call
   * is 403 with code 403999 (visitor) or 403998 (bot).
   */
  visitorDailyQuota?: number;
  /**
   * The origins whose pages can read the responses of an emulator that {@link listen} serves. Write
   * them as browsers do: `https://preview.example:8443`, in lower case, without a path. The origin
   * `null` admits sandboxed frames and files. Pages of loopback origins (`localhost`, names below
   * `.localhost`, 127.0.0.0/8 and `[::1]`, with any port) can always read the responses. Default:
   * none, so that no other page that you open can administer the emulator with keys that the page
   * knows, such as those of a {@link EmulatorOptions.seed}.
   */
  allowOrigins?: string[];
  /**
   * Whether these calls require a client certificate: minting an auth token, administration, and
   * every other call with an admin token. The certificate must come from {@link
   * Emulator.createCertificate} and be valid by the emulator's clock. Otherwise the emulator closes
   * the connection without a response, and {@link Emulator.requests} shows status 0. Default:
   * false.
   *
   * A client can present a certificate only over TLS ({@link listen} with `tls`). With {@link
   * Emulator.fetch} and over plain HTTP, these calls fail with network errors.
   *
   * Requires `secureMode: true`. Has no effect while secure mode is off.
   */
  mtls?: boolean;
  /**
   * The lifetime of access tokens in milliseconds: at least 1, at most 100 years. Default: 30 days.
   */
  accessTokenLifetimeMs?: number;
  /**
   * The lifetime of auth tokens in milliseconds: at least 1, at most 100 years. Default: 10
   * minutes.
   */
  authTokenLifetimeMs?: number;
  /**
   * The lifetime of admin tokens in milliseconds: at least 1, at most 100 years. The lifetime of
   * the initial tokens begins when the emulator starts. Default: 365 days.
   */
  adminTokenLifetimeMs?: number;
  /**
   * The time at which the clock starts, in milliseconds since the epoch. With this option, only
   * {@link Emulator.clock} moves the clock. Default: the clock follows the real time.
   */
  now?: number;
  /**
   * Makes every key, token and id repeatable: the same seed, calls and times (see `now`) give the
   * same values on every engine. Any finite number. Default: the values are random and cannot be
   * guessed.
   */
  seed?: number;
  /**
   * Called with each request as {@link Emulator.requests} records it, before the response is sent.
   * Exceptions of the callback are ignored.
   *
   * @example
   * ```ts
   * await createEmulator({
   *   onRequest: ({ method, path, status }) => console.log(method, path, status),
   * });
   * ```
   */
  onRequest?: (request: RecordedRequest) => void;
}

/**
 * A failure to inject into future requests. If several faults match a request, the fault that was
 * added first applies. A preflight matches only a fault whose `method` is `OPTIONS`.
 */
export interface Fault {
  /**
   * The path to match, without the query. A trailing `*` matches any suffix. Default: every path.
   */
  path?: string;
  /** The method to match. Default: every method. */
  method?: string;
  /** The number of requests to affect: a whole number of at least 1, or `Infinity`. Default: 1. */
  times?: number;
  /**
   * The status of a response that replaces the service's own, 200 to 599. The service then does not
   * process the request.
   */
  status?: number;
  /** Headers to set on the response, whether it is the service's own or a replacement. */
  headers?: Record<string, string>;
  /**
   * The body of a response that replaces the service's own. The service then does not process the
   * request. The status is 200 unless `status` is set.
   */
  body?: string;
  /**
   * Delays the response by this many real milliseconds, 0 to 2147483647. The service processes the
   * request before the delay, even if the caller aborts during it.
   */
  delayMs?: number;
  /**
   * Breaks the connection, which the caller sees as a network error. With `true` the service never
   * receives the request. With `'afterHandling'` the service processes the request and its response
   * is lost. In both cases, `status` and `body` have no effect.
   */
  drop?: boolean | 'afterHandling';
  /**
   * Breaks the connection after this many bytes of the body, so that reading the body fails.
   * `content-length` still states the length of the whole body. The fault has no effect if the body
   * is not longer than that.
   */
  truncateAt?: number;
  /** Shifts the `Date` header by this many milliseconds, at most 100 years forward or back. */
  clockSkewMs?: number;
}

/**
 * A request that the emulator received. Keys, tokens and signatures are replaced by `[redacted]`,
 * wherever they occur. The API key is public and stays.
 */
export interface RecordedRequest {
  /** For example `GET` or `POST`. */
  method: string;
  /** The path without the query. */
  path: string;
  /** The headers, with lower-case names. */
  headers: Record<string, string>;
  /**
   * The parsed JSON body; `null` if the body is empty; `"[not JSON]"` or `"[too long to be kept]"`
   * for other bodies.
   */
  body: unknown;
  /**
   * The status of the response; 0 if the connection broke before the service processed the request.
   */
  status: number;
  /** When the request arrived, in milliseconds since the epoch by the emulator's clock. */
  at: number;
}

/** A user of the emulated network. */
export interface EmulatedUser {
  userId: string;
  displayName?: string;
  isGlobalBan: boolean;
  isDeleted: boolean;
}

/** A session of one device. A device has at most one valid session. */
export interface EmulatedSession {
  userId: string;
  deviceId: string;
  /** When the access token was issued, in milliseconds since the epoch. */
  issuedAt: number;
  /** When the access token expires, in milliseconds since the epoch. */
  expiresAt: number;
  /** Whether the service accepts the access token now. */
  valid: boolean;
}

/** An emulated network with its keys, users, sessions, clock and faults. */
export interface Emulator {
  /** The API key, which clients send as `x-api-key`. */
  readonly apiKey: string;
  /**
   * The current server key, which a backend sends as `x-server-key`. `POST
   * /api/v3/networks/server-key` replaces it.
   */
  readonly serverKey: string;
  /**
   * The newest token of the first admin in {@link EmulatorOptions.admins} that has a token. If no
   * admin has a token, the token of the first super-admin that has one, or else the empty string.
   * `POST /api/v1/admin-token` replaces it. A revoked token stays here, but the service rejects it.
   */
  readonly adminToken: string;
  /** The secret with which a backend signs visitors. */
  readonly visitorSecret: string;
  /**
   * The whole service as a bound function with the signature of `fetch`. Pass it as the `fetch`
   * option, or call it with a `Request` from any server. It uses only the path and query of the
   * URL.
   *
   * Rejects as `fetch` does: with a `TypeError` if a fault breaks the connection or a client
   * certificate is missing, and with the signal's reason after an abort.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The emulator's clock, in milliseconds since the epoch. It determines what has expired. */
  readonly clock: {
    now(): number;
    /**
     * Moves the clock forward. Throws `invalidRequest` if `ms` is negative or leads beyond the year
     * 9000.
     */
    advance(ms: number): void;
    /**
     * Sets the clock, forward or back. Throws `invalidRequest` if `epochMs` is before 1970 or after
     * the year 9000.
     */
    set(epochMs: number): void;
  };
  /** The faults of future requests. */
  readonly faults: {
    /** Adds a fault. Throws `invalidRequest` if it is invalid or has no effect. */
    add(fault: Fault): void;
    /** Removes all faults. */
    clear(): void;
  };
  /**
   * The last 1000 requests, oldest first, without preflights and secrets. Each read returns a new
   * array.
   */
  readonly requests: readonly RecordedRequest[];
  /** Returns every user who has ever had a session, in order of creation. */
  users(): EmulatedUser[];
  /**
   * Returns sessions in order of creation: all that have not been revoked or replaced, and the last
   * 1000 that have.
   */
  sessions(): EmulatedSession[];
  /**
   * Bans a user globally. The response to every call of the user is then 403 with code 400312.
   * Throws `notFound` if the user has never had a session.
   */
  banUser(userId: string): void;
  /**
   * Lifts a ban. Sessions that have not expired are valid again. Throws `notFound` if the user has
   * never had a session.
   */
  unbanUser(userId: string): void;
  /**
   * Deletes a user permanently. The response to every call of the user is then 404 with code
   * 400400. Throws `notFound` if the user has never had a session.
   */
  deleteUser(userId: string): void;
  /**
   * Switches secure mode on or off, like the console and `PUT /api/v3/networks/me`. Existing
   * sessions stay valid. Throws `invalidRequest` if `enabled` is not a boolean.
   */
  setSecureMode(enabled: boolean): void;
  /**
   * Issues a client certificate for {@link EmulatorOptions.mtls}, like the console's certificate
   * page. A network has at most two certificates. Resolves to the certificate in PEM; the private
   * key stays with the caller.
   *
   * - `name`: 1 to 30 characters.
   * - `csr`: a certificate signing request in PEM, at most 16 KiB, with a P-256, P-384 or RSA key.
   *   The certificate has the same subject.
   * - `notAfter`: the expiry. A date in the past creates an expired certificate. Default: in 365
   *   days.
   *
   * @throws SocialPlusError of kind `invalidRequest` if a field is invalid, secure mode is off, or
   * two certificates exist already.
   *
   * @example
   * ```ts
   * // openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem \
   * //   -out request.pem -subj '/CN=token service'
   * const csr = await readFile('request.pem', 'utf8');
   * const cert = await emulator.createCertificate({ name: 'token service', csr });
   * ```
   */
  createCertificate(request: { name: string; csr: string; notAfter?: Date }): Promise<string>;
  /**
   * Restores the initial state: removes all users, sessions, auth tokens, certificates, faults and
   * recorded requests, and restores the initial clock, keys, admin tokens, grace periods and secure
   * mode. The certificate authority stays.
   */
  reset(): void;
}

/**
 * Creates an emulator. It holds no port, timer or file, so you need not close it.
 *
 * @throws SocialPlusError of kind `config` if an option is invalid.
 *
 * @example
 * ```ts
 * const emulator = await createEmulator({ seed: 1, now: Date.UTC(2026, 0, 1) });
 * emulator.faults.add({ path: '/api/v5/sessions', status: 503, times: 2 });
 * ```
 */
export function createEmulator(options?: EmulatorOptions): Promise<Emulator>;

/** How {@link listen} serves an emulator. */
export interface ListenOptions {
  /** The port, 0 to 65535. Default: 0, which picks a free port. */
  port?: number;
  /** The address. An address other than loopback requires `unsafeExpose`. Default: `127.0.0.1`. */
  hostname?: string;
  /**
   * Allows a `hostname` other than loopback. Then the emulator accepts requests from other machines
   * and with any `Host` header, and anyone who can reach it can sign in as any user. Default:
   * false.
   */
  unsafeExpose?: boolean;
  /**
   * Serves HTTPS (TLS 1.2 and 1.3) with a certificate for `localhost`, `127.0.0.1` and `::1`,
   * signed by the emulator's own authority ({@link Listening.caCertificate}). With {@link
   * EmulatorOptions.mtls} it requests a certificate from every client, but also accepts clients
   * without one. Default: false.
   */
  tls?: boolean;
}

/** A server that {@link listen} started. */
export interface Listening {
  /** The URL to pass as the `endpoint` option. */
  url: string;
  /**
   * With `tls`: the certificate of the authority in PEM, which clients must trust (`ca` in Node and
   * Bun, `caCerts` in Deno, `NODE_EXTRA_CA_CERTS`). It is constant for the emulator's lifetime.
   */
  caCertificate?: string;
  /** Closes every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Serves an emulator over HTTP or HTTPS in Node, Deno or Bun. The server keeps the process alive
 * until it is closed.
 *
 * On a loopback address, the response to a request whose `Host` header is not a loopback name is
 * 403. So no web page can reach the emulator under a domain name of its own.
 *
 * @throws SocialPlusError of kind `config` if the first argument is not an emulator, an option is
 * invalid or the port is taken; of kind `unsupported` if the runtime cannot open ports.
 *
 * @example
 * ```ts
 * const server = await listen(emulator);
 * // … point any client at server.url …
 * await server.close();
 * ```
 * @example
 * mTLS, with undici:
 * ```ts
 * const emulator = await createEmulator({ secureMode: true, mtls: true });
 * const { url: endpoint, caCertificate: ca } = await listen(emulator, { tls: true });
 * const cert = await emulator.createCertificate({ name: 'token service', csr });
 * const dispatcher = new Agent({ connect: { ca, cert, key } });
 * const fetch = (url, init) => undici.fetch(url, { ...init, dispatcher });
 * await createAuthToken({ endpoint, serverKey: emulator.serverKey, fetch }, { userId: 'ada' });
 * ```
 */
export function listen(emulator: Emulator, options?: ListenOptions): Promise<Listening>;
