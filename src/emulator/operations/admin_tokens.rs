//! Admin tokens: a new one, the current one, and an end to all of one admin.

use super::super::admins::{AdminToken, Role, USERNAME};
use super::super::errors;
use super::super::message::{Reply, Request};
use super::super::parameters::Parameters;
use super::super::state::State;
use super::{access, success, Answer};
use crate::protocol::date::format_iso;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    admin_token: &'a str,
    issued_at: String,
    expires_at: String,
}

fn shown(token: Option<&AdminToken>) -> Answer {
    // Whoever asks has one, so that there always is a newest.
    let token = token.ok_or_else(errors::permission_denied)?;
    let (issued_at, expires_at) = (format_iso(token.issued_at), format_iso(token.expires_at));
    Ok(Reply::json(
        200,
        &Shown {
            admin_token: &token.text,
            issued_at,
            expires_at,
        },
    ))
}

/// `POST /api/v1/admin-token`, before: `POST /admin/v1/token`. For the admin who asks; the one
/// before stays good for its grace period.
pub(super) fn issue(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::plain_admin(state, now, request)?;
    let jti = state.random.hex(16);
    shown(state.admins.issue(
        now,
        &caller.username,
        jti,
        state.security.admin_token_grace_ms(),
    ))
}

/// `GET /admin/v1/token`: the newest of the admin who asks.
pub(super) fn current(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::plain_admin(state, now, request)?;
    shown(state.admins.newest(&caller.username))
}

/// `DELETE /admin/v1/token`: an admin revokes only its own, a super-admin any; those in their grace
/// period end too.
pub(super) fn revoke(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::admin(state, now, request)?;
    let mut parameters = Parameters::of_body(request)?;
    let username = parameters.required("username", USERNAME);
    parameters.check(422)?;
    if !state.admins.has(&username) {
        return Err(errors::not_found("username"));
    }
    if caller.role != Role::SuperAdmin && caller.username != username {
        return Err(errors::permission_denied());
    }
    state.admins.revoke(&username);
    Ok(success())
}
