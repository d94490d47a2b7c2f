// Makes plain objects in one crossing of the boundary each, where a serializer would make one for each field.

export const session = (accessToken, refreshToken, issuedAt, expiresAt, userId, deviceId, user, users, files, userType) => ({
  accessToken,
  refreshToken,
  issuedAt,
  expiresAt,
  userId,
  deviceId,
  user,
  users,
  files,
  userType,
});

export const authToken = (token, userId, expiresAt) => ({ token, userId, expiresAt });

export const failure = (kind, operation, message, code, status, retryable, retryAfterMs, attempts) => ({
  kind,
  operation,
  message,
  code,
  status,
  retryable,
  retryAfterMs,
  attempts,
});
