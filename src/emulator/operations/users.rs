//! One user's data, which the official SDK asks for when it takes a session up again.

use super::super::errors;
use super::super::message::{Reply, Request};
use super::super::state::State;
use super::super::users::WireUser;
use super::{access, Answer};
use serde::Serialize;

/// Where the user id stands in the path.
pub(super) const ONE: &str = "/api/v3/users/";

#[derive(Serialize)]
struct Found<'a> {
    users: [WireUser<'a>; 1],
}

/// `GET /api/v3/users/{userId}`: banned and deleted users are shown as such.
pub(super) fn get(state: &mut State, now: f64, request: &Request) -> Answer {
    access::user(state, now, request)?;
    let user = request
        .segment_after(ONE)
        .and_then(|user_id| state.users.get(&user_id))
        .ok_or_else(|| errors::not_found("User"))?;
    Ok(Reply::json(
        200,
        &Found {
            users: [user.wire(&state.keys.network_id)],
        },
    ))
}
