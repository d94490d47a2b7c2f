//! The contract's limits and lifetimes, and the library's own limits and defaults. Lengths count
//! UTF-16 code units, as a JavaScript server would.

/// The longest `userId` of a session (v3, v4, v5). The limit also applies to the user id of a v4
/// auth token, because such a session is the only use of the token.
pub const MAX_USER_ID_LENGTH: u32 = 50;
/// The longest `userId` of the deprecated v3 auth-token call.
pub const MAX_USER_ID_LENGTH_V3_TOKEN: u32 = 100;
/// The longest `deviceId`.
pub const MAX_DEVICE_ID_LENGTH: u32 = 150;
/// The longest `displayName`.
pub const MAX_DISPLAY_NAME_LENGTH: u32 = 100;
/// The longest `profileHandle` (v4 and v5 only).
pub const MAX_PROFILE_HANDLE_LENGTH: u32 = 100;
/// The longest auth token.
pub const MAX_AUTH_TOKEN_LENGTH: u32 = 100;
/// The length of a visitor's `authSignature`: HMAC-SHA-256 in hex.
pub const AUTH_SIGNATURE_LENGTH: u32 = 64;
/// The longest `deviceInfo.model` in v3 and v4.
pub const MAX_MODEL_LENGTH: u32 = 100;
/// The longest `deviceInfo.model` in v5, where the official SDK sends a user agent.
pub const MAX_MODEL_LENGTH_V5: u32 = 300;
/// The longest `deviceInfo.sdkVersion`.
pub const MAX_SDK_VERSION_LENGTH: u32 = 30;
/// The longest `username` of an administrator.
pub const MAX_USERNAME_LENGTH: u32 = 50;
/// The longest server key.
pub const MAX_SERVER_KEY_LENGTH: u32 = 150;
/// Prefixes that the service reserves in v5 user ids.
pub const RESERVED_USER_ID_PREFIXES: [&str; 2] = ["ADMIN_", "DELETED_"];
/// The values of `deviceInfo.kind`.
pub const DEVICE_KINDS: [&str; 4] = ["ios", "android", "web", "node"];
/// The maximum number of events in one `setNetworkPush`.
pub const MAX_PUSH_EVENTS: u32 = 24;
/// The longest grace period that `setSecurityConfig` accepts, in hours (114 years).
pub const MAX_EXPIRES_IN_HOURS: u32 = 1_000_000;
/// The default lifetime of a visitor's signature, in milliseconds.
pub const DEFAULT_SIGNATURE_LIFETIME_MS: f64 = 3_600_000.0;

/// The lifetime of an auth token: ten minutes, in milliseconds.
pub const AUTH_TOKEN_LIFETIME_MS: f64 = 10.0 * 60_000.0;
/// The default lifetime of an access token: thirty days, in milliseconds.
pub const ACCESS_TOKEN_LIFETIME_MS: f64 = 30.0 * 86_400_000.0;
/// The lifetime that a client assumes for an access token without an expiry: one day from its
/// arrival, in milliseconds.
pub const ASSUMED_LIFETIME_MS: f64 = 86_400_000.0;

/// The largest response that is read, in bytes.
pub const MAX_RESPONSE_BYTES: u32 = 1 << 20;
/// The default time limit of one attempt, in milliseconds.
pub const DEFAULT_TIMEOUT_MS: f64 = 10_000.0;
/// The longest delay of a JavaScript timer, in milliseconds (24.8 days).
pub const MAX_TIMER_MS: f64 = 2_147_483_647.0;
/// The maximum number of attempts of one request.
pub const MAX_ATTEMPTS: u32 = 20;

/// Returns the length of a text in UTF-16 code units, the unit of all lengths in this module.
///
/// ```
/// use social_plus_auth::protocol::limits::utf16_len;
/// assert_eq!(utf16_len("é"), 1);
/// assert_eq!(utf16_len("👩"), 2);
/// ```
pub fn utf16_len(text: &str) -> u32 {
    // Each character has exactly one byte that is not a continuation byte. A character of four
    // bytes takes two units.
    text.bytes()
        .map(|b| u32::from(b & 0xC0 != 0x80) + u32::from(b >= 0xF0))
        .sum()
}
