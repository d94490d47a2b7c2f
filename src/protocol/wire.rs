//! The numbers of the protocol that JavaScript shares with Rust.

use crate::wire::codes;

/// The tables from which the build generates the JavaScript constants in `shared/wire.js`.
#[cfg(not(target_arch = "wasm32"))]
pub const TABLES: &[crate::wire::Table] = &[
    SessionKind::TABLE,
    Purpose::TABLE,
    Input::TABLE,
    ResponseInput::TABLE,
    Trouble::TABLE,
];

/// Lists the names and values of constants in `limits`.
#[cfg(not(target_arch = "wasm32"))]
macro_rules! constants {
    ($($name:ident),* $(,)?) => {
        &[$( (stringify!($name), super::limits::$name as f64) ),*]
    };
}

/// The limits and defaults that JavaScript also needs. `shared/wire.js` exports them under the same
/// names.
#[cfg(not(target_arch = "wasm32"))]
pub const CONSTANTS: &[crate::wire::Constant] = constants![
    DEFAULT_TIMEOUT_MS,
    MAX_TIMER_MS,
    MAX_RESPONSE_BYTES,
    MAX_USER_ID_LENGTH,
    MAX_DEVICE_ID_LENGTH,
    MAX_AUTH_TOKEN_LENGTH,
    MAX_PUSH_EVENTS,
    DEFAULT_SIGNATURE_LIFETIME_MS,
];

/// The prefixes that JavaScript also needs. `shared/wire.js` exports each list under the same name,
/// as a pattern.
#[cfg(not(target_arch = "wasm32"))]
pub const PREFIXES: &[crate::wire::Prefixes] = &[(
    "RESERVED_USER_ID_PREFIXES",
    &super::limits::RESERVED_USER_ID_PREFIXES,
)];

codes! {
    /// The kind of user that a session is for.
    pub enum SessionKind {
        /// A user of the app.
        User = 0,
        /// An anonymous user, who can only read. v5 only.
        Visitor = 1,
        /// A bot, for example a search engine, which can only read. v5 only.
        Bot = 2,
    }
}

#[allow(clippy::derivable_impls, reason = "`codes!` takes no `#[default]`")]
impl Default for SessionKind {
    fn default() -> Self {
        SessionKind::User
    }
}

codes! {
    /// The purpose of a request, which decides how its response is interpreted. JavaScript passes
    /// this code back together with the response.
    pub enum Purpose {
        /// Creates a user's session without an auth token.
        Session = 0,
        /// Creates a user's session with an auth token.
        SecureSession = 1,
        /// Creates the session of a visitor or a bot.
        GuestSession = 2,
        /// Verifies an access token.
        Verify = 3,
        /// Revokes an access token.
        Revoke = 4,
        /// Gets an access token for a refresh token (legacy).
        Refresh = 5,
        /// Mints an auth token.
        #[cfg(feature = "edge")]
        AuthToken = 6,
        /// `POST /api/v1/admin-token`
        #[cfg(feature = "edge")]
        IssueAdminToken = 7,
        /// `GET /admin/v1/token`
        #[cfg(feature = "edge")]
        GetAdminToken = 8,
        /// `DELETE /admin/v1/token`
        #[cfg(feature = "edge")]
        RevokeAdminToken = 9,
        /// `DELETE /api/v4/sessions/users/{userId}`
        #[cfg(feature = "edge")]
        RevokeUserSessions = 10,
        /// `POST /api/v3/networks/server-key`
        #[cfg(feature = "edge")]
        IssueServerKey = 11,
        /// `GET /api/v3/networks/server-key`
        #[cfg(feature = "edge")]
        GetServerKeyInfo = 12,
        /// `GET /api/v3/network-settings/security-configs`
        #[cfg(feature = "edge")]
        GetSecurityConfig = 13,
        /// `PUT /api/v3/network-settings/security-configs`
        #[cfg(feature = "edge")]
        SetSecurityConfig = 14,
        /// `GET /api/v3/networks/me`
        #[cfg(feature = "edge")]
        GetNetwork = 15,
        /// `PUT /api/v3/networks/me`
        #[cfg(feature = "edge")]
        SetSecureMode = 16,
        /// `POST /admin/v1/notification/setting`
        #[cfg(feature = "edge")]
        SetNetworkPush = 17,
    }
}

