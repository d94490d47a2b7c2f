//! Creating a session: API key, user and device in, access token out (contract, "Creating a
//! session").

use super::check;
use super::http::{self, Credential, Purpose, Request, Response};
use super::json::{Json, Text, Writer};
use super::{limits, Error, Kind, Secret, Service};

/// Which `sessions` endpoint. v5 is what the official SDKs call; v3 is deprecated in the service's
/// description.
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
    /// # Errors
    /// `config` for anything but `v3`, `v4`, `v5`; none is `v5`.
    pub fn parse(text: Option<&str>) -> Result<Self, Error> {
        match text {
            None | Some("v5") => Ok(SessionVersion::V5),
            Some("v4") => Ok(SessionVersion::V4),
            Some("v3") => Ok(SessionVersion::V3),
            _ => Err(Error::config(
                "`apiVersion` of a session must be 'v3', 'v4' or 'v5'.",
            )),
        }
    }
}

/// Who a session is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionKind {
    /// A user of the app.
    #[default]
    User,
    /// Somebody whom the app does not know, and who only reads; v5 only.
    Visitor,
    /// A search engine, say, which only reads; v5 only.
    Bot,
}

/// What is told of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceInfo<'a> {
    /// `ios`, `android`, `web` or `node`.
    pub kind: Option<&'a str>,
    /// At most 100 characters, 300 in v5.
    pub model: Option<&'a str>,
    /// At most 30 characters.
    pub sdk_version: Option<&'a str>,
}

impl DeviceInfo<'_> {
    /// Writes it into a body, unless there is nothing to tell.
    pub(super) fn write(&self, body: &mut Writer, version: SessionVersion) -> Result<(), Error> {
        if self.kind.or(self.model).or(self.sdk_version).is_none() {
            return Ok(());
        }
        if self
            .kind
            .is_some_and(|kind| !limits::DEVICE_KINDS.contains(&kind))
        {
            return Err(Error::invalid(
                "`deviceInfo.kind` must be 'ios', 'android', 'web' or 'node'.",
            ));
        }
        let most = if version == SessionVersion::V5 {
            limits::MODEL_V5
        } else {
            limits::MODEL
        };
        let mut json = Writer::new();
        json.optional("deviceInfo.kind", self.kind, u32::MAX)?;
        json.optional("deviceInfo.model", self.model, most)?;
        json.optional(
            "deviceInfo.sdkVersion",
            self.sdk_version,
            limits::SDK_VERSION,
        )?;
        body.raw("deviceInfo", &json.finish());
        Ok(())
    }
}

/// The body of a session call. Of a visitor's and a bot's only the device counts, and of a
/// visitor's the signature.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionRequest<'a> {
    /// Who it is for.
    pub kind: SessionKind,
    /// 1 to 50 characters; in v5 not beginning with `ADMIN_` or `DELETED_`. An unknown user is
    /// created.
    pub user_id: &'a str,
    /// 1 to 150 characters, stable per device: a new session of a device ends the device's earlier
    /// access token.
    pub device_id: &'a str,
    /// At most 100 characters; if given, the user's name is updated.
    pub display_name: Option<&'a str>,
    /// At most 100 characters; v4 and v5.
    pub profile_handle: Option<&'a str>,
    /// Secure mode: 1 to 100 characters, minted for this very user.
    pub auth_token: Option<&'a Secret>,
    /// What is told of the device; nothing if all of it is empty.
    pub device_info: DeviceInfo<'a>,
    /// Secure visitor mode: 64 lower-case hex characters, signed at the edge; goes together with
    /// its date.
    pub auth_signature: Option<&'a Secret>,
    /// The date that was signed, as the identical text.
    pub auth_signature_expires_at: Option<&'a str>,
}

