// Makes plain objects in one crossing of the boundary each, where a serializer would need one for each field.
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

export const authToken = (token, expiresAt) => ({ token, expiresAt });

export const failure = (kind, message, code, status, retryable, retryAfterMs, attempts) => ({
  kind,
  message,
  code,
  status,
  retryable,
  retryAfterMs,
  attempts,
});

/** The claims of a JWT, if it is one. Its text may come out wrong, its numbers do not, and nothing else is read. */
export const claims = (token) => {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return undefined;
  }
};
