//! Issues and returns admin tokens, and revokes all admin tokens of a console user.

use super::super::admins::{AdminToken, Role};
use super::super::errors;
use super::super::parameters::Parameters;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;
use super::{access, reply_with_success, Answer};
use crate::protocol::date::format_iso;
use crate::protocol::limits;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdminTokenBody<'a> {
    admin_token: &'a str,
    issued_at: String,
    expires_at: String,
}

fn reply_with(token: Option<&AdminToken>) -> Answer {
    // This error is unreachable: the caller has just authenticated with one of its tokens.
    let token = token.ok_or_else(errors::permission_denied)?;
    let (issued_at, expires_at) = (format_iso(token.issued_at), format_iso(token.expires_at));
    Ok(Reply::json(
        200,
        &AdminTokenBody {
            admin_token: &token.text,
            issued_at,
            expires_at,
        },
    ))
}

/// `POST /api/v1/admin-token` (formerly `POST /admin/v1/token`): issues a token to the calling
/// admin. The previous token stays valid for its grace period.
pub(super) fn issue(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::require_plain_admin(state, now, request)?;
    let jti = state.random.draw_hex(16);
    reply_with(state.admins.issue(
        now,
        &caller.username,
        jti,
        state.security.admin_token_grace_ms(),
    ))
}

/// `GET /admin/v1/token`: returns the calling admin's newest token.
pub(super) fn get(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::require_plain_admin(state, now, request)?;
    reply_with(state.admins.newest_token(&caller.username))
}

/// `DELETE /admin/v1/token`: revokes a console user's tokens, including those in their grace
/// period. An admin may revoke only its own tokens; a super-admin may revoke the tokens of any
/// console user.
pub(super) fn revoke(state: &mut State, now: f64, request: &Request) -> Answer {
    let caller = access::require_admin(state, now, request)?;
    let mut parameters = Parameters::from_body(request)?;
    let username = parameters.read_required("username", limits::MAX_USERNAME_LENGTH);
    parameters.finish(422)?;
    if !state.admins.has_user(&username) {
        return Err(errors::not_found("username"));
    }
    if caller.role != Role::SuperAdmin && caller.username != username {
        return Err(errors::permission_denied());
    }
    state.admins.revoke(&username);
    Ok(reply_with_success())
}
