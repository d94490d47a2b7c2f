//! Ending access tokens before their time: one's own (secure logout), or, for an administrator, all
//! of a user.

use super::super::errors;
use super::super::message::Request;
use super::super::parameters::Parameters;
use super::super::state::State;
use super::{access, success, Answer};
use crate::protocol::limits;

/// Where the user id stands in the path.
pub(super) const OF_USER: &str = "/api/v4/sessions/users/";

/// `DELETE /api/v4/sessions`: of the bearer, unless a user is named in the query (or, as in 2023,
/// in the body) or the bearer is an administrator.
pub(super) fn own_or_all(state: &mut State, now: f64, request: &Request) -> Answer {
    let mut parameters = Parameters::of_body(request)?;
    let in_body = parameters.optional("userId", 0, u32::MAX);
    parameters.check(422)?;
    let named = request.query("userId").or(in_body);
    let administrator = request
        .bearer()
        .is_some_and(|token| state.admins.knows(token));
    if named.is_some() || administrator {
        return all(state, now, request, named);
    }
    let (_, token) = access::user(state, now, request)?;
    state.sessions.revoke(token);
    Ok(success())
}

/// `DELETE /api/v4/sessions/users/{userId}`.
pub(super) fn of_user(state: &mut State, now: f64, request: &Request) -> Answer {
    all(state, now, request, request.segment_after(OF_USER))
}

/// All tokens of a user. The id is the public one unless `isPublic=false`.
fn all(state: &mut State, now: f64, request: &Request, named: Option<String>) -> Answer {
    access::admin(state, now, request)?;
    let mut parameters = Parameters::of_query(request, &["isPublic"]);
    parameters.one_of("isPublic", &["true", "false"]);
    parameters.set("userId", named);
    let user_id = parameters.required("userId", limits::USER_ID);
    parameters.check(422)?;
    let internal = request
        .query("isPublic")
        .is_some_and(|public| public == "false");
    let user = if internal {
        state.users.by_internal_id(&user_id)
    } else {
        state.users.get(&user_id)
    };
    match user.filter(|user| !user.deleted) {
        None => Err(errors::not_found("User")),
        Some(user) if user.banned => Err(errors::banned()),
        Some(user) => {
            state.sessions.revoke_all_of(&user.user_id);
            Ok(success())
        }
    }
}
