//! The server key: a new one, and when it was changed last.

use super::super::message::{Reply, Request};
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

/// `POST /api/v3/networks/server-key`: the key as a JSON string; the one before stays good for its
/// grace period.
pub(super) fn issue(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::plain_admin(state, now, request)?;
    let key = state.random.hex(122);
    state.server_keys.replace(
        key,
        now,
        caller.username,
        state.security.server_key_grace_ms(),
    );
    Ok(Reply::json(200, &state.server_keys.current))
}

/// `GET /api/v3/networks/server-key`.
pub(super) fn last_change(state: &mut State, now: f64, request: &Request) -> Answer {
    access::admin(state, now, request)?;
    let keys = &state.server_keys;
    Ok(Reply::json(
        200,
        &LastChange {
            updated_at: format_iso(keys.updated_at),
            updated_by: &keys.updated_by,
        },
    ))
}
