//! The sessions of visitors and bots: an API key and a device are enough, and in secure visitor
//! mode a visitor's signature.

use super::super::errors;
use super::super::guests::UserType;
use super::super::message::Request;
use super::super::parameters::Parameters;
use super::super::signature::hex_signature;
use super::super::state::State;
use super::sessions::{begin, device_info, Version};
use super::{access, Answer};
use crate::protocol::date::parse_iso;
use crate::protocol::limits;

/// `POST /api/v5/sessions/visitor` and `/bot`. A device comes back as who it was. A signature that
/// is not asked for is let pass.
pub(super) fn create(
    state: &mut State,
    now: f64,
    request: &Request,
    user_type: UserType,
) -> Answer {
    access::api_key(state, request)?;
    let bot = user_type == UserType::Bot;
    access::turned_on(if bot {
        state.options.bots
    } else {
        state.options.visitors
    })?;
    let mut parameters = Parameters::of_body(request)?;
    let device_id = parameters.required("deviceId", limits::DEVICE_ID);
    device_info(&mut parameters, Version::V5);
    let signature = if bot {
        None
    } else {
        parameters.optional("authSignature", 0, u32::MAX)
    };
    let expires_at = if bot {
        None
    } else {
        parameters.optional("authSignatureExpiresAt", 0, u32::MAX)
    };
    parameters.check(422)?;
    if !bot && state.options.secure_visitor_mode {
        let good = signature
            .zip(expires_at)
            .is_some_and(|(signature, expires_at)| {
                let message = format!("deviceId={device_id}&authSignatureExpiresAt={expires_at}");
                let in_time = parse_iso(&expires_at).is_some_and(|end| now < end);
                in_time && signature == hex_signature(&state.keys.visitor_secret, &message)
            });
        good.then_some(()).ok_or_else(errors::unauthorized)?;
    }
    let user_id = state.guests.user_id(user_type, &device_id, || {
        format!("{}-{}", user_type.name(), state.random.hex(24))
    });
    access::within_rate(state, now, &user_id)?;
    access::in_good_standing(state, &user_id)?;
    state
        .users
        .enter(now, &user_id, None, None, &mut state.random);
    Ok(begin(
        state,
        now,
        Version::V5,
        user_type,
        &user_id,
        &device_id,
    ))
}
