//! The calls that need the server key.

use super::calls::{run, session_request, Next, Reader};
use super::input::{Input, Options};
use crate::protocol::auth_token::{self, TokenVersion};
use crate::protocol::{limits, Error, Request, Response, SessionRequest};
use alloc::string::String;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;

/// What a minted auth token is for.
pub(super) enum Minted {
    /// The caller, with when it ends.
    Given { user_id: String, expires_at: f64 },
    /// A session in the same call.
    Redeemed(Options, SessionRequest),
}

#[wasm_bindgen(module = "/src/js/made.js")]
extern "C" {
    #[wasm_bindgen(js_name = authToken)]
    fn made_auth_token(token: &str, user_id: &str, expires_at: f64) -> JsValue;
}

impl Minted {
    pub(super) fn read(self, answer: &Response<JsString>) -> Result<Next, Error> {
        let token = auth_token::parse(answer)?;
        match self {
            Minted::Given { user_id, expires_at } => Ok(Next::Done(made_auth_token(token.expose(), &user_id, expires_at))),
            Minted::Redeemed(options, request) => {
                let request = SessionRequest { auth_token: Some(token), ..request };
                let (http, reader) = session_request(&options, options.session_api_version(), request)?;
                Ok(Next::Send(http, reader))
            }
        }
    }
}

fn mint(options: &Options, user_id: &str) -> Result<Request, Error> {
    let version = TokenVersion::parse(options.api_version().as_deref())?;
    auth_token::request(&options.service()?, options.secret_server_key(), user_id, version)
}

/// `createAuthToken` of `types/edge.d.ts`.
#[wasm_bindgen(js_name = createAuthToken)]
pub fn create_auth_token(options: &Options, input: &Input) -> Promise {
    let user_id = input.user_id();
    let http = mint(options, &user_id);
    // Ten minutes from the asking: the service begins to count later, if anything.
    let expires_at = js_sys::Date::now() + limits::AUTH_TOKEN_LIFETIME_MS;
    run("createAuthToken", options, input, http.map(|http| (http, Reader::AuthToken(Minted::Given { user_id, expires_at }))))
}

/// `exchangeSession` of `types/edge.d.ts`.
#[wasm_bindgen(js_name = exchangeSession)]
pub fn exchange_session(options: &Options, input: &Input) -> Promise {
    let request = input.session();
    // What the second request would be refused for is known before the first one is sent.
    let http = session_request(options, options.session_api_version(), request.clone()).and_then(|_| mint(options, &request.user_id));
    run("exchangeSession", options, input, http.map(|http| (http, Reader::AuthToken(Minted::Redeemed(options.clone(), request)))))
}
