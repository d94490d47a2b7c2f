//! Builds and parses the calls that need an admin token (`docs/contract.md`, "Administration").
//! The browser entry does not contain this module, which needs the feature `edge`. The service's
//! public API description has omitted the `/admin/v1/*` and `networks/*` paths since 2024, because
//! they are meant for the console.

use super::body::Writer;
use super::check::digits;
use super::http::{self, Credential, Request, Response};
use super::json::{Json, Text};
use super::limits::{self, MAX_PUSH_EVENTS};
use super::{check, Error, Kind, Purpose, Secret, Service};
use alloc::string::String;

/// A call of an administrator, with its parameters.
#[derive(Clone, Copy, Debug)]
pub enum AdminRequest<'a> {
    /// Issues an admin token.
    IssueAdminToken,
    /// Gets the current admin token.
    GetAdminToken,
    /// Revokes the token of an administrator.
    RevokeAdminToken {
        /// 1 to 50 characters.
        username: &'a str,
    },
    /// Revokes all access tokens of a user.
    RevokeUserSessions {
        /// 1 to 50 characters.
        user_id: &'a str,
        /// `false` if `user_id` is the service's internal id.
        is_public: bool,
    },
    /// Issues a server key.
    IssueServerKey,
    /// Gets when and by whom the server key was last changed.
    GetServerKeyInfo,
    /// Gets the settings that [`SecurityConfig`] lists.
    GetSecurityConfig,
    /// Changes the settings that [`SecurityConfig`] lists.
    SetSecurityConfig(SecurityConfig),
    /// Gets the settings of the network.
    GetNetwork,
    /// Enables or disables secure mode.
    SetSecureMode {
        /// Whether to switch secure mode on.
        enabled: bool,
    },
    /// Enables or disables the push notifications of the network, and optionally those of
    /// individual events.
    SetNetworkPush {
        /// Whether to let the network send push notifications.
        enabled: bool,
        /// 1 to 24 events. `None` leaves the settings of individual events unchanged.
        events: Option<&'a [PushEvent]>,
    },
}

/// The grace periods of replaced credentials, and the API scopes of server keys. `None` leaves a
/// setting unchanged.
///
/// ```
/// use social_plus_auth::protocol::admin::SecurityConfig;
/// let config = SecurityConfig {
///     server_key_expires_in_hours: Some(2),
///     ..SecurityConfig::default()
/// };
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SecurityConfig {
    /// How many hours a replaced server key remains valid, at most 1 000 000.
    pub server_key_expires_in_hours: Option<u32>,
    /// The service's setting `apiScopeEnabled` of server keys.
    pub server_key_api_scope_enabled: Option<bool>,
    /// How many hours a replaced admin token remains valid, at most 1 000 000.
    pub admin_token_expires_in_hours: Option<u32>,
}

/// The setting of one push event.
///
/// ```
/// use social_plus_auth::protocol::admin::PushEvent;
/// let event = PushEvent {
///     name: "message.created".into(),
///     enabled: false,
/// };
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushEvent {
    /// The name of the event, for example `message.created`.
    pub name: String,
    /// Whether the event triggers a push notification.
    pub enabled: bool,
}

