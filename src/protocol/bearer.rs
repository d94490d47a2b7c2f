//! Builds and parses the calls that take a token of a session: verify, revoke, and the legacy
//! refresh (`docs/contract.md`, "Other session calls").

use super::http::{self, Credential, Request, Response};
use super::json::{Json, Text};
use super::{check, limits, Error, Kind, Purpose, Secret, Service};

fn request<'a>(
    service: &Service<'_>,
    access_token: Option<&'a Secret>,
    purpose: Purpose,
    method: &'static str,
    path: &str,
) -> Result<Request<'a>, Error> {
    let token = check::credential(Kind::InvalidRequest, "accessToken", access_token)?;
    Ok(Request {
        purpose,
        method,
        url: service.url(path),
        credential: Credential::bearer(token),
        accept: http::JSON,
        body: None,
    })
}

/// Builds `GET /api/v3/sessions`, which verifies an access token.
///
/// # Errors
/// `invalidRequest` for a token that is missing or unsafe in a header.
pub fn verify<'a>(
    service: &Service<'_>,
    access_token: Option<&'a Secret>,
) -> Result<Request<'a>, Error> {
    request(
        service,
        access_token,
        Purpose::Verify,
        "GET",
        "/api/v3/sessions",
    )
}

/// Checks a 200 response to [`verify`]: the body must be an object with any fields.
///
/// # Errors
/// `invalidResponse` for any other body, such as a captive portal's page.
pub fn parse_verified<T: Text>(response: &Response<T>) -> Result<(), Error> {
    let is_object = response.text.parse().is_some_and(|body| body.is_object());
    is_object
        .then_some(())
        .ok_or_else(|| Error::not_the_service(response.status))
}

/// Builds `DELETE /api/v4/sessions`, which revokes an access token.
///
/// # Errors
/// The errors of [`verify`].
pub fn revoke<'a>(
    service: &Service<'_>,
    access_token: Option<&'a Secret>,
) -> Result<Request<'a>, Error> {
    request(
        service,
        access_token,
        Purpose::Revoke,
        "DELETE",
        "/api/v4/sessions",
    )
}

/// Checks a 200 response to [`revoke`]: the body must contain `"success": true`.
///
/// # Errors
/// `invalidResponse` for any other body.
pub fn parse_revoked<T: Text>(response: &Response<T>) -> Result<(), Error> {
    let is_success = response
        .text
        .parse()
        .and_then(|body| body.get("success"))
        .is_some_and(|flag| flag.is_true());
    is_success
        .then_some(())
        .ok_or_else(|| Error::not_the_service(response.status))
}

/// Returns whether a failed attempt to revoke a token counts as a success. It does if the attempt
/// is a retry (`attempt` counts from 1) and the service does not accept the token: an earlier
/// attempt, whose response was lost, may have revoked the token.
pub fn is_revoked(error: &Error, attempt: u32) -> bool {
    attempt > 1 && matches!(error.kind, Kind::Unauthorized | Kind::NotFound)
}

/// Builds `GET /v1/accessToken`, which exchanges a refresh token for an access token (legacy). No
/// other call puts a token in a URL; prefer a new session.
///
/// # Errors
/// `invalidRequest` for a user id that is missing or too long, and for a missing refresh token;
/// `config` for an API key that is missing or unsafe in a header.
pub fn refresh<'a>(
    service: &Service<'_>,
    api_key: Option<&'a Secret>,
    user_id: &str,
    refresh_token: Option<&Secret>,
) -> Result<Request<'a>, Error> {
    check::required("userId", user_id, limits::MAX_USER_ID_LENGTH)?;
    let refresh_token = refresh_token
        .map(Secret::expose)
        .filter(|token| !token.is_empty())
        .ok_or_else(|| Error::invalid("refreshToken", check::MISSING))?;
    let mut url = service.url("/v1/accessToken?userId=");
    http::push_encoded(&mut url, user_id);
    url.push_str("&refreshToken=");
    http::push_encoded(&mut url, refresh_token);
    Ok(Request {
        purpose: Purpose::Refresh,
        method: "GET",
        url,
        credential: Credential::key(
            "x-api-key",
            check::credential(Kind::Config, "apiKey", api_key)?,
        ),
        accept: http::JSON,
        body: None,
    })
}

/// Reads the access token from a 200 response to [`refresh`].
///
/// # Errors
/// `invalidResponse` if the body contains no token.
pub fn parse_refreshed<T: Text>(response: &Response<T>) -> Result<T::Json, Error> {
    response
        .text
        .parse()
        .and_then(|body| body.get("accessToken"))
        .filter(Json::is_token)
        .ok_or_else(|| Error::not_the_service(response.status))
}
