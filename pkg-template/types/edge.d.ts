/**
 * The secure side: workers and servers that may hold the server key. Stateless: nothing outlives a request. Unofficial.
 *
 * @example
 * ```js
 * import { createAuthToken } from 'social-plus-auth/edge';
 *
 * const { token } = await createAuthToken({ region: 'eu', serverKey: env.SERVER_KEY }, { userId: 'ada' });
 * ```
 * @packageDocumentation
 */
import type { CallOptions, ServiceOptions, Session, SessionRequest } from './browser.js';

export {
  SocialPlusError,
  createSession,
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
  /** Default `v4`, a POST that keeps the user id out of URLs and access logs; `v3` is the deprecated GET. */
  apiVersion?: 'v3' | 'v4';
};

/** Good for one user id, as often as wanted, until it expires. Logged or inspected it shows no token; `JSON.stringify` gives it. */
export interface AuthToken {
  token: string;
  userId: string;
  /** Ten minutes after it was asked for. */
  expiresAt: Date;
  toJSON(): { token: string; userId: string; expiresAt: string };
}

/**
 * Mints an auth token for a user whom your app has recognised. Never take the user id from a request's body: whoever is named here is signed in.
 *
 * @param request - `userId`: 1 to 50 characters (100 in v3).
 * @throws {SocialPlusError} `unauthorized` for a wrong server key; `forbidden` if secure mode is off; `invalidRequest` for the user id;
 * `network`, `timeout`, `server`, which may pass.
 * @example
 * ```js
 * const { token, expiresAt } = await createAuthToken({ region: 'eu', serverKey: env.SERVER_KEY }, { userId: user.id });
 * ```
 */
export function createAuthToken(options: EdgeOptions, request: CallOptions & { userId: string }): Promise<AuthToken>;

/**
 * Secure mode in one call: mints the auth token and redeems it. The session is the device's: hand it to the client that `deviceId` belongs to.
 *
 * @throws {SocialPlusError} As `createAuthToken` and `createSession`; `operation` is `exchangeSession` for both steps.
 * @example
 * ```js
 * const session = await exchangeSession({ region: 'eu', serverKey: env.SERVER_KEY, apiKey: env.API_KEY }, { userId: user.id, deviceId });
 * ```
 */
export function exchangeSession(
  options: EdgeOptions & { apiKey: string; sessionApiVersion?: ServiceOptions['apiVersion'] },
  request: Omit<SessionRequest, 'authToken'>,
): Promise<Session>;
