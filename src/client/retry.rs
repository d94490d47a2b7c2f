//! The retry settings of a client.

use crate::protocol;
use std::time::Duration;

/// The maximum number of attempts of a request, and the delays between the attempts. The delays
/// have full jitter, and are never shorter than the service's `Retry-After`.
///
/// ```
/// use social_plus_auth::client::{Client, Region, Retry};
/// # let transport = social_plus_auth::client::emulated::Emulated::default();
/// let patient = Retry { attempts: 5, ..Retry::default() };
/// let builder = Client::builder(Region::Eu, "api-key").retry(patient);
/// # builder.transport(transport).build()?;
/// # Ok::<(), social_plus_auth::client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The maximum number of attempts, including the first: 1 to 20.
    pub attempts: u32,
    /// The maximum backoff before the second attempt. The maximum doubles before each further
    /// attempt.
    pub base_delay: Duration,
    /// The maximum delay before any attempt. A longer `Retry-After` ends the call.
    pub max_delay: Duration,
}

impl Retry {
    /// No retries: a request is sent once.
    ///
    /// ```
    /// assert_eq!(social_plus_auth::client::Retry::NONE.attempts, 1);
    /// ```
    pub const NONE: Retry = Retry {
        attempts: 1,
        base_delay: Duration::ZERO,
        max_delay: Duration::ZERO,
    };

    pub(super) fn check(self) -> Result<protocol::Retry, protocol::Error> {
        protocol::Retry {
            attempts: self.attempts,
            base_delay_ms: to_milliseconds(self.base_delay),
            max_delay_ms: to_milliseconds(self.max_delay),
        }
        .check()
    }
}

impl Default for Retry {
    /// Returns three attempts, with delays of up to 250 ms and 500 ms. A `Retry-After` can extend a
    /// delay to at most 8 s.
    fn default() -> Self {
        let protocol::Retry {
            attempts,
            base_delay_ms,
            max_delay_ms,
        } = protocol::Retry::default();
        Retry {
            attempts,
            base_delay: to_duration(base_delay_ms),
            max_delay: to_duration(max_delay_ms),
        }
    }
}

pub(super) fn to_milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Converts milliseconds to a `Duration`. A value that no `Duration` can represent becomes zero.
pub(super) fn to_duration(milliseconds: f64) -> Duration {
    Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default()
}
