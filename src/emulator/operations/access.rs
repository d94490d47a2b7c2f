//! Authentication and authorization: API key, server key, user tokens, admin tokens, rate limit and
//! quota. A check that fails returns the error reply.

use super::super::admins::{Caller, Role, TokenStatus};
use super::super::errors;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;

/// Requires the API key of this network.
pub(super) fn require_api_key(state: &State, request: &Request) -> Result<(), Reply> {
    let is_known = request.header("x-api-key") == Some(state.keys.api_key.as_str());
    is_known.then_some(()).ok_or_else(errors::unauthorized)
}

/// Requires the server key of this network, or an earlier key that is in its grace period.
pub(super) fn require_server_key(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    let is_known = request
        .header("x-server-key")
        .is_some_and(|key| state.server_keys.is_valid(now, key));
    is_known.then_some(()).ok_or_else(errors::wrong_server_key)
}

/// Counts a call of a user and enforces the rate limit.
pub(super) fn enforce_rate_limit(state: &mut State, now: f64, user_id: &str) -> Result<(), Reply> {
    state
        .rate_limit
        .record_call(now, user_id)
        .map_err(errors::rate_limited)
}

/// Requires that a user is neither deleted nor banned. An unknown user passes.
pub(super) fn require_active_user(state: &State, user_id: &str) -> Result<(), Reply> {
    match state.users.get(user_id) {
        Some(user) if user.deleted => Err(errors::not_found("User")),
        Some(user) if user.banned => Err(errors::banned()),
        _ => Ok(()),
    }
}

/// Requires a valid access token of an active user within the rate limit. Returns the user id and
/// the token.
///
/// A GET by a visitor or bot counts against the daily quota.
pub(super) fn require_user<'a>(
    state: &mut State,
    now: f64,
    request: &'a Request,
) -> Result<(String, &'a str), Reply> {
    let token = request.bearer().ok_or_else(errors::unauthorized)?;
    let session = state
        .sessions
        .find_valid(now, token)
        .ok_or_else(errors::unauthorized)?;
    let (user_id, user_type) = (session.user_id.clone(), session.user_type);
    enforce_rate_limit(state, now, &user_id)?;
    require_active_user(state, &user_id)?;
    if user_type.is_guest()
        && request.method() == "GET"
        && !state
            .guests
            .count_read(now, state.options.visitor_daily_quota)
    {
        return Err(errors::quota_exceeded());
    }
    Ok((user_id, token))
}

/// Rejects a call of a visitor or bot, unless it reads data or ends the caller's own session.
///
/// This check precedes the operation, so that a call other than a read is forbidden even on an
/// unknown path.
pub(super) fn enforce_read_only(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    let guest = request
        .bearer()
        .and_then(|token| state.sessions.find_valid(now, token))
        .filter(|session| session.user_type.is_guest());
    match (guest, request.method(), request.path()) {
        (None, ..) | (_, "GET", _) | (_, "DELETE", "/api/v4/sessions") => Ok(()),
        (Some(session), ..) => Err(errors::read_only(session.user_type)),
    }
}

/// Requires a valid token of an admin or super-admin.
pub(super) fn require_admin(state: &State, now: f64, request: &Request) -> Result<Caller, Reply> {
    let token = request.bearer().ok_or_else(errors::unauthorized)?;
    match state.admins.token_status(now, token) {
        TokenStatus::Valid(caller) if caller.role != Role::None => Ok(caller),
        TokenStatus::Valid(_) => Err(errors::permission_denied()),
        TokenStatus::Expired => Err(errors::admin_unauthorized("token expired")),
        TokenStatus::Revoked => Err(errors::admin_unauthorized("Invalid token")),
        // A valid user token is authenticated but lacks the permission.
        TokenStatus::Unknown => Err(match state.sessions.find_valid(now, token) {
            Some(session) if session.user_type.is_guest() => errors::read_only(session.user_type),
            Some(_) => errors::permission_denied(),
            None => errors::admin_unauthorized("Invalid token"),
        }),
    }
}

/// Requires a valid token of an admin. Super-admins are rejected.
pub(super) fn require_plain_admin(
    state: &State,
    now: f64,
    request: &Request,
) -> Result<Caller, Reply> {
    let caller = require_admin(state, now, request)?;
    (caller.role == Role::Admin)
        .then_some(caller)
        .ok_or_else(errors::permission_denied)
}

/// Requires that a mode of the network is on.
pub(super) fn require_enabled(enabled: bool) -> Result<(), Reply> {
    enabled.then_some(()).ok_or_else(errors::forbidden)
}
