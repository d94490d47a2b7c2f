//! Runs a call: a request is built, sent, and its answer read, which may ask for one more request. Every call goes through the one `perform`, so
//! that there is one future to compile, whatever number of calls.

use super::input::{Input, Options};
use crate::protocol::{bearer, Error, Request, Response, Session, SessionRequest, SessionVersion};
use crate::transport::Call;
use alloc::string::String;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

#[wasm_bindgen(module = "/src/js/made.js")]
extern "C" {
    /// The fields of a `Session` as a plain object: one crossing instead of one a field.
    #[allow(clippy::too_many_arguments)]
    fn session(
        access_token: JsValue,
        refresh_token: Option<JsValue>,
        issued_at: f64,
        expires_at: f64,
        user_id: &str,
        device_id: &str,
        user: JsValue,
        users: JsValue,
        files: Option<JsValue>,
        user_type: Option<JsValue>,
    ) -> JsValue;

    /// The fields of a `SocialPlusError`.
    #[allow(clippy::too_many_arguments)]
    fn failure(
        kind: &str,
        operation: &str,
        message: &str,
        code: Option<u32>,
        status: Option<u16>,
        retryable: bool,
        retry_after_ms: Option<f64>,
        attempts: u32,
    ) -> JsValue;
}

/// What comes of an answer.
pub(super) enum Next {
    /// The call is done.
    Done(JsValue),
    /// One more request, and how its answer is read.
    Send(Request, Reader),
}

/// How an answer is read.
pub(super) enum Reader {
    Session(SessionRequest),
    Verified,
    Revoked,
    #[cfg(feature = "browser")]
    Refreshed,
    #[cfg(feature = "edge")]
    AuthToken(super::edge::Minted),
}

impl Reader {
    fn read(self, answer: &Response<JsString>) -> Result<Next, Error> {
        Ok(Next::Done(match self {
            Reader::Session(request) => {
                let Session { access_token, refresh_token, issued_at, expires_at, user, users, files, user_type } =
                    request.parse(answer, js_sys::Date::now())?;
                let (user_id, device_id) = (&request.user_id, &request.device_id);
                session(access_token, refresh_token, issued_at, expires_at, user_id, device_id, user, users, files, user_type)
            }
            Reader::Verified => bearer::parse_verified(answer).map(|()| JsValue::UNDEFINED)?,
            Reader::Revoked => bearer::parse_revoked(answer).map(|()| JsValue::UNDEFINED)?,
            #[cfg(feature = "browser")]
            Reader::Refreshed => bearer::parse_refreshed(answer)?,
            #[cfg(feature = "edge")]
            Reader::AuthToken(minted) => return minted.read(answer),
        }))
    }
}

/// The request of a session, and how its answer is read.
pub(super) fn session_request(options: &Options, version: Option<String>, request: SessionRequest) -> Result<(Request, Reader), Error> {
    let http = request.http(&options.service()?, options.secret_api_key(), SessionVersion::parse(version.as_deref())?)?;
    Ok((http, Reader::Session(request)))
}

/// Runs the call `operation` of a caller; its errors get that name, are told to `onEvent`, and reject the promise as plain objects.
pub(super) fn run(operation: &'static str, options: &Options, input: &Input, built: Result<(Request, Reader), Error>) -> Promise {
    let rejected = move |error: Error| {
        let Error { kind, message, code, status, retryable, retry_after_ms, attempts, .. } = error;
        failure(kind.name(), operation, &message, code, status, retryable, retry_after_ms, attempts)
    };
    match options.call(operation, input.signal()).and_then(|call| Ok((call, built?))) {
        Err(error) => Promise::reject(&rejected(error)),
        Ok((call, (request, reader))) => future_to_promise(async move { perform(call, request, reader).await.map_err(rejected) }),
    }
}

async fn perform(call: Call, mut request: Request, mut reader: Reader) -> Result<JsValue, Error> {
    loop {
        let answer = call.send(&request).await;
        match answer.and_then(|answer| reader.read(&answer)) {
            Ok(Next::Done(value)) => return Ok(value),
            Ok(Next::Send(next, its_reader)) => (request, reader) = (next, its_reader),
            Err(error) => {
                call.report("error", error.attempts, error.status, None, Some(error.kind));
                return Err(error);
            }
        }
    }
}

/// `createSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(options: &Options, input: &Input) -> Promise {
    run("createSession", options, input, session_request(options, options.api_version(), input.session()))
}

/// `verifySession` of `types/browser.d.ts`; resolves to nothing, or rejects with what makes the token bad.
#[wasm_bindgen(js_name = verifySession)]
pub fn verify_session(options: &Options, input: &Input) -> Promise {
    let http = options.service().and_then(|service| bearer::verify(&service, input.secret_access_token()));
    run("verifySession", options, input, http.map(|http| (http, Reader::Verified)))
}

/// `revokeSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = revokeSession)]
pub fn revoke_session(options: &Options, input: &Input) -> Promise {
    let http = options.service().and_then(|service| bearer::revoke(&service, input.secret_access_token()));
    run("revokeSession", options, input, http.map(|http| (http, Reader::Revoked)))
}

/// `refreshAccessToken` of `types/browser.d.ts`.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = refreshAccessToken)]
pub fn refresh_access_token(options: &Options, input: &Input) -> Promise {
    let http = options
        .service()
        .and_then(|service| bearer::refresh(&service, options.secret_api_key(), &input.user_id(), &input.secret_refresh_token()));
    run("refreshAccessToken", options, input, http.map(|http| (http, Reader::Refreshed)))
}
