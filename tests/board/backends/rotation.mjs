// A store of sessions with refresh tokens that rotate. A second use of a refresh token works within
// `reuseMs` of the first, because a response may have been lost, or two tabs may have refreshed at
// the same time. A later use ends the session, because the token may have been stolen.
import { randomBytes } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export const createStore = ({ lifetimeMs, reuseMs }) => {
  let offset = 0;
  const now = () => Date.now() + offset;
  const sessions = new Map();
  const accessTokens = new Map();
  const refreshTokens = new Map();
  const banned = new Set();
  let lastSession = 0;

  const issue = (session) => {
    const claims = {
      sub: session.userId,
      session_id: session.id,
      jti: randomBytes(8).toString('hex'),
    };
    const exp = Math.floor((now() + lifetimeMs) / 1000);
    const iat = Math.floor(now() / 1000);
    const head = encode({ alg: 'RS256', typ: 'JWT' });
    const accessToken = `${head}.${encode({ ...claims, iat, exp })}.c2ln`;
    const refreshToken = randomBytes(12).toString('hex');
    accessTokens.set(accessToken, { session, expiresAt: now() + lifetimeMs });
    refreshTokens.set(refreshToken, { session, usedAt: undefined });
    return { accessToken, refreshToken, iat, exp, userId: session.userId };
  };
  return {
    now,
    issueFirst(userId) {
      if (banned.has(userId)) return undefined;
      lastSession += 1;
      const session = { id: `session-${lastSession}`, userId, isValid: true };
      sessions.set(session.id, session);
      return issue(session);
    },
    /** Returns new tokens, or undefined if the refresh token is not accepted. */
    refresh(token) {
      const entry = refreshTokens.get(token);
      if (!entry?.session.isValid || banned.has(entry.session.userId)) return undefined;
      if (entry.usedAt !== undefined && now() - entry.usedAt > reuseMs) {
        entry.session.isValid = false;
        return undefined;
      }
      entry.usedAt ??= now();
      return issue(entry.session);
    },
    /** Ends the session of an access token. */
    end(accessToken) {
      const entry = accessTokens.get(accessToken);
      if (entry) entry.session.isValid = false;
    },
    findUser: (accessToken) => accessTokens.get(accessToken)?.session.userId,
    isAccepted(accessToken) {
      const entry = accessTokens.get(accessToken);
      return Boolean(entry?.session.isValid) && now() < entry.expiresAt;
    },
    countValidSessions: () => [...sessions.values()].filter(({ isValid }) => isValid).length,
    ban: (userId) => banned.add(userId),
    advance: (ms) => void (offset += ms),
  };
};
