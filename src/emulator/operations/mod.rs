//! Routes each request to an operation of the service.

mod access;
mod admin_tokens;
mod auth_tokens;
mod guests;
mod network;
mod push;
mod refresh;
mod revoke;
mod security;
mod server_key;
mod sessions;
mod users;

use super::errors;
use super::guests::UserType;
use super::reply::Reply;
use super::request::Request;
use super::state::State;
use crate::protocol::limits;
use serde::Serialize;
use sessions::Version;

/// The reply of an operation. An error reply is an `Err`, so that operations can use `?`.
type Answer = Result<Reply, Reply>;
type Operation = fn(&mut State, f64, &Request) -> Answer;

/// The credential that authenticates a call.
#[derive(Clone, Copy, PartialEq)]
enum Credential {
    ApiKey,
    ServerKey,
    /// The access token of a user. `DELETE /api/v4/sessions` also accepts an admin token.
    Bearer,
    /// An admin token.
    Admin,
}

/// Finds the operation of a request and the credential that the operation needs. Paths and order
/// follow the contract.
fn find_operation(request: &Request) -> (Credential, Operation) {
    use Credential::{Admin, ApiKey, Bearer, ServerKey};
    match (request.method(), request.path()) {
        ("POST", "/api/v4/authentication/token") => (ServerKey, auth_tokens::mint_v4),
        ("GET", "/api/v3/authentication/token") => (ServerKey, auth_tokens::mint_v3),
        ("POST", "/api/v5/sessions") => (ApiKey, |state, now, request| {
            sessions::create(state, now, request, Version::V5)
        }),
        ("POST", "/api/v4/sessions") => (ApiKey, |state, now, request| {
            sessions::create(state, now, request, Version::V4)
        }),
        ("POST", "/api/v3/sessions") => (ApiKey, |state, now, request| {
            sessions::create(state, now, request, Version::V3)
        }),
        ("POST", "/api/v5/sessions/visitor") => (ApiKey, |state, now, request| {
            guests::create(state, now, request, UserType::Visitor)
        }),
        ("POST", "/api/v5/sessions/bot") => (ApiKey, |state, now, request| {
            guests::create(state, now, request, UserType::Bot)
        }),
        ("GET", "/v1/accessToken") => (ApiKey, refresh::refresh),
        ("GET", "/api/v3/sessions") => (Bearer, sessions::verify),
        ("GET", "/api/v3/network-settings/chat") => (Bearer, network::get_chat_settings),
        ("GET", path) if path.starts_with(users::USER_PREFIX) => (Bearer, users::get),
        ("DELETE", "/api/v4/sessions") => (Bearer, revoke::revoke_own_or_all),
        ("DELETE", path) if path.starts_with(revoke::USER_PREFIX) => (Admin, revoke::revoke_user),
        ("POST", "/api/v1/admin-token" | "/admin/v1/token") => (Admin, admin_tokens::issue),
        ("GET", "/admin/v1/token") => (Admin, admin_tokens::get),
        ("DELETE", "/admin/v1/token") => (Admin, admin_tokens::revoke),
        ("POST", "/api/v3/networks/server-key") => (Admin, server_key::issue),
        ("GET", "/api/v3/networks/server-key") => (Admin, server_key::get_last_change),
        ("GET", "/api/v3/network-settings/security-configs") => (Admin, security::get),
        ("PUT", "/api/v3/network-settings/security-configs") => (Admin, security::set),
        ("GET", "/api/v3/networks/me") => (Admin, network::get),
        ("PUT", "/api/v3/networks/me") => (Admin, network::set),
        ("POST", "/admin/v1/notification/setting") => (Admin, push::set),
        _ => (Bearer, |_, _, _| Err(errors::not_found("Path"))),
    }
}

/// Performs the operation of a request and returns its reply.
pub(super) fn perform(state: &mut State, now: f64, request: &Request) -> Reply {
    let (credential, operation) = find_operation(request);
    // The limit for the bodies of responses also applies to the bodies of requests.
    let result = if request.body().len() > limits::MAX_RESPONSE_BYTES as usize {
        Err(errors::too_large())
    } else if matches!(credential, Credential::ApiKey | Credential::ServerKey) {
        operation(state, now, request)
    } else {
        access::enforce_read_only(state, now, request).and_then(|()| operation(state, now, request))
    };
    result.unwrap_or_else(|error| error)
}

/// Returns whether mTLS protects a request. mTLS protects minting, administration, and every other
/// call with an admin token.
pub(super) fn is_protected(state: &State, request: &Request) -> bool {
    let (credential, _) = find_operation(request);
    matches!(credential, Credential::ServerKey | Credential::Admin)
        || request
            .bearer()
            .is_some_and(|token| state.admins.has_token(token))
}

/// The body of the reply to a successful call that has no result.
#[derive(Serialize)]
struct Success {
    success: bool,
}

fn reply_with_success() -> Reply {
    Reply::json(200, &Success { success: true })
}
