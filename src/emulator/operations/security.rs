//! Returns and changes the security settings: how long a replaced server key or admin token stays
//! valid, and `apiScopeEnabled`, which has no effect in the emulator.

use super::super::parameters::Parameters;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;
use super::{access, Answer};
use serde::Serialize;

/// One year, in hours.
const MAX_GRACE_HOURS: f64 = 8760.0;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SecurityConfigsBody {
    security_configs: Configs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configs {
    server_key: ServerKey,
    admin_token: AdminToken,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServerKey {
    expires_in_hours: f64,
    api_scope_enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdminToken {
    expires_in_hours: f64,
}

fn reply_with_config(state: &State) -> Reply {
    let config = state.security;
    let server_key = ServerKey {
        expires_in_hours: config.server_key_hours,
        api_scope_enabled: config.api_scope_enabled,
    };
    let admin_token = AdminToken {
        expires_in_hours: config.admin_token_hours,
    };
    Reply::json(
        200,
        &SecurityConfigsBody {
            security_configs: Configs {
                server_key,
                admin_token,
            },
        },
    )
}

/// `GET /api/v3/network-settings/security-configs`: returns the settings.
pub(super) fn get(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_admin(state, now, request)?;
    Ok(reply_with_config(state))
}

/// `PUT /api/v3/network-settings/security-configs`: changes the given fields.
///
/// Keys and tokens that were replaced earlier keep their expiry.
pub(super) fn set(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_admin(state, now, request)?;
    let mut parameters = Parameters::from_body(request)?;
    let mut config = state.security;
    parameters.check_object("serverKey", "serverKey.", |key| {
        config.server_key_hours = key
            .read_number("expiresInHours", MAX_GRACE_HOURS)
            .unwrap_or(config.server_key_hours);
        config.api_scope_enabled = key
            .read_bool("apiScopeEnabled")
            .unwrap_or(config.api_scope_enabled);
    });
    parameters.check_object("adminToken", "adminToken.", |token| {
        config.admin_token_hours = token
            .read_number("expiresInHours", MAX_GRACE_HOURS)
            .unwrap_or(config.admin_token_hours);
    });
    parameters.finish(422)?;
    state.security = config;
    Ok(reply_with_config(state))
}
