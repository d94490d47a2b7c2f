//! Defines the builder of all clients, with the settings that they share.

use super::connection::Connection;
use super::{DefaultTransport, Endpoint, Error, ErrorKind, Retry, Secret, Transport};
use crate::protocol::check;
use std::fmt;
use std::time::Duration;

/// Builds a [`Client`](super::Client), an `Edge` or an `Admin`. `S` holds the settings of that
/// client type.
///
/// ```
/// use social_plus_auth::client::{Client, Region, Retry};
/// use std::time::Duration;
/// # let transport = social_plus_auth::client::emulated::Emulated::default();
/// let client = Client::builder(Region::Us, "api-key")
///     .timeout(Duration::from_secs(5))
///     .retry(Retry::NONE)
///     .transport(transport)
///     .build()?;
/// # Ok::<(), social_plus_auth::client::Error>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Builder<S, T = DefaultTransport> {
    pub(super) settings: S,
    endpoint: Endpoint,
    timeout: Duration,
    retry: Retry,
    transport: T,
}

impl<S> Builder<S> {
    pub(super) fn new(endpoint: Endpoint, settings: S) -> Self {
        Builder {
            settings,
            endpoint,
            timeout: DEFAULT_TIMEOUT,
            retry: Retry::default(),
            transport: DefaultTransport::default(),
        }
    }
}

/// The default time limit of one attempt.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

impl<S, T> Builder<S, T> {
    /// Sets the time limit of one attempt, including the response body: 1 ms to 2147483647 ms (24.8
    /// days). The default is 10 s.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Region};
    /// # use std::time::Duration;
    /// # let builder = Client::builder(Region::Eu, "api-key").transport(Emulated::default());
    /// assert!(builder.timeout(Duration::ZERO).build().is_err());
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets how failed attempts are retried. The default is [`Retry::default`].
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Region, Retry};
    /// # let builder = Client::builder(Region::Eu, "api-key").transport(Emulated::default());
    /// assert!(builder.retry(Retry { attempts: 0, ..Retry::default() }).build().is_err());
    /// ```
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the transport that sends the requests.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Region};
    /// let client = Client::builder(Region::Eu, "api-key").transport(Emulated::default()).build()?;
    /// # Ok::<(), social_plus_auth::client::Error>(())
    /// ```
    pub fn transport<U: Transport>(self, transport: U) -> Builder<S, U> {
        Builder {
            settings: self.settings,
            endpoint: self.endpoint,
            timeout: self.timeout,
            retry: self.retry,
            transport,
        }
    }

    /// Checks the common settings and creates the connection.
    pub(super) fn connect(self) -> Result<(Connection<T>, S), Error> {
        Connection::new(self.endpoint, self.timeout, self.retry, self.transport)
            .map(|connection| (connection, self.settings))
            .map_err(|error| Error::new(error, BUILD))
    }
}

/// Checks a key or an admin token. The error does not contain the value.
pub(super) fn check_credential(field: &'static str, value: &Secret) -> Result<(), Error> {
    check::credential(ErrorKind::Config, field, Some(value))
        .map(|_| ())
        .map_err(|error| Error::new(error, BUILD))
}

/// The operation name in errors about settings.
const BUILD: &str = "build";

impl<S, T> fmt::Debug for Builder<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("endpoint", &self.endpoint)
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
