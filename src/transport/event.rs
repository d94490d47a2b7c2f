//! What the caller's `onEvent` is told: never a key, token, signature, query or body.

use super::Call;
use crate::protocol::Kind;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// A `DiagnosticEvent` of `types/browser.d.ts`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    #[serde(rename = "type")]
    name: &'static str,
    at: f64,
    operation: &'static str,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<Kind>,
}

impl Call {
    /// Makes the event only if somebody listens, and outlives whatever the listener does.
    pub(crate) fn report(&self, name: &'static str, attempt: u32, fill: impl FnOnce(&mut Event)) {
        let Some(listener) = &self.on_event else { return };
        let mut event =
            Event { name, at: js_sys::Date::now(), operation: self.operation, attempt, status: None, duration_ms: None, detail: None };
        fill(&mut event);
        if let Ok(event) = event.serialize(&Serializer::json_compatible()) {
            let _ = listener.call1(&JsValue::UNDEFINED, &event);
        }
    }
}
