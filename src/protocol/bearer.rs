//! The calls about an access token: verify, revoke, and the legacy refresh (contract, "Other
//! session calls").

use super::http::{self, Credential, Purpose, Request, Response};
use super::json::{Json, Text};
use super::{check, limits, Error, Kind, Secret, Service};

fn request<'a>(
    service: &Service<'_>,
    access_token: Option<&'a Secret>,
    purpose: Purpose,
    method: &'static str,
    path: &str,
) -> Result<Request<'a>, Error> {
    let token = check::credential("accessToken", access_token).map_err(|mut error| {
        error.kind = Kind::InvalidRequest;
        error
    })?;
    Ok(Request {
        purpose,
        method,
        url: service.url(path),
        credential: Credential::bearer(token),
        accept: http::JSON,
        body: None,
    })
}

/// `GET /api/v3/sessions`: is this access token good?
///
/// # Errors
/// `invalidRequest` for a token that is missing or cannot stand in a header.
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

/// A 200 to [`verify`] is an object, whatever is in it.
///
/// # Errors
/// `invalidResponse` for anything else: a captive portal's page is no proof of a session.
pub fn parse_verified<T: Text>(response: &Response<T>) -> Result<(), Error> {
    let object = response.text.parse().is_some_and(|body| body.is_object());
    object
        .then_some(())
        .ok_or_else(|| Error::not_the_service(response.status))
}

/// `DELETE /api/v4/sessions`: ends this access token.
///
/// # Errors
/// As [`verify`].
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

/// A 200 to [`revoke`] says `success`.
///
/// # Errors
/// `invalidResponse` for anything else.
pub fn parse_revoked<T: Text>(response: &Response<T>) -> Result<(), Error> {
    let success = response
        .text
        .parse()
        .and_then(|body| body.get("success"))
        .is_some_and(|flag| flag.is_true());
    success
        .then_some(())
        .ok_or_else(|| Error::not_the_service(response.status))
}

/// `GET /v1/accessToken`, legacy: a new access token for a refresh token. The one call that puts a
/// token in a URL; prefer a new session.
///
/// # Errors
/// `invalidRequest` for a field that is missing or over its limit; `config` for the API key.
pub fn refresh<'a>(
    service: &Service<'_>,
    api_key: Option<&'a Secret>,
    user_id: &str,
    refresh_token: Option<&Secret>,
) -> Result<Request<'a>, Error> {
    check::text("userId", user_id, true, limits::USER_ID)?;
    let refresh_token = refresh_token
        .map(Secret::expose)
        .filter(|token| !token.is_empty());
    let refresh_token =
        refresh_token.ok_or_else(|| Error::invalid("`refreshToken` is missing."))?;
    let mut url = service.url("/v1/accessToken?userId=");
    http::push_encoded(&mut url, user_id);
    url.push_str("&refreshToken=");
    http::push_encoded(&mut url, refresh_token);
    let credential = Credential::key("x-api-key", check::credential("apiKey", api_key)?);
    Ok(Request {
        purpose: Purpose::Refresh,
        method: "GET",
        url,
        credential,
        accept: http::JSON,
        body: None,
    })
}

/// The access token in a 200 to [`refresh`].
///
/// # Errors
/// `invalidResponse` if there is none.
pub fn parse_refreshed<T: Text>(response: &Response<T>) -> Result<T::Json, Error> {
    let token = response
        .text
        .parse()
        .and_then(|body| body.get("accessToken"))
        .filter(Json::is_token);
    token.ok_or_else(|| Error::not_the_service(response.status))
}
