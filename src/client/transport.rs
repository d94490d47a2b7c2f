//! What carries the requests.

use super::Secret;
use crate::protocol::{limits, Error, Kind};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// The largest response that is accepted, in bytes. A transport may stop reading beyond it and
/// return [`TransportError::TooLarge`].
///
/// ```
/// assert_eq!(social_plus_auth::client::MAX_RESPONSE_BYTES, 1 << 20);
/// ```
pub const MAX_RESPONSE_BYTES: usize = limits::MAX_RESPONSE_BYTES as usize;

/// Sends requests and waits. Implement it to use another HTTP client than [`DefaultTransport`].
///
/// The futures are `Send`, except on wasm32. Dropping one cancels what it does: calls end that way
/// when their time is up, or when their own future is dropped.
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
    /// Sends a request and returns the response, whatever its status is.
    ///
    /// Redirects must not be followed: they would carry the keys along. Return the response of
    /// status 3xx, or [`TransportError::Redirect`]. A request may hold secrets in its headers, its
    /// body and its URL, so never log it.
    ///
    /// # Errors
    /// When there is no complete response. [`TransportError`] cannot repeat a secret.
    fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> impl Future<Output = Result<http::Response<Vec<u8>>, TransportError>> + MaybeSend;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + MaybeSend;

    /// Returns the time since 1970-01-01T00:00:00Z. The default asks the system's clock.
    fn now(&self) -> Duration {
        system::now()
    }

    /// Returns a number from 0 to 1 that spreads the retries of many clients. The default need not
    /// be secure, and is not.
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

/// Is `Send`, except on wasm32, where futures of JavaScript cannot be.
///
/// ```
/// fn check(_: &impl social_plus_auth::client::MaybeSend) {}
/// check(&async {});
/// ```
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_arch = "wasm32"))]
impl<T: Send> MaybeSend for T {}

/// Is `Send`, except on wasm32, where futures of JavaScript cannot be.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSend {}
#[cfg(target_arch = "wasm32")]
impl<T> MaybeSend for T {}

/// Why there is no response. It carries no text, because the text of an HTTP client's error may
/// repeat a header.
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
    /// What came is not an HTTP response.
    InvalidResponse,
    /// The response is larger than [`MAX_RESPONSE_BYTES`].
    TooLarge,
    /// The response is a redirect whose status is hidden, as a browser hides it.
    Redirect,
}

impl TransportError {
    pub(super) fn describe(self) -> Error {
        let (kind, message) = match self {
            TransportError::Network => (
                Kind::Network,
                "Network error: no response, or the connection was interrupted. Check the \
                 network, the region or endpoint, and CORS.",
            ),
            TransportError::ConnectionClosed => (
                Kind::Network,
                "The connection was closed before a response: with mTLS on, the service requires \
                 a client certificate.",
            ),
            TransportError::InvalidResponse => (
                Kind::InvalidResponse,
                "The transport returned something that is not an HTTP response.",
            ),
            TransportError::TooLarge => (
                Kind::InvalidResponse,
                "The response is larger than 1 MiB, so it is not the service's.",
            ),
            TransportError::Redirect => (
                Kind::InvalidResponse,
                "The response was a redirect. It is not followed, because it would carry the keys \
                 along: give the final address as the endpoint.",
            ),
        };
        Error::new(kind, message)
    }
}

/// The transport that a builder uses unless another one is chosen.
#[cfg(target_arch = "wasm32")]
pub type DefaultTransport = super::Fetch;
/// The transport that a builder uses unless another one is chosen.
#[cfg(not(target_arch = "wasm32"))]
pub type DefaultTransport = NoTransport;

/// The default outside wasm32, where [`Builder::transport`](super::Builder::transport) has to
/// choose one before `build`.
///
/// ```compile_fail
/// use social_plus_auth::client::{Client, Region};
/// let client = Client::builder(Region::Eu, "api-key").build();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTransport;

/// The system's clock and randomness.
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
        // The keys of every `RandomState` differ, and those of each thread start at random.
        let bits = RandomState::new().hash_one(0);
        (bits >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// JavaScript's clock and randomness.
#[cfg(target_arch = "wasm32")]
mod system {
    use crate::client::retry::duration;
    use std::time::Duration;

    pub(super) fn now() -> Duration {
        duration(js_sys::Date::now())
    }

    pub(super) fn random() -> f64 {
        js_sys::Math::random()
    }
}
