//! A session, and the users in it.

use super::serialize::{iso_date, lenient, optional_token, token};
use super::Secret;
use crate::protocol::json::Json;
use crate::protocol::{self, Error};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::SystemTime;

/// A session of a user on a device. Serializes to the `SessionJson` of the npm package, including
/// the tokens. `Debug` omits the tokens.
///
/// ```
/// use social_plus_auth::client::{Client, Region, Session, SessionRequest};
/// # use social_plus_auth::client::{emulated::Emulated, Error};
/// # pollster::block_on(async {
/// # let transport = Emulated::default();
/// # let client = Client::builder(Region::Eu, transport.keys().0).transport(transport).build()?;
/// let session = client.create_session(&SessionRequest::new("ada", "device-1")).await?;
/// let json = serde_json::to_string(&session).unwrap();
/// let same: Session = serde_json::from_str(&json).unwrap();
/// assert_eq!(same.access_token.expose(), session.access_token.expose());
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Session {
    /// The access token, valid until `expires_at`.
    #[serde(with = "token")]
    pub access_token: Secret,
    /// The refresh token, in v3 and v4 only.
    #[serde(
        with = "optional_token",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub refresh_token: Option<Secret>,
    /// When the session was created. The date comes from the response, or else from the token. If
    /// neither contains the date, this is when the response arrived.
    #[serde(with = "iso_date")]
    pub issued_at: SystemTime,
    /// When the access token expires. The date comes from the response, or else from the token. If
    /// neither contains the date, this is one day after the response arrived.
    #[serde(with = "iso_date")]
    pub expires_at: SystemTime,
    /// The user's id. For a visitor or a bot, the service assigns it.
    pub user_id: String,
    /// The device id of the request.
    pub device_id: String,
    /// The user whose id is `user_id`.
    pub user: User,
    /// All users in the response.
    pub users: Vec<User>,
    /// The files in the response, for example avatars.
    #[serde(default)]
    pub files: Vec<Value>,
    /// The type of the user, in v5 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<UserType>,
}

/// A user, as the service describes it.
///
/// ```
/// use social_plus_auth::client::User;
/// let user: User = serde_json::from_str(r#"{"userId":"ada","level":3}"#)?;
/// assert_eq!(user.user_id, "ada");
/// assert_eq!(user.other["level"], 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct User {
    /// The user's public id. For a visitor or a bot, the service assigns it.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub user_id: String,
    /// The name that other users see.
    #[serde(
        default,
        deserialize_with = "lenient::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub display_name: Option<String>,
    /// When the user was created, in ISO 8601.
    #[serde(
        default,
        deserialize_with = "lenient::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub created_at: Option<String>,
    /// When the user was last updated, in ISO 8601.
    #[serde(
        default,
        deserialize_with = "lenient::deserialize",
        skip_serializing_if = "Option::is_none"
    )]
    pub updated_at: Option<String>,
    /// The user's roles.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub roles: Vec<String>,
    /// The user's permissions.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub permissions: Vec<String>,
    /// The app's own data.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub metadata: Map<String, Value>,
    /// Whether the user is globally banned.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub is_global_ban: bool,
    /// Whether the user is deleted.
    #[serde(default, deserialize_with = "lenient::deserialize")]
    pub is_deleted: bool,
    /// All other fields of the user in the response, unchanged.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The type of a session's user.
///
/// ```
/// use social_plus_auth::client::UserType;
/// let user_type: UserType = serde_json::from_str(r#""visitor""#)?;
/// assert_eq!(user_type, UserType::Visitor);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum UserType {
    /// A user of the app.
    SignedIn,
    /// A visitor, who can only read.
    Visitor,
    /// A bot, which can only read.
    Bot,
    /// A type that this version does not know.
    #[serde(untagged)]
    Other(String),
}

impl Session {
    /// Converts a `protocol::Session`. `request` is the request that created the session.
    pub(super) fn read(
        session: protocol::Session<Value>,
        request: &protocol::SessionRequest<'_>,
        status: u16,
    ) -> Result<Self, Error> {
        let invalid = || Error::not_the_service(status);
        let user = to_user(session.user).ok_or_else(invalid)?;
        let Value::Array(users) = session.users else {
            return Err(invalid());
        };
        let files = match session.files {
            Some(Value::Array(files)) => files,
            _ => Vec::new(),
        };
        Ok(Session {
            access_token: to_token(session.access_token).ok_or_else(invalid)?,
            refresh_token: session.refresh_token.and_then(to_token),
            issued_at: iso_date::at(session.issued_at),
            expires_at: iso_date::at(session.expires_at),
            user_id: match request.user_id {
                "" => user.user_id.clone(),
                user_id => user_id.to_owned(),
            },
            device_id: request.device_id.to_owned(),
            user,
            users: users.into_iter().filter_map(to_user).collect(),
            files,
            user_type: session
                .user_type
                .and_then(|user_type| serde_json::from_value(user_type).ok()),
        })
    }

    /// Converts the session to a JavaScript object: the `SessionJson` of the npm package. The
    /// object contains the tokens, and dates in ISO 8601.
    ///
    /// # Errors
    /// `InvalidResponse` if a field of a user cannot be represented in JavaScript.
    #[cfg(target_arch = "wasm32")]
    pub fn to_js(&self) -> Result<wasm_bindgen::JsValue, super::Error> {
        let serializer = serde_wasm_bindgen::Serializer::json_compatible();
        // The serializer's own error may contain a value.
        self.serialize(&serializer).map_err(|_| {
            let message = "The session cannot be converted to a JavaScript object.";
            super::Error::new(
                Error::new(protocol::Kind::InvalidResponse, message),
                "to_js",
            )
        })
    }
}

/// Converts a JSON value to a token. Returns `None` if the value is not a valid token.
pub(super) fn to_token(value: Value) -> Option<Secret> {
    let is_token = value.is_token();
    match value {
        Value::String(text) if is_token => Some(Secret::from(text)),
        _ => None,
    }
}

fn to_user(value: Value) -> Option<User> {
    serde_json::from_value(value).ok()
}