impl AdminRequest<'_> {
    /// Builds the request.
    ///
    /// # Errors
    /// `config` for an admin token that is missing or unsafe in a header; `invalidRequest` for a
    /// parameter that is missing or outside its limits. The error's `field` names the parameter.
    ///
    /// ```
    /// use social_plus_auth::protocol::admin::AdminRequest;
    /// use social_plus_auth::protocol::{Secret, Service};
    /// let service = Service::new(Some("eu"), None)?;
    /// let token = Secret::from(String::from("at-1"));
    /// let call = AdminRequest::SetSecureMode { enabled: true };
    /// let http = call.http(&service, Some(&token))?;
    /// assert_eq!(http.body.unwrap().expose(), r#"{"useSecureAuthentication":true}"#);
    /// # Ok::<(), social_plus_auth::protocol::Error>(())
    /// ```
    pub fn http<'k>(
        &self,
        service: &Service<'_>,
        admin_token: Option<&'k Secret>,
    ) -> Result<Request<'k>, Error> {
        let build = |purpose, user, is_public, body| {
            request(service, admin_token, purpose, user, is_public, body)
        };
        let plain = |purpose| build(purpose, "", true, None);
        match *self {
            AdminRequest::IssueAdminToken => plain(Purpose::IssueAdminToken),
            AdminRequest::GetAdminToken => plain(Purpose::GetAdminToken),
            AdminRequest::RevokeAdminToken { username } => {
                build(Purpose::RevokeAdminToken, username, true, None)
            }
            AdminRequest::RevokeUserSessions { user_id, is_public } => {
                build(Purpose::RevokeUserSessions, user_id, is_public, None)
            }
            AdminRequest::IssueServerKey => plain(Purpose::IssueServerKey),
            AdminRequest::GetServerKeyInfo => plain(Purpose::GetServerKeyInfo),
            AdminRequest::GetSecurityConfig => plain(Purpose::GetSecurityConfig),
            AdminRequest::SetSecurityConfig(config) => {
                let body = security_config_body(&config)?;
                build(Purpose::SetSecurityConfig, "", true, Some(body))
            }
            AdminRequest::GetNetwork => plain(Purpose::GetNetwork),
            AdminRequest::SetSecureMode { enabled } => {
                let body = secure_mode_body(enabled);
                build(Purpose::SetSecureMode, "", true, Some(body))
            }
            AdminRequest::SetNetworkPush { enabled, events } => {
                let event = |at: u32| {
                    let event = events.and_then(|events| events.get(at as usize));
                    Ok(event.cloned().unwrap_or_default())
                };
                let count = events.map(|events| events.len() as u32);
                let body = push_body(enabled, count, &event)?;
                build(Purpose::SetNetworkPush, "", true, Some(body))
            }
        }
    }
}

fn method_and_path(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::IssueAdminToken => ("POST", "/api/v1/admin-token"),
        Purpose::GetAdminToken => ("GET", "/admin/v1/token"),
        Purpose::RevokeAdminToken => ("DELETE", "/admin/v1/token"),
        Purpose::RevokeUserSessions => ("DELETE", "/api/v4/sessions/users/"),
        Purpose::IssueServerKey => ("POST", "/api/v3/networks/server-key"),
        Purpose::GetServerKeyInfo => ("GET", "/api/v3/networks/server-key"),
        Purpose::SetSecurityConfig => ("PUT", "/api/v3/network-settings/security-configs"),
        Purpose::GetNetwork => ("GET", "/api/v3/networks/me"),
        Purpose::SetSecureMode => ("PUT", "/api/v3/networks/me"),
        Purpose::SetNetworkPush => ("POST", "/admin/v1/notification/setting"),
        _ => ("GET", "/api/v3/network-settings/security-configs"),
    }
}

/// Builds the request of a call. `user` is the `username` of `RevokeAdminToken` or the `userId` of
/// `RevokeUserSessions`; other calls ignore it. `body` is the body of a call that changes settings.
pub(crate) fn request<'k>(
    service: &Service<'_>,
    admin_token: Option<&'k Secret>,
    purpose: Purpose,
    user: &str,
    is_public: bool,
    mut body: Option<Secret>,
) -> Result<Request<'k>, Error> {
    let token = check::credential(Kind::Config, "adminToken", admin_token)?;
    let (method, path) = method_and_path(purpose);
    let mut url = service.url(path);
    if purpose == Purpose::RevokeAdminToken {
        check::required("username", user, limits::MAX_USERNAME_LENGTH)?;
        let mut writer = Writer::new();
        writer.text("username", user);
        body = Some(writer.finish());
    }
    if purpose == Purpose::RevokeUserSessions {
        check::required("userId", user, limits::MAX_USER_ID_LENGTH)?;
        // URL parsers resolve `.` and `..` as path segments even if they are percent-encoded. Send
        // such a user id in the query, which the contract also allows.
        let is_dot_segment = matches!(user, "." | "..");
        if is_dot_segment {
            url = service.url("/api/v4/sessions?userId=");
        }
        http::push_encoded(&mut url, user);
        url.push_str(if is_dot_segment { "&" } else { "?" });
        url.push_str("isPublic=");
        url.push_str(if is_public { "true" } else { "false" });
    }
    Ok(Request {
        purpose,
        method,
        url,
        credential: Credential::bearer(token),
        accept: http::JSON,
        body,
    })
}

