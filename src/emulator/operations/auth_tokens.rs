//! Minting an auth token with the server key: v4, and the deprecated v3. Both only in secure mode.

use super::super::errors;
use super::super::message::{Reply, Request};
use super::super::parameters::Parameters;
use super::super::state::State;
use super::{access, Answer};
use crate::protocol::limits;

/// `POST /api/v4/authentication/token`: text, and in practice with double quotes around it.
pub(super) fn mint_v4(state: &mut State, now: f64, request: &Request) -> Answer {
    allowed(state, now, request)?;
    let mut parameters = Parameters::of_body(request)?;
    let user_id = parameters.required("userId", limits::USER_ID);
    parameters.check(422)?;
    Ok(Reply::new(
        200,
        errors::TEXT,
        format!("\"{}\"", state.mint(now, user_id)),
    ))
}

/// `GET /api/v3/authentication/token?userId=…`: a JSON string, and 500 for parameters that are
/// refused.
pub(super) fn mint_v3(state: &mut State, now: f64, request: &Request) -> Answer {
    allowed(state, now, request)?;
    let mut parameters = Parameters::of_query(request, &["userId"]);
    let user_id = parameters.required("userId", limits::USER_ID_V3_TOKEN);
    parameters.check(500)?;
    Ok(Reply::json(200, &state.mint(now, user_id)))
}

fn allowed(state: &State, now: f64, request: &Request) -> Result<(), Reply> {
    access::server_key(state, now, request)?;
    access::turned_on(state.secure_mode)
}
