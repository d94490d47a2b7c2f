// Describes requests and errors in plain words.
import { SocialPlusError } from 'social-plus-auth';
import { formatDuration } from './dom.js';

/** @import { Actor, ErrorFacts, Exchange } from '../types.js' */

/** @type {Record<Actor, string>} */
export const actors = { page: 'page', worker: 'worker', service: 'social.plus' };

/**
 * The prefix of the device ids that the failures use. A new session replaces the previous session
 * of its device, so the failures must not use the device id of the page.
 */
export const TRIAL_PREFIX = 'trial-';

/**
 * The steps of a sign-in. The diagram shows them until the user signs in.
 *
 * @type {{ from: Actor, to: Actor, code: string, summary: string }[]}
 */
export const outline = [
  { from: 'page', to: 'worker', code: 'your own sign-in', summary: 'signs you in to the app' },
  { from: 'page', to: 'worker', code: 'authTokenFrom', summary: 'requests an auth token' },
  {
    from: 'worker',
    to: 'service',
    code: 'createAuthHandler(…)',
    summary: 'mints it with the server key',
  },
  {
    from: 'page',
    to: 'service',
    code: 'client.login(…)',
    summary: 'exchanges it for a session',
  },
];

/** @typedef {{ summary: string, more: string, code?: string }} Meaning */

const singleCall = 'createSession({ region, apiKey }, { userId, deviceId, authToken })';
const newClient =
  "SessionClient({ region, apiKey, storage: 'local', authTokenFrom: '/auth/token' })";
/** @type {Record<string, Meaning>} */
const meanings = {
  'POST /app/sign-in': {
    summary: 'signs you in to the app',
    more:
      'This is your own sign-in, which does not involve social.plus. ' +
      'Here it sets a signed HttpOnly cookie that no script can read.',
  },
  'POST /app/sign-out': {
    summary: 'signs you out of the app',
    more: 'The worker removes its cookie.',
  },
  'POST /auth/token': {
    summary: 'requests an auth token',
    more: 'The worker identifies the user by the cookie, and ignores any user id in the body.',
    code: newClient,
  },
  'POST /demo/stale-key/auth/token': {
    summary: 'calls a worker with an old key',
    more: 'This second deployment of the worker still uses a server key that was replaced.',
  },
  'POST /api/v4/authentication/token': {
    summary: 'mints it with the server key',
    more:
      'This is the only request that contains the server key, and only the worker sends it. ' +
      'The auth token is valid for this user only, and for ten minutes.',
    code: 'createAuthHandler({ region, serverKey, authenticate })',
  },
  'POST /api/v5/sessions': {
    summary: 'exchanges it for a session',
    more:
      'The API key identifies the network, and the auth token proves who the user is. ' +
      'The access token in the response replaces the previous one of this device. ' +
      'A renewal is the same request, so only one tab may renew.',
    code: 'client.login({ userId })',
  },
  'GET /api/v3/sessions': {
    summary: 'verifies the token',
    more: 'Only the service knows whether a token is valid: a revoked one looks the same.',
    code: "client.fetch('/api/v3/sessions')",
  },
  'DELETE /api/v4/sessions': {
    summary: 'revokes the token',
    more: 'The service now rejects this access token and every copy of it.',
    code: 'client.logout()',
  },
};
/** @type {Meaning} */
const withoutAuthToken = {
  summary: 'sends no auth token',
  more: 'The API key is public and proves nothing: anyone could send any user id.',
  code: singleCall.replace(', authToken', ''),
};

/**
 * Describes a request: a short summary for the arrow, some sentences of detail, and the line of
 * code that sent the request, if the page can show one.
 *
 * @param {Exchange} exchange
 * @returns {Meaning}
 */
export function describeExchange({ method, path, request: { body } }) {
  const isSession = path === '/api/v5/sessions';
  if (isSession && !body?.authToken) return withoutAuthToken;
  const meaning = meanings[`${method} ${path}`] ?? { summary: '', more: '' };
  return isSession && body.deviceId?.startsWith(TRIAL_PREFIX)
    ? { ...meaning, code: singleCall }
    : meaning;
}

/** @type {Record<string, (facts: ErrorFacts) => string>} */
const advice = {
  secureModeRequired: () =>
    'Get an auth token from your backend first, then try again. ' +
    'This is a bug in the app; the user did nothing wrong.',
  unauthorized: () =>
    'Sign the user in to the app again, and request a fresh auth token from the worker.',
  banned: () => 'Tell the user about the ban, keep them signed out, and do not retry.',
  rateLimited: ({ retryAfterMs }) =>
    `Wait ${retryAfterMs ? formatDuration(retryAfterMs) : 'a moment'} before the next attempt. ` +
    'The library retries automatically only after short waits.',
  server: ({ attempts, correlationId }) =>
    correlationId
      ? 'The user cannot fix this. Alert the operator of the worker: ' +
        'the log of the worker records the cause with this correlation id.'
      : `The library has made ${attempts} attempts. ` +
        'Say that the service is down, keep the user’s input, and offer a retry.',
  network: () => 'Say that there is no connection, keep the user’s input, and offer a retry.',
  timeout: () => 'Say that the service is slow to respond, and offer a retry.',
};

/**
 * Returns advice on how an app should handle an error.
 *
 * @param {ErrorFacts} facts
 */
export const getAdvice = (facts) =>
  advice[facts.kind]?.(facts) ??
  'Show a general message, and log the error. Its message contains no secrets.';

/**
 * Returns the fields of a `SocialPlusError`, or of the problem document in which the worker reports
 * one. Returns `undefined` for any other error.
 *
 * @param {unknown} error
 * @returns {ErrorFacts | undefined}
 */
export function toErrorFacts(error) {
  if (SocialPlusError.is(error)) {
    const { kind, message, operation, code, status, retryable, retryAfterMs, attempts } = error;
    return {
      thrownIn: 'the page',
      kind,
      message,
      operation,
      code,
      status,
      retryable,
      retryAfterMs,
      attempts,
    };
  }
  const { problem } = /** @type {{ problem?: Record<string, any> }} */ (error);
  if (!problem?.kind) return undefined;
  const { kind, title, status, correlationId } = problem;
  return { thrownIn: 'the worker', kind, message: title, status, correlationId };
}

/** @param {unknown} error */
export const toMessage = (error) => (error instanceof Error ? error.message : String(error));
