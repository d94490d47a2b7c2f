//! The calls that need the server key.

use super::calls::{run, session_request, Next, Reader, Step};
use super::input::Input;
use crate::protocol::auth_token::{self, TokenVersion};
use crate::protocol::{limits, Error, Request, Response, SessionVersion};
use alloc::boxed::Box;
use alloc::vec::Vec;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/made.js")]
extern "C" {
    /// The fields of an `AuthToken` that the answer tells.
    #[wasm_bindgen(js_name = authToken)]
    fn auth_token_fields(token: &str, expires_at: f64) -> JsValue;
}

/// What a minted auth token is for.
pub(super) enum Minted {
    /// The caller, who is told when it ends.
    Given { expires_at: f64 },
    /// A session in the same call.
    Redeemed(Box<Input>),
}

impl Minted {
    pub(super) fn read(self, answer: &Response<JsString>) -> Result<Next, Error> {
        let token = auth_token::parse(answer)?;
        match self {
            Minted::Given { expires_at } => Ok(Next::Done(auth_token_fields(token.expose(), expires_at))),
            Minted::Redeemed(mut input) => {
                input.session.auth_token = Some(token);
                redeem(&input).map(Next::Send)
            }
        }
    }
}

fn mint(input: &Input) -> Result<Request, Error> {
    let version = TokenVersion::parse(input.api_version.as_deref())?;
    auth_token::request(&input.service()?, input.credential.clone(), &input.session.user_id, version)
}

fn redeem(input: &Input) -> Result<Step, Error> {
    session_request(input, SessionVersion::parse(input.session_api_version.as_deref())?, input.session.clone())
}

/// `createAuthToken` of `types/edge.d.ts`.
#[wasm_bindgen(js_name = createAuthToken)]
pub fn create_auth_token(values: Vec<JsValue>) -> Promise {
    run(values, |input| {
        // Counted from the asking: the service begins to count later, if anything.
        let expires_at = js_sys::Date::now() + limits::AUTH_TOKEN_LIFETIME_MS;
        Ok((mint(&input)?, Reader::AuthToken(Minted::Given { expires_at })))
    })
}

/// `exchangeSession` of `types/edge.d.ts`.
#[wasm_bindgen(js_name = exchangeSession)]
pub fn exchange_session(values: Vec<JsValue>) -> Promise {
    run(values, |mut input| {
        input.session.auth_token = None;
        let request = mint(&input)?;
        // What the second request would be refused for is known before the first one is sent.
        redeem(&input)?;
        Ok((request, Reader::AuthToken(Minted::Redeemed(Box::new(input)))))
    })
}
