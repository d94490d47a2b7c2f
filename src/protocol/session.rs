//! Builds and parses the call that creates a session: the request contains the API key, the user
//! and the device, and the response contains an access token (`docs/contract.md`, "Creating a
//! session").

use super::body::Writer;
use super::http::{self, Credential, Request, Response};
use super::json::{Json, Text};
use super::{check, limits, Error, Kind, Purpose, Secret, Service, SessionKind};

/// The version of the `sessions` endpoint. The official SDKs call v5. The service's description
/// marks v3 as deprecated.
///
/// ```
/// use social_plus_auth::protocol::SessionVersion;
/// assert_eq!(SessionVersion::default(), SessionVersion::V5);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionVersion {
    /// `/api/v3/sessions`
    V3,
    /// `/api/v4/sessions`
    V4,
    /// `/api/v5/sessions`
    #[default]
    V5,
}

impl SessionVersion {
    /// Parses an `apiVersion`; the default is `v5`.
    ///
    /// # Errors
    /// `config` for any text other than `v3`, `v4` and `v5`.
    pub fn parse(text: Option<&str>) -> Result<Self, Error> {
        match text {
            None | Some("v5") => Ok(SessionVersion::V5),
            Some("v4") => Ok(SessionVersion::V4),
            Some("v3") => Ok(SessionVersion::V3),
            _ => Err(Error::config(
                "apiVersion",
                "of a session must be 'v3', 'v4' or 'v5'.",
            )),
        }
    }
}

/// The description of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceInfo<'a> {
    /// `ios`, `android`, `web` or `node`.
    pub kind: Option<&'a str>,
    /// At most 300 characters in v5, at most 100 in v3 and v4.
    pub model: Option<&'a str>,
    /// At most 30 characters.
    pub sdk_version: Option<&'a str>,
}

impl DeviceInfo<'_> {
    fn check(&self, version: SessionVersion) -> Result<(), Error> {
        let is_known = |kind| limits::DEVICE_KINDS.contains(&kind);
        if !self.kind.is_none_or(is_known) {
            return Err(Error::invalid(
                "deviceInfo.kind",
                "must be 'ios', 'android', 'web' or 'node'.",
            ));
        }
        let max_model = if version == SessionVersion::V5 {
            limits::MAX_MODEL_LENGTH_V5
        } else {
            limits::MAX_MODEL_LENGTH
        };
        check::optional("deviceInfo.model", self.model, max_model)?;
        check::optional(
            "deviceInfo.sdkVersion",
            self.sdk_version,
            limits::MAX_SDK_VERSION_LENGTH,
        )
    }

    /// Writes the device info into a body, unless all fields are `None`.
    fn write(&self, body: &mut Writer) {
        let mut info = Writer::new();
        info.optional_text("kind", self.kind);
        info.optional_text("model", self.model);
        info.optional_text("sdkVersion", self.sdk_version);
        if !info.is_empty() {
            body.nested("deviceInfo", info);
        }
    }
}

/// The parameters of a session call. The call for a bot uses only the device. The call for a
/// visitor uses the device and the signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionRequest<'a> {
    /// The kind of user that the session is for.
    pub kind: SessionKind,
    /// 1 to 50 characters; in v5 it must not start with `ADMIN_` or `DELETED_`. If no user has this
    /// id, the service creates the user.
    pub user_id: &'a str,
    /// 1 to 150 characters, stable per device: a new session of a device ends the device's earlier
    /// access token.
    pub device_id: &'a str,
    /// At most 100 characters. If present, the service updates the user's name.
    pub display_name: Option<&'a str>,
    /// At most 100 characters. v4 and v5 only.
    pub profile_handle: Option<&'a str>,
    /// Required in secure mode: a token of 1 to 100 characters that was minted for this user.
    pub auth_token: Option<&'a Secret>,
    /// Omitted from the request if all its fields are `None`.
    pub device_info: DeviceInfo<'a>,
    /// Required in secure visitor mode: a signature of 64 lower-case hex characters that a backend
    /// or the edge created. Requires `auth_signature_expires_at`.
    pub auth_signature: Option<&'a Secret>,
    /// The signed date, exactly as in the signed text. Requires `auth_signature`.
    pub auth_signature_expires_at: Option<&'a str>,
}

