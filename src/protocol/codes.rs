//! The service's own error codes (`docs/contract.md`, "Errors"). The service sends the same code
//! with different HTTP statuses, so the code takes precedence over the status.

/// Bad request.
pub const BAD_REQUEST: u32 = 400_000;
/// Unauthorized.
pub const UNAUTHORIZED: u32 = 400_100;
/// Forbidden: secure mode is off, or it is on and the auth token is missing.
pub const FORBIDDEN: u32 = 400_300;
/// Permission denied.
pub const PERMISSION_DENIED: u32 = 400_301;
/// The user has exceeded the rate limit of 100 calls in 5 seconds.
pub const RATE_LIMIT: u32 = 400_311;
/// The user is globally banned.
pub const GLOBAL_BAN: u32 = 400_312;
/// The daily quota of visitors and bots is used up.
pub const QUOTA: u32 = 400_323;
/// Not found.
pub const NOT_FOUND: u32 = 400_400;
/// The call is not permitted to a bot. The second code appears in one platform's SDK.
pub const BOT: [u32; 2] = [403_998, 488_998];
/// The call is not permitted to a visitor. The second code appears in one platform's SDK.
pub const VISITOR: [u32; 2] = [403_999, 488_999];
/// A business or parameter error if the status is 422 or the body has `data`; otherwise an
/// unexpected error.
pub const BUSINESS: u32 = 500_000;
