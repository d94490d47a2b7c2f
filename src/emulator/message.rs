//! One request in, one reply out: HTTP as plain values, whatever carries it.

use super::RecordedRequest;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// The methods that `fetch` writes in capitals, whoever asks; others are told apart by case.
const METHODS: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

/// A request as it reached the service.
#[derive(Clone)]
pub struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    certificate: Option<Vec<u8>>,
}

/// What a body turned out to be.
pub(super) enum Body {
    /// An object, empty if there was no JSON at all.
    Object(Map<String, Value>),
    /// JSON that is none, or no object.
    Broken,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers, query and body carry keys and tokens.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A request to `url`: a whole address, or one that begins with the path.
    ///
    /// ```
    /// use social_plus_auth::emulator::Request;
    /// let request = Request::new("POST", "https://apix.eu.amity.co/api/v5/sessions?a=1", [("x-api-key", "k")], "{}");
    /// assert_eq!(request.path(), "/api/v5/sessions");
    /// ```
    pub fn new<N: AsRef<str>, V: Into<String>>(
        method: &str,
        url: &str,
        headers: impl IntoIterator<Item = (N, V)>,
        body: impl Into<String>,
    ) -> Self {
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| {
            rest.find(['/', '?', '#'])
                .and_then(|at| rest.get(at..))
                .unwrap_or("")
        });
        let target = after_scheme.split('#').next().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: METHODS
                .iter()
                .find(|known| known.eq_ignore_ascii_case(method))
                .map_or(method, |known| known)
                .to_owned(),
            path: if path.is_empty() {
                "/".to_owned()
            } else {
                path.to_owned()
            },
            query: query.to_owned(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.as_ref().to_ascii_lowercase(), value.into()))
                .collect(),
            body: body.into(),
            certificate: None,
        }
    }

    /// The same over a connection whose client showed a certificate (DER), and that it holds its
    /// key.
    #[must_use]
    pub fn with_certificate(self, certificate: Option<Vec<u8>>) -> Self {
        Self {
            certificate,
            ..self
        }
    }

    /// The client's certificate, if it showed one.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// As it came, but in capitals where `fetch` would write it so.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Without the query, still escaped.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Names in lower case.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a query parameter, unescaped.
    pub fn query(&self, name: &str) -> Option<String> {
        let pair = self
            .query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(other, _)| *other == name)?;
        Some(unescape(&pair.1.replace('+', " ")))
    }

    /// What follows `prefix` in the path, unescaped, if it is one whole segment.
    pub fn segment_after(&self, prefix: &str) -> Option<String> {
        let rest = self.path.strip_prefix(prefix)?;
        let segment = rest.strip_suffix('/').unwrap_or(rest);
        (!segment.is_empty() && !segment.contains('/')).then(|| unescape(segment))
    }

    /// The body as text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The bearer token.
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    }

    /// The body as a JSON object. Without a JSON content type it is not looked at, as a server's
    /// JSON parser does it: the parameters are then missing.
    pub(super) fn json(&self) -> Body {
        let kind = self
            .header("content-type")
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        if self.body.is_empty() || !(kind == "application/json" || kind.ends_with("+json")) {
            return Body::Object(Map::new());
        }
        match serde_json::from_str(&self.body) {
            Ok(Value::Object(fields)) => Body::Object(fields),
            _ => Body::Broken,
        }
    }
}

/// Percent-decoding. What is no escape stays as it is, and what is no UTF-8 becomes U+FFFD: a
/// parameter that is there must never count as missing.
pub(super) fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail
            .get(..2)
            .filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let escaped = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What the service answers, and what a fault does to it on its way.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Whole, even if `truncate_at` will cut it.
    pub body: String,
    /// How long the reply is held back, in milliseconds.
    pub delay_ms: f64,
    /// The connection breaks and nothing of this arrives.
    pub dropped: bool,
    /// The connection breaks after so many bytes of the body.
    pub truncate_at: Option<usize>,
    /// The request as it was recorded; preflights are not.
    pub record: Option<Arc<RecordedRequest>>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body carries tokens.
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// A reply of the service, before faults and the headers that all replies have.
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

    /// The connection ends before the service has acted. The status 0 is seen in the record only.
    pub(super) fn none() -> Self {
        Self {
            dropped: true,
            ..Self::new(0, super::errors::TEXT, "")
        }
    }

    /// A reply in JSON.
    pub(super) fn json(status: u16, value: &impl Serialize) -> Self {
        // Our own structures have nothing that JSON could refuse, so that the empty body is never
        // seen.
        Self::new(
            status,
            super::errors::JSON,
            serde_json::to_string(value).unwrap_or_default(),
        )
    }

    /// The value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a header in place of any before it.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(url: &str) -> Request {
        Request::new("get", url, [("Authorization", "bearer  t ")], "")
    }

    #[test]
    fn addresses_are_taken_apart() {
        for (url, path) in [
            ("http://h", "/"),
            ("http://h?a=/b", "/"),
            ("http://h:1/a/b?c#d", "/a/b"),
            ("/a#?b", "/a"),
            ("", "/"),
        ] {
            assert_eq!(get(url).path(), path, "{url}");
        }
        assert_eq!(get("/x").method(), "GET");
        assert_eq!(get("/x").bearer(), Some("t"));
    }

    #[test]
    fn parameters_are_unescaped() {
        let request = get("/u/a%2Fb%C3%A9?x=a+b%26&y&z=%zz&w=%C3");
        assert_eq!(request.query("x").as_deref(), Some("a b&"));
        assert_eq!(request.query("y").as_deref(), Some(""));
        assert_eq!(request.query("z").as_deref(), Some("%zz"));
        assert_eq!(request.query("w").as_deref(), Some("\u{fffd}"));
        assert_eq!(request.query("v"), None);
        assert_eq!(request.segment_after("/u/").as_deref(), Some("a/bé"));
        assert_eq!(get("/u/a/b").segment_after("/u/"), None);
        assert_eq!(get("/u/").segment_after("/u/"), None);
    }
}
