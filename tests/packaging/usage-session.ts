// Uses every member of `SessionClient`. types.mjs compiles this file with each type library alone,
// and never runs it. Each line that must not compile has a `@ts-expect-error` before it.
import {
  SessionClient,
  SocialPlusError,
  createSession,
  type ServiceOptions,
  type Session,
  type SessionClientEventMap,
  type SessionClientOptions,
  type SessionJson,
  type SessionState,
  type SessionStorage,
  type TerminationReason,
  type User,
  type UserType,
} from 'social-plus-auth';

/** True if both types are identical. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectSame = <A, B>(..._: Same<A, B> extends true ? [] : [never]): void => {};

const service: ServiceOptions = { apiKey: 'ak', region: 'eu' };
const texts = new Map<string, string>();
const storage: SessionStorage = {
  getItem: (key) => texts.get(key) ?? null,
  setItem: async (key, value) => void texts.set(key, value),
  removeItem: (key) => void texts.delete(key),
};

export const listOptions = (): SessionClientOptions[] => {
  const allOptions: SessionClientOptions = {
    ...service,
    apiVersion: 'v4',
    timeoutMs: 5_000,
    retry: false,
    fetch: (url, init) => fetch(url, init),
    onEvent: ({ type, detail }) =>
      void (type === 'renewal' || type === 'storage' || type === 'tab' || type === 'state'
        ? detail
        : type),
    authTokenFrom: async (request) => {
      expectSame<typeof request, { userId: string; deviceId: string; signal: AbortSignal }>();
      return `token of ${request.userId}`;
    },
    visitorSignatureFrom: async (request) => {
      expectSame<typeof request, { deviceId: string; signal: AbortSignal }>();
      return { authSignature: 's', authSignatureExpiresAt: '2026-01-01T00:00:00.000Z' };
    },
    storage,
    namespace: 'chat',
    deviceId: 'device-1',
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      setTimeout: (callback, ms) => setTimeout(callback, ms),
      clearTimeout: (handle) => clearTimeout(handle as Parameters<typeof clearTimeout>[0]),
    },
  };
  // @ts-expect-error A client requires an API key.
  new SessionClient({ region: 'eu' });
  // @ts-expect-error `session` is not a storage kind.
  new SessionClient({ ...service, storage: 'session' });
  // @ts-expect-error `authTokenFrom` must return a promise.
  new SessionClient({ ...service, authTokenFrom: () => 'token' });
  // @ts-expect-error A signature requires its expiry date.
  new SessionClient({ ...service, visitorSignatureFrom: async () => ({ authSignature: 's' }) });
  // @ts-expect-error A storage requires three methods.
  new SessionClient({ ...service, storage: { getItem: () => null } });
  return [
    allOptions,
    {
      ...service,
      authTokenFrom: '/auth/token',
      visitorSignatureFrom: '/auth/visitor',
      storage: 'memory',
    },
    {
      ...service,
      authTokenFrom: new URL('https://app.example/auth/token'),
      visitorSignatureFrom: new URL('https://app.example/auth/visitor'),
      storage: 'local',
    },
    { ...service, storage: 'encrypted' },
  ];
};

export const readProperties = (client: SessionClient): void => {
  expectSame<typeof client.state, SessionState>();
  expectSame<
    SessionState,
    'notLoggedIn' | 'establishing' | 'established' | 'tokenExpired' | 'terminated'
  >();
  expectSame<typeof client.terminationReason, TerminationReason | undefined>();
  expectSame<TerminationReason, 'globalBan' | 'userDeleted' | 'unauthorized'>();
  expectSame<
    [typeof client.userId, typeof client.expiresAt],
    [string | undefined, Date | undefined]
  >();
  expectSame<
    [typeof client.user, typeof client.userType],
    [User | undefined, UserType | undefined]
  >();
  // @ts-expect-error The state is read-only.
  client.state = 'established';
};

export const callMethods = async (client: SessionClient, signal: AbortSignal): Promise<void> => {
  const deviceId: string = await client.getDeviceId();
  const state: SessionState = await client.resume({ signal });
  const users: User[] = [
    await client.login({ userId: 'ada' }),
    await client.login({ userId: 'ada', displayName: 'Ada', authToken: 'token', signal }),
    await client.loginAsVisitor(),
    await client.loginAsVisitor({ signal }),
    await client.loginAsBot({ signal }),
  ];
  const session: Session = await createSession(service, { userId: 'ada', deviceId });
  const json: SessionJson = session.toJSON();
  users.push(await client.loginWithSession(session), await client.loginWithSession(json));
  const tokens: string[] = [
    await client.accessToken(),
    await client.accessToken({ minValidityMs: 300_000, signal }),
  ];
  expectSame<ReturnType<typeof client.renew>, Promise<void>>();
  await client.renew({ signal });
  const answers: Response[] = [
    await client.fetch('/api/v3/users/ada'),
    await client.fetch(new URL('https://apix.eu.amity.co/api/v3/users/ada'), {
      method: 'GET',
      signal,
    }),
    await client.fetch(new Request('https://apix.eu.amity.co/api/v3/users/ada')),
  ];
  expectSame<Awaited<ReturnType<typeof client.logout>>, { revoked: boolean }>();
  const { revoked } = await client.logout();
  await client.logout({ revoke: false, signal });
  expectSame<ReturnType<typeof client.secureLogout>, Promise<void>>();
  await client.secureLogout({ signal });
  expectSame<ReturnType<typeof client.close>, Promise<void>>();
  await client.close();
  // @ts-expect-error A login requires a user id.
  await client.login({});
  // @ts-expect-error The client chooses the device.
  await client.login({ userId: 'ada', deviceId });
  // @ts-expect-error A visitor login takes no user id.
  await client.loginAsVisitor({ userId: 'ada' });
  void [state, users, tokens, answers, revoked];
};

export const addListeners = (client: SessionClient, signal: AbortSignal): void => {
  const target: EventTarget = client;
  client.addEventListener('statechange', ({ type, detail }) => {
    expectSame<
      typeof detail,
      { state: SessionState; previous: SessionState; reason?: TerminationReason }
    >();
    void type;
  });
  const renewed = ({
    detail: { expiresAt, byThisTab },
  }: SessionClientEventMap['renewed']): void => {
    expectSame<[typeof expiresAt, typeof byThisTab], [Date, boolean]>();
  };
  client.addEventListener('renewed', renewed, { once: true });
  client.removeEventListener('renewed', renewed);
  const failed = {
    handleEvent: ({
      detail: { error, nextAttemptAt },
    }: SessionClientEventMap['renewalfailed']): void => {
      expectSame<[typeof error, typeof nextAttemptAt], [SocialPlusError, Date | undefined]>();
    },
  };
  client.addEventListener('renewalfailed', failed, true);
  client.removeEventListener('renewalfailed', failed, true);
  const any = (event: Event): void => void event.type;
  client.addEventListener('custom-event', any);
  client.removeEventListener('custom-event', any);
  client.dispatchEvent(new Event('custom-event'));
  // A listener may expect a `CustomEvent`, if the type library declares that type.
  type OwnEvent = typeof globalThis extends { CustomEvent: new (type: string) => infer E }
    ? E
    : Event;
  client.addEventListener('statechange', (event: OwnEvent) => void event.type);
  // @ts-expect-error A `statechange` event has no `expiresAt`.
  client.addEventListener('statechange', ({ detail }) => detail.expiresAt);
  void [target, signal];
};

export const iterateStates = async (
  client: SessionClient,
  signal: AbortSignal,
): Promise<SessionState[]> => {
  const seen: SessionState[] = [];
  for await (const state of client.states()) seen.push(state);
  const states: AsyncIterableIterator<SessionState> = client.states({ signal });
  await states.return?.();
  return seen;
};

// If the type library declares `Symbol.asyncDispose`, a client supports `await using`. This file
// does not use these keywords, because the oldest compiler cannot parse them.
type DisposeKey = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? Key
  : never;
export const asDisposable = (client: SessionClient): { [K in DisposeKey]: () => Promise<void> } =>
  client;