impl SessionRequest<'_> {
    /// The request, or the first limit that it breaks.
    ///
    /// # Errors
    /// `invalidRequest`, naming the field and its limit; `config` for the API key.
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
        let path = match (self.kind, version) {
            (SessionKind::User, SessionVersion::V3) if self.profile_handle.is_some() => {
                return Err(Error::invalid(
                    "`profileHandle` needs apiVersion 'v4' or 'v5'.",
                ));
            }
            (SessionKind::User, SessionVersion::V3) => "/api/v3/sessions",
            (SessionKind::User, SessionVersion::V4) => "/api/v4/sessions",
            (SessionKind::User, SessionVersion::V5)
                if limits::RESERVED_USER_IDS
                    .iter()
                    .any(|start| self.user_id.starts_with(start)) =>
            {
                return Err(Error::invalid(
                    "`userId` may not begin with 'ADMIN_' or 'DELETED_' in v5.",
                ));
            }
            (SessionKind::User, SessionVersion::V5) => "/api/v5/sessions",
            (SessionKind::Visitor, SessionVersion::V5) => "/api/v5/sessions/visitor",
            (SessionKind::Bot, SessionVersion::V5) => "/api/v5/sessions/bot",
            _ => {
                return Err(Error::config(
                    "`apiVersion` must be 'v5' for visitors and bots.",
                ))
            }
        };
        let user = self.kind == SessionKind::User;
        let mut body = Writer::new();
        if user {
            body.required("userId", self.user_id, limits::USER_ID)?;
        }
        body.required("deviceId", self.device_id, limits::DEVICE_ID)?;
        let auth_token = self.auth_token.map(Secret::expose);
        if user {
            body.optional("displayName", self.display_name, limits::DISPLAY_NAME)?;
            body.optional("profileHandle", self.profile_handle, limits::PROFILE_HANDLE)?;
            if let Some(token) = auth_token {
                body.required("authToken", token, limits::AUTH_TOKEN)?;
            }
        }
        self.device_info.write(&mut body, version)?;
        if self.kind == SessionKind::Visitor {
            self.write_signature(&mut body)?;
        }
        Ok(Request {
            purpose: if user {
                Purpose::Session {
                    auth_token: auth_token.is_some(),
                }
            } else {
                Purpose::Guest
            },
            method: "POST",
            url: service.url(path),
            credential: Credential::key("x-api-key", check::credential("apiKey", api_key)?),
            accept: http::JSON,
            body: Some(body.finish()),
        })
    }

    fn write_signature(&self, body: &mut Writer) -> Result<(), Error> {
        let date = self
            .auth_signature_expires_at
            .filter(|date| !date.is_empty());
        let signature = self.auth_signature.map(Secret::expose);
        let is_hex = |text: &str| {
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        if signature.is_some() != date.is_some() || !signature.is_none_or(is_hex) {
            return Err(Error::invalid(
                "`authSignature` must have 64 lower-case hex characters and go together with `authSignatureExpiresAt`.",
            ));
        }
        body.optional("authSignature", signature, 64)?;
        body.optional("authSignatureExpiresAt", date, u32::MAX)
    }

    /// The session of `user_id` in a 200; of whoever it is about if that is empty, as it is for
    /// visitors and bots. `now`: milliseconds since the epoch, for an answer that does not say how
    /// long it is good.
    ///
    /// # Errors
    /// `invalidResponse` for anything but a session of the user that was asked for; `banned` or
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
        let refused = |kind, message| Error::answer(kind, response.status, message);
        let other = || {
            refused(
                Kind::InvalidResponse,
                "The answer is not about the user that was asked for.",
            )
        };
        let user = users.find("userId", user_id).ok_or_else(other)?;
        if user.get("isGlobalBan").is_some_and(|flag| flag.is_true()) {
            return Err(refused(Kind::Banned, "The user is globally banned."));
        }
        if user.get("isDeleted").is_some_and(|flag| flag.is_true()) {
            return Err(refused(Kind::NotFound, "The user has been deleted."));
        }
        let (issued_at, expires_at) = lifetime(&body, &access_token, now);
        let text = |field| body.get(field).filter(Json::is_token);
        Ok(Session {
            refresh_token: text("refreshToken"),
            user_type: text("userType"),
            files: body.get("files"),
            access_token,
            issued_at,
            expires_at,
            user,
            users,
        })
    }
}

/// A session as the service gave it. Its values stay where they were parsed; tokens are never
/// copied.
#[derive(Clone)]
pub struct Session<J> {
    /// The access token.
    pub access_token: J,
    /// v3 and v4.
    pub refresh_token: Option<J>,
    /// Milliseconds since the epoch.
    pub issued_at: f64,
    /// Milliseconds since the epoch.
    pub expires_at: f64,
    /// The user that was asked for.
    pub user: J,
    /// All users of the answer.
    pub users: J,
    /// The files of the answer, avatars mostly.
    pub files: Option<J>,
    /// v5: `signed-in`, `visitor` or `bot`.
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

/// From when to when a session is good: by the answer's dates, else its JWT's, else a day from now
/// (contract, "Lifetimes").
fn lifetime<J: Json>(body: &J, access_token: &J, now: f64) -> (f64, f64) {
    // What a JavaScript `Date` cannot hold is no date.
    let inside = |ms: &f64| (-MOST_MS..=MOST_MS).contains(ms);
    let date = |field| body.get(field).and_then(|date| date.date()).filter(inside);
    let (mut issued, mut expires) = (date("issuedAt"), date("expiresAt"));
    if issued.is_none() || expires.is_none() {
        let claims = access_token.claims();
        let claim = |field| {
            claims
                .as_ref()
                .and_then(|claims| claims.get(field)?.number())
                .map(|seconds| seconds * 1000.0)
                .filter(inside)
        };
        issued = issued.or_else(|| claim("iat"));
        expires = expires.or_else(|| claim("exp"));
    }
    (
        issued.unwrap_or(now),
        expires.unwrap_or(now + limits::ASSUMED_LIFETIME_MS),
    )
}

/// The furthest date of JavaScript, either way.
const MOST_MS: f64 = 8.64e15;
