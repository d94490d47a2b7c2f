//! Who is asking: the API key, the server key, a user's bearer token, an administrator's.

use super::super::errors;
use super::super::message::{Reply, Request};
use super::super::state::{AdminToken, State};

/// The API key names this network.
pub(super) fn api_key(state: &State, request: &Request) -> Result<(), Reply> {
    let known = request.header("x-api-key") == Some(state.keys.api_key.as_str());
    known.then_some(()).ok_or_else(errors::unauthorized)
}

/// The server key is this network's.
pub(super) fn server_key(state: &State, request: &Request) -> Result<(), Reply> {
    let known = request.header("x-server-key") == Some(state.keys.server_key.as_str());
    known.then_some(()).ok_or_else(errors::server_key)
}

/// One more call of this user, unless it is one too many.
pub(super) fn within_rate(state: &mut State, now: f64, user_id: &str) -> Result<(), Reply> {
    state.rate.count(now, user_id).map_err(errors::rate_limit)
}

/// The user may still act; one that nobody has seen yet may too.
pub(super) fn in_good_standing(state: &State, user_id: &str) -> Result<(), Reply> {
    match state.users.get(user_id) {
        Some(user) if user.deleted => Err(errors::not_found("User")),
        Some(user) if user.banned => Err(errors::banned()),
        _ => Ok(()),
    }
}

/// The user of a bearer token that is good now, and the token.
pub(super) fn user<'a>(state: &mut State, now: f64, request: &'a Request) -> Result<(String, &'a str), Reply> {
    let token = request.bearer().ok_or_else(errors::unauthorized)?;
    let user_id = state.sessions.alive(now, token).ok_or_else(errors::unauthorized)?.user_id.clone();
    within_rate(state, now, &user_id)?;
    in_good_standing(state, &user_id)?;
    Ok((user_id, token))
}

/// The bearer token is an administrator's.
pub(super) fn admin(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    let token = request.bearer().ok_or_else(errors::unauthorized)?;
    match state.admin(now, token) {
        AdminToken::Good => Ok(()),
        AdminToken::Expired => Err(errors::admin_unauthorized("token expired")),
        // A user is known, and has no such right.
        AdminToken::Unknown if state.sessions.alive(now, token).is_some() => Err(errors::permission_denied()),
        AdminToken::Unknown => Err(errors::admin_unauthorized("Invalid token")),
    }
}
