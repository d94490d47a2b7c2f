//! The results of administration calls.

use super::serialize::{iso_date, lenient, token};
use super::Secret;
use crate::protocol::admin::SecurityConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::SystemTime;

/// An admin token. Serializes to the JSON of the npm package, including the token. `Debug` omits
/// the token.
///
/// ```
/// use social_plus_auth::client::AdminToken;
/// # let json = r#"{"adminToken":"at-1","issuedAt":"2026-01-02T03:04:05.678Z",
/// #     "expiresAt":"2027-01-02T03:04:05.678Z"}"#;
/// let token: AdminToken = serde_json::from_str(json)?;
/// assert!(!format!("{token:?}").contains("at-1"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdminToken {
    /// The token.
    #[serde(with = "token")]
    pub admin_token: Secret,
    /// When the token was issued.
    #[serde(with = "iso_date")]
    pub issued_at: SystemTime,
    /// When the token expires: by default a year after it was issued.
    #[serde(with = "iso_date")]
    pub expires_at: SystemTime,
}

/// The last change of the server key.
///
/// ```
/// use social_plus_auth::client::ServerKeyInfo;
/// # let json = r#"{"updatedAt":"2026-01-02T03:04:05.678Z","updatedBy":"grace"}"#;
/// let info: ServerKeyInfo = serde_json::from_str(json)?;
/// assert_eq!(info.updated_by, "grace");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ServerKeyInfo {
    /// When the key was changed.
    #[serde(with = "iso_date")]
    pub updated_at: SystemTime,
    /// The user who changed the key.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub updated_by: String,
}

/// The settings of a network.
///
/// ```
/// use social_plus_auth::client::Network;
/// # let json = r#"{"name":"Demo","useSecureAuthentication":true,"level":3}"#;
/// let network: Network = serde_json::from_str(json)?;
/// assert!(network.use_secure_authentication);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Network {
    /// The network's name.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub name: String,
    /// Whether secure mode is on.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub use_secure_authentication: bool,
    /// All other fields of the response, unchanged.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Reads the settings in a response. Drops the fraction of an hour. A field that is missing or has
/// the wrong type becomes `None`.
pub(super) fn read_security_config(response: &Value) -> SecurityConfig {
    let field = |path: &str| response.get("securityConfigs")?.pointer(path);
    let hours = |path| field(path)?.as_f64().map(|hours| hours as u32);
    SecurityConfig {
        server_key_expires_in_hours: hours("/serverKey/expiresInHours"),
        server_key_api_scope_enabled: field("/serverKey/apiScopeEnabled").and_then(Value::as_bool),
        admin_token_expires_in_hours: hours("/adminToken/expiresInHours"),
    }
}
