//! Issues a new server key, and returns when and by whom the server key was last changed.

use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;
use super::{access, Answer};
use crate::protocol::date::format_iso;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LastChange<'a> {
    updated_at: String,
    updated_by: &'a str,
}

/// `POST /api/v3/networks/server-key`: issues a key and returns it as a JSON string. The previous
/// key stays valid for its grace period.
pub(super) fn issue(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::require_plain_admin(state, now, request)?;
    let key = state.random.draw_hex(122);
    state.server_keys.replace(
        key,
        now,
        caller.username,
        state.security.server_key_grace_ms(),
    );
    Ok(Reply::json(200, &state.server_keys.current))
}

/// `GET /api/v3/networks/server-key`: returns the time of the last change and the name of the
/// console user who made it.
pub(super) fn get_last_change(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_admin(state, now, request)?;
    let keys = &state.server_keys;
    Ok(Reply::json(
        200,
        &LastChange {
            updated_at: format_iso(keys.updated_at),
            updated_by: &keys.updated_by,
        },
    ))
}
