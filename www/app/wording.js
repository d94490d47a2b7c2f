// What requests and errors mean, in plain words.
import { SocialPlusError } from 'social-plus-auth';
import { duration } from './dom.js';

export const actors = { page: 'page', worker: 'worker', service: 'social.plus' };

/** The requests of a sign-in, as they stand on the board before there is one. */
export const outline = [
  { from: 'page', to: 'worker', by: 'your own sign-in', says: 'signs you in to the app' },
  { from: 'page', to: 'worker', by: 'authTokenFrom', says: 'asks for an auth token' },
  {
    from: 'worker',
    to: 'service',
    by: 'createAuthHandler(…)',
    says: 'mints it with the server key',
  },
  { from: 'page', to: 'service', by: 'client.login(…)', says: 'redeems it for a session' },
];

const once = 'createSession({ region, apiKey }, { userId, deviceId, authToken })';
const client = "SessionClient({ region, apiKey, storage: 'local', authTokenFrom: '/auth/token' })";
const meanings = {
  'POST /app/sign-in': {
    says: 'signs you in to the app',
    more: 'Your own, whatever it is: social.plus knows nothing of it. Here it sets a signed HttpOnly cookie that no script can read.',
  },
  'POST /app/sign-out': {
    says: 'signs you out of the app',
    more: 'The worker takes its cookie back.',
  },
  'POST /auth/token': {
    says: 'asks for an auth token',
    more: 'The worker looks at its cookie to see who asks. A user id in the body would not count.',
    code: client,
  },
  'POST /demo/stale-key/auth/token': {
    says: 'asks a worker with an old key',
    more: 'The same worker once more, deployed with a server key that has been replaced since.',
  },
  'POST /api/v4/authentication/token': {
    says: 'mints it with the server key',
    more: 'The only request with the server key, and it starts in the worker. The auth token is for this one user, for ten minutes.',
    code: 'createAuthHandler({ region, serverKey, authenticate })',
  },
  'POST /api/v5/sessions': {
    says: 'redeems it for a session',
    more: 'The API key says which network, the auth token proves which user. The access token that comes back replaces the device’s old one. A renewal is the same again, which is why only one tab may renew.',
    code: 'client.login({ userId })',
  },
  'GET /api/v3/sessions': {
    says: 'is the token still good?',
    more: 'Only the service can tell: a token that was revoked looks just like one that was not.',
    code: "client.fetch('/api/v3/sessions')",
  },
  'DELETE /api/v4/sessions': {
    says: 'revokes the token',
    more: 'From here on the service refuses this access token, wherever a copy of it may be.',
    code: 'client.logout()',
  },
};
const unproven = {
  says: 'no auth token to redeem',
  more: 'The API key is public, so by itself it opens nothing: anyone could send any user id.',
  code: once.replace(', authToken', ''),
};
// What goes wrong on purpose goes wrong on a device of its own, in a single call.
const isTrial = ({ body }) => body?.deviceId?.startsWith('trial-');

/**
 * A few words for the arrow, a sentence or two for the details, and the call that made the request.
 */
export function meaning({ method, path, request }) {
  if (path === '/api/v5/sessions' && !request.body?.authToken) return unproven;
  const found = meanings[`${method} ${path}`] ?? { says: '', more: '' };
  return isTrial(request) && path === '/api/v5/sessions' ? { ...found, code: once } : found;
}

const advice = {
  secureModeRequired: () =>
    'Get an auth token from your backend first, then try again. This is a mistake in the code, never the user’s.',
  unauthorized: () =>
    'Sign the user in to the app again, and ask the worker for a fresh auth token.',
  banned: () => 'Tell the user plainly, keep them signed out, and do not try again.',
  rateLimited: ({ retryAfterMs }) =>
    `Wait ${retryAfterMs ? duration(retryAfterMs) : 'a little'} before the next try. Shorter waits the library sits out by itself.`,
  server: ({ attempts, correlationId }) =>
    correlationId
      ? 'Nothing the user can mend. Alert whoever runs the worker: what is wrong with its key is for its log alone, under this correlation id.'
      : `The library has tried ${attempts} times. Say that the service is down, keep what the user typed, offer to try again.`,
  network: () =>
    'Say that there is no connection, keep what the user typed, and offer to try again.',
  timeout: () => 'Say that the service is slow to answer, and offer to try again.',
};

/** What an app should do about it. */
export const advise = (error) =>
  (
    advice[error.kind] ??
    (() => 'Show a general message, and log the error: its text is fit to log.')
  )(error);

/**
 * An error of the package, or the worker's account of one, as the fields to decide by; `undefined`
 * for anything else.
 */
export function typed(error) {
  if (SocialPlusError.is(error)) {
    const { kind, operation, code, status, retryable, retryAfterMs, attempts, message } = error;
    return {
      thrownIn: 'the page',
      kind,
      operation,
      code,
      status,
      retryable,
      retryAfterMs,
      attempts,
      message,
    };
  }
  if (!error?.problem?.kind) return undefined;
  const { kind, status, title, correlationId } = error.problem;
  return { thrownIn: 'the worker', kind, status, message: title, correlationId };
}
