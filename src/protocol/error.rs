//! The one error of the library, and how the service's answers become one: by code first, then by
//! status.

use super::codes;
use super::http::{Purpose, Response};
use super::json::{Json, Text};
use alloc::{borrow::Cow, boxed::Box};
use core::fmt;
use core::ops::{Deref, DerefMut};

/// What went wrong, in the words of `ErrorKind` in `types/browser.d.ts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The options cannot be used.
    Config,
    /// A parameter was refused, here or by the service.
    InvalidRequest,
    /// No answer: connection, name, certificate, or an answer cut short.
    Network,
    /// No whole answer within `timeoutMs`.
    Timeout,
    /// The caller's signal.
    Aborted,
    /// A key or token was refused.
    Unauthorized,
    /// Not permitted, or not in this mode.
    Forbidden,
    /// The session call needs an auth token.
    SecureModeRequired,
    /// The user is globally banned.
    Banned,
    /// The user or the session does not exist (any more).
    NotFound,
    /// Too many calls.
    RateLimited,
    /// The daily quota of visitors and bots.
    QuotaExceeded,
    /// The service failed.
    Server,
    /// The answer is none of the service's.
    InvalidResponse,
    /// The engine lacks something that is needed.
    Unsupported,
}

impl Kind {
    /// The name that JavaScript knows.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Config => "config",
            Kind::InvalidRequest => "invalidRequest",
            Kind::Network => "network",
            Kind::Timeout => "timeout",
            Kind::Aborted => "aborted",
            Kind::Unauthorized => "unauthorized",
            Kind::Forbidden => "forbidden",
            Kind::SecureModeRequired => "secureModeRequired",
            Kind::Banned => "banned",
            Kind::NotFound => "notFound",
            Kind::RateLimited => "rateLimited",
            Kind::QuotaExceeded => "quotaExceeded",
            Kind::Server => "server",
            Kind::InvalidResponse => "invalidResponse",
            Kind::Unsupported => "unsupported",
        }
    }
}

/// Fit to log: no key, token, signature, header value or body of an answer is ever part of it. One
/// pointer wide, since every `?` passes it on.
#[derive(Clone, Debug)]
pub struct Error(Box<Details>);

/// What an [`Error`] says; an error dereferences to it.
#[derive(Clone, Debug)]
pub struct Details {
    /// What went wrong.
    pub kind: Kind,
    /// What to do about it, in English.
    pub message: Cow<'static, str>,
    /// The service's own code.
    pub code: Option<u32>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// How long the service wants to be left alone, in milliseconds.
    pub retry_after_ms: Option<f64>,
}

impl Error {
    /// An error before, or without, an answer. What may pass by itself is retryable.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        let retryable = matches!(
            kind,
            Kind::Network | Kind::Timeout | Kind::RateLimited | Kind::Server
        );
        let message = message.into();
        Error(Box::new(Details {
            kind,
            message,
            code: None,
            status: None,
            retryable,
            retry_after_ms: None,
        }))
    }

    /// Options that cannot be used.
    pub fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(Kind::Config, message)
    }

    /// A parameter that the service would refuse.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Error::new(Kind::InvalidRequest, message)
    }

    /// A success that no answer of the service's looks like.
    pub fn not_the_service(status: u16) -> Self {
        let message = "The answer is not the service's: check region or endpoint; a proxy or a captive portal may have answered.";
        Error::answer(Kind::InvalidResponse, status, message)
    }

    /// What an answer of this status came to.
    pub fn answer(kind: Kind, status: u16, message: &'static str) -> Self {
        let mut error = Error::new(kind, message);
        error.status = Some(status);
        error
    }
}

