//! One HTTP request and one response, as data.

use super::wire::Purpose;
use super::Secret;
use core::fmt;

/// A request that is ready to be sent. Its URL, headers and body may contain secrets, so its
/// `Debug` shows none of them.
#[derive(Clone)]
pub struct Request<'a> {
    /// The purpose of the request, which decides how its response is interpreted.
    pub purpose: Purpose,
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The complete URL.
    pub url: Secret,
    /// The only credential in the headers. The URL or the body may contain another one.
    pub credential: Credential<'a>,
    /// The `accept` header.
    pub accept: &'static str,
    /// A JSON body.
    pub body: Option<Secret>,
}

/// A header that contains a key or a token.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// The name of the header.
    pub header: &'static str,
    /// The text before the key or token, for example `Bearer `.
    pub scheme: &'static str,
    /// The key or token, which is safe in a header.
    pub value: &'a Secret,
}

impl<'a> Credential<'a> {
    /// Creates a header that contains nothing but a key.
    pub(super) fn key(header: &'static str, value: &'a Secret) -> Self {
        Credential {
            header,
            scheme: "",
            value,
        }
    }

    /// Creates an `authorization: Bearer …` header.
    pub(super) fn bearer(value: &'a Secret) -> Self {
        Credential {
            header: "authorization",
            scheme: "Bearer ",
            value,
        }
    }
}

impl Request<'_> {
    /// Returns all headers as lines. Each header takes two lines: its name in lower case, then its
    /// value. No value contains a line break: the functions that build requests check the
    /// credential, and the other values are constants.
    pub fn header_lines(&self) -> Secret {
        let Credential {
            header,
            scheme,
            value,
        } = self.credential;
        let mut lines = Secret::with_capacity(value.expose().len() + 128);
        for part in [
            header,
            "\n",
            scheme,
            value.expose(),
            "\naccept\n",
            self.accept,
        ] {
            lines.push_str(part);
        }
        if self.body.is_some() {
            lines.push_str("\ncontent-type\n");
            lines.push_str(JSON);
        }
        lines
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("purpose", &self.purpose)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// The parts of a response that the protocol reads. The text may contain secrets, so `Debug` does
/// not show it.
#[derive(Clone)]
pub struct Response<T> {
    /// The HTTP status; 0 if a browser hides the status.
    pub status: u16,
    /// The `Retry-After` header, in milliseconds from now.
    pub retry_after_ms: Option<f64>,
    /// The body.
    pub text: T,
}

impl<T> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

pub(super) const JSON: &str = "application/json";

/// Appends a text as `encodeURIComponent` would.
pub(super) fn push_encoded(url: &mut Secret, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')'
            )
        {
            url.push_char(char::from(byte));
        } else {
            url.push_str("%");
            url.push_hex(byte);
        }
    }
}
