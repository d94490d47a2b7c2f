/**
 * `social-plus-auth/emulator`: the authentication service of social.plus in memory, for development
 * and tests. Never for production: it knows nobody's password, and whoever reaches it may sign in
 * as anyone.
 *
 * @example
 * Sign a user in without a network, and turn the clock:
 * ```ts
 * import { createEmulator } from 'social-plus-auth/emulator';
 * import { createAuthToken } from 'social-plus-auth/edge';
 * import { createSession } from 'social-plus-auth';
 *
 * const { apiKey, serverKey, fetch, clock } = await createEmulator({ secureMode: true });
 * const endpoint = 'https://emulator.test';
 * const { token } = await createAuthToken({ endpoint, serverKey, fetch }, { userId: 'ada' });
 * const session = await createSession({ endpoint, apiKey, fetch }, { userId: 'ada', deviceId: 'laptop', authToken: token });
 * clock.advance(31 * 86_400_000); // the access token has expired
 * ```
 *
 * @packageDocumentation
 */
export { SocialPlusError, type ErrorKind, ready, version } from './browser.js';

/**
 * How the emulated service is set up. A field that is wrong or unknown is refused: {@link
 * createEmulator} rejects with kind `config`.
 */
export interface EmulatorOptions {
  /**
   * Names the network: 1 to 150 visible ASCII characters. Default: drawn, see {@link
   * Emulator.apiKey}.
   */
  apiKey?: string;
  /**
   * What auth tokens are minted with: 1 to 150 visible ASCII characters. Default: drawn, see {@link
   * Emulator.serverKey}.
   */
  serverKey?: string;
  /**
   * What visitors' sessions are signed with in secure visitor mode: 1 to 1024 bytes of text.
   * Default: drawn, see {@link Emulator.visitorSecret}.
   */
  visitorSecret?: string;
  /**
   * The users of the console. Default one super-admin `root` and one admin `admin`, whose token is
   * {@link Emulator.adminToken}. A user that is neither may be named with role `none`. `token` is
   * what they bear as admin token from the start, 1 to 4096 visible ASCII characters; by default
   * one is drawn for each admin, and the others have none.
   */
  admins?: { username: string; role: 'super-admin' | 'admin' | 'none'; token?: string }[];
  /** Whether a session needs an auth token. Default false. */
  secureMode?: boolean;
  /**
   * Whether visitors are let in. Default true; off, their sessions are answered with 403, 400300.
   */
  visitors?: boolean;
  /** Whether bots are let in. Default true; off as for visitors. */
  bots?: boolean;
  /**
   * Whether a visitor's session needs a signature whose date has not passed. Default false: a
   * signature is then not looked at.
   */
  secureVisitorMode?: boolean;
  /**
   * How many reads all visitors and bots of the network have together on one day (UTC, by the
   * emulator's clock); then 403, 400323. A read is every `GET` that the service answers to their
   * access token, verifying the session included. Beside reading they may end their own session;
   * everything else is answered with 403, 403999 (visitor) or 403998 (bot). Default 100; 0 and
   * `Infinity` are allowed.
   */
  visitorDailyQuota?: number;
  /**
   * Whether minting an auth token, administration, and any other call that bears an admin token
   * need a client certificate of {@link Emulator.createCertificate} that has not expired by the
   * emulator's clock. Without one the connection is closed unanswered, and {@link
   * Emulator.requests} shows the status 0; all other calls are served. Certificates are shown over
   * TLS ({@link listen} with `tls`): to {@link Emulator.fetch} and over plain HTTP the protected
   * calls always fail, as network errors do. Default false; needs `secureMode: true`, and rests
   * while secure mode is switched off.
   */
  mtls?: boolean;
  /** How long an access token is good, in milliseconds. Default 30 days. */
  accessTokenLifetimeMs?: number;
  /** How long an auth token is good, in milliseconds. Default 10 minutes. */
  authTokenLifetimeMs?: number;
  /**
   * How long an admin token is good, in milliseconds, from the emulator's start or from when it was
   * issued. Default 365 days.
   */
  adminTokenLifetimeMs?: number;
  /**
   * Where the clock stands at the start, in milliseconds since the epoch; it then stands still
   * until {@link Emulator.clock} moves it. Default: it goes along with the real clock.
   */
  now?: number;
  /**
   * Makes every key, token and id repeatable: the same seed and the same calls give the same ones
   * on every engine. Default: they cannot be guessed.
   */
  seed?: number;
  /**
   * Called with each request as {@link Emulator.requests} keeps it, before its answer is on the
   * way: to log, or to wait for. What it throws is ignored.
   *
   * @example
   * ```ts
   * await createEmulator({ onRequest: ({ method, path, status }) => console.log(method, path, status) });
   * ```
   */
  onRequest?: (request: RecordedRequest) => void;
}

