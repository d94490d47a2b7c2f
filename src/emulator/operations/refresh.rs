//! The legacy `GET /v1/accessToken`: a new access token for the refresh token of a v3 or v4
//! session.

use super::super::errors;
use super::super::guests::UserType;
use super::super::message::{Reply, Request};
use super::super::parameters::Parameters;
use super::super::sessions::Entry;
use super::super::state::State;
use super::{access, Answer};
use crate::protocol::limits;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refreshed<'a> {
    access_token: &'a str,
}

/// The device's earlier access token ends, as with a new session; the refresh token stays good,
/// since the answer has no other.
pub(super) fn access_token(state: &mut State, now: f64, request: &Request) -> Answer {
    access::api_key(state, request)?;
    let mut parameters = Parameters::of_query(request, &["userId", "refreshToken"]);
    let user_id = parameters.required("userId", limits::USER_ID);
    let refresh_token = parameters.required("refreshToken", u32::MAX);
    parameters.check(422)?;
    access::within_rate(state, now, &user_id)?;
    let session = state
        .sessions
        .refreshable(&user_id, &refresh_token)
        .ok_or_else(errors::unauthorized)?;
    let device_id = session.device_id.clone();
    access::in_good_standing(state, &user_id)?;
    let issued = state.issue(now, &user_id, &device_id);
    let entry = Entry {
        user_id: &user_id,
        device_id: &device_id,
        user_type: UserType::SignedIn,
        refresh_token: Some(refresh_token),
    };
    state.sessions.begin(&issued, entry);
    Ok(Reply::json(
        200,
        &Refreshed {
            access_token: &issued.access_token,
        },
    ))
}
