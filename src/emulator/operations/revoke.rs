//! Revokes access tokens: the caller's own token (secure logout), or all tokens of a user if the
//! caller is an admin.

use super::super::errors;
use super::super::parameters::Parameters;
use super::super::request::Request;
use super::super::state::State;
use super::{access, reply_with_success, Answer};
use crate::protocol::limits;

/// The path before the user id.
pub(super) const USER_PREFIX: &str = "/api/v4/sessions/users/";

/// `DELETE /api/v4/sessions`: revokes the caller's access token.
///
/// If the request contains `userId`, in the query or in the body (as in the API of 2023), or if the
/// caller is an admin, revokes all tokens of the user `userId` instead.
pub(super) fn revoke_own_or_all(state: &mut State, now: f64, request: &Request) -> Answer {
    let mut parameters = Parameters::from_body(request)?;
    let body_user_id = parameters.read_optional("userId", 0, u32::MAX);
    parameters.finish(422)?;
    let user_id = request.query("userId").or(body_user_id);
    let is_admin = request
        .bearer()
        .is_some_and(|token| state.admins.has_token(token));
    if user_id.is_some() || is_admin {
        return revoke_all(state, now, request, user_id);
    }
    let (_, token) = access::require_user(state, now, request)?;
    state.sessions.revoke(token);
    Ok(reply_with_success())
}

/// `DELETE /api/v4/sessions/users/{userId}`: revokes all tokens of a user.
pub(super) fn revoke_user(state: &mut State, now: f64, request: &Request) -> Answer {
    revoke_all(state, now, request, request.segment_after(USER_PREFIX))
}

/// Revokes all tokens of a user. With `isPublic=false`, `user_id` is the user's internal id.
fn revoke_all(state: &mut State, now: f64, request: &Request, user_id: Option<String>) -> Answer {
    access::require_admin(state, now, request)?;
    let mut parameters = Parameters::from_query(request, &["isPublic"]);
    parameters.check_one_of("isPublic", &["true", "false"]);
    parameters.set("userId", user_id);
    let user_id = parameters.read_required("userId", limits::MAX_USER_ID_LENGTH);
    parameters.finish(422)?;
    let is_internal = request
        .query("isPublic")
        .is_some_and(|public| public == "false");
    let user = if is_internal {
        state.users.find_by_internal_id(&user_id)
    } else {
        state.users.get(&user_id)
    };
    match user.filter(|user| !user.deleted) {
        None => Err(errors::not_found("User")),
        Some(user) if user.banned => Err(errors::banned()),
        Some(user) => {
            state.sessions.revoke_all_of(&user.user_id);
            Ok(reply_with_success())
        }
    }
}
