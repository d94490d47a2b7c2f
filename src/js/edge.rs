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

fn mint(input: &Input) -> Result<Request<'_>, Error> {
    let version = TokenVersion::parse(input.text(ApiVersion))?;
    auth_token::request(
        &input.service()?,
        input.secret(Credential),
        input.user_id(),
        version,
    )
}

fn redeem(input: &Input) -> Result<Request<'_>, Error> {
    let version = SessionVersion::parse(input.text(SessionApiVersion))?;
    input
        .session(SessionKind::User)
        .http(&input.service()?, input.secret(ApiKey), version)
}

/// Builds the request of `createAuthToken` in `types/edge.d.ts`.
#[wasm_bindgen(js_name = createAuthToken)]
pub fn create_auth_token() {
    build(&mint);
}

/// Builds the first request of `exchangeSession` in `types/edge.d.ts`. Also checks the second
/// request, so that an invalid one is rejected before anything is sent.
#[wasm_bindgen(js_name = exchangeSession)]
pub fn exchange_session() {
    build(&|input| redeem(input).and_then(|_| mint(input)));
}

/// Builds the second request of `exchangeSession`. Its input contains the auth token.
#[wasm_bindgen(js_name = redeemSession)]
pub fn redeem_session() {
    build(&redeem);
}

/// Builds the request of an administration call. `purpose` is its `Purpose`.
#[wasm_bindgen]
pub fn administer(purpose: u8) {
    build(&|input| {
        let purpose = Purpose::from_code(purpose).unwrap_or(Purpose::GetNetwork);
        let body = match purpose {
            Purpose::SetSecurityConfig => Some(admin::security_config_body(&SecurityConfig {
                server_key_expires_in_hours: whole(ServerKeyExpiresInHours),
                server_key_api_scope_enabled: Value::at(ApiScopeEnabled as u8).flag(),
                admin_token_expires_in_hours: whole(AdminTokenExpiresInHours),
            })?),
            Purpose::SetSecureMode => Some(admin::secure_mode_body(enabled()?)),
            Purpose::SetNetworkPush => {
                Some(admin::push_body(enabled()?, whole(EventCount), &event)?)
            }
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

fn enabled() -> Result<bool, Error> {
    required_flag(Enabled as u8, "enabled")
}

fn required_flag(index: u8, field: &'static str) -> Result<bool, Error> {
    Value::at(index)
        .flag()
        .ok_or_else(|| Error::invalid(field, "is required."))
}

/// Reads an entry of `events`: its name is at one index, its switch at the next one.
fn event(at: u32) -> Result<PushEvent, Error> {
    let index = Events as u8 + 2 * at as u8;
    Ok(PushEvent {
        name: Value::at(index).text().unwrap_or_default(),
        enabled: required_flag(index + 1, "events.enabled")?,
    })
}

/// Reads a whole number. Any other number becomes `u32::MAX`, which the protocol rejects.
fn whole(place: Place) -> Option<u32> {
    let number = Value::at(place as u8).number()?;
    let whole = number as u32;
    Some(if f64::from(whole) == number {
        whole
    } else {
        u32::MAX
    })
}
