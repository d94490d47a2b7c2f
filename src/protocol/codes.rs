//! The service's own error codes (contract, "Errors"). The same code comes with more than one HTTP
//! status, so a code is believed before a status.

/// Bad request.
pub const BAD_REQUEST: u32 = 400_000;
/// Unauthorized.
pub const UNAUTHORIZED: u32 = 400_100;
/// Forbidden: secure mode is off, or on and no auth token came.
pub const FORBIDDEN: u32 = 400_300;
/// Permission denied.
pub const PERMISSION_DENIED: u32 = 400_301;
/// Rate limit: 100 calls in 5 seconds per user.
pub const RATE_LIMIT: u32 = 400_311;
/// The user is globally banned.
pub const GLOBAL_BAN: u32 = 400_312;
/// The daily quota of visitors and bots is used up.
pub const QUOTA: u32 = 400_323;
/// Not found.
pub const NOT_FOUND: u32 = 400_400;
/// Not permitted to a bot, and as one platform's SDK writes it.
pub const BOT: [u32; 2] = [403_998, 488_998];
/// Not permitted to a visitor, and as one platform's SDK writes it.
pub const VISITOR: [u32; 2] = [403_999, 488_999];
/// A business or parameter error (422, or with `data`), or an unexpected one (500 without).
pub const BUSINESS: u32 = 500_000;