impl Deref for Error {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl core::error::Error for Error {}

/// The error that an answer stands for; `None` for a success (2xx).
pub fn failure<T: Text>(purpose: Purpose, response: &Response<T>) -> Option<Error> {
    let status = response.status;
    let body = response.text.parse();
    let field = |name| body.as_ref().and_then(|b| b.get(name));
    // A success does not call itself an error.
    let good = (200..300).contains(&status);
    if good && !field("status").is_some_and(|said| said.is_text("error")) {
        return None;
    }
    if status < 400 && !good {
        return Some(Error::answer(Kind::InvalidResponse, status, REDIRECT));
    }
    let code = field("code").and_then(|code| code.code());
    let kind = classify(purpose, code, status, field("data").is_some());
    let mut error = Error::answer(kind, status, message(kind, purpose));
    error.code = code;
    error.retry_after_ms = response.retry_after_ms;
    Some(error)
}

fn classify(purpose: Purpose, code: Option<u32>, status: u16, with_data: bool) -> Kind {
    let by_code = match code {
        Some(codes::BAD_REQUEST) => Some(Kind::InvalidRequest),
        Some(codes::UNAUTHORIZED) => Some(Kind::Unauthorized),
        Some(codes::FORBIDDEN | codes::PERMISSION_DENIED) => Some(Kind::Forbidden),
        Some(codes::RATE_LIMIT) => Some(Kind::RateLimited),
        Some(codes::GLOBAL_BAN) => Some(Kind::Banned),
        Some(codes::QUOTA) => Some(Kind::QuotaExceeded),
        Some(codes::NOT_FOUND) => Some(Kind::NotFound),
        Some(code) if codes::BOT.contains(&code) || codes::VISITOR.contains(&code) => {
            Some(Kind::Forbidden)
        }
        Some(codes::BUSINESS) if status == 422 || with_data => Some(Kind::InvalidRequest),
        _ => None,
    };
    let kind = by_code.unwrap_or(match status {
        401 => Kind::Unauthorized,
        403 if purpose == Purpose::Verify => Kind::Banned,
        403 => Kind::Forbidden,
        404 => Kind::NotFound,
        408 => Kind::Timeout,
        429 => Kind::RateLimited,
        500.. => Kind::Server,
        _ => Kind::InvalidRequest,
    });
    match (kind, code) {
        // Only "forbidden" itself says so; "permission denied" and the visitors' codes mean what
        // they say.
        (Kind::Forbidden, None | Some(codes::FORBIDDEN))
            if purpose == (Purpose::Session { auth_token: false }) =>
        {
            Kind::SecureModeRequired
        }
        _ => kind,
    }
}

const REDIRECT: &str =
    "The answer was a redirect, which would carry the keys along and is not followed: give the final address as `endpoint`.";

fn message(kind: Kind, purpose: Purpose) -> &'static str {
    match (kind, purpose) {
        (Kind::Unauthorized, Purpose::Session { auth_token: false }) => {
            "The service does not know the API key in this region, or wants an auth token (secure mode)."
        }
        (Kind::Unauthorized, Purpose::Session { .. }) => {
            "The service refused the auth token, which is good for ten minutes and for one user id, or the API key in this region."
        }
        #[cfg(feature = "edge")]
        (Kind::Unauthorized, Purpose::AuthToken) => "The service refused the server key: check the key and the region.",
        #[cfg(feature = "edge")]
        (Kind::Forbidden, Purpose::AuthToken) => "Auth tokens are for secure mode, which seems to be off: turn it on in the console.",
        #[cfg(feature = "edge")]
        (Kind::Unauthorized, Purpose::Admin(_)) => "The service refused the admin token: it is invalid, expired or revoked.",
        (Kind::Unauthorized, Purpose::Guest) => {
            "The service does not know the API key in this region, or wants a (good) signature (secure visitor mode)."
        }
        (Kind::Unauthorized, Purpose::Refresh) => "The service refused the refresh token or the API key: create a new session instead.",
        (Kind::Unauthorized, _) => "The access token is invalid, has expired, was revoked, or was replaced by a new session of its device.",
        (Kind::SecureModeRequired, _) => {
            "Secure mode is on: pass an authToken that your backend has minted for this user; a SessionClient gets them by `authTokenFrom`."
        }
        (Kind::Forbidden, _) => "The service does not permit this call.",
        (Kind::Banned, _) => "The user is globally banned.",
        (Kind::NotFound, _) => "The service does not know this user or session.",
        (Kind::RateLimited, _) => "Too many calls: the service takes 100 in 5 seconds of a user.",
        (Kind::QuotaExceeded, _) => "The daily quota of visitors and bots is used up.",
        (Kind::Server, _) => "The service failed; the same call may succeed later.",
        (Kind::Timeout, _) => "The service gave up waiting for the request.",
        _ => "The service refused the parameters.",
    }
}
