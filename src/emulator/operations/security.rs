//! The grace periods: how long a server key or admin token that was replaced stays good.

use super::super::message::{Reply, Request};
use super::super::parameters::Parameters;
use super::super::state::State;
use super::{access, Answer};
use serde::Serialize;

/// The longest that can be set, a year.
const MOST_HOURS: f64 = 8760.0;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
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

fn shown(state: &State) -> Reply {
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
        &Shown {
            security_configs: Configs {
                server_key,
                admin_token,
            },
        },
    )
}

/// `GET /api/v3/network-settings/security-configs`.
pub(super) fn get(state: &mut State, now: f64, request: &Request) -> Answer {
    access::admin(state, now, request)?;
    Ok(shown(state))
}

/// `PUT /api/v3/network-settings/security-configs`: what is not named stays, and what was replaced
/// before keeps the end that it was given.
pub(super) fn set(state: &mut State, now: f64, request: &Request) -> Answer {
    access::admin(state, now, request)?;
    let mut parameters = Parameters::of_body(request)?;
    let mut config = state.security;
    parameters.object("serverKey", "serverKey.", |key| {
        config.server_key_hours = key
            .number("expiresInHours", MOST_HOURS)
            .unwrap_or(config.server_key_hours);
        config.api_scope_enabled = key
            .flag("apiScopeEnabled")
            .unwrap_or(config.api_scope_enabled);
    });
    parameters.object("adminToken", "adminToken.", |token| {
        config.admin_token_hours = token
            .number("expiresInHours", MOST_HOURS)
            .unwrap_or(config.admin_token_hours);
    });
    parameters.check(422)?;
    state.security = config;
    Ok(shown(state))
}
