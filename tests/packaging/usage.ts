// Uses the calls of the browser and edge entries, and the emulator. types.mjs compiles this file
// with each type library alone, and never runs it. Each line that must not compile has a
// `@ts-expect-error` before it.
import {
  SocialPlusError,
  createSession,
  ready,
  refreshAccessToken,
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
} from 'social-plus-auth';
import * as edge from 'social-plus-auth/edge';
import {
  createAuthHandler,
  createAuthToken,
  exchangeSession,
  signVisitor,
  verifyWebhook,
  type AuthHandlerOptions,
  type AuthToken,
  type EdgeOptions,
} from 'social-plus-auth/edge';
import {
  createEmulator,
  listen,
  type Emulator,
  type EmulatorOptions,
  type Fault,
  type RecordedRequest,
} from 'social-plus-auth/emulator';
import * as emulatorEntry from 'social-plus-auth/emulator';

/** True if both types are identical. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectSame = <A, B>(..._: Same<A, B> extends true ? [] : [never]): void => {};

const call: CallOptions = { signal: new AbortController().signal };
const device: DeviceInfo = { kind: 'web', model: 'm', sdkVersion: '1' };
const fetchLike: FetchLike = (url, init) => fetch(url, { ...init, redirect: 'manual' });
const received: DiagnosticEvent[] = [];
const options: ServiceOptions = {
  apiKey: 'ak',
  region: 'EU',
  apiVersion: 'v5',
  fetch: fetchLike,
  timeoutMs: 10_000,
  retry: { attempts: 3, baseDelayMs: 250, maxDelayMs: 8_000 },
  onEvent: (event) => received.push(event),
};
const proxyOptions: ServiceOptions = {
  apiKey: 'ak',
  endpoint: new URL('https://proxy.example.test'),
  retry: false,
  fetch,
};
const bearer: BearerOptions = { endpoint: 'http://127.0.0.1:8080' };
const request: SessionRequest = {
  ...call,
  userId: 'ada',
  deviceId: 'device-1',
  displayName: 'Ada',
  profileHandle: 'ada',
  authToken: 'token',
  deviceInfo: device,
};

export const makeBrowserCalls = async (): Promise<void> => {
  await ready();
  await ready(new URL('https://cdn.example.test/browser_bg.wasm'));
  const session: Session = await createSession(options, request);
  expectSame<Session['issuedAt'], Date>();
  expectSame<Session['expiresAt'], Date>();
  expectSame<Session['refreshToken'], string | undefined>();
  expectSame<SessionJson['expiresAt'], string>();
  const json: SessionJson = session.toJSON();
  const user: User = session.user;
  const roles: string[] = [...user.roles, ...user.permissions];
  const unknownField: unknown = user['shoeSize'];
  const userType: UserType | undefined = session.userType;
  const verified = await verifySession(bearer, session.accessToken, call);
  if (!verified.valid) expectSame<typeof verified.reason, 'unauthorized' | 'banned' | 'notFound'>();
  expectSame<ReturnType<typeof revokeSession>, Promise<void>>();
  await revokeSession({ region: 'us', apiKey: 'ak' }, session.accessToken);
  const renewed: string = await refreshAccessToken(proxyOptions, {
    userId: 'ada',
    refreshToken: json.refreshToken ?? '',
    ...call,
  });
  // @ts-expect-error A session requires an API key.
  await createSession({ region: 'eu' }, request);
  // @ts-expect-error A session requires a device.
  await createSession(options, { userId: 'ada' });
  // @ts-expect-error The API has no version 2.
  await createSession({ ...options, apiVersion: 'v2' }, request);
  // @ts-expect-error Only three regions exist.
  const nowhere: Region = 'mars';
  void [roles, unknownField, userType, renewed, nowhere];
};

export const readError = (thrown: unknown): ErrorKind | undefined => {
  if (!SocialPlusError.is(thrown)) return undefined;
  const error: Error = thrown;
  expectSame<typeof thrown.field, string | undefined>();
  expectSame<typeof thrown.code, number | undefined>();
  expectSame<typeof thrown.status, number | undefined>();
  expectSame<typeof thrown.retryAfterMs, number | undefined>();
  expectSame<
    [typeof thrown.retryable, typeof thrown.attempts, typeof thrown.operation],
    [boolean, number, string]
  >();
  expectSame<
    ReturnType<typeof thrown.toJSON>,
    {
      name: string;
      message: string;
      kind: ErrorKind;
      operation: string;
      field?: string;
      code?: number;
      status?: number;
      retryable: boolean;
    }
  >();
  // @ts-expect-error Only the library creates errors.
  new SocialPlusError();
  // @ts-expect-error An error is read-only.
  thrown.kind = 'network';
  void error;
  return thrown.kind;
};

export const makeEdgeCalls = async (): Promise<void> => {
  const keys: EdgeOptions = { region: 'eu', serverKey: 'sk', apiVersion: 'v4', timeoutMs: 5_000 };
  const minted: AuthToken = await createAuthToken(keys, { userId: 'ada', ...call });
  expectSame<
    [typeof minted.token, typeof minted.userId, typeof minted.expiresAt],
    [string, string, Date]
  >();
  const session: Session = await exchangeSession(
    { ...keys, apiKey: 'ak', sessionApiVersion: 'v5' },
    { userId: 'ada', deviceId: 'device-1', displayName: 'Ada', deviceInfo: device },
  );
  expectSame<typeof edge.createSession, typeof createSession>();
  expectSame<typeof edge.verifySession, typeof verifySession>();
  expectSame<typeof edge.revokeSession, typeof revokeSession>();
  expectSame<typeof edge.SocialPlusError, typeof SocialPlusError>();
  expectSame<[typeof edge.ready, typeof edge.version], [typeof ready, typeof version]>();
  // @ts-expect-error Minting requires the server key.
  await createAuthToken({ region: 'eu' }, { userId: 'ada' });
  // @ts-expect-error The auth token call has no version 5.
  await createAuthToken({ ...keys, apiVersion: 'v5' }, { userId: 'ada' });
  await exchangeSession(
    { ...keys, apiKey: 'ak' },
    // @ts-expect-error The call mints the auth token itself.
    { userId: 'ada', deviceId: 'device-1', authToken: 'token' },
  );
  void session;
};

interface Env {
  SERVER_KEY: string;
  API_KEY: { get(): Promise<string> };
  MTLS: { fetch: FetchLike };
}
export const callAuthRoutes = async (): Promise<void> => {
  const events: string[] = [];
  const settings: AuthHandlerOptions<Env> = {
    region: 'eu',
    serverKey: (env) => env.SERVER_KEY,
    apiKey: (env) => env.API_KEY.get(),
    visitorSecret: 'vs',
    authenticate: async (request) =>
      request.headers.get('cookie') === null ? null : { userId: 'ada', displayName: 'Ada' },
    allowedOrigins: ['https://app.example'],
    publicOrigin: 'https://app.example',
    allowNonBrowser: false,
    rateLimitStage: 'before',
    rateLimit: async ({ userId, ip, route }) =>
      route === 'visitor' && ip === undefined ? { retryAfterMs: 1_000 } : userId !== 'eve',
    clientIp: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
    fetch: (env) => (url, init) => env.MTLS.fetch(url, init),
    timeoutMs: 8_000,
    retry: false,
    basePath: '/auth',
    onEvent: (event) => events.push(event.type, event.correlationId, event.origin ?? ''),
  };
  const handler: (request: Request, env?: Env, context?: unknown) => Promise<Response> =
    createAuthHandler(settings);
  const minimal = createAuthHandler({
    endpoint: () => new URL('https://proxy.example.test'),
    serverKey: 'sk',
    authenticate: async () => null,
  });
  const answers: Response[] = [
    await handler(new Request('https://app.example/auth/token')),
    await minimal(new Request('https://app.example/')),
  ];
  const { authSignature, authSignatureExpiresAt } = await signVisitor(
    { visitorSecret: 'vs' },
    { deviceId: 'd', expiresInMs: 1_000, now: 0 },
  );
  const signed: string[] = [authSignature, authSignatureExpiresAt];
  const genuine: boolean = await verifyWebhook(
    { secret: 'wh' },
    { body: new Uint8Array(), signature: new Headers().get('x-amity-signature') },
  );
  // @ts-expect-error `authenticate` is required.
  createAuthHandler({ region: 'eu', serverKey: 'sk' });
  createAuthHandler({
    region: 'eu',
    serverKey: 'sk',
    // @ts-expect-error The user must have an id.
    authenticate: async () => ({ displayName: 'Ada' }),
  });
  void [answers, signed, genuine];
};

export const callEmulator = async (): Promise<void> => {
  const settings: EmulatorOptions = {
    apiKey: 'ak',
    serverKey: 'sk',
    secureMode: true,
    accessTokenLifetimeMs: 1,
    authTokenLifetimeMs: 1,
    adminTokenLifetimeMs: 1,
    now: 0,
    seed: 1,
  };
  const emulator: Emulator = await createEmulator(settings);
  await createEmulator();
  const fault: Fault = {
    path: '/api/v5/sessions',
    method: 'POST',
    times: 2,
    status: 503,
    headers: { 'retry-after': '1' },
    body: '',
    delayMs: 1,
    drop: 'afterHandling',
    truncateAt: 1,
    clockSkewMs: 1,
  };
  emulator.faults.add(fault);
  emulator.faults.clear();
  emulator.clock.advance(1);
  emulator.clock.set(emulator.clock.now());
  emulator.banUser('ada');
  emulator.unbanUser('ada');
  emulator.deleteUser('ada');
  emulator.setSecureMode(false);
  emulator.reset();
  const requests: readonly RecordedRequest[] = emulator.requests;
  const users: {
    userId: string;
    displayName?: string;
    isGlobalBan: boolean;
    isDeleted: boolean;
  }[] = emulator.users();
  const sessions: {
    userId: string;
    deviceId: string;
    issuedAt: number;
    expiresAt: number;
    valid: boolean;
  }[] = emulator.sessions();
  const keys: string[] = [emulator.apiKey, emulator.serverKey, emulator.adminToken];
  const asFetch: FetchLike = emulator.fetch;
  await createSession({ region: 'eu', apiKey: emulator.apiKey, fetch: emulator.fetch }, request);
  await emulator.fetch(new Request('http://127.0.0.1/'));
  const server = await listen(emulator, { port: 0, hostname: '127.0.0.1', unsafeExpose: false });
  const url: string = server.url;
  await server.close();
  expectSame<
    [typeof emulatorEntry.ready, typeof emulatorEntry.version],
    [typeof ready, typeof version]
  >();
  expectSame<typeof emulatorEntry.SocialPlusError, typeof SocialPlusError>();
  // @ts-expect-error The recorded requests are read-only.
  emulator.requests.push();
  void [requests, users, sessions, keys, asFetch, url];
};
