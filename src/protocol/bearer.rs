//! The calls about an access token: verify, revoke, and the legacy refresh (contract, "Other session calls").

use super::http::{self, Purpose, Request, Response};
use super::json::{Json, Text};
use super::{check, limits, Error, Kind, Secret, Service};

fn request(service: &Service, access_token: Option<Secret>, purpose: Purpose, method: &'static str, path: &str) -> Result<Request, Error> {
    let token = check::credential("accessToken", access_token).map_err(|mut error| {
        error.kind = Kind::InvalidRequest;
        error
    })?;
    Ok(Request { purpose, method, url: service.url(path), credential: http::bearer(&token), accept: http::JSON, body: None })
}

/// `GET /api/v3/sessions`: is this access token good?
///
/// # Errors
/// `invalidRequest` for a token that is missing or cannot stand in a header.
pub fn verify(service: &Service, access_token: Option<Secret>) -> Result<Request, Error> {
    request(service, access_token, Purpose::Verify, "GET", "/api/v3/sessions")
}

/// A 200 to [`verify`] is an object, whatever is in it.
///
/// # Errors
/// `invalidResponse` for anything else: a captive portal's page is no proof of a session.
pub fn parse_verified<T: Text>(response: &Response<T>) -> Result<(), Error> {
    let object = response.text.parse().is_some_and(|body| body.is_object());
    object.then_some(()).ok_or(Error::not_the_service(response.status))
}

/// `DELETE /api/v4/sessions`: ends this access token.
///
/// # Errors
/// As [`verify`].
pub fn revoke(service: &Service, access_token: Option<Secret>) -> Result<Request, Error> {
    request(service, access_token, Purpose::Revoke, "DELETE", "/api/v4/sessions")
}

/// A 200 to [`revoke`] says `success`.
///
/// # Errors
/// `invalidResponse` for anything else.
pub fn parse_revoked<T: Text>(response: &Response<T>) -> Result<(), Error> {
    let success = response.text.parse().and_then(|body| body.get("success")).is_some_and(|flag| flag.is_true());
    success.then_some(()).ok_or(Error::not_the_service(response.status))
}

/// `GET /v1/accessToken`, legacy: a new access token for a refresh token. The one call that puts a token in a URL; prefer a new session.
///
/// # Errors
/// `invalidRequest` for a field that is missing or over its limit; `config` for the API key.
pub fn refresh(service: &Service, api_key: Option<Secret>, user_id: &str, refresh_token: &Secret) -> Result<Request, Error> {
    check::text("userId", user_id, true, limits::USER_ID)?;
    if refresh_token.expose().is_empty() {
        return Err(Error::invalid("`refreshToken` is missing."));
    }
    let mut url = service.url("/v1/accessToken?userId=");
    http::push_encoded(&mut url, user_id);
    url.push_str("&refreshToken=");
    http::push_encoded(&mut url, refresh_token.expose());
    let credential = ("x-api-key", check::credential("apiKey", api_key)?);
    Ok(Request { purpose: Purpose::Refresh, method: "GET", url, credential, accept: http::JSON, body: None })
}

/// The access token in a 200 to [`refresh`].
///
/// # Errors
/// `invalidResponse` if there is none.
pub fn parse_refreshed<T: Text>(response: &Response<T>) -> Result<T::Json, Error> {
    let token = response.text.parse().and_then(|body| body.get("accessToken")).filter(Json::is_token);
    token.ok_or(Error::not_the_service(response.status))
}
