//! One HTTP request and one answer, as data.

#[cfg(feature = "edge")]
use super::admin::{AdminCall, ADMIN_CALLS};
use super::Secret;
use core::fmt;

/// What a request is for: it decides how a refusal is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A session is created; with or without an auth token.
    Session {
        /// Whether an auth token is sent.
        auth_token: bool,
    },
    /// An access token is verified.
    Verify,
    /// An access token is revoked.
    Revoke,
    /// The legacy refresh.
    Refresh,
    /// A visitor's or a bot's session is created.
    Guest,
    /// An auth token is minted.
    #[cfg(feature = "edge")]
    AuthToken,
    /// An administrator asks.
    #[cfg(feature = "edge")]
    Admin(AdminCall),
}

#[cfg(feature = "edge")]
const FIRST_ADMIN: u8 = 7;

impl From<Purpose> for u8 {
    fn from(purpose: Purpose) -> u8 {
        match purpose {
            Purpose::Session { auth_token: false } => 0,
            Purpose::Session { auth_token: true } => 1,
            Purpose::Verify => 2,
            Purpose::Revoke => 3,
            Purpose::Refresh => 4,
            Purpose::Guest => 5,
            #[cfg(feature = "edge")]
            Purpose::AuthToken => 6,
            #[cfg(feature = "edge")]
            Purpose::Admin(call) => FIRST_ADMIN + call as u8,
        }
    }
}

impl From<u8> for Purpose {
    /// The purpose that a request was made for. It has only ever been in our own hands in between.
    fn from(number: u8) -> Self {
        match number {
            0 | 1 => Purpose::Session {
                auth_token: number == 1,
            },
            3 => Purpose::Revoke,
            4 => Purpose::Refresh,
            5 => Purpose::Guest,
            #[cfg(feature = "edge")]
            6 => Purpose::AuthToken,
            #[cfg(feature = "edge")]
            FIRST_ADMIN.. => ADMIN_CALLS
                .get(usize::from(number - FIRST_ADMIN))
                .map_or(Purpose::Verify, |call| Purpose::Admin(*call)),
            _ => Purpose::Verify,
        }
    }
}

/// A request that is ready to be sent. Its address, headers and body may hold secrets, so its
/// `Debug` shows none of them.
#[derive(Clone)]
pub struct Request<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// `GET`, `POST`, `DELETE`.
    pub method: &'static str,
    /// The whole address.
    pub url: Secret,
    /// The one credential that goes along.
    pub credential: Credential<'a>,
    /// The `accept` header.
    pub accept: &'static str,
    /// A JSON body.
    pub body: Option<Secret>,
}

/// A header that carries a key or a token.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// The header's name.
    pub header: &'static str,
    /// What stands before the key or token.
    pub scheme: &'static str,
    /// The key or token: safe in a header.
    pub value: &'a Secret,
}

impl<'a> Credential<'a> {
    /// A key, in a header of its own.
    pub(super) fn key(header: &'static str, value: &'a Secret) -> Self {
        Credential {
            header,
            scheme: "",
            value,
        }
    }

    /// `Bearer …` in the `authorization` header.
    pub(super) fn bearer(value: &'a Secret) -> Self {
        Credential {
            header: "authorization",
            scheme: "Bearer ",
            value,
        }
    }
}

impl Request<'_> {
    /// Every header: a line with its name, in lower case, and a line with its value, by turns. No
    /// value holds a line break: they have been checked.
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

/// What came back, as far as anything here wants to know it. Its text may hold secrets, so its
/// `Debug` does not show it.
#[derive(Clone)]
pub struct Response<T> {
    /// The HTTP status; 0 for one that a browser hides.
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

/// Appends as `encodeURIComponent` would.
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
