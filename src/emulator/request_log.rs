//! The log of received requests that tests inspect. Secret keys, tokens and signatures are redacted
//! wherever they occur.

use super::request::{unescape, Request};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The maximum number of requests in the log. In a full log, a new request replaces the oldest one.
const MAX_REQUESTS: usize = 1000;
/// The maximum size of a body in the log, in bytes. The log omits larger bodies.
const MAX_BODY_BYTES: usize = 16 * 1024;
/// JavaScript's `Number.MAX_SAFE_INTEGER`.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
const REDACTED: &str = "[redacted]";
/// A header or field whose name contains one of these is redacted, unless its name begins with
/// `access-control-`.
const SECRET_NAME_PARTS: [&str; 8] = [
    "authorization",
    "cookie",
    "credential",
    "key",
    "password",
    "secret",
    "signature",
    "token",
];
/// Exceptions to `SECRET_NAME_PARTS`: the API key is public, and `set-access-token-cookie` is a
/// flag. If the value of one of these names contains a secret, the value is still redacted.
const PUBLIC_NAMES: [&str; 3] = ["x-api-key", "apikey", "set-access-token-cookie"];

/// A request that the emulator received, with its secrets redacted. Preflights are not recorded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedRequest {
    /// The method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The headers, with lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The JSON body, or `null` if the body is empty, or `"[not JSON]"` if it is not JSON, or
    /// `"[too long to be kept]"` if it is larger than 16 KiB.
    pub body: Value,
    /// The status of the reply, or 0 if the connection broke before the service handled the
    /// request.
    pub status: u16,
    /// When the request arrived, in milliseconds since the epoch by the emulator's clock.
    pub at: f64,
}

impl RecordedRequest {
    pub(super) fn new(
        request: &Request,
        status: u16,
        at: f64,
        has_secret: impl Fn(&str) -> bool,
    ) -> Self {
        // The service percent-decodes paths, and headers such as `referer` repeat URLs, so a
        // partly encoded secret must be found too.
        let must_redact =
            |text: &str| has_secret(text) || text.contains('%') && has_secret(&unescape(text));
        let clean = |text: &str| {
            if must_redact(text) {
                REDACTED.to_owned()
            } else {
                text.to_owned()
            }
        };
        let header = |(name, value): &(String, String)| {
            let value = if is_secret_name(name) {
                REDACTED.to_owned()
            } else {
                clean(value)
            };
            (clean(name), value)
        };
        let body = match request.body() {
            "" => Value::Null,
            body if body.len() > MAX_BODY_BYTES => {
                Value::String("[too long to be kept]".to_owned())
            }
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

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    !PUBLIC_NAMES.contains(&name.as_str())
        && !name.starts_with("access-control-")
        && SECRET_NAME_PARTS.iter().any(|part| name.contains(part))
}

/// Replaces the secrets in a JSON value, and rounds large numbers as JavaScript does.
///
/// The recursion is bounded, because serde_json parses at most 128 levels.
fn redact(value: Value, clean: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) => items.into_iter().map(|item| redact(item, clean)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (String, Value)| {
                let value = if is_secret_name(&name) {
                    Value::String(REDACTED.to_owned())
                } else {
                    redact(value, clean)
                };
                (clean(&name), value)
            };
            Value::Object(fields.into_iter().map(field).collect())
        }
        Value::Number(number) if number.as_f64().is_some_and(|n| n.abs() > MAX_SAFE_INTEGER) => {
            number.as_f64().map_or(Value::Null, Value::from)
        }
        plain => plain,
    }
}

/// The most recent requests, oldest first.
#[derive(Default)]
pub(super) struct RequestLog(VecDeque<Arc<RecordedRequest>>);

impl RequestLog {
    pub(super) fn add(&mut self, request: RecordedRequest) -> Arc<RecordedRequest> {
        if self.0.len() >= MAX_REQUESTS {
            self.0.pop_front();
        }
        let request = Arc::new(request);
        self.0.push_back(Arc::clone(&request));
        request
    }

    pub(super) fn to_vec(&self) -> Vec<RecordedRequest> {
        self.0
            .iter()
            .map(|request| RecordedRequest::clone(request))
            .collect()
    }
}
