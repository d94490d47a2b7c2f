//! Sessions of guests (visitors and bots). A guest needs an API key and a device id. In secure
//! visitor mode a visitor also needs a signature.

use super::super::errors;
use super::super::guests::UserType;
use super::super::parameters::Parameters;
use super::super::request::Request;
use super::super::signature::compute_visitor_signature;
use super::super::state::State;
use super::sessions::{begin, check_device_info, Version};
use super::{access, Answer};
use crate::protocol::date::parse_iso;
use crate::protocol::limits;
use crate::protocol::visitor::text_to_sign;

/// `POST /api/v5/sessions/visitor` and `/bot`: creates a session for the device's visitor or bot.
/// The signature is not verified unless secure visitor mode is on.
pub(super) fn create(
    state: &mut State,
    now: f64,
    request: &Request,
    user_type: UserType,
) -> Answer {
    access::require_api_key(state, request)?;
    let is_bot = user_type == UserType::Bot;
    access::require_enabled(if is_bot {
        state.options.bots
    } else {
        state.options.visitors
    })?;
    let mut parameters = Parameters::from_body(request)?;
    let device_id = parameters.read_required("deviceId", limits::MAX_DEVICE_ID_LENGTH);
    check_device_info(&mut parameters, Version::V5);
    let signature = if is_bot {
        None
    } else {
        read_signature(&mut parameters)
    };
    parameters.finish(422)?;
    if !is_bot && state.options.secure_visitor_mode {
        let secret = &state.keys.visitor_secret;
        signature
            .filter(|signature| signature.is_valid(now, secret, &device_id))
            .ok_or_else(errors::unauthorized)?;
    }
    let user_id = state.guests.user_id(user_type, &device_id, || {
        format!("{}-{}", user_type.name(), state.random.draw_hex(24))
    });
    access::enforce_rate_limit(state, now, &user_id)?;
    access::require_active_user(state, &user_id)?;
    state
        .users
        .upsert(now, &user_id, None, None, &mut state.random);
    Ok(begin(
        state,
        now,
        Version::V5,
        user_type,
        &user_id,
        &device_id,
    ))
}

/// The signature of a visitor session, which the edge created.
struct Signature {
    hex: String,
    /// The expiry as an ISO 8601 text. The signature covers exactly this text.
    expires_at: String,
}

/// Reads the signature. Returns `None` if either of its parameters is missing.
fn read_signature(parameters: &mut Parameters) -> Option<Signature> {
    let hex = parameters.read_optional("authSignature", 0, u32::MAX);
    let expires_at = parameters.read_optional("authSignatureExpiresAt", 0, u32::MAX);
    let (hex, expires_at) = hex.zip(expires_at)?;
    Some(Signature { hex, expires_at })
}

impl Signature {
    /// Returns whether the signature matches the device and has not expired.
    fn is_valid(&self, now: f64, secret: &str, device_id: &str) -> bool {
        let expires_at = &self.expires_at;
        let text = text_to_sign(device_id, expires_at);
        parse_iso(expires_at).is_some_and(|expiry| now < expiry)
            && self.hex == compute_visitor_signature(secret, text.expose())
    }
}