pub(crate) fn secure_mode_body(enabled: bool) -> Secret {
    let mut body = Writer::new();
    body.flag("useSecureAuthentication", enabled);
    body.finish()
}

pub(crate) fn security_config_body(config: &SecurityConfig) -> Result<Secret, Error> {
    let mut server_key = Writer::new();
    let hours = config.server_key_expires_in_hours;
    write_hours(&mut server_key, "serverKey.expiresInHours", hours)?;
    if let Some(enabled) = config.server_key_api_scope_enabled {
        server_key.flag("apiScopeEnabled", enabled);
    }
    let mut admin_token = Writer::new();
    let hours = config.admin_token_expires_in_hours;
    write_hours(&mut admin_token, "adminToken.expiresInHours", hours)?;
    let mut body = Writer::new();
    body.nested("serverKey", server_key);
    body.nested("adminToken", admin_token);
    Ok(body.finish())
}

fn write_hours(object: &mut Writer, field: &'static str, hours: Option<u32>) -> Result<(), Error> {
    let Some(hours) = hours else { return Ok(()) };
    if hours > limits::MAX_EXPIRES_IN_HOURS {
        return Err(Error::invalid(
            field,
            "must be a whole number of hours from 0 to 1000000.",
        ));
    }
    object.number("expiresInHours", hours);
    Ok(())
}

/// Returns the body of `SetNetworkPush`. `event` returns the event at an index below `count`.
pub(crate) fn push_body(
    enabled: bool,
    count: Option<u32>,
    event: &dyn Fn(u32) -> Result<PushEvent, Error>,
) -> Result<Secret, Error> {
    let mut body = Writer::new();
    body.text("level", "network");
    body.flag("isPushNotifiable", enabled);
    let Some(count) = count else {
        return Ok(body.finish());
    };
    if !(1..=MAX_PUSH_EVENTS).contains(&count) {
        let mut problem = String::from("must contain 1 to 24 events (got ");
        problem.push_str(&digits(count));
        problem.push_str(").");
        return Err(Error::invalid("events", &problem));
    }
    body.begin_list("notifiableEvents");
    for at in 0..count {
        let PushEvent { name, enabled } = event(at)?;
        if name.is_empty() {
            return Err(Error::invalid("events.name", check::MISSING));
        }
        let mut object = Writer::new();
        object.text("name", &name);
        object.flag("isPushNotifiable", enabled);
        body.item(object);
    }
    body.end_list();
    Ok(body.finish())
}

/// Parses a 200 response. Returns the body if it has the fields that this call's response requires.
///
/// # Errors
/// `invalidResponse` for any other body.
pub fn parse<T: Text>(purpose: Purpose, response: &Response<T>) -> Result<T::Json, Error> {
    let body = response.text.parse();
    let has = |body: &T::Json, field| body.get(field).is_some();
    let has_date = |body: &T::Json, field| body.get(field).and_then(|date| date.date()).is_some();
    let is_expected = |body: &T::Json| match purpose {
        Purpose::IssueAdminToken | Purpose::GetAdminToken => {
            let has_token = body.get("adminToken").is_some_and(|token| token.is_token());
            has_token && has_date(body, "issuedAt") && has_date(body, "expiresAt")
        }
        Purpose::RevokeAdminToken | Purpose::RevokeUserSessions => {
            body.get("success").is_some_and(|flag| flag.is_true())
        }
        Purpose::IssueServerKey => body.is_token(),
        Purpose::GetServerKeyInfo => has_date(body, "updatedAt") && has(body, "updatedBy"),
        Purpose::GetSecurityConfig | Purpose::SetSecurityConfig => has(body, "securityConfigs"),
        Purpose::GetNetwork | Purpose::SetSecureMode => has(body, "useSecureAuthentication"),
        Purpose::SetNetworkPush => body
            .get("status")
            .is_some_and(|status| status.is_text("success")),
        _ => false,
    };
    body.filter(is_expected)
        .ok_or_else(|| Error::not_the_service(response.status))
}

#[cfg(all(test, feature = "emulator"))]
mod tests;
