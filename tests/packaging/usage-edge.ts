// Uses the sessions of visitors and bots, and the edge entry's signatures, auth routes and
// administration. types.mjs compiles this file with each type library alone, and never runs it.
// Each line that must not compile has a `@ts-expect-error` before it.
import { createBotSession, createVisitorSession, type Session } from 'social-plus-auth';
import {
  createAuthHandler,
  type AuthHandlerEvent,
  getAdminToken,
  getNetwork,
  getSecurityConfig,
  getServerKeyInfo,
  issueAdminToken,
  issueServerKey,
  revokeAdminToken,
  revokeUserSessions,
  setNetworkPush,
  setSecureMode,
  setSecurityConfig,
  signVisitor,
  verifyWebhook,
  type AdminOptions,
  type AdminToken,
  type AuthHandlerOptions,
  type FetchLike,
  type SecurityConfig,
} from 'social-plus-auth/edge';

interface Env {
  SERVER_KEY: string;
  API_KEY: string;
  VISITOR_SECRET: string;
  MTLS: { fetch: FetchLike };
  LIMITER: { limit(options: { key: string }): Promise<{ success: boolean }> };
}

export const createGuestSessions = async (): Promise<Session[]> => {
  const options = { region: 'eu', apiKey: 'ak' } as const;
  const signature = await signVisitor(
    { visitorSecret: 'vs' },
    { deviceId: 'device-1', expiresInMs: 60_000, now: 0 },
  );
  const visitor = await createVisitorSession(options, {
    deviceId: 'device-1',
    deviceInfo: { kind: 'web' },
    ...signature,
  });
  // @ts-expect-error A visitor session takes no user id.
  await createVisitorSession(options, { deviceId: 'device-1', userId: 'ada' });
  return [visitor, await createBotSession(options, { deviceId: 'crawler-1' })];
};

export const checkWebhook = (body: string | Uint8Array): Promise<boolean> =>
  verifyWebhook({ secret: 'wh' }, { body, signature: 's' });

const allOptions: AuthHandlerOptions<Env> = {
  region: () => 'eu',
  serverKey: (env) => env.SERVER_KEY,
  apiKey: (env) => env.API_KEY,
  visitorSecret: (env) => env.VISITOR_SECRET,
  authenticate: async (request) =>
    request.headers.has('cookie') ? { userId: 'ada', displayName: 'Ada' } : null,
  allowedOrigins: ['https://app.example'],
  publicOrigin: async () => ['https://app.example'],
  allowedHeaders: ['content-type', 'x-csrf'],
  allowNonBrowser: true,
  rateLimitStage: 'both',
  rateLimit: async ({ userId, ip, route, stage }, env) =>
    (await env.LIMITER.limit({ key: `${stage} ${route} ${userId ?? ip ?? ''}` })).success || {
      retryAfterMs: 1_000,
    },
  allowUnlimitedVisitors: false,
  clientIp: (request) => request.headers.get('cf-connecting-ip') ?? undefined,
  fetch: (env) => (url, init) => env.MTLS.fetch(url, init),
  timeoutMs: 8_000,
  retry: false,
  basePath: '/auth',
  onEvent: (event: AuthHandlerEvent) => void [event.type, event.route, event.userId?.length],
};
const handler: (request: Request, env?: Env) => Promise<Response> = createAuthHandler(allOptions);
export const respond = (request: Request): Promise<Response> =>
  createAuthHandler({
    endpoint: 'https://proxy.example.test',
    serverKey: 'sk',
    authenticate: async () => null,
  })(request);
// @ts-expect-error `authenticate` is required.
createAuthHandler({ region: 'eu', serverKey: 'sk' });

export const administer = async (options: AdminOptions): Promise<void> => {
  const issued: AdminToken = await issueAdminToken(options);
  const shown: AdminToken = await getAdminToken({ ...options, adminToken: issued.adminToken }, {});
  const json: { adminToken: string; issuedAt: string; expiresAt: string } = shown.toJSON();
  await revokeAdminToken(options, { username: 'grace' });
  await revokeUserSessions(options, { userId: 'ada', isPublic: false });
  const key: string = await issueServerKey(options);
  const { updatedAt, updatedBy }: { updatedAt: Date; updatedBy: string } =
    await getServerKeyInfo(options);
  const config: SecurityConfig = await getSecurityConfig(options);
  const changed: SecurityConfig = await setSecurityConfig(options, {
    ...config,
    serverKey: { expiresInHours: 2, apiScopeEnabled: false },
  });
  const { name, useSecureAuthentication } = await getNetwork(options);
  await setSecureMode(options, { enabled: !useSecureAuthentication });
  await setNetworkPush(options, { enabled: true, events: [{ name, enabled: false }] });
  // @ts-expect-error Administration requires the admin token.
  await getNetwork({ region: 'eu', serverKey: key });
  void [json, updatedAt, updatedBy, changed, handler];
};
