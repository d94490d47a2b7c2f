//! The functions that only the edge artifact exports: auth tokens and administration.

use super::input::Input;
use super::json::Value;
use super::requests::build;
use crate::protocol::admin::{self, PushEvent, SecurityConfig};
use crate::protocol::auth_token::{self, TokenVersion};
use crate::protocol::json::Json;
use crate::protocol::wire::Input as Place;
use crate::protocol::wire::Input::{
    AdminTokenExpiresInHours, ApiKey, ApiScopeEnabled, ApiVersion, Credential, Enabled, EventCount,
    Events, IsPublic, ServerKeyExpiresInHours, SessionApiVersion,
};
use crate::protocol::{Error, Purpose, Request, SessionKind, SessionVersion};
use wasm_bindgen::prelude::*;

fn build_mint_request(input: &Input) -> Result<Request<'_>, Error> {
    let version = TokenVersion::parse(input.text(ApiVersion))?;
    auth_token::request(
        &input.service()?,
        input.secret(Credential),
        input.user_id(),
        version,
    )
}

fn build_redeem_request(input: &Input) -> Result<Request<'_>, Error> {
    let version = SessionVersion::parse(input.text(SessionApiVersion))?;
    input
        .session(SessionKind::User)
        .http(&input.service()?, input.secret(ApiKey), version)
}

/// Builds the request of `createAuthToken` in `types/edge.d.ts`.
#[wasm_bindgen(js_name = createAuthToken)]
pub fn create_auth_token() {
    build(&build_mint_request);
}

/// Builds the first request of `exchangeSession` in `types/edge.d.ts`. Also checks the options of
/// the second request, so that invalid options are rejected before any request is sent.
#[wasm_bindgen(js_name = exchangeSession)]
pub fn exchange_session() {
    build(&|input| build_redeem_request(input).and_then(|_| build_mint_request(input)));
}

/// Builds the second request of `exchangeSession`. Its input contains the auth token.
#[wasm_bindgen(js_name = redeemSession)]
pub fn redeem_session() {
    build(&build_redeem_request);
}

/// Builds the request of an administration call. `purpose` is the code of the call's `Purpose`.
#[wasm_bindgen]
pub fn administer(purpose: u8) {
    build(&|input| {
        let purpose = Purpose::from_code(purpose).unwrap_or(Purpose::GetNetwork);
        let body = match purpose {
            Purpose::SetSecurityConfig => Some(admin::security_config_body(&SecurityConfig {
                server_key_expires_in_hours: read_whole_number(ServerKeyExpiresInHours),
                server_key_api_scope_enabled: Value::at(ApiScopeEnabled as u8).flag(),
                admin_token_expires_in_hours: read_whole_number(AdminTokenExpiresInHours),
            })?),
            Purpose::SetSecureMode => Some(admin::secure_mode_body(read_enabled()?)),
            Purpose::SetNetworkPush => Some(admin::push_body(
                read_enabled()?,
                read_whole_number(EventCount),
                &read_event,
            )?),
            _ => None,
        };
        admin::request(
            &input.service()?,
            input.secret(Credential),
            purpose,
            input.user_id(),
            Value::at(IsPublic as u8).flag().unwrap_or(true),
            body,
        )
    });
}

fn read_enabled() -> Result<bool, Error> {
    read_required_flag(Enabled as u8, "enabled")
}

fn read_required_flag(index: u8, field: &'static str) -> Result<bool, Error> {
    Value::at(index)
        .flag()
        .ok_or_else(|| Error::invalid(field, "is required."))
}

/// Reads the event at a position of `events`, counted from 0. Each event has two values in the
/// input: its `name`, followed by its `enabled`.
fn read_event(position: u32) -> Result<PushEvent, Error> {
    let index = Events as u8 + 2 * position as u8;
    Ok(PushEvent {
        name: Value::at(index).text().unwrap_or_default(),
        enabled: read_required_flag(index + 1, "events.enabled")?,
    })
}

/// Reads a whole number. Any other number becomes `u32::MAX`, which the protocol rejects.
fn read_whole_number(place: Place) -> Option<u32> {
    let number = Value::at(place as u8).number()?;
    let whole = number as u32;
    Some(if f64::from(whole) == number {
        whole
    } else {
        u32::MAX
    })
}