/**
 * Something that goes wrong with requests to come. The first fault that was added and matches is
 * used, one for a request. Preflights are left alone unless `method` is `OPTIONS`.
 */
export interface Fault {
  /**
   * The path without its query; one that ends in `*` matches whatever begins so. Default: every
   * path.
   */
  path?: string;
  /** Default: every method. */
  method?: string;
  /** How many requests it happens to; `Infinity` is allowed. Default 1. */
  times?: number;
  /** The answer's status, 200 to 599. The service then does not act. */
  status?: number;
  /** Headers that are set on the answer, be it the service's own or that of `status` and `body`. */
  headers?: Record<string, string>;
  /** The answer's body. The service then does not act; the status is 200 if none is given. */
  body?: string;
  /**
   * Holds the answer back for so many real milliseconds. The service has acted by then, also if the
   * caller does not wait for the end.
   */
  delayMs?: number;
  /**
   * The connection breaks, as in a network error. `true`: the service never sees the request;
   * `'afterHandling'`: it acts, and the answer is lost.
   */
  drop?: boolean | 'afterHandling';
  /**
   * The connection breaks after so many bytes of the body: reading the body then fails, although
   * `content-length` promised the whole.
   */
  truncateAt?: number;
  /** Shifts the `Date` header by so many milliseconds, forward or back. */
  clockSkewMs?: number;
}

/**
 * A request as it came in. Keys, tokens and signatures are replaced by `[redacted]`, wherever they
 * stood; the API key, which is public, is not.
 */
export interface RecordedRequest {
  /** `GET`, `POST` … */
  method: string;
  /** Without its query. */
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The JSON that came, `null` without a body; anything else is named in brackets and not kept. */
  body: unknown;
  /** What the service answered; 0 if the connection broke before it saw the request. */
  status: number;
  /** By the emulator's clock, in milliseconds since the epoch. */
  at: number;
}

/** A user of the emulated network. */
export interface EmulatedUser {
  userId: string;
  displayName?: string;
  isGlobalBan: boolean;
  isDeleted: boolean;
}

/** A session of one device; a device has one that is valid at most. */
export interface EmulatedSession {
  userId: string;
  deviceId: string;
  /** Milliseconds since the epoch. */
  issuedAt: number;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** Whether the service would honour its access token now. */
  valid: boolean;
}

