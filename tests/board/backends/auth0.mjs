// A small stand-in for an Auth0 tenant: the authorization endpoint, which signs in the user of
// `login_hint` at once, and the token endpoint with rotating refresh tokens.
import { createStore } from './rotation.mjs';

const LIFETIME_MS = 3_600_000;
/** How long a used refresh token still works. Each Auth0 tenant chooses this time. */
const REUSE_MS = 10_000;
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const answer = (status, value) => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

export const createAuth0 = async (url) => {
  const store = createStore({ lifetimeMs: LIFETIME_MS, reuseMs: REUSE_MS });
  const codes = new Map();
  let sessionRequests = 0;
  let lastCode = 0;

  const authorize = (query) => {
    lastCode += 1;
    codes.set(String(lastCode), { userId: query.get('login_hint'), nonce: query.get('nonce') });
    const location = new URL(query.get('redirect_uri'));
    location.searchParams.set('code', lastCode);
    location.searchParams.set('state', query.get('state'));
    return { status: 302, headers: { location: location.href }, body: undefined };
  };
  const answerTokens = (tokens, nonce) => {
    if (!tokens)
      return answer(403, {
        error: 'invalid_grant',
        error_description: 'Unknown or invalid refresh token.',
      });
    const { userId: sub, iat, exp } = tokens;
    const claims = { iss: `${url}/`, sub, aud: 'client', iat, exp, nonce, sid: 'sid' };
    return answer(200, {
      access_token: tokens.accessToken,
      refresh_token: tokens.refreshToken,
      id_token: `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}.c2ln`,
      scope: 'openid profile email offline_access',
      expires_in: LIFETIME_MS / 1000,
      token_type: 'Bearer',
    });
  };
  const grant = (form) => {
    sessionRequests += 1;
    if (form.get('grant_type') === 'refresh_token')
      return answerTokens(store.refresh(form.get('refresh_token')));
    const { userId, nonce } = codes.get(form.get('code'));
    return answerTokens(store.issueFirst(userId), nonce);
  };
  return {
    ...store,
    config: { url },
    lifetimeMs: LIFETIME_MS,
    classify: ({ path }) => (path === '/oauth/token' ? 'session' : 'other'),
    async handle({ path, url: address, headers, body }) {
      if (path === '/authorize') return authorize(new URL(address, url).searchParams);
      if (path !== '/oauth/token') return answer(404, {});
      const isJson = headers['content-type']?.includes('json');
      return grant(isJson ? new Map(Object.entries(JSON.parse(body))) : new URLSearchParams(body));
    },
    countSessionRequests: () => sessionRequests,
  };
};
