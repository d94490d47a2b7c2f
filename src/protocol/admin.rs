//! Administration with an admin token (contract, "Administration"). Edge only. The `/admin/v1/*`
//! and `networks/*` paths were taken out of the public description in 2024 as console-only.

use super::http::{self, Credential, Purpose, Request, Response};
use super::json::{Json, Text};
use super::{check, limits, Error, Secret, Service};

/// What an administrator may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminCall {
    /// `POST /api/v1/admin-token`; never sent twice, since a late first attempt would end the token
    /// that the second returned.
    IssueAdminToken,
    /// `GET /admin/v1/token`
    GetAdminToken,
    /// `DELETE /admin/v1/token`
    RevokeAdminToken,
    /// `DELETE /api/v4/sessions/users/{userId}`
    RevokeUserSessions,
    /// `POST /api/v3/networks/server-key`; never sent twice.
    IssueServerKey,
    /// `GET /api/v3/networks/server-key`
    GetServerKeyInfo,
    /// `GET /api/v3/network-settings/security-configs`
    GetSecurityConfig,
    /// `PUT /api/v3/network-settings/security-configs`
    SetSecurityConfig,
    /// `GET /api/v3/networks/me`
    GetNetwork,
    /// `PUT /api/v3/networks/me`
    SetSecureMode,
    /// `POST /admin/v1/notification/setting`
    SetNetworkPush,
}

/// Every call, in the order of its number at the boundary.
pub const ADMIN_CALLS: [AdminCall; 11] = [
    AdminCall::IssueAdminToken,
    AdminCall::GetAdminToken,
    AdminCall::RevokeAdminToken,
    AdminCall::RevokeUserSessions,
    AdminCall::IssueServerKey,
    AdminCall::GetServerKeyInfo,
    AdminCall::GetSecurityConfig,
    AdminCall::SetSecurityConfig,
    AdminCall::GetNetwork,
    AdminCall::SetSecureMode,
    AdminCall::SetNetworkPush,
];

impl AdminCall {
    fn target(self) -> (&'static str, &'static str) {
        match self {
            AdminCall::IssueAdminToken => ("POST", "/api/v1/admin-token"),
            AdminCall::GetAdminToken => ("GET", "/admin/v1/token"),
            AdminCall::RevokeAdminToken => ("DELETE", "/admin/v1/token"),
            AdminCall::RevokeUserSessions => ("DELETE", "/api/v4/sessions/users/"),
            AdminCall::IssueServerKey => ("POST", "/api/v3/networks/server-key"),
            AdminCall::GetServerKeyInfo => ("GET", "/api/v3/networks/server-key"),
            AdminCall::GetSecurityConfig => ("GET", "/api/v3/network-settings/security-configs"),
            AdminCall::SetSecurityConfig => ("PUT", "/api/v3/network-settings/security-configs"),
            AdminCall::GetNetwork => ("GET", "/api/v3/networks/me"),
            AdminCall::SetSecureMode => ("PUT", "/api/v3/networks/me"),
            AdminCall::SetNetworkPush => ("POST", "/admin/v1/notification/setting"),
        }
    }

    /// The request. `user` is the `username` of a revoked admin or the `userId` of a revoked user;
    /// `detail` is the body of a call that sets something, and `false` for the user's internal id.
    ///
    /// # Errors
    /// `config` for the admin token; `invalidRequest` for the user.
    pub fn http<'a>(
        self,
        service: &Service<'_>,
        admin_token: Option<&'a Secret>,
        user: &str,
        detail: Option<&Secret>,
    ) -> Result<Request<'a>, Error> {
        let token = check::credential("adminToken", admin_token)?;
        let (method, path) = self.target();
        let mut url = service.url(path);
        let mut body = detail.cloned();
        match self {
            AdminCall::RevokeAdminToken => {
                let mut named = super::json::Writer::new();
                named.required("username", user, limits::USERNAME)?;
                body = Some(named.finish());
            }
            AdminCall::RevokeUserSessions => {
                check::text("userId", user, true, limits::USER_ID)?;
                // A URL parser takes dots for the way up, however they are written: such a user
                // goes into the query, the contract's other form.
                let dots = matches!(user, "." | "..");
                if dots {
                    url = service.url("/api/v4/sessions?userId=");
                }
                http::push_encoded(&mut url, user);
                url.push_str(if dots { "&isPublic=" } else { "?isPublic=" });
                url.push_str(body.as_ref().map_or("true", Secret::expose));
                body = None;
            }
            _ => {}
        }
        Ok(Request {
            purpose: Purpose::Admin(self),
            method,
            url,
            credential: Credential::bearer(token),
            accept: http::JSON,
            body,
        })
    }

    /// What a 200 comes to: the parsed answer, once it has been seen to be this call's.
    ///
    /// # Errors
    /// `invalidResponse` for anything else.
    pub fn parse<T: Text>(self, response: &Response<T>) -> Result<T::Json, Error> {
        let body = response.text.parse();
        let has = |body: &T::Json, field| body.get(field).is_some();
        let is_date =
            |body: &T::Json, field| body.get(field).and_then(|date| date.date()).is_some();
        let fits = |body: &T::Json| match self {
            AdminCall::IssueAdminToken | AdminCall::GetAdminToken => {
                let token = body.get("adminToken").is_some_and(|token| token.is_token());
                token && is_date(body, "issuedAt") && is_date(body, "expiresAt")
            }
            AdminCall::RevokeAdminToken | AdminCall::RevokeUserSessions => {
                body.get("success").is_some_and(|flag| flag.is_true())
            }
            AdminCall::IssueServerKey => body.is_token(),
            AdminCall::GetServerKeyInfo => is_date(body, "updatedAt") && has(body, "updatedBy"),
            AdminCall::GetSecurityConfig | AdminCall::SetSecurityConfig => {
                has(body, "securityConfigs")
            }
            AdminCall::GetNetwork | AdminCall::SetSecureMode => {
                has(body, "useSecureAuthentication")
            }
            AdminCall::SetNetworkPush => body
                .get("status")
                .is_some_and(|status| status.is_text("success")),
        };
        body.filter(fits)
            .ok_or_else(|| Error::not_the_service(response.status))
    }
}
