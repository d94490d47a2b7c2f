//! Runs a call: a request is built, sent, and its answer read, which may ask for one more request. Every call goes through the one `perform`, so
//! that there is one future to compile, whatever number of calls.

use super::input::Input;
use crate::protocol::{bearer, Error, Request, Response, Session, SessionRequest, SessionVersion};
use crate::transport::Call;
use alloc::vec::Vec;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

#[wasm_bindgen(module = "/src/js/made.js")]
extern "C" {
    /// The fields of a `Session` that the answer tells, as a plain object: one crossing instead of one a field.
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

    /// The fields of a `SocialPlusError`, but for its operation.
    fn failure(
        kind: &str,
        message: &str,
        code: Option<u32>,
        status: Option<u16>,
        retryable: bool,
        retry_after_ms: Option<f64>,
        attempts: u32,
    ) -> JsValue;
}

/// A request, and how its answer is read.
pub(super) type Step = (Request, Reader);

/// What comes of an answer.
pub(super) enum Next {
    /// The call is done.
    Done(JsValue),
    /// One more request.
    #[cfg_attr(not(feature = "edge"), allow(dead_code, reason = "only the edge has a call of two requests"))]
    Send(Step),
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
                session(access_token, refresh_token, issued_at, expires_at, user, users, files, user_type)
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

/// Runs one call; its errors reject the promise as plain objects.
pub(super) fn run(values: Vec<JsValue>, build: fn(Input) -> Result<Step, Error>) -> Promise {
    let input = Input::read(values);
    match input.call().and_then(|call| Ok((call, build(input)?))) {
        Err(error) => Promise::reject(&rejected(&error)),
        Ok((call, step)) => future_to_promise(perform(call, step)),
    }
}

async fn perform(call: Call, (mut request, mut reader): Step) -> Result<JsValue, JsValue> {
    loop {
        let answer = call.send(&request).await;
        match answer.and_then(|answer| reader.read(&answer)) {
            Ok(Next::Done(value)) => return Ok(value),
            Ok(Next::Send(step)) => (request, reader) = step,
            Err(mut error) => {
                error.attempts = call.attempts();
                return Err(rejected(&error));
            }
        }
    }
}

fn rejected(error: &Error) -> JsValue {
    failure(error.kind.name(), &error.message, error.code, error.status, error.retryable, error.retry_after_ms, error.attempts)
}

/// The request of a session by API key.
pub(super) fn session_request(input: &Input, version: SessionVersion, session: SessionRequest) -> Result<Step, Error> {
    Ok((session.http(&input.service()?, input.api_key.clone(), version)?, Reader::Session(session)))
}

/// `createSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(values: Vec<JsValue>) -> Promise {
    run(values, |mut input| {
        let session = core::mem::take(&mut input.session);
        session_request(&input, SessionVersion::parse(input.api_version.as_deref())?, session)
    })
}

/// `verifySession` of `types/browser.d.ts`; resolves to nothing, or rejects with what makes the token bad.
#[wasm_bindgen(js_name = verifySession)]
pub fn verify_session(values: Vec<JsValue>) -> Promise {
    run(values, |input| Ok((bearer::verify(&input.service()?, input.credential)?, Reader::Verified)))
}

/// `revokeSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = revokeSession)]
pub fn revoke_session(values: Vec<JsValue>) -> Promise {
    run(values, |input| Ok((bearer::revoke(&input.service()?, input.credential)?, Reader::Revoked)))
}

/// `refreshAccessToken` of `types/browser.d.ts`.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = refreshAccessToken)]
pub fn refresh_access_token(values: Vec<JsValue>) -> Promise {
    run(values, |input| {
        let token = input.credential.clone().unwrap_or_default();
        Ok((bearer::refresh(&input.service()?, input.api_key, &input.session.user_id, &token)?, Reader::Refreshed))
    })
}
