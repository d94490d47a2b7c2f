//! The exported function that interprets the outcome of an attempt and passes the result or the
//! error to JavaScript.

use super::json::{Body, Value};
use crate::protocol::wire::{ResponseInput, Trouble};
#[cfg(feature = "edge")]
use crate::protocol::{admin, auth_token, limits};
use crate::protocol::{
    bearer, failure, Error, Kind, Purpose, Response, Retry, Session, SessionRequest,
};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/values.js")]
extern "C" {
    fn done(place: i32);

    #[allow(clippy::too_many_arguments)]
    fn session(
        access_token: i32,
        refresh_token: i32,
        issued_at: f64,
        expires_at: f64,
        user: i32,
        users: i32,
        files: i32,
        user_type: i32,
    );

    #[cfg(feature = "edge")]
    #[wasm_bindgen(js_name = authToken)]
    fn auth_token_fields(token: &str, lifetime_ms: f64);

    #[allow(clippy::too_many_arguments)]
    fn failed(
        kind: &str,
        message: &str,
        field: Option<&str>,
        code: f64,
        status: f64,
        retryable: bool,
        retry_after_ms: f64,
        pause_ms: f64,
    );
}

/// Passes an error to JavaScript. `pause_ms` is the delay before the next attempt. JavaScript
/// receives a negative number for each number that is `None`.
pub(super) fn fail(error: &Error, pause_ms: Option<f64>) {
    failed(
        error.kind.name(),
        &error.message,
        error.field,
        error.code.map_or(-1.0, f64::from),
        error.status.map_or(-1.0, f64::from),
        error.retryable,
        error.retry_after_ms.unwrap_or(-1.0),
        pause_ms.unwrap_or(-1.0),
    );
}

/// Interprets the outcome of an attempt: passes the result of the request or an error to
/// JavaScript. The list contains the values of `ResponseInput`. `attempt` counts from 1. `random`
/// is between 0 and 1. `status` is the HTTP status or a `Trouble`. `retry_after_ms` is negative if
/// the response has no `Retry-After`.
#[allow(clippy::too_many_arguments)]
#[wasm_bindgen]
pub fn interpret(
    purpose: u8,
    attempts: u32,
    base_delay_ms: f64,
    max_delay_ms: f64,
    attempt: u32,
    random: f64,
    now: f64,
    status: u16,
    retry_after_ms: f64,
) {
    let response = Response {
        status,
        retry_after_ms: Some(retry_after_ms).filter(|ms| *ms >= 0.0),
        text: Body {
            text: Value::at(ResponseInput::Text as u8),
            json: Value::at(ResponseInput::Json as u8),
        },
    };
    let retry = Retry {
        attempts,
        base_delay_ms,
        max_delay_ms,
    };
    let purpose = Purpose::from_code(purpose).unwrap_or(Purpose::Verify);
    if let Err(error) = read_result(purpose, &response, now) {
        if purpose == Purpose::Revoke && bearer::is_revoked(&error, attempt) {
            done(0);
        } else {
            fail(&error, retry.delay(&error, attempt, random));
        }
    }
}

fn read_result(purpose: Purpose, response: &Response<Body>, now: f64) -> Result<(), Error> {
    if let Some(error) = trouble_error(response.status).or_else(|| failure(purpose, response)) {
        return Err(error);
    }
    match purpose {
        Purpose::Session | Purpose::SecureSession | Purpose::GuestSession => {
            let user_id = Value::at(ResponseInput::UserId as u8).text();
            let Session {
                access_token,
                refresh_token,
                issued_at,
                expires_at,
                user,
                users,
                files,
                user_type,
            } = SessionRequest::parse(&user_id.unwrap_or_default(), response, now)?;
            let place = |value: Option<Value>| value.map_or(0, |value| value.0);
            session(
                access_token.0,
                place(refresh_token),
                issued_at,
                expires_at,
                user.0,
                users.0,
                place(files),
                place(user_type),
            );
        }
        Purpose::Verify => bearer::parse_verified(response).map(|()| done(0))?,
        Purpose::Revoke => bearer::parse_revoked(response).map(|()| done(0))?,
        Purpose::Refresh => done(bearer::parse_refreshed(response)?.0),
        #[cfg(feature = "edge")]
        Purpose::AuthToken => auth_token_fields(
            auth_token::parse(response)?.expose(),
            limits::AUTH_TOKEN_LIFETIME_MS,
        ),
        #[cfg(feature = "edge")]
        _ => done(admin::parse(purpose, response)?.0),
    }
    Ok(())
}

/// Returns the error of an attempt that ended without a usable response; `None` if `status` is not
/// a `Trouble`.
fn trouble_error(status: u16) -> Option<Error> {
    let (kind, message) = match Trouble::from_code(u8::try_from(status).ok()?)? {
        Trouble::Network => (
            Kind::Network,
            "Network error: no complete response. Check the network, `region` or `endpoint`, and \
             CORS.",
        ),
        Trouble::NotAResponse => (
            Kind::InvalidResponse,
            "`fetch` returned something that is not a Response.",
        ),
        Trouble::TooLarge => (
            Kind::InvalidResponse,
            "The response is larger than 1 MiB: a proxy may have sent it.",
        ),
        Trouble::Timeout => (
            Kind::Timeout,
            "Request timed out: no complete response within `timeoutMs`.",
        ),
        Trouble::Aborted => (Kind::Aborted, "The call was aborted by its signal."),
        Trouble::ConnectionClosed => (
            Kind::Network,
            "The connection was closed: with mTLS on, the service requires a client certificate.",
        ),
    };
    Some(Error::new(kind, message))
}
