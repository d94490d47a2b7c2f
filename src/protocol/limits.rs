//! The contract's limits and lifetimes, in one place. Lengths count UTF-16 code units, as a
//! JavaScript server would.

/// Longest `userId` of a session (v3, v4, v5) and of a v4 auth token, which is only good for such a
/// session.
pub const USER_ID: u32 = 50;
/// Longest `userId` of the deprecated v3 auth-token call.
pub const USER_ID_V3_TOKEN: u32 = 100;
/// Longest `deviceId`.
pub const DEVICE_ID: u32 = 150;
/// Longest `displayName`.
pub const DISPLAY_NAME: u32 = 100;
/// Longest `profileHandle` (v4 and v5 only).
pub const PROFILE_HANDLE: u32 = 100;
/// Longest auth token.
pub const AUTH_TOKEN: u32 = 100;
/// Longest `deviceInfo.model` in v3 and v4.
pub const MODEL: u32 = 100;
/// Longest `deviceInfo.model` in v5, where the official SDK sends a user agent.
pub const MODEL_V5: u32 = 300;
/// Longest `deviceInfo.sdkVersion`.
pub const SDK_VERSION: u32 = 30;
/// Longest `username` of an administrator.
pub const USERNAME: u32 = 50;
/// Longest server key.
pub const SERVER_KEY: u32 = 150;
/// Beginnings that the service keeps for itself in v5 user ids.
pub const RESERVED_USER_IDS: [&str; 2] = ["ADMIN_", "DELETED_"];
/// What `deviceInfo.kind` may be.
pub const DEVICE_KINDS: [&str; 4] = ["ios", "android", "web", "node"];

/// An auth token is good for ten minutes, in milliseconds.
pub const AUTH_TOKEN_LIFETIME_MS: f64 = 10.0 * 60_000.0;
/// An access token is good for thirty days by default, in milliseconds.
pub const ACCESS_TOKEN_LIFETIME_MS: f64 = 30.0 * 86_400_000.0;
/// What a client assumes of an access token that does not tell: one day from its arrival, in
/// milliseconds.
pub const ASSUMED_LIFETIME_MS: f64 = 86_400_000.0;
/// The largest answer that is read, in bytes.
pub const BODY_BYTES: usize = 1 << 20;

/// The length of a text as the service counts it: in UTF-16 code units.
///
/// ```
/// use social_plus_auth::protocol::limits::utf16_len;
/// assert_eq!(utf16_len("é"), 1);
/// assert_eq!(utf16_len("👩"), 2);
/// ```
pub fn utf16_len(text: &str) -> u32 {
    // Every character has one byte that continues none, and one of four bytes needs two units.
    text.bytes()
        .map(|b| u32::from(b & 0xC0 != 0x80) + u32::from(b >= 0xF0))
        .sum()
}