impl<'a> SessionRequest<'a> {
    /// Checks every limit, and returns the path of the endpoint.
    ///
    /// # Errors
    /// `invalidRequest` for the first invalid field; `config` for an `apiVersion` that does not
    /// support this kind of session.
    pub fn check(&self, version: SessionVersion) -> Result<&'static str, Error> {
        let path = match (self.kind, version) {
            (SessionKind::User, SessionVersion::V3) => "/api/v3/sessions",
            (SessionKind::User, SessionVersion::V4) => "/api/v4/sessions",
            (SessionKind::User, SessionVersion::V5) => "/api/v5/sessions",
            (SessionKind::Visitor, SessionVersion::V5) => "/api/v5/sessions/visitor",
            (SessionKind::Bot, SessionVersion::V5) => "/api/v5/sessions/bot",
            _ => {
                return Err(Error::config(
                    "apiVersion",
                    "must be 'v5' for visitors and bots.",
                ))
            }
        };
        if self.kind == SessionKind::User {
            self.check_user(version)?;
        }
        check::required("deviceId", self.device_id, limits::MAX_DEVICE_ID_LENGTH)?;
        self.device_info.check(version)?;
        if self.kind == SessionKind::Visitor {
            self.check_signature()?;
        }
        Ok(path)
    }

    fn check_user(&self, version: SessionVersion) -> Result<(), Error> {
        check::required("userId", self.user_id, limits::MAX_USER_ID_LENGTH)?;
        let is_reserved = |prefix: &&str| self.user_id.starts_with(prefix);
        if version == SessionVersion::V5
            && limits::RESERVED_USER_ID_PREFIXES.iter().any(is_reserved)
        {
            return Err(Error::invalid(
                "userId",
                "must not start with 'ADMIN_' or 'DELETED_' in v5.",
            ));
        }
        check::optional(
            "displayName",
            self.display_name,
            limits::MAX_DISPLAY_NAME_LENGTH,
        )?;
        if version == SessionVersion::V3 && self.profile_handle.is_some() {
            return Err(Error::invalid(
                "profileHandle",
                "requires `apiVersion` 'v4' or 'v5'.",
            ));
        }
        check::optional(
            "profileHandle",
            self.profile_handle,
            limits::MAX_PROFILE_HANDLE_LENGTH,
        )?;
        self.auth_token.map_or(Ok(()), |token| {
            check::required("authToken", token.expose(), limits::MAX_AUTH_TOKEN_LENGTH)
        })
    }

    fn check_signature(&self) -> Result<(), Error> {
        let signature = self.auth_signature.map(Secret::expose);
        let is_signature = |text: &str| {
            text.len() == limits::AUTH_SIGNATURE_LENGTH as usize
                && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if !signature.is_none_or(is_signature) {
            return Err(Error::invalid(
                "authSignature",
                "must be 64 lower-case hex characters.",
            ));
        }
        if signature.is_some() != self.signature_date().is_some() {
            return Err(Error::invalid(
                "authSignature",
                "and `authSignatureExpiresAt` require each other.",
            ));
        }
        Ok(())
    }

    fn signature_date(&self) -> Option<&'a str> {
        self.auth_signature_expires_at
            .filter(|date| !date.is_empty())
    }

    /// Builds the request.
    ///
    /// # Errors
    /// The errors of [`check`](Self::check), and `config` for an API key that is missing or unsafe
    /// in a header.
    ///
    /// ```
    /// use social_plus_auth::protocol::{Secret, Service, SessionRequest, SessionVersion};
    /// let service = Service::new(Some("eu"), None)?;
    /// let request = SessionRequest { user_id: "ada", device_id: "dev-1", ..Default::default() };
    /// let key = Secret::from(String::from("ak-1"));
    /// let http = request.http(&service, Some(&key), SessionVersion::V5)?;
    /// assert_eq!(http.url.expose(), "https://apix.eu.amity.co/api/v5/sessions");
    /// # Ok::<(), social_plus_auth::protocol::Error>(())
    /// ```
    pub fn http<'k>(
        &self,
        service: &Service<'_>,
        api_key: Option<&'k Secret>,
        version: SessionVersion,
    ) -> Result<Request<'k>, Error> {
        let path = self.check(version)?;
        let api_key = check::credential(Kind::Config, "apiKey", api_key)?;
        let mut body = Writer::new();
        let mut purpose = Purpose::GuestSession;
        if self.kind == SessionKind::User {
            let auth_token = self.auth_token.map(Secret::expose);
            purpose = if auth_token.is_some() {
                Purpose::SecureSession
            } else {
                Purpose::Session
            };
            body.text("userId", self.user_id);
            body.optional_text("displayName", self.display_name);
            body.optional_text("profileHandle", self.profile_handle);
            body.optional_text("authToken", auth_token);
        }
        body.text("deviceId", self.device_id);
        self.device_info.write(&mut body);
        if self.kind == SessionKind::Visitor {
            body.optional_text("authSignature", self.auth_signature.map(Secret::expose));
            body.optional_text("authSignatureExpiresAt", self.signature_date());
        }
        Ok(Request {
            purpose,
            method: "POST",
            url: service.url(path),
            credential: Credential::key("x-api-key", api_key),
            accept: http::JSON,
            body: Some(body.finish()),
        })
    }

    /// Reads the session of `user_id` from a 200 response. An empty `user_id` accepts any user,
    /// because visitors and bots learn their id from the response. `now` is in milliseconds since
    /// the epoch. If neither the response nor the access token says when the session starts, it
    /// starts at `now`. If neither says when the session ends, it ends one day after its start.
    ///
    /// # Errors
    /// `invalidResponse` for a body that is not a session of the requested user; `banned` or
    /// `notFound` for a user who is banned or deleted.
    pub fn parse<T: Text>(
        user_id: &str,
        response: &Response<T>,
        now: f64,
    ) -> Result<Session<T::Json>, Error> {
        let parts = || {
            let body = response.text.parse()?;
            let access_token = body.get("accessToken").filter(Json::is_token)?;
            let users = body.get("users")?;
            Some((body, access_token, users))
        };
        let (body, access_token, users) =
            parts().ok_or_else(|| Error::not_the_service(response.status))?;
        let failed = |kind, message| Error::with_status(kind, response.status, message);
        let user = users.find("userId", user_id).ok_or_else(|| {
            failed(
                Kind::InvalidResponse,
                "The response lacks the requested user.",
            )
        })?;
        if user.get("isGlobalBan").is_some_and(|flag| flag.is_true()) {
            return Err(failed(Kind::Banned, "The user is globally banned."));
        }
        if user.get("isDeleted").is_some_and(|flag| flag.is_true()) {
            return Err(failed(Kind::NotFound, "The user has been deleted."));
        }
        let (issued_at, expires_at) = lifetime(&body, &access_token, now);
        let visible_text = |field| body.get(field).filter(Json::is_token);
        Ok(Session {
            refresh_token: visible_text("refreshToken"),
            user_type: visible_text("userType"),
            files: body.get("files"),
            access_token,
            issued_at,
            expires_at,
            user,
            users,
        })
    }
}

