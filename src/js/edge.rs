//! The calls that need the server key.

use super::calls::built;
use super::input::{Input, Text};
use super::json::Body;
use crate::protocol::admin::ADMIN_CALLS;
use crate::protocol::auth_token::{self, TokenVersion};
use crate::protocol::{limits, Error, Request, Response, SessionKind, SessionVersion};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/values.js")]
extern "C" {
    #[wasm_bindgen(js_name = authToken)]
    fn auth_token_fields(token: &str, lifetime_ms: f64);
}

/// Makes the auth token in an answer.
pub(super) fn auth_token(answer: &Response<Body>) -> Result<(), Error> {
    auth_token_fields(
        auth_token::parse(answer)?.expose(),
        limits::AUTH_TOKEN_LIFETIME_MS,
    );
    Ok(())
}

fn mint(input: &Input) -> Result<Request<'_>, Error> {
    let version = TokenVersion::parse(input.text(Text::ApiVersion))?;
    auth_token::request(
        &input.service()?,
        input.secret(Text::Credential),
        input.user_id(),
        version,
    )
}

fn redeem(input: &Input) -> Result<Request<'_>, Error> {
    let version = SessionVersion::parse(input.text(Text::SessionApiVersion))?;
    input
        .session(SessionKind::User)
        .http(&input.service()?, input.secret(Text::ApiKey), version)
}

/// `createAuthToken` of `types/edge.d.ts`.
#[wasm_bindgen(js_name = createAuthToken)]
pub fn create_auth_token() {
    built(&mint);
}

/// The first request of `exchangeSession` of `types/edge.d.ts`. What the second one would be
/// refused for is known before this one is sent.
#[wasm_bindgen(js_name = exchangeSession)]
pub fn exchange_session() {
    built(&|input| redeem(input).and_then(|_| mint(input)));
}

/// The calls of an administrator, by their place in `ADMIN_CALLS`.
#[wasm_bindgen]
pub fn administer(number: u8) {
    built(&|input| {
        let call = ADMIN_CALLS
            .get(usize::from(number))
            .ok_or_else(|| Error::invalid("There is no such call."))?;
        call.http(
            &input.service()?,
            input.secret(Text::Credential),
            input.user_id(),
            input.secret(Text::Detail),
        )
    });
}

/// The second request of `exchangeSession`, which has the auth token in its list.
#[wasm_bindgen(js_name = redeemSession)]
pub fn redeem_session() {
    built(&redeem);
}
