// A small stand-in for the server of Supabase Auth: password and refresh grants, and sign-out.
import { createStore } from './rotation.mjs';

const LIFETIME_MS = 3_600_000;
/** The default of the server: a refresh token may be used again within ten seconds. */
const REUSE_MS = 10_000;
const headers = { 'content-type': 'application/json', 'x-supabase-api-version': '2024-01-01' };
const answer = (status, value) => ({ status, headers, body: JSON.stringify(value) });

export const createSupabase = async (url) => {
  const store = createStore({ lifetimeMs: LIFETIME_MS, reuseMs: REUSE_MS });
  let sessionRequests = 0;
  const describe = (userId) => ({
    id: userId,
    aud: 'authenticated',
    role: 'authenticated',
    email: `${userId}@example.com`,
    app_metadata: {},
    user_metadata: {},
    created_at: new Date(0).toISOString(),
  });
  const answerTokens = (tokens) =>
    answer(200, {
      access_token: tokens.accessToken,
      token_type: 'bearer',
      expires_in: LIFETIME_MS / 1000,
      expires_at: tokens.exp,
      refresh_token: tokens.refreshToken,
      user: describe(tokens.userId),
    });
  const grants = {
    password({ email }) {
      const tokens = store.issueFirst(email.split('@')[0]);
      return tokens
        ? answerTokens(tokens)
        : answer(400, { code: 'user_banned', message: 'User is banned' });
    },
    refresh_token({ refresh_token: token }) {
      const tokens = store.refresh(token);
      return tokens
        ? answerTokens(tokens)
        : answer(400, { code: 'refresh_token_not_found', message: 'Invalid Refresh Token' });
    },
  };
  return {
    ...store,
    config: { url },
    lifetimeMs: LIFETIME_MS,
    classify({ path }) {
      if (path === '/auth/v1/token') return 'session';
      return path === '/auth/v1/logout' ? 'revoke' : 'other';
    },
    async handle({ path, url: address, headers: { authorization = '' }, body }) {
      const token = authorization.replace('Bearer ', '');
      if (path === '/auth/v1/token') {
        sessionRequests += 1;
        return grants[new URL(address, url).searchParams.get('grant_type')](JSON.parse(body));
      }
      if (path === '/auth/v1/logout') {
        store.end(token);
        return { status: 204, headers, body: undefined };
      }
      if (!store.isAccepted(token)) return answer(403, { code: 'bad_jwt', message: 'invalid JWT' });
      return answer(200, describe(store.findUser(token)));
    },
    countSessionRequests: () => sessionRequests,
  };
};
