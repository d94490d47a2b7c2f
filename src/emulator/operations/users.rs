//! Returns a user. The official SDK requests the user at `loginWithAccessToken`, and 7.x also when
//! it resumes a session.

use super::super::errors;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;
use super::super::users::WireUser;
use super::{access, Answer};
use serde::Serialize;

/// The path before the user id.
pub(super) const USER_PREFIX: &str = "/api/v3/users/";

#[derive(Serialize)]
struct UsersBody<'a> {
    users: [WireUser<'a>; 1],
}

/// `GET /api/v3/users/{userId}`: returns a user, even if the user is banned or deleted.
pub(super) fn get(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_user(state, now, request)?;
    let user = request
        .segment_after(USER_PREFIX)
        .and_then(|user_id| state.users.get(&user_id))
        .ok_or_else(|| errors::not_found("User"))?;
    Ok(Reply::json(
        200,
        &UsersBody {
            users: [user.to_wire(&state.keys.network_id)],
        },
    ))
}
