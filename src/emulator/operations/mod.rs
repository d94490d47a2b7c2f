//! Which request is which operation of the service.

mod access;
mod auth_tokens;
mod network;
mod refresh;
mod revoke;
mod sessions;
mod users;

use super::errors;
use super::message::{Reply, Request};
use super::state::State;
use crate::protocol::limits;
use sessions::Version;

/// An operation's answer; `Err` only so that a refusal can leave early.
type Answer = Result<Reply, Reply>;

/// Does what a request asks for and answers it.
pub(super) fn answer(state: &mut State, now: f64, request: &Request) -> Reply {
    let answer = if request.body().len() > limits::BODY_BYTES { Err(errors::too_large()) } else { route(state, now, request) };
    answer.unwrap_or_else(|refusal| refusal)
}

fn route(state: &mut State, now: f64, request: &Request) -> Answer {
    match (request.method(), request.path()) {
        ("POST", "/api/v4/authentication/token") => auth_tokens::mint_v4(state, now, request),
        ("GET", "/api/v3/authentication/token") => auth_tokens::mint_v3(state, now, request),
        ("POST", "/api/v5/sessions") => sessions::create(state, now, request, Version::V5),
        ("POST", "/api/v4/sessions") => sessions::create(state, now, request, Version::V4),
        ("POST", "/api/v3/sessions") => sessions::create(state, now, request, Version::V3),
        ("GET", "/api/v3/sessions") => sessions::verify(state, now, request),
        ("DELETE", "/api/v4/sessions") => revoke::own_or_all(state, now, request),
        ("DELETE", path) if path.starts_with(revoke::OF_USER) => revoke::all(state, now, request, request.segment_after(revoke::OF_USER)),
        ("GET", "/v1/accessToken") => refresh::access_token(state, now, request),
        ("GET", "/api/v3/network-settings/chat") => network::chat_settings(state, now, request),
        ("GET", path) if path.starts_with(users::ONE) => users::get(state, now, request),
        _ => Err(errors::not_found("Path")),
    }
}
