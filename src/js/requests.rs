//! The exported functions that build or check a request. JavaScript sends the request
//! (`shared/transport.js`), so no promise, closure or secret stays in wasm after the call.

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

/// Calls `build`, and passes its result to JavaScript: the request or the error.
pub(super) fn build(build: &dyn Fn(&Input) -> Result<Request<'_>, Error>) {
    run(false, build);
}

/// Builds a request and passes the request or the error to JavaScript. With `is_check`, passes the
/// base URL of the service, with a trailing slash, instead of the request.
fn run(is_check: bool, build: &dyn Fn(&Input) -> Result<Request<'_>, Error>) {
    let input = Input::read();
    let run = || {
        let (timeout_ms, mut retry) = (input.timeout_ms()?, input.retry()?);
        let http = build(&input)?;
        if is_check {
            // Building a request also checks it. Dropping the request here takes less code than a
            // separate check.
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

/// Builds the request of `createSession`, `createVisitorSession` or `createBotSession` in
/// `types/browser.d.ts`. `kind` is a `SessionKind`.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(kind: u8) {
    build_session_request(kind, false);
}

/// Checks the options and the request as `createSession` does, and passes the base URL of the
/// service to JavaScript, with a trailing slash.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = checkSessionRequest)]
pub fn check_session_request(kind: u8) {
    build_session_request(kind, true);
}

fn build_session_request(kind: u8, is_check: bool) {
    run(is_check, &|input| {
        let kind = SessionKind::from_code(kind).unwrap_or_default();
        let version = SessionVersion::parse(input.text(ApiVersion))?;
        input
            .session(kind)
            .http(&input.service()?, input.secret(ApiKey), version)
    });
}

/// Builds the request of `verifySession` in `types/browser.d.ts`.
#[wasm_bindgen(js_name = verifySession)]
pub fn verify_session() {
    build(&|input| bearer::verify(&input.service()?, input.secret(Credential)));
}

/// Builds the request of `revokeSession` in `types/browser.d.ts`.
#[wasm_bindgen(js_name = revokeSession)]
pub fn revoke_session() {
    build(&|input| bearer::revoke(&input.service()?, input.secret(Credential)));
}

/// Builds the request of `refreshAccessToken` in `types/browser.d.ts`.
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
