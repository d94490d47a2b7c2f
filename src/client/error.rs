//! The error type of the client.

use super::retry::to_duration;
use super::ErrorKind;
use crate::protocol;
use std::fmt;
use std::time::Duration;

/// The error of a call, of a builder, or of parsing a [`Region`](super::Region). It is safe to log:
/// it never contains a key, a token, a signature, a header value or the body of a response.
///
/// ```
/// use social_plus_auth::client::{Client, ErrorKind, Region, SessionRequest};
/// # use social_plus_auth::client::{emulated::Emulated, Error};
/// # pollster::block_on(async {
/// # let transport = Emulated::default();
/// # let client = Client::builder(Region::Eu, transport.keys().0).transport(transport).build()?;
/// let request = SessionRequest::new("", "device-1");
/// let error = client.create_session(&request).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidRequest);
/// assert_eq!(error.field(), Some("userId"));
/// assert_eq!(error.operation(), "create_session");
/// assert_eq!(error.attempts(), 0);
/// assert!(!error.is_retryable());
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Error {
    cause: protocol::Error,
    operation: &'static str,
    attempts: u32,
}

impl Error {
    /// Creates the error of an operation that made no attempt to send a request.
    pub(super) fn new(cause: protocol::Error, operation: &'static str) -> Self {
        Error::after(cause, operation, 0)
    }

    /// Creates the error of an operation that made `attempts` attempts.
    pub(super) fn after(cause: protocol::Error, operation: &'static str, attempts: u32) -> Self {
        Error {
            cause,
            operation,
            attempts,
        }
    }

    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.cause.kind
    }

    /// Returns the English text that `Display` writes: what is wrong and what to do about it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.cause.message
    }

    /// Returns the option or parameter that the message is about, for example `userId`.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.cause.field
    }

    /// Returns the service's own code, for example 400312.
    #[must_use]
    pub fn code(&self) -> Option<u32> {
        self.cause.code
    }

    /// Returns the HTTP status of the response. Returns `None` if there was no complete HTTP
    /// response, if the response was too large, or if the transport hides the status of a redirect.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.cause.status.filter(|status| *status > 0)
    }

    /// Returns whether the same call may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.cause.retryable
    }

    /// Returns how long the service asked to wait before the next call.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.cause.retry_after_ms.map(to_duration)
    }

    /// Returns how many attempts the call made, counting those of all its requests.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the name of the method that failed, or `region` if the text of a region was invalid.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &self.message())
            .field("field", &self.field())
            .field("operation", &self.operation)
            .field("code", &self.code())
            .field("status", &self.status())
            .field("retryable", &self.is_retryable())
            .field("attempts", &self.attempts)
            .finish()
    }
}

impl std::error::Error for Error {}
