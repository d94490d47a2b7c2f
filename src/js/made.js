// Makes the fields of a session in one crossing of the boundary.
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