impl Purpose {
    /// Returns whether the request must never be repeated. A delayed first request could arrive
    /// after the retry and undo the effect of the retry.
    pub fn is_sent_once(self) -> bool {
        #[cfg(feature = "edge")]
        if let Purpose::IssueAdminToken | Purpose::RevokeAdminToken | Purpose::IssueServerKey = self
        {
            return true;
        }
        false
    }
}

codes! {
    /// The indexes of the values in the list that a call passes to wasm.
    pub enum Input {
        /// `timeoutMs`
        TimeoutMs = 0,
        /// `retry.attempts`
        Attempts = 1,
        /// `retry.baseDelayMs`
        BaseDelayMs = 2,
        /// `retry.maxDelayMs`
        MaxDelayMs = 3,
        /// `region`. This is the first of the texts that most calls share; the last one is
        /// `SessionApiVersion` on the edge and `AuthSignatureExpiresAt` in the browser.
        Region = 4,
        /// `endpoint`
        Endpoint = 5,
        /// `apiVersion`
        ApiVersion = 6,
        /// `apiKey`
        ApiKey = 7,
        /// The call's credential other than the API key: an access token, a refresh token, a server
        /// key or an admin token.
        Credential = 8,
        /// `userId`, or the `username` of an administrator
        UserId = 9,
        /// `deviceId`
        DeviceId = 10,
        /// `displayName`
        DisplayName = 11,
        /// `profileHandle`
        ProfileHandle = 12,
        /// `authToken`
        AuthToken = 13,
        /// `deviceInfo.kind`
        DeviceKind = 14,
        /// `deviceInfo.model`
        DeviceModel = 15,
        /// `deviceInfo.sdkVersion`
        SdkVersion = 16,
        /// `authSignature`
        AuthSignature = 17,
        /// `authSignatureExpiresAt`
        AuthSignatureExpiresAt = 18,
        /// `sessionApiVersion`
        #[cfg(feature = "edge")]
        SessionApiVersion = 19,
        /// `isPublic`
        #[cfg(feature = "edge")]
        IsPublic = 20,
        /// `enabled`
        #[cfg(feature = "edge")]
        Enabled = 21,
        /// `serverKey.expiresInHours`
        #[cfg(feature = "edge")]
        ServerKeyExpiresInHours = 22,
        /// `serverKey.apiScopeEnabled`
        #[cfg(feature = "edge")]
        ApiScopeEnabled = 23,
        /// `adminToken.expiresInHours`
        #[cfg(feature = "edge")]
        AdminTokenExpiresInHours = 24,
        /// The number of `events`
        #[cfg(feature = "edge")]
        EventCount = 25,
        /// The `name` of the first event. The `enabled` of this event follows, and then both values
        /// of each other event.
        #[cfg(feature = "edge")]
        Events = 26,
    }
}

codes! {
    /// The indexes of the values in the list that JavaScript passes to wasm with a response.
    pub enum ResponseInput {
        /// The user id of the request; absent for a visitor or a bot.
        UserId = 0,
        /// The body as text.
        Text = 1,
        /// The body as `JSON.parse` returned it; undefined if it is not JSON.
        Json = 2,
    }
}

codes! {
    /// Why an attempt ended without a usable response. The code takes the place of the HTTP status,
    /// so it is below 100.
    pub enum Trouble {
        /// There was no response, or the connection was interrupted.
        Network = 1,
        /// `fetch` returned something that is not a response.
        NotAResponse = 2,
        /// The response is larger than the limit.
        TooLarge = 3,
        /// The attempt took longer than `timeoutMs`.
        Timeout = 4,
        /// The caller's signal aborted the call.
        Aborted = 5,
        /// The server closed the connection without a response. A server that requires a client
        /// certificate does so if the client has none.
        ConnectionClosed = 6,
    }
}
