//! Mints auth tokens with the server key, in v4 and in the deprecated v3. Both require secure mode.

use super::super::parameters::Parameters;
use super::super::reply::{self, Reply};
use super::super::request::Request;
use super::super::state::State;
use super::{access, Answer};
use crate::protocol::limits;

/// `POST /api/v4/authentication/token`: returns the token as text in double quotes, as the service
/// does in practice.
pub(super) fn mint_v4(state: &mut State, now: f64, request: &Request) -> Answer {
    require_permission(state, now, request)?;
    let mut parameters = Parameters::from_body(request)?;
    let user_id = parameters.read_required("userId", limits::MAX_USER_ID_LENGTH);
    parameters.finish(422)?;
    Ok(Reply::new(
        200,
        reply::TEXT,
        format!("\"{}\"", state.mint_auth_token(now, user_id)),
    ))
}

/// `GET /api/v3/authentication/token?userId=…`: returns the token as a JSON string. If a
/// parameter is invalid, the reply has status 500.
pub(super) fn mint_v3(state: &mut State, now: f64, request: &Request) -> Answer {
    require_permission(state, now, request)?;
    let mut parameters = Parameters::from_query(request, &["userId"]);
    let user_id = parameters.read_required("userId", limits::MAX_USER_ID_LENGTH_V3_TOKEN);
    parameters.finish(500)?;
    Ok(Reply::json(200, &state.mint_auth_token(now, user_id)))
}

fn require_permission(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    access::require_server_key(state, now, request)?;
    access::require_enabled(state.secure_mode)
}
