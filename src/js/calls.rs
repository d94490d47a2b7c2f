//! The calls, sans-I/O: a function for each call makes its request, and `judge` says what an answer comes to. Nothing is kept in between: JavaScript
//! does the sending (`shared/transport.js`), so no promise, no closure and no secret lives in here longer than a function runs.

use super::input::Input;
use super::json::Body;
use crate::protocol::{
    self, bearer, Error, Kind, Purpose, Request, Response, Retry, Secret, Session, SessionKind, SessionRequest, SessionVersion,
};
use alloc::vec::Vec;
use js_sys::JsString;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/made.js")]
extern "C" {
    #[allow(clippy::too_many_arguments)]
    fn request(
        purpose: u8,
        method: &str,
        url: &str,
        headers: &str,
        body: Option<&str>,
        timeout_ms: f64,
        attempts: u32,
        base_delay_ms: f64,
        max_delay_ms: f64,
    ) -> JsValue;

    fn done(value: JsValue) -> JsValue;

    #[allow(clippy::too_many_arguments)]
    fn session(
        access_token: JsValue,
        refresh_token: Option<JsValue>,
        issued_at: f64,
        expires_at: f64,
        user: JsValue,
        users: JsValue,
        files: Option<JsValue>,
        user_type: Option<JsValue>,
    ) -> JsValue;

    fn failure(
        kind: &str,
        message: &str,
        code: Option<u32>,
        status: Option<u16>,
        retryable: bool,
        retry_after_ms: Option<f64>,
        pause_ms: Option<f64>,
    ) -> JsValue;
}

fn failed(error: &Error, pause_ms: Option<f64>) -> JsValue {
    failure(error.kind.name(), &error.message, error.code, error.status, error.retryable, error.retry_after_ms, pause_ms)
}

/// The fields of a request, or of the error that keeps it from being sent.
pub(super) fn built(values: Vec<JsValue>, build: &dyn Fn(Input) -> Result<Request, Error>) -> JsValue {
    let input = Input::read(values);
    let made = || {
        let (timeout_ms, retry) = (input.timeout_ms()?, input.retry()?);
        let http = build(input)?;
        let (purpose, lines, body) = (http.purpose.into(), http.header_lines(), http.body.as_ref().map(Secret::expose));
        let Retry { attempts, base_delay_ms, max_delay_ms } = retry;
        let (url, headers) = (http.url.expose(), lines.expose());
        Ok(request(purpose, http.method, url, headers, body, timeout_ms, attempts, base_delay_ms, max_delay_ms))
    };
    made().unwrap_or_else(|error: Error| failed(&error, None))
}

/// `createSession`, `createVisitorSession` and `createBotSession` of `types/browser.d.ts`, by the number `kind`.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(values: Vec<JsValue>, kind: u8) -> JsValue {
    built(values, &|mut input| {
        input.session.kind = match kind {
            0 => SessionKind::User,
            1 => SessionKind::Visitor,
            _ => SessionKind::Bot,
        };
        let version = SessionVersion::parse(input.api_version.as_deref())?;
        input.session.http(&input.service()?, input.api_key, version)
    })
}

/// `verifySession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = verifySession)]
pub fn verify_session(values: Vec<JsValue>) -> JsValue {
    built(values, &|input| bearer::verify(&input.service()?, input.credential))
}

/// `revokeSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = revokeSession)]
pub fn revoke_session(values: Vec<JsValue>) -> JsValue {
    built(values, &|input| bearer::revoke(&input.service()?, input.credential))
}

/// `refreshAccessToken` of `types/browser.d.ts`.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = refreshAccessToken)]
pub fn refresh_access_token(values: Vec<JsValue>) -> JsValue {
    built(values, &|input| {
        let service = input.service()?;
        bearer::refresh(&service, input.api_key, &input.session.user_id, &input.credential.unwrap_or_default())
    })
}

/// What an answer comes to: what the call is for, or the fields of an error. `user_id` is who was asked for, `attempt` counts from 1, `random` is from
/// 0 to 1, `status` is the HTTP status or one of the troubles of `shared/transport.js`, below 10; `json` is undefined for a text that is none.
#[allow(clippy::too_many_arguments)]
#[wasm_bindgen]
pub fn judge(
    purpose: u8,
    user_id: &str,
    attempt: u32,
    attempts: u32,
    base_delay_ms: f64,
    max_delay_ms: f64,
    random: f64,
    status: u16,
    retry_after_ms: Option<f64>,
    text: JsString,
    json: JsValue,
) -> JsValue {
    let answer = Response { status, retry_after_ms, text: Body { text, json } };
    let purpose = Purpose::from(purpose);
    match read(purpose, user_id, &answer) {
        Ok(value) => done(value),
        // The answer to an earlier attempt was lost: the token is gone, as was asked.
        Err(error) if purpose == Purpose::Revoke && attempt > 1 && matches!(error.kind, Kind::Unauthorized | Kind::NotFound) => {
            done(JsValue::TRUE)
        }
        Err(error) => failed(&error, Retry { attempts, base_delay_ms, max_delay_ms }.delay(&error, attempt, random)),
    }
}

fn read(purpose: Purpose, user_id: &str, answer: &Response<Body>) -> Result<JsValue, Error> {
    if let Some(error) = trouble(answer.status).or_else(|| protocol::failure(purpose, answer)) {
        return Err(error);
    }
    match purpose {
        Purpose::Session { .. } | Purpose::Guest => {
            let Session { access_token, refresh_token, issued_at, expires_at, user, users, files, user_type } =
                SessionRequest::parse(user_id, answer, js_sys::Date::now())?;
            Ok(session(access_token, refresh_token, issued_at, expires_at, user, users, files, user_type))
        }
        Purpose::Verify => bearer::parse_verified(answer).map(|()| JsValue::TRUE),
        Purpose::Revoke => bearer::parse_revoked(answer).map(|()| JsValue::TRUE),
        Purpose::Refresh => bearer::parse_refreshed(answer),
        #[cfg(feature = "edge")]
        Purpose::AuthToken => super::edge::auth_token(answer),
        #[cfg(feature = "edge")]
        Purpose::Admin(call) => call.parse(answer),
    }
}

/// An attempt that ended without an answer; the numbers are those of `shared/transport.js`.
fn trouble(status: u16) -> Option<Error> {
    let (kind, message) = match status {
        1 => (Kind::Network, "There was no answer, or it was cut short: check network, region or endpoint, and CORS."),
        2 => (Kind::InvalidResponse, "`fetch` gave something that is no response."),
        3 => (Kind::InvalidResponse, "The answer is over 1 MiB, so it is not the service's."),
        4 => (Kind::Timeout, "There was no whole answer within `timeoutMs`."),
        6 => (Kind::Network, "The connection was closed before an answer: with mTLS on, the service wants a client certificate."),
        5 => (Kind::Aborted, "The call was aborted by its signal."),
        _ => return None,
    };
    Some(Error::new(kind, message))
}
