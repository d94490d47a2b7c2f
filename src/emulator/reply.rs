//! One reply of the service, and how the host must deliver it to the client.

use super::RecordedRequest;
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

pub(super) const JSON: &str = "application/json; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// A reply of the service.
///
/// `delay_ms`, `dropped` and `truncate_at` come from a [`Fault`](super::Fault). `dropped` is also
/// set if a required client certificate is missing or invalid. The host that delivers the reply
/// must apply all three.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status, or 0 if the connection broke before the service handled the request.
    pub status: u16,
    /// The headers, with lower-case names.
    pub headers: Vec<(String, String)>,
    /// The whole body, even if `truncate_at` is set.
    pub body: String,
    /// How long to hold the reply back, in milliseconds.
    pub delay_ms: f64,
    /// Whether the connection breaks before any part of the reply arrives.
    pub dropped: bool,
    /// The number of body bytes after which the connection breaks.
    pub truncate_at: Option<usize>,
    /// The recorded request, or `None` if the request is a preflight.
    pub record: Option<Arc<RecordedRequest>>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and body may contain tokens.
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// Creates a reply without faults and without the headers that all replies share.
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self {
            status,
            headers,
            body: body.into(),
            delay_ms: 0.0,
            dropped: false,
            truncate_at: None,
            record: None,
        }
    }

    /// Creates the reply for a connection that breaks before the service handles the request.
    pub(super) fn new_dropped() -> Self {
        Self {
            dropped: true,
            ..Self::new(0, TEXT, "")
        }
    }

    /// Creates a JSON reply.
    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        // Serializing the emulator's own types cannot fail, so the default is never used.
        let body = serde_json::to_string(value).unwrap_or_default();
        Self::new(status, JSON, body)
    }

    /// Returns the first value of a header. `name` must be lower-case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a header and removes its earlier values.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.into()));
    }
}
