//! What came in, for a test to look at: without a key, token or signature, wherever it stood.

use super::message::{unescape, Request};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// So many requests are remembered.
const KEPT: usize = 1000;
/// Longer bodies are not kept.
const LONGEST_BODY: usize = 16 * 1024;
/// Up to here a JavaScript number holds every whole number.
const MOST_EXACT: f64 = 9_007_199_254_740_991.0;
const REDACTED: &str = "[redacted]";
/// A field or header with one of these in its name is a secret.
const SECRET: [&str; 8] = [
    "authorization",
    "cookie",
    "credential",
    "key",
    "password",
    "secret",
    "signature",
    "token",
];
/// … but these are none, unless a secret was put there: the API key names the network, the other
/// says whether a cookie is wanted.
const PUBLIC: [&str; 3] = ["x-api-key", "apikey", "set-access-token-cookie"];

/// One request as it came in, preflights aside.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedRequest {
    /// As the service saw it.
    pub method: String,
    /// Without its query.
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The JSON that came; `null` if nothing did; a text in brackets for anything else.
    pub body: Value,
    /// What was answered; 0 if the connection broke before the service saw the request.
    pub status: u16,
    /// Milliseconds since the epoch, by the emulator's clock.
    pub at: f64,
}

impl RecordedRequest {
    pub(super) fn new(
        request: &Request,
        status: u16,
        at: f64,
        holds_secret: impl Fn(&str) -> bool,
    ) -> Self {
        // A path is unescaped before it is acted on, and headers repeat addresses: one escaped
        // letter must hide nothing.
        let holds =
            |text: &str| holds_secret(text) || text.contains('%') && holds_secret(&unescape(text));
        let clean = |text: &str| {
            if holds(text) {
                REDACTED.to_owned()
            } else {
                text.to_owned()
            }
        };
        let header = |(name, value): &(String, String)| {
            if is_secret(name) {
                (name.clone(), REDACTED.to_owned())
            } else {
                (clean(name), clean(value))
            }
        };
        let body = match request.body() {
            "" => Value::Null,
            body if body.len() > LONGEST_BODY => Value::String("[too long to be kept]".to_owned()),
            body => serde_json::from_str(body).map_or_else(
                |_| Value::String("[not JSON]".to_owned()),
                |body| redact(body, &clean),
            ),
        };
        Self {
            method: clean(request.method()),
            path: clean(request.path()),
            headers: request.headers().iter().map(header).collect(),
            body,
            status,
            at,
        }
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !PUBLIC.contains(&name.as_str())
        && !name.starts_with("access-control-")
        && SECRET.iter().any(|part| name.contains(part))
}

/// The same JSON with secrets replaced, at whatever depth (serde_json reads no deeper than 128),
/// and its numbers as JavaScript has them.
fn redact(value: Value, clean: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) => items.into_iter().map(|item| redact(item, clean)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| {
                let value = if is_secret(&name) {
                    Value::String(REDACTED.to_owned())
                } else {
                    redact(value, clean)
                };
                (clean(&name), value)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        Value::Number(number) if number.as_f64().is_some_and(|n| n.abs() > MOST_EXACT) => {
            number.as_f64().map_or(Value::Null, Value::from)
        }
        plain => plain,
    }
}

/// The last of them, newest last.
#[derive(Default)]
pub(super) struct Record(VecDeque<Arc<RecordedRequest>>);

impl Record {
    pub(super) fn add(&mut self, request: RecordedRequest) -> Arc<RecordedRequest> {
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        let request = Arc::new(request);
        self.0.push_back(Arc::clone(&request));
        request
    }

    pub(super) fn all(&self) -> Vec<RecordedRequest> {
        self.0
            .iter()
            .map(|request| RecordedRequest::clone(request))
            .collect()
    }
}
