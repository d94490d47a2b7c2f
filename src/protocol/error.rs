//! The one error type of the library.

use alloc::{borrow::Cow, boxed::Box, string::String};
use core::fmt;
use core::ops::{Deref, DerefMut};

/// The kind of an error. `ErrorKind` in `types/browser.d.ts` has the same kinds, and also the kinds
/// that concern only a `SessionClient`.
///
/// ```
/// use social_plus_auth::protocol::Kind;
/// assert_eq!(Kind::NotFound.name(), "notFound");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An option is missing or invalid.
    Config,
    /// The library or the service refused a parameter.
    InvalidRequest,
    /// No complete response: the DNS lookup, the connection or the certificate check failed, or the
    /// body was cut short.
    Network,
    /// No complete response within `timeoutMs`, or a response with status 408.
    Timeout,
    /// A signal aborted the call. Only calls of the npm package have a signal.
    Aborted,
    /// The service refused a key, a token or a signature.
    Unauthorized,
    /// The service does not permit the call, at least not in the network's present mode.
    Forbidden,
    /// The session call needs an auth token.
    SecureModeRequired,
    /// The user is globally banned.
    Banned,
    /// The user, the session or the administrator does not exist, or no longer exists.
    NotFound,
    /// There were too many calls in a short time.
    RateLimited,
    /// The daily quota of visitors and bots is used up.
    QuotaExceeded,
    /// The service failed.
    Server,
    /// The response is not the service's: for example a page of a proxy, a redirect, or a response
    /// over the size limit.
    InvalidResponse,
    /// The engine lacks a feature that the library needs. Only the npm package reports this kind.
    Unsupported,
}

impl Kind {
    /// Returns the name that JavaScript uses.
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

/// An error that is safe to log: it never contains a key, a token, a signature, a header value or a
/// response body. It is one pointer wide, so that every `?` compiles to little code.
#[derive(Clone, Debug)]
pub struct Error(Box<Details>);

/// The fields of an [`Error`], which dereferences to this struct.
#[derive(Clone, Debug)]
pub struct Details {
    /// The kind of the error.
    pub kind: Kind,
    /// An English text that says what is wrong and what to do about it.
    pub message: Cow<'static, str>,
    /// The option or parameter that the message is about, for example `userId` or `retry.attempts`.
    pub field: Option<&'static str>,
    /// The service's own code.
    pub code: Option<u32>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// How long the service asks the client to wait before the next call, in milliseconds.
    pub retry_after_ms: Option<f64>,
}

impl Error {
    /// Creates an error without a status. It is retryable if its kind may be transient.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        let retryable = matches!(
            kind,
            Kind::Network | Kind::Timeout | Kind::RateLimited | Kind::Server
        );
        Error(Box::new(Details {
            kind,
            message: message.into(),
            field: None,
            code: None,
            status: None,
            retryable,
            retry_after_ms: None,
        }))
    }

    /// Creates an error about one option or parameter. Its message is "`field` problem".
    pub(crate) fn with_field(kind: Kind, field: &'static str, problem: &str) -> Self {
        let mut message = String::with_capacity(128);
        message.push('`');
        message.push_str(field);
        message.push_str("` ");
        message.push_str(problem);
        let mut error = Error::new(kind, message);
        error.field = Some(field);
        error
    }

    /// Creates the error for an option that cannot be used.
    pub(crate) fn config(field: &'static str, problem: &str) -> Self {
        Error::with_field(Kind::Config, field, problem)
    }

    /// Creates the error for a parameter that the service would refuse.
    pub(crate) fn invalid(field: &'static str, problem: &str) -> Self {
        Error::with_field(Kind::InvalidRequest, field, problem)
    }

    /// Creates the error for a response with a success status that the service cannot have sent.
    pub fn not_the_service(status: u16) -> Self {
        let message = "A proxy, not the service, may have responded: check `region` or `endpoint`.";
        Error::with_status(Kind::InvalidResponse, status, message)
    }

    /// Creates the error for a response with this status.
    pub(crate) fn with_status(kind: Kind, status: u16, message: &'static str) -> Self {
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
