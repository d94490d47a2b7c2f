//! The transport that sends the requests, and its errors.

use super::Secret;
use crate::protocol::{limits, Error, Kind};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The maximum size of a response, in bytes. A transport may stop reading a larger response and
/// return [`TransportError::TooLarge`].
///
/// ```
/// assert_eq!(social_plus_auth::client::MAX_RESPONSE_BYTES, 1 << 20);
/// ```
pub const MAX_RESPONSE_BYTES: usize = limits::MAX_RESPONSE_BYTES as usize;

/// Sends requests, and sleeps for the timeout of an attempt and between attempts. Implement this
/// trait to use your own HTTP client instead of [`DefaultTransport`].
///
/// The futures are `Send`, except on wasm32. Dropping a future must cancel its request or sleep. A
/// call drops a request when the attempt times out, and drops all its futures when the future of
/// the call is dropped.
///
/// ```
/// use social_plus_auth::client::{Client, Region, Secret, Transport, TransportError};
/// use std::time::Duration;
///
/// struct Offline;
///
/// impl Transport for Offline {
///     async fn send(
///         &self,
///         request: http::Request<Option<Secret>>,
///     ) -> Result<http::Response<Vec<u8>>, TransportError> {
///         assert_eq!(request.uri().host(), Some("apix.eu.amity.co"));
///         Err(TransportError::Network)
///     }
///
///     async fn sleep(&self, _: Duration) {}
/// }
///
/// # pollster::block_on(async {
/// let client = Client::builder(Region::Eu, "api-key").transport(Offline).build()?;
/// let error = client.revoke_session(&Secret::from("access-token")).await.unwrap_err();
/// assert_eq!(error.attempts(), 3);
/// # Ok::<(), social_plus_auth::client::Error>(())
/// # }).unwrap();
/// ```
pub trait Transport {
    /// Sends a request and returns the response, whether its status is a success or an error.
    ///
    /// Do not follow redirects, which would send the keys to another address. Return the response
    /// with status 3xx, or [`TransportError::Redirect`]. Never log a request: its headers, body and
    /// URL may contain secrets.
    ///
    /// # Errors
    /// A [`TransportError`] if there is no usable response. It cannot contain a secret.
    fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> impl Future<Output = Result<http::Response<Vec<u8>>, TransportError>> + MaybeSend;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend;

    /// Returns the time since 1970-01-01T00:00:00Z. The default reads the system clock.
    fn now(&self) -> Duration {
        system::now()
    }

    /// Returns a random number from 0 to 1 for the jitter of retries. The default is not
    /// cryptographically secure, and need not be.
    fn random(&self) -> f64 {
        system::random()
    }
}

impl<T: Transport> Transport for Arc<T> {
    fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> impl Future<Output = Result<http::Response<Vec<u8>>, TransportError>> + MaybeSend {
        (**self).send(request)
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend {
        (**self).sleep(duration)
    }

    fn now(&self) -> Duration {
        (**self).now()
    }

    fn random(&self) -> f64 {
        (**self).random()
    }
}

/// Requires `Send`, except on wasm32, where the futures of JavaScript promises are not `Send`.
///
/// ```
/// fn check(_: &impl social_plus_auth::client::MaybeSend) {}
/// check(&async {});
/// ```
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send> MaybeSend for T {}

/// Requires `Send`, except on wasm32, where the futures of JavaScript promises are not `Send`.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T> MaybeSend for T {}

/// The reason why a request got no usable response. It has no text, because the error text of an
/// HTTP client may contain a header.
///
/// ```
/// use social_plus_auth::client::TransportError;
/// let reason = TransportError::Network;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// No response, or the connection was interrupted.
    Network,
    /// The server closed the connection before a response.
    ConnectionClosed,
    /// The received data is not an HTTP response.
    InvalidResponse,
    /// The response is larger than [`MAX_RESPONSE_BYTES`].
    TooLarge,
    /// The response is a redirect whose status is unavailable, because browsers hide it.
    Redirect,
}

impl TransportError {
    pub(super) fn describe(self) -> Error {
        let (kind, message) = match self {
            TransportError::Network => (
                Kind::Network,
                "Network error: no complete response. Check the network, the region or endpoint, \
                 and CORS.",
            ),
            TransportError::ConnectionClosed => (
                Kind::Network,
                "The connection was closed: with mTLS on, the service requires a client \
                 certificate.",
            ),
            TransportError::InvalidResponse => (
                Kind::InvalidResponse,
                "The transport returned something that is not an HTTP response.",
            ),
            TransportError::TooLarge => (
                Kind::InvalidResponse,
                "The response is larger than 1 MiB: a proxy may have sent it.",
            ),
            TransportError::Redirect => (
                Kind::InvalidResponse,
                "The response was a redirect, which would send the keys elsewhere: set the final \
                 address as the endpoint.",
            ),
        };
        Error::new(kind, message)
    }
}

/// The transport that a builder uses by default.
#[cfg(target_arch = "wasm32")]
pub type DefaultTransport = super::Fetch;
/// The transport that a builder uses by default.
#[cfg(not(target_arch = "wasm32"))]
pub type DefaultTransport = NoTransport;

/// The placeholder for a transport outside wasm32. The `build` method of a builder does not compile
/// with this placeholder: first set a transport with
/// [`Builder::transport`](super::Builder::transport).
///
/// ```compile_fail
/// use social_plus_auth::client::{Client, Region};
/// let client = Client::builder(Region::Eu, "api-key").build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTransport;

/// The clock and the random numbers of the system.
#[cfg(not(target_arch = "wasm32"))]
mod system {
    use std::hash::{BuildHasher, RandomState};
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    pub(super) fn now() -> Duration {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
    }

    pub(super) fn random() -> f64 {
        // The keys of every `RandomState` differ, and the first keys of each thread are random.
        let bits = RandomState::new().hash_one(0);
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The clock and the random numbers of JavaScript.
#[cfg(target_arch = "wasm32")]
mod system {
    use crate::client::retry::to_duration;
    use std::time::Duration;

    pub(super) fn now() -> Duration {
        to_duration(js_sys::Date::now())
    }

    pub(super) fn random() -> f64 {
        js_sys::Math::random()
    }
}