/** One emulated network: its keys, users, sessions, clock and faults. */
export interface Emulator {
  /** What clients send as `x-api-key`. */
  readonly apiKey: string;
  /**
   * What a backend sends as `x-server-key`: the current one, which `POST
   * /api/v3/networks/server-key` replaces.
   */
  readonly serverKey: string;
  /**
   * The newest admin token of the first admin in {@link EmulatorOptions.admins} (without one: of
   * the first super-admin; empty if nobody has any). `POST /api/v1/admin-token` replaces it; once
   * revoked it stays here, and is refused.
   */
  readonly adminToken: string;
  /** What an edge signs visitors' sessions with. */
  readonly visitorSecret: string;
  /**
   * The whole service as one function, bound: pass it as the `fetch` option (address and init), or
   * mount it anywhere (a `Request`). Only the path and the query of the address matter. Rejects as
   * `fetch` does: with a `TypeError` for a fault's broken connection, with the signal's reason for
   * an abort.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** The emulator's time, which decides what has expired, in milliseconds since the epoch. */
  readonly clock: {
    now(): number;
    /** Moves the clock forward. Throws `invalidRequest` for less than 0. */
    advance(ms: number): void;
    /**
     * Sets the clock, forward or back. Throws `invalidRequest` before 1970 and after the year 9000.
     */
    set(epochMs: number): void;
  };
  /** What goes wrong. */
  readonly faults: {
    /** Throws `invalidRequest` for a fault that is wrong or has no effect. */
    add(fault: Fault): void;
    clear(): void;
  };
  /**
   * What came in, newest last, preflights aside: the last 1000, as a new array each time. Secrets
   * are kept out.
   */
  readonly requests: readonly RecordedRequest[];
  /** Everyone who ever had a session, in the order in which they came. */
  users(): EmulatedUser[];
  /** Every session, in the order in which they began; of those that have ended the last 1000. */
  sessions(): EmulatedSession[];
  /**
   * Bans a user globally: new sessions and the present ones are answered with 403, 400312. Throws
   * `notFound` for a user who never had a session.
   */
  banUser(userId: string): void;
  /** Lifts the ban; sessions that have not expired are good again. Throws `notFound` as above. */
  unbanUser(userId: string): void;
  /**
   * Deletes a user for good: new sessions and the present ones are answered with 404, 400400.
   * Throws `notFound` as above.
   */
  deleteUser(userId: string): void;
  /**
   * Switches secure mode, as the console does, and `PUT /api/v3/networks/me`. Sessions stay. Throws
   * `invalidRequest` for what is no boolean.
   */
  setSecureMode(enabled: boolean): void;
  /**
   * The console's certificate page: makes a client certificate for {@link EmulatorOptions.mtls}, at
   * most two, and only in secure mode. `name` has 1 to 30 characters; `csr` is a signing request in
   * PEM, for a key on P-256 or P-384 or an RSA key, whose subject the certificate takes over;
   * `notAfter` is in a year unless told otherwise, and may be in the past: such a certificate is
   * expired. Returns the certificate in PEM; the private key never comes here.
   *
   * @throws SocialPlusError of kind `invalidRequest`: for a name, request or date that cannot be
   * used, in unsecure mode, for a third certificate.
   *
   * @example
   * ```ts
   * // openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out request.pem -subj '/CN=token service'
   * const cert = await emulator.createCertificate({ name: 'token service', csr: await readFile('request.pem', 'utf8') });
   * ```
   */
  createCertificate(request: { name: string; csr: string; notAfter?: Date }): Promise<string>;
  /**
   * Back to what the options say: no users, sessions, auth tokens, certificates, faults or recorded
   * requests, the clock at its start; keys, admin tokens and grace periods are those of the start.
   * The authority that signs certificates stays.
   */
  reset(): void;
}

/**
 * Starts an emulator. It holds no port, timer or file; letting go of it is enough to end it.
 *
 * @throws SocialPlusError of kind `config` for options that cannot be used.
 *
 * @example
 * ```ts
 * const emulator = await createEmulator({ seed: 1, now: Date.UTC(2026, 0, 1) });
 * emulator.faults.add({ path: '/api/v5/sessions', status: 503, times: 2 });
 * ```
 */
export function createEmulator(options?: EmulatorOptions): Promise<Emulator>;

/** Where {@link listen} serves an emulator. */
export interface ListenOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Default `127.0.0.1`. Another address than loopback needs `unsafeExpose`. */
  hostname?: string;
  /**
   * Lets other machines in, under whatever name: anyone who reaches the emulator may sign in as
   * anyone. Default false.
   */
  unsafeExpose?: boolean;
  /**
   * HTTPS (TLS 1.2 and 1.3) with a certificate for `localhost`, `127.0.0.1` and `::1` from an
   * authority of this emulator's own, see {@link Listening.caCertificate}. With {@link
   * EmulatorOptions.mtls} it asks every client for a certificate, and serves those that have none
   * as well. Default false.
   */
  tls?: boolean;
}

/** An emulator that is being served. */
export interface Listening {
  /** Pass it as the `endpoint` option. */
  url: string;
  /**
   * With `tls`: the authority's certificate in PEM, for clients to trust (`ca` in Node and Bun,
   * `caCerts` in Deno, `NODE_EXTRA_CA_CERTS`). It is the same for as long as the emulator lives.
   */
  caCertificate?: string;
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

/**
 * Serves an emulator over HTTP or HTTPS in Node, Deno or Bun, on 127.0.0.1 unless told otherwise,
 * and keeps the process alive until it is closed. On loopback a foreign `Host` header is answered
 * with 403, so that no web page can reach the emulator under a name of its own.
 *
 * @throws SocialPlusError of kind `config` for what is no emulator, and for options or a port that
 * cannot be used, `unsupported` where no port can be opened.
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
