//! The network's settings that the official SDK asks for as soon as it is signed in.

use super::super::message::{Reply, Request};
use super::super::state::State;
use super::{access, Answer};
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

/// `GET /api/v3/network-settings/chat`.
pub(super) fn chat_settings(state: &mut State, now: f64, request: &Request) -> Answer {
    access::user(state, now, request)?;
    Ok(Reply::json(
        200,
        &ChatSettings {
            mention: Mention { is_allow_mentioned_channel_enabled: true },
            message_preview: MessagePreview { enabled: true, is_include_deleted: false },
        },
    ))
}
