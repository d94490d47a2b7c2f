//! Classifies the service's error responses: by code first, then by status.

use super::codes;
use super::http::Response;
use super::json::{Json, Text};
use super::wire::Purpose;
use super::{Error, Kind};

/// Returns the error of a failed response, or `None` for a success. A success is a 2xx response
/// whose body does not contain `"status": "error"`: a 2xx response may still report an error.
pub fn failure<T: Text>(purpose: Purpose, response: &Response<T>) -> Option<Error> {
    let status = response.status;
    let body = response.text.parse();
    let field = |name| body.as_ref().and_then(|b| b.get(name));
    let is_success = (200..300).contains(&status);
    if is_success && !field("status").is_some_and(|text| text.is_text("error")) {
        return None;
    }
    if status < 400 && !is_success {
        return Some(Error::with_status(Kind::InvalidResponse, status, REDIRECT));
    }
    let code = field("code").and_then(|code| code.code());
    let kind = classify(purpose, code, status, field("data").is_some());
    let mut error = Error::with_status(kind, status, message(kind, purpose));
    error.code = code;
    error.retry_after_ms = response.retry_after_ms;
    Some(error)
}

fn classify(purpose: Purpose, code: Option<u32>, status: u16, has_data: bool) -> Kind {
    let by_code = match code {
        Some(codes::BAD_REQUEST) => Some(Kind::InvalidRequest),
        Some(codes::UNAUTHORIZED) => Some(Kind::Unauthorized),
        Some(codes::FORBIDDEN | codes::PERMISSION_DENIED) => Some(Kind::Forbidden),
        Some(codes::RATE_LIMIT) => Some(Kind::RateLimited),
        Some(codes::GLOBAL_BAN) => Some(Kind::Banned),
        Some(codes::QUOTA) => Some(Kind::QuotaExceeded),
        Some(codes::NOT_FOUND) => Some(Kind::NotFound),
        Some(code) if codes::BOT.contains(&code) || codes::VISITOR.contains(&code) => {
            Some(Kind::Forbidden)
        }
        Some(codes::BUSINESS) if status == 422 || has_data => Some(Kind::InvalidRequest),
        _ => None,
    };
    let kind = by_code.unwrap_or(match status {
        401 => Kind::Unauthorized,
        403 if purpose == Purpose::Verify => Kind::Banned,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        408 => Kind::Timeout,
        429 => Kind::RateLimited,
        500.. => Kind::Server,
        _ => Kind::InvalidRequest,
    });
    match (kind, code) {
        // Only the code "forbidden", or a 403 without a code, means that secure mode is on.
        // "Permission denied" and the codes for visitors and bots do not mean that.
        (Kind::Forbidden, None | Some(codes::FORBIDDEN)) if purpose == Purpose::Session => {
            Kind::SecureModeRequired
        }
        _ => kind,
    }
}

const REDIRECT: &str = "The response was a redirect, which would send the keys elsewhere: set \
                        the final address as `endpoint`.";

fn message(kind: Kind, purpose: Purpose) -> &'static str {
    match (kind, purpose) {
        (Kind::Unauthorized, Purpose::Session) => {
            "The service does not know the API key in this region, or requires an auth token \
             (secure mode)."
        }
        (Kind::Unauthorized, Purpose::SecureSession) => {
            "The service refused the auth token (valid ten minutes for one user id) or the API \
             key (valid in one region)."
        }
        (Kind::Unauthorized, Purpose::GuestSession) => {
            "The service does not know the API key in this region, or requires a valid signature \
             (secure visitor mode)."
        }
        (Kind::Unauthorized, Purpose::Refresh) => {
            "The service refused the refresh token or the API key: create a new session instead."
        }
        (Kind::Unauthorized, Purpose::Verify | Purpose::Revoke) => {
            "The access token is invalid, expired, revoked, or replaced by a newer session."
        }
        #[cfg(feature = "edge")]
        (Kind::Unauthorized, Purpose::AuthToken) => {
            "The service refused the server key: check the key and the region."
        }
        #[cfg(feature = "edge")]
        (Kind::Unauthorized, _) => {
            "The service refused the admin token: it is invalid, expired or revoked."
        }
        #[cfg(feature = "edge")]
        (Kind::Forbidden, Purpose::AuthToken) => {
            "Auth tokens need secure mode, which seems to be off: turn it on in the console."
        }
        (Kind::SecureModeRequired, _) => {
            "Secure mode is on: pass an `authToken` that your backend minted for this user, or set \
             `authTokenFrom` of a SessionClient."
        }
        (Kind::Forbidden, _) => "The service does not permit this call.",
        (Kind::Banned, _) => "The user is globally banned.",
        (Kind::NotFound, _) => "The service does not know this user or session.",
        (Kind::RateLimited, _) => {
            "Too many calls: the service accepts 100 in 5 seconds for each user."
        }
        (Kind::QuotaExceeded, _) => "The daily quota of visitors and bots is used up.",
        (Kind::Server, _) => "The service failed; the same call may succeed later.",
        (Kind::Timeout, _) => "The service timed out waiting for the request.",
        _ => "The service refused the parameters.",
    }
}
