//! The exported functions that build a request or check one. None keeps anything after it returns:
//! JavaScript sends the request (`shared/transport.js`), so no promise, closure or secret outlives
//! the call.

use super::input::Input;
use super::responses::fail;
use crate::protocol::wire::Input::{ApiKey, ApiVersion, Credential};
use crate::protocol::{bearer, Error, Request, Retry, Secret, SessionKind, SessionVersion};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/values.js")]
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
    );

    #[wasm_bindgen(js_name = doneText)]
    fn done_text(text: &str);
}

/// Hands a request to JavaScript, or the error that `build` returns.
pub(super) fn build(build: &dyn Fn(&Input) -> Result<Request<'_>, Error>) {
    run(false, build);
}

/// Builds a request. With `is_check` it hands over the base URL of the service instead, which ends
/// with a slash.
fn run(is_check: bool, build: &dyn Fn(&Input) -> Result<Request<'_>, Error>) {
    let input = Input::read();
    let run = || {
        let (timeout_ms, mut retry) = (input.timeout_ms()?, input.retry()?);
        let http = build(&input)?;
        if is_check {
            // The same code checks and builds: a check of its own would be larger than the request
            // that is dropped here.
            done_text(input.service()?.url("/").expose());
            return Ok(());
        }
        if http.purpose.is_sent_once() {
            retry = Retry::NONE;
        }
        let headers = http.header_lines();
        request(
            http.purpose as u8,
            http.method,
            http.url.expose(),
            headers.expose(),
            http.body.as_ref().map(Secret::expose),
            timeout_ms,
            retry.attempts,
            retry.base_delay_ms,
            retry.max_delay_ms,
        );
        Ok(())
    };
    run().unwrap_or_else(|error: Error| fail(&error, None));
}

/// `createSession`, `createVisitorSession` and `createBotSession` of `types/browser.d.ts`; `kind`
/// is a `SessionKind`.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(kind: u8) {
    session(kind, false);
}

/// Checks the options and the request of a session as `createSession` does, and hands over the base
/// URL of the service, which ends with a slash.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = checkSessionRequest)]
pub fn check_session_request(kind: u8) {
    session(kind, true);
}

fn session(kind: u8, is_check: bool) {
    run(is_check, &|input| {
        let kind = SessionKind::from_code(kind).unwrap_or_default();
        let version = SessionVersion::parse(input.text(ApiVersion))?;
        input
            .session(kind)
            .http(&input.service()?, input.secret(ApiKey), version)
    });
}

/// `verifySession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = verifySession)]
pub fn verify_session() {
    build(&|input| bearer::verify(&input.service()?, input.secret(Credential)));
}

/// `revokeSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = revokeSession)]
pub fn revoke_session() {
    build(&|input| bearer::revoke(&input.service()?, input.secret(Credential)));
}

/// `refreshAccessToken` of `types/browser.d.ts`.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = refreshAccessToken)]
pub fn refresh_access_token() {
    build(&|input| {
        bearer::refresh(
            &input.service()?,
            input.secret(ApiKey),
            input.user_id(),
            input.secret(Credential),
        )
    });
}
