//! The calls, sans-I/O: a function for each call makes its request, and `judge` says what an answer
//! comes to. Nothing is kept in between: JavaScript does the sending (`shared/transport.js`), so no
//! promise, no closure and no secret lives in here longer than a function runs.

use super::input::{Input, Text};
use super::json::{Body, Value};
use crate::protocol::wire::Trouble;
use crate::protocol::{
    self, bearer, Error, Kind, Purpose, Request, Response, Retry, Secret, Session, SessionKind,
    SessionRequest, SessionVersion,
};
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

    fn failure(
        kind: &str,
        message: &str,
        code: f64,
        status: f64,
        retryable: bool,
        retry_after_ms: f64,
        pause_ms: f64,
    );
}

/// Below 0 is none.
fn failed(error: &Error, pause_ms: Option<f64>) {
    let code = error.code.map_or(-1.0, f64::from);
    let status = error.status.map_or(-1.0, f64::from);
    let (after_ms, pause_ms) = (
        error.retry_after_ms.unwrap_or(-1.0),
        pause_ms.unwrap_or(-1.0),
    );
    failure(
        error.kind.name(),
        &error.message,
        code,
        status,
        error.retryable,
        after_ms,
        pause_ms,
    );
}

/// Makes the fields of a request, or of the error that keeps it from being sent.
pub(super) fn built(build: &dyn Fn(&Input) -> Result<Request<'_>, Error>) {
    let input = Input::read();
    let made = || {
        let (timeout_ms, retry) = (input.timeout_ms()?, input.retry()?);
        let http = build(&input)?;
        let (purpose, lines, body) = (
            http.purpose.into(),
            http.header_lines(),
            http.body.as_ref().map(Secret::expose),
        );
        let Retry {
            attempts,
            base_delay_ms,
            max_delay_ms,
        } = retry;
        let (url, headers) = (http.url.expose(), lines.expose());
        request(
            purpose,
            http.method,
            url,
            headers,
            body,
            timeout_ms,
            attempts,
            base_delay_ms,
            max_delay_ms,
        );
        Ok(())
    };
    made().unwrap_or_else(|error: Error| failed(&error, None));
}

/// `createSession`, `createVisitorSession` and `createBotSession` of `types/browser.d.ts`, by the
/// number `kind`.
#[wasm_bindgen(js_name = createSession)]
pub fn create_session(kind: u8) {
    built(&|input| {
        let kind = match kind {
            0 => SessionKind::User,
            1 => SessionKind::Visitor,
            _ => SessionKind::Bot,
        };
        let version = SessionVersion::parse(input.text(Text::ApiVersion))?;
        input
            .session(kind)
            .http(&input.service()?, input.secret(Text::ApiKey), version)
    });
}

/// `verifySession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = verifySession)]
pub fn verify_session() {
    built(&|input| bearer::verify(&input.service()?, input.secret(Text::Credential)));
}

/// `revokeSession` of `types/browser.d.ts`.
#[wasm_bindgen(js_name = revokeSession)]
pub fn revoke_session() {
    built(&|input| bearer::revoke(&input.service()?, input.secret(Text::Credential)));
}

/// `refreshAccessToken` of `types/browser.d.ts`.
#[cfg(feature = "browser")]
#[wasm_bindgen(js_name = refreshAccessToken)]
pub fn refresh_access_token() {
    built(&|input| {
        let service = input.service()?;
        bearer::refresh(
            &service,
            input.secret(Text::ApiKey),
            input.user_id(),
            input.secret(Text::Credential),
        )
    });
}

/// Makes what an answer comes to: what the call is for, or the fields of an error. The values are
/// who was asked for, the answer's text, and what that is as JSON. `attempt` counts from 1,
/// `random` is from 0 to 1, `status` is the HTTP status or one of the troubles of
/// `shared/transport.js`, below 10; `retry_after_ms` is below 0 if the answer has none.
#[allow(clippy::too_many_arguments)]
#[wasm_bindgen]
pub fn judge(
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
    let retry_after_ms = Some(retry_after_ms).filter(|ms| *ms >= 0.0);
    let answer = Response {
        status,
        retry_after_ms,
        text: Body {
            text: Value(2),
            json: Value(3),
        },
    };
    let purpose = Purpose::from(purpose);
    match read(purpose, &answer, now) {
        Ok(()) => {}
        // The answer to an earlier attempt was lost: the token is gone, as was asked.
        Err(error)
            if purpose == Purpose::Revoke
                && attempt > 1
                && matches!(error.kind, Kind::Unauthorized | Kind::NotFound) =>
        {
            done(0)
        }
        Err(error) => failed(
            &error,
            Retry {
                attempts,
                base_delay_ms,
                max_delay_ms,
            }
            .delay(&error, attempt, random),
        ),
    }
}

fn read(purpose: Purpose, answer: &Response<Body>, now: f64) -> Result<(), Error> {
    if let Some(error) = trouble(answer.status).or_else(|| protocol::failure(purpose, answer)) {
        return Err(error);
    }
    match purpose {
        Purpose::Session { .. } | Purpose::Guest => {
            let user_id = Value(1).text().unwrap_or_default();
            let Session {
                access_token,
                refresh_token,
                issued_at,
                expires_at,
                user,
                users,
                files,
                user_type,
            } = SessionRequest::parse(&user_id, answer, now)?;
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
        Purpose::Verify => bearer::parse_verified(answer).map(|()| done(0))?,
        Purpose::Revoke => bearer::parse_revoked(answer).map(|()| done(0))?,
        Purpose::Refresh => done(bearer::parse_refreshed(answer)?.0),
        #[cfg(feature = "edge")]
        Purpose::AuthToken => super::edge::auth_token(answer)?,
        #[cfg(feature = "edge")]
        Purpose::Admin(call) => done(call.parse(answer)?.0),
    }
    Ok(())
}

/// Returns the error of an attempt that ended without a usable response.
fn trouble(status: u16) -> Option<Error> {
    let (kind, message) = match Trouble::from_code(u8::try_from(status).ok()?)? {
        Trouble::Network => (
            Kind::Network,
            "Network error: no response, or the connection was interrupted. Check the network, \
             `region` or `endpoint`, and CORS.",
        ),
        Trouble::NotAResponse => (
            Kind::InvalidResponse,
            "`fetch` returned something that is not a Response.",
        ),
        Trouble::TooLarge => (
            Kind::InvalidResponse,
            "The response is larger than 1 MiB, so it is not the service's.",
        ),
        Trouble::Timeout => (
            Kind::Timeout,
            "Request timed out: no complete response within `timeoutMs`.",
        ),
        Trouble::Aborted => (Kind::Aborted, "The call was aborted by its signal."),
        Trouble::ConnectionClosed => (
            Kind::Network,
            "The connection was closed before a response: with mTLS on, the service requires a \
             client certificate.",
        ),
    };
    Some(Error::new(kind, message))
}