/// A session from a response. In the browser and edge artifacts, its values are references to
/// JavaScript values, so no token is copied into the memory of WebAssembly.
#[derive(Clone)]
pub struct Session<J> {
    /// The access token.
    pub access_token: J,
    /// The refresh token, in v3 and v4.
    pub refresh_token: Option<J>,
    /// Start of the lifetime, in milliseconds since the epoch.
    pub issued_at: f64,
    /// End of the lifetime, in milliseconds since the epoch.
    pub expires_at: f64,
    /// The requested user; for a visitor or a bot, the first user of the response.
    pub user: J,
    /// All users of the response.
    pub users: J,
    /// The files of the response, for example avatars.
    pub files: Option<J>,
    /// In v5: `signed-in`, `visitor` or `bot`.
    pub user_type: Option<J>,
}

impl<J> core::fmt::Debug for Session<J> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session")
            .field("issued_at", &self.issued_at)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Returns when a session starts and when it ends. Each date comes from the response or, if the
/// response lacks the date, from the JWT. If both lack the start, the session starts at `now`. If
/// both lack the end, it ends one day after its start (`docs/contract.md`, "Lifetimes").
fn lifetime<J: Json>(body: &J, access_token: &J, now: f64) -> (f64, f64) {
    let is_date = |ms: &f64| (-MAX_DATE_MS..=MAX_DATE_MS).contains(ms);
    let date = |field| body.get(field).and_then(|date| date.date()).filter(is_date);
    let (mut issued, mut expires) = (date("issuedAt"), date("expiresAt"));
    if issued.is_none() || expires.is_none() {
        let claims = access_token.claims();
        let claim = |field| {
            claims
                .as_ref()
                .and_then(|claims| claims.get(field)?.number())
                .map(|seconds| seconds * 1000.0)
                .filter(is_date)
        };
        issued = issued.or_else(|| claim("iat"));
        expires = expires.or_else(|| claim("exp"));
    }
    let issued = issued.unwrap_or(now);
    (
        issued,
        expires.unwrap_or(issued + limits::ASSUMED_LIFETIME_MS),
    )
}

/// The last date that a JavaScript `Date` can represent; the first one is its negative.
const MAX_DATE_MS: f64 = 8.64e15;

#[cfg(all(test, feature = "edge", feature = "emulator"))]
mod tests;
