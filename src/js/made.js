// Makes plain objects, each in one crossing of the boundary, where a serializer would need one for each field.
export const request = (purpose, method, url, headers, body, timeoutMs, ...retry) => ({ purpose, method, url, headers, body, timeoutMs, retry });

export const session = (accessToken, refreshToken, issuedAt, expiresAt, user, users, files, userType) => ({
  accessToken,
  refreshToken,
  issuedAt,
  expiresAt,
  user,
  users,
  files,
  userType,
});

export const authToken = (token, lifetimeMs) => ({ token, lifetimeMs });

/** What a call came to, in a wrapping that no answer of the service can be taken for. */
export const done = (value) => ({ value });

/** The fields of a SocialPlusError; with `pauseMs`, how long to wait before the next attempt. */
export const failure = (kind, message, code, status, retryable, retryAfterMs, pauseMs) => ({
  kind,
  message,
  code,
  status,
  retryable,
  retryAfterMs,
  pauseMs,
});

/** Whether it can be a token: nothing but visible ASCII, so that it can stand in a header. */
export const isToken = (value) => typeof value === 'string' && /^[!-~]+$/.test(value);

/** The claims of a JWT, if it is one. Its text may come out wrong, its numbers do not, and nothing else is read. */
export const claims = (token) => {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return undefined;
  }
};
