//! Returns the network, switches its secure mode, and returns the chat settings. The official SDK
//! requests the chat settings after each login.

use super::super::parameters::Parameters;
use super::super::reply::Reply;
use super::super::request::Request;
use super::super::state::State;
use super::{access, Answer};
use crate::protocol::date::format_iso;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChatSettings {
    mention: Mention,
    message_preview: MessagePreview,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Mention {
    is_allow_mentioned_channel_enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessagePreview {
    enabled: bool,
    is_include_deleted: bool,
}

/// `GET /api/v3/network-settings/chat`: returns the default settings.
pub(super) fn get_chat_settings(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_user(state, now, request)?;
    Ok(Reply::json(
        200,
        &ChatSettings {
            mention: Mention {
                is_allow_mentioned_channel_enabled: true,
            },
            message_preview: MessagePreview {
                enabled: true,
                is_include_deleted: false,
            },
        },
    ))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Network<'a> {
    network_id: &'a str,
    name: &'static str,
    use_secure_authentication: bool,
    created_at: String,
    updated_at: String,
}

fn reply_with_network(state: &State) -> Reply {
    let network = Network {
        network_id: &state.keys.network_id,
        name: "Emulator",
        use_secure_authentication: state.secure_mode,
        created_at: format_iso(state.keys.created_at),
        updated_at: format_iso(state.updated_at),
    };
    Reply::json(200, &network)
}

/// `GET /api/v3/networks/me`: returns the network.
pub(super) fn get(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_admin(state, now, request)?;
    Ok(reply_with_network(state))
}

/// `PUT /api/v3/networks/me`: switches secure mode on or off.
pub(super) fn set(state: &mut State, now: f64, request: &Request) -> Answer {
    access::require_admin(state, now, request)?;
    let mut parameters = Parameters::from_body(request)?;
    parameters.require("useSecureAuthentication");
    let secure_mode = parameters
        .read_bool("useSecureAuthentication")
        .unwrap_or(state.secure_mode);
    parameters.finish(422)?;
    (state.secure_mode, state.updated_at) = (secure_mode, now);
    Ok(reply_with_network(state))
}
