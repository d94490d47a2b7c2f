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

#[cfg(all(test, feature = "edge", feature = "emulator"))]
mod tests {
    use super::*;
    use alloc::{format, string::String};

    fn respond(purpose: Purpose, status: u16, body: &str) -> Option<Error> {
        let response = Response {
            status,
            retry_after_ms: None,
            text: String::from(body),
        };
        failure(purpose, &response)
    }

    fn kind_of(purpose: Purpose, status: u16, code: u32) -> Kind {
        let body = format!(r#"{{"status":"error","code":{code}}}"#);
        respond(purpose, status, &body).unwrap().kind
    }

    #[test]
    fn a_code_takes_precedence_over_the_status() {
        for (code, kind) in [
            (400_000, Kind::InvalidRequest),
            (400_100, Kind::Unauthorized),
            (400_300, Kind::Forbidden),
            (400_301, Kind::Forbidden),
            (400_311, Kind::RateLimited),
            (400_312, Kind::Banned),
            (400_323, Kind::QuotaExceeded),
            (400_400, Kind::NotFound),
            (403_998, Kind::Forbidden),
            (403_999, Kind::Forbidden),
            (488_998, Kind::Forbidden),
            (488_999, Kind::Forbidden),
        ] {
            for status in [200, 400, 401, 404, 500] {
                let found = kind_of(Purpose::Verify, status, code);
                assert_eq!(found, kind, "{code} with status {status}");
            }
        }
    }

    #[test]
    fn an_unknown_code_leaves_the_decision_to_the_status() {
        for (status, kind) in [
            (400, Kind::InvalidRequest),
            (401, Kind::Unauthorized),
            (403, Kind::Forbidden),
            (404, Kind::NotFound),
            (408, Kind::Timeout),
            (418, Kind::InvalidRequest),
            (429, Kind::RateLimited),
            (499, Kind::InvalidRequest),
            (500, Kind::Server),
            (503, Kind::Server),
        ] {
            assert_eq!(kind_of(Purpose::Revoke, status, 7), kind, "{status}");
            let page = respond(Purpose::Revoke, status, "<html>").unwrap();
            assert_eq!(page.kind, kind, "{status}");
            assert_eq!(page.code, None, "{status}");
            assert_eq!(page.status, Some(status));
        }
    }

    #[test]
    fn a_403_means_a_ban_only_in_response_to_a_verification() {
        let kind = |purpose| respond(purpose, 403, "").unwrap().kind;
        assert_eq!(kind(Purpose::Verify), Kind::Banned);
        assert_eq!(kind(Purpose::Revoke), Kind::Forbidden);
    }

    #[test]
    fn a_business_error_is_the_callers_fault_if_it_has_data_or_the_status_422() {
        let kind = |status, data| {
            let body = format!(r#"{{"status":"error","code":500000{data}}}"#);
            respond(Purpose::Session, status, &body).unwrap().kind
        };
        assert_eq!(kind(422, ""), Kind::InvalidRequest);
        assert_eq!(kind(500, r#","data":{}"#), Kind::InvalidRequest);
        assert_eq!(kind(500, ""), Kind::Server);
    }

    #[test]
    fn only_a_session_call_without_an_auth_token_learns_that_secure_mode_is_on() {
        for (purpose, code, kind) in [
            (Purpose::Session, 400_300, Kind::SecureModeRequired),
            (Purpose::Session, 400_301, Kind::Forbidden),
            (Purpose::Session, 403_998, Kind::Forbidden),
            (Purpose::Session, 403_999, Kind::Forbidden),
            (Purpose::SecureSession, 400_300, Kind::Forbidden),
            (Purpose::GuestSession, 400_300, Kind::Forbidden),
            (Purpose::AuthToken, 400_300, Kind::Forbidden),
        ] {
            assert_eq!(kind_of(purpose, 403, code), kind, "{purpose:?} {code}");
        }
        let without_code = respond(Purpose::Session, 403, "").unwrap();
        assert_eq!(without_code.kind, Kind::SecureModeRequired);
        assert_eq!(
            respond(Purpose::Session, 401, "").unwrap().kind,
            Kind::Unauthorized
        );
    }

    #[test]
    fn only_a_2xx_response_without_an_error_in_its_body_is_a_success() {
        for status in [200, 204, 299] {
            assert!(respond(Purpose::Verify, status, "{}").is_none(), "{status}");
            let error = respond(Purpose::Verify, status, r#"{"status":"error"}"#).unwrap();
            assert_eq!(error.kind, Kind::InvalidRequest, "{status}");
            let other = respond(Purpose::Verify, status, r#"{"status":"ok"}"#);
            assert!(other.is_none(), "{status}");
        }
        for status in [0, 199, 300, 304, 399] {
            let error = respond(Purpose::Verify, status, "{}").unwrap();
            assert_eq!(error.kind, Kind::InvalidResponse, "{status}");
            assert!(error.message.contains("redirect"), "{status}");
        }
    }

    #[test]
    fn an_error_keeps_the_code_and_the_pause_of_the_response() {
        let response = Response {
            status: 429,
            retry_after_ms: Some(3_000.0),
            text: String::from(r#"{"code":400311}"#),
        };
        let error = failure(Purpose::Session, &response).unwrap();
        assert_eq!(error.code, Some(400_311));
        assert_eq!(error.retry_after_ms, Some(3_000.0));
        assert!(error.retryable);
    }

    #[test]
    fn a_message_names_what_to_check() {
        for (purpose, status, code, part) in [
            (Purpose::Session, 401, 400_100, "(secure mode)"),
            (
                Purpose::SecureSession,
                401,
                400_100,
                "the auth token (valid",
            ),
            (Purpose::GuestSession, 401, 400_100, "valid signature"),
            (Purpose::Refresh, 401, 400_100, "refresh token"),
            (Purpose::Verify, 401, 400_100, "access token is invalid"),
            (Purpose::Revoke, 401, 400_100, "access token is invalid"),
            (Purpose::AuthToken, 401, 400_100, "server key"),
            (Purpose::GetNetwork, 401, 400_100, "admin token"),
            (Purpose::AuthToken, 403, 400_300, "need secure mode"),
            (Purpose::Session, 403, 400_300, "Secure mode is on"),
            (Purpose::Revoke, 403, 400_300, "does not permit"),
            (Purpose::Verify, 403, 400_312, "banned"),
            (Purpose::Verify, 404, 400_400, "does not know this user"),
            (Purpose::Verify, 429, 400_311, "100 in 5 seconds"),
            (Purpose::GuestSession, 403, 400_323, "daily quota"),
            (Purpose::Verify, 500, 7, "service failed"),
            (Purpose::Verify, 408, 7, "timed out"),
            (Purpose::Verify, 400, 400_000, "refused the parameters"),
        ] {
            let body = format!(r#"{{"code":{code}}}"#);
            let error = respond(purpose, status, &body).unwrap();
            assert!(error.message.contains(part), "{part}: {}", error.message);
        }
    }
}
