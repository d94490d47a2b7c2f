//! One request as the service receives it: HTTP as plain values, independent of the transport.

use serde_json::{Map, Value};
use std::fmt;

/// The methods that `fetch` converts to upper case. `fetch` leaves all other methods unchanged.
const NORMALIZED_METHODS: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

/// An HTTP request to the service.
///
/// ```
/// use social_plus_auth::emulator::Request;
///
/// let url = "https://apix.eu.amity.co/api/v5/sessions?a=1";
/// let request = Request::new("post", url, [("X-Api-Key", "k")], "{}");
/// assert_eq!(request.method(), "POST");
/// assert_eq!(request.path(), "/api/v5/sessions");
/// assert_eq!(request.query("a").as_deref(), Some("1"));
/// assert_eq!(request.header("x-api-key"), Some("k"));
/// ```
#[derive(Clone)]
pub struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    certificate: Option<Vec<u8>>,
}

/// The result of parsing a body as JSON.
pub(super) enum Body {
    /// A JSON object. The object is empty if the body is empty or its content type is not JSON.
    Object(Map<String, Value>),
    /// Invalid JSON, or a value that is not an object.
    Invalid,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers, query and body may contain keys and tokens.
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Request {
    /// Creates a request to `url`, which is either absolute or begins with the path.
    ///
    /// The emulator ignores the scheme, the host and the fragment.
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
            method: NORMALIZED_METHODS
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

    /// Sets the certificate (DER) that the client presented in the TLS handshake. In the handshake,
    /// the client must have proved that it holds the private key.
    #[must_use]
    pub fn with_certificate(self, certificate: Option<Vec<u8>>) -> Self {
        Self {
            certificate,
            ..self
        }
    }

    /// Returns the certificate (DER) that the client presented, if any.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Returns the method, in upper case if `fetch` would convert it.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns the path without the query, still percent-encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the headers, with lower-case names.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Returns the first value of a header. `name` must be lower-case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a query parameter, percent-decoded. A `+` stands for a space.
    pub fn query(&self, name: &str) -> Option<String> {
        let pair = self
            .query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(other, _)| *other == name)?;
        Some(unescape(&pair.1.replace('+', " ")))
    }

    /// Returns the path segment after `prefix`, percent-decoded.
    ///
    /// Returns `None` if the path does not start with `prefix`, or if the rest of the path is empty
    /// or has more than one segment.
    pub fn segment_after(&self, prefix: &str) -> Option<String> {
        let rest = self.path.strip_prefix(prefix)?;
        let segment = rest.strip_suffix('/').unwrap_or(rest);
        (!segment.is_empty() && !segment.contains('/')).then(|| unescape(segment))
    }

    /// Returns the body.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Returns the bearer token.
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    }

    /// Parses the body as a JSON object. A body whose content type is not JSON counts as empty, as
    /// in the JSON middleware of a server.
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
            _ => Body::Invalid,
        }
    }
}

/// Percent-decodes a text.
///
/// Invalid escapes stay as they are and invalid UTF-8 becomes U+FFFD, so that a malformed parameter
/// is still present.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn get(url: &str) -> Request {
        Request::new("get", url, [("Authorization", "bearer  t ")], "")
    }

    #[test]
    fn a_request_takes_its_path_from_any_kind_of_url() {
        for (url, path) in [
            ("http://h", "/"),
            ("http://h?a=/b", "/"),
            ("http://h:1/a/b?c#d", "/a/b"),
            ("/a#?b", "/a"),
            ("", "/"),
        ] {
            assert_eq!(get(url).path(), path, "{url}");
        }
    }

    #[test]
    fn the_method_and_the_bearer_token_are_normalized() {
        assert_eq!(get("/x").method(), "GET");
        assert_eq!(get("/x").bearer(), Some("t"));
    }

    #[test]
    fn query_parameters_and_path_segments_are_percent_decoded() {
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
