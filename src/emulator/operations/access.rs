//! Who is asking, and whether they may: the API key, the server key, a user's bearer token, an
//! administrator's.

use super::super::admins::{Caller, Role, Standing};
use super::super::errors;
use super::super::message::{Reply, Request};
use super::super::state::State;

/// The API key names this network.
pub(super) fn api_key(state: &State, request: &Request) -> Result<(), Reply> {
    let known = request.header("x-api-key") == Some(state.keys.api_key.as_str());
    known.then_some(()).ok_or_else(errors::unauthorized)
}

/// The server key is this network's, or one that it had until a moment ago.
pub(super) fn server_key(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    let known = request
        .header("x-server-key")
        .is_some_and(|key| state.server_keys.accepts(now, key));
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

/// The user of a bearer token that is good now, and the token. A visitor's or bot's GET is a read
/// that the daily quota counts.
pub(super) fn user<'a>(
    state: &mut State,
    now: f64,
    request: &'a Request,
) -> Result<(String, &'a str), Reply> {
    let token = request.bearer().ok_or_else(errors::unauthorized)?;
    let session = state
        .sessions
        .alive(now, token)
        .ok_or_else(errors::unauthorized)?;
    let (user_id, user_type) = (session.user_id.clone(), session.user_type);
    within_rate(state, now, &user_id)?;
    in_good_standing(state, &user_id)?;
    if user_type.is_guest()
        && request.method() == "GET"
        && !state
            .guests
            .may_read(now, state.options.visitor_daily_quota)
    {
        return Err(errors::quota());
    }
    Ok((user_id, token))
}

/// Visitors and bots may read, whatever it is, and end their own session. Everything else is
/// refused before anyone looks whether it exists.
pub(super) fn read_only(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    let guest = request
        .bearer()
        .and_then(|token| state.sessions.alive(now, token))
        .filter(|session| session.user_type.is_guest());
    match (guest, request.method(), request.path()) {
        (None, ..) | (_, "GET", _) | (_, "DELETE", "/api/v4/sessions") => Ok(()),
        (Some(session), ..) => Err(errors::read_only(session.user_type)),
    }
}

/// The bearer token is good and belongs to a user of the console, who may do something here.
pub(super) fn admin(state: &State, now: f64, request: &Request) -> Result<Caller, Reply> {
    let token = request.bearer().ok_or_else(errors::unauthorized)?;
    match state.admins.standing(now, token) {
        Standing::Good(caller) if caller.role != Role::None => Ok(caller),
        Standing::Good(_) => Err(errors::permission_denied()),
        Standing::Expired => Err(errors::admin_unauthorized("token expired")),
        Standing::Revoked => Err(errors::admin_unauthorized("Invalid token")),
        // A user is known, and has no such right.
        Standing::Unknown => Err(match state.sessions.alive(now, token) {
            Some(session) if session.user_type.is_guest() => errors::read_only(session.user_type),
            Some(_) => errors::permission_denied(),
            None => errors::admin_unauthorized("Invalid token"),
        }),
    }
}

/// As `admin`, but it is not for super-admins.
pub(super) fn plain_admin(state: &State, now: f64, request: &Request) -> Result<Caller, Reply> {
    let caller = admin(state, now, request)?;
    (caller.role == Role::Admin)
        .then_some(caller)
        .ok_or_else(errors::permission_denied)
}

/// A mode that the vendor has turned on.
pub(super) fn turned_on(mode: bool) -> Result<(), Reply> {
    mode.then_some(()).ok_or_else(errors::forbidden)
}
