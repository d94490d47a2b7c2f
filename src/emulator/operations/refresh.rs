//! The legacy `GET /v1/accessToken`: exchanges the refresh token of a v3 or v4 session for an
//! access token.

use super::super::errors;
use super::super::guests::UserType;
use super::super::parameters::Parameters;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::sessions::NewSession;
use super::super::state::State;
use super::{access, Answer};
use crate::protocol::limits;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refreshed<'a> {
    access_token: &'a str,
}

/// Issues an access token and ends the device's previous access token, as a new session does. The
/// refresh token stays valid, because the response contains no new refresh token.
pub(super) fn refresh(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_api_key(state, request)?;
    let mut parameters = Parameters::from_query(request, &["userId", "refreshToken"]);
    let user_id = parameters.read_required("userId", limits::MAX_USER_ID_LENGTH);
    let refresh_token = parameters.read_required("refreshToken", u32::MAX);
    parameters.finish(422)?;
    access::enforce_rate_limit(state, now, &user_id)?;
    let session = state
        .sessions
        .find_refreshable(&user_id, &refresh_token)
        .ok_or_else(errors::unauthorized)?;
    let device_id = session.device_id.clone();
    access::require_active_user(state, &user_id)?;
    let issued = state.issue_access_token(now, &user_id, &device_id);
    let entry = NewSession {
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
