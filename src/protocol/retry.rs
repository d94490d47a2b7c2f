//! Decides whether to repeat a failed attempt, and when: after a backoff with full jitter, and
//! never before the service's `Retry-After`.

use super::limits::{MAX_ATTEMPTS, MAX_TIMER_MS};
use super::Error;

/// How many times to send a request, and how long to wait between attempts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// The number of attempts, including the first: 1 to 20.
    pub attempts: u32,
    /// The longest backoff before the second attempt, in milliseconds. The longest backoff doubles
    /// before each later attempt.
    pub base_delay_ms: f64,
    /// The upper limit of every wait, in milliseconds. A longer `Retry-After` ends the call.
    pub max_delay_ms: f64,
}

impl Default for Retry {
    /// Returns three attempts, with waits of up to 250 ms and 500 ms. A `Retry-After` can
    /// extend a wait to at most 8 s.
    fn default() -> Self {
        Retry {
            attempts: 3,
            base_delay_ms: 250.0,
            max_delay_ms: 8_000.0,
        }
    }
}

impl Retry {
    /// One attempt without a retry.
    pub const NONE: Retry = Retry {
        attempts: 1,
        base_delay_ms: 0.0,
        max_delay_ms: 0.0,
    };

    /// Checks that each field is within its limits.
    ///
    /// # Errors
    /// `config` for a number of attempts outside 1 to 20, or a delay outside 0 to 2147483647 ms.
    pub fn check(self) -> Result<Self, Error> {
        if !(1..=MAX_ATTEMPTS).contains(&self.attempts) {
            let problem =
                "must be a whole number from 1 to 20; pass `retry: false` for one attempt.";
            return Err(Error::config("retry.attempts", problem));
        }
        check_delay("retry.baseDelayMs", self.base_delay_ms)?;
        check_delay("retry.maxDelayMs", self.max_delay_ms)?;
        Ok(self)
    }

    /// Returns how long to wait, in milliseconds, after attempt number `attempt` (counted from 1)
    /// has failed with `error`. Returns `None` if there must be no further attempt. `random` is
    /// from 0 to 1.
    ///
    /// ```
    /// use social_plus_auth::protocol::{Error, Kind, Retry};
    /// let failed = Error::new(Kind::Network, "");
    /// assert_eq!(Retry::default().delay(&failed, 1, 0.5), Some(125.0));
    /// assert_eq!(Retry::default().delay(&failed, 3, 0.5), None);
    /// assert_eq!(Retry::default().delay(&Error::new(Kind::Banned, ""), 1, 0.5), None);
    /// ```
    pub fn delay(&self, error: &Error, attempt: u32, random: f64) -> Option<f64> {
        let retry_after = error.retry_after_ms.unwrap_or(0.0);
        if !error.retryable || attempt >= self.attempts || retry_after > self.max_delay_ms {
            return None;
        }
        let doubled = self.base_delay_ms * f64::from(1u32 << (attempt - 1).min(31));
        Some((doubled.min(self.max_delay_ms) * random).max(retry_after))
    }
}

fn check_delay(field: &'static str, ms: f64) -> Result<(), Error> {
    if (0.0..=MAX_TIMER_MS).contains(&ms) {
        return Ok(());
    }
    Err(Error::config(
        field,
        "must be 0 to 2147483647 milliseconds.",
    ))
}

/// Checks the timeout of one attempt, in milliseconds.
///
/// # Errors
/// `config` for a timeout outside 1 to 2147483647 ms, the range of a timer.
pub fn check_timeout(ms: f64) -> Result<f64, Error> {
    if (1.0..=MAX_TIMER_MS).contains(&ms) {
        Ok(ms)
    } else {
        Err(Error::config(
            "timeoutMs",
            "must be 1 to 2147483647 milliseconds.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Kind;

    #[test]
    fn waits_double_up_to_the_limit() {
        let retry = Retry {
            attempts: 20,
            base_delay_ms: 250.0,
            max_delay_ms: 8_000.0,
        };
        let failed = Error::new(Kind::Server, "");
        let longest_waits: Vec<_> = (1..8)
            .filter_map(|attempt| retry.delay(&failed, attempt, 1.0))
            .collect();
        assert_eq!(
            longest_waits,
            [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 8000.0]
        );
    }

    #[test]
    fn jitter_can_reduce_a_wait_to_zero() {
        let failed = Error::new(Kind::Server, "");
        assert_eq!(Retry::default().delay(&failed, 1, 0.0), Some(0.0));
    }

    #[test]
    fn the_last_attempt_is_not_retried() {
        let failed = Error::new(Kind::Server, "");
        assert_eq!(Retry::default().delay(&failed, 2, 1.0), Some(500.0));
        assert_eq!(Retry::default().delay(&failed, 3, 1.0), None);
    }

    #[test]
    fn a_retry_waits_at_least_retry_after() {
        let mut error = Error::new(Kind::RateLimited, "");
        error.retry_after_ms = Some(3_000.0);
        assert_eq!(Retry::default().delay(&error, 1, 0.9), Some(3_000.0));
    }

    #[test]
    fn a_retry_after_at_the_limit_is_waited_for() {
        let mut error = Error::new(Kind::RateLimited, "");
        error.retry_after_ms = Some(8_000.0);
        assert_eq!(Retry::default().delay(&error, 1, 0.9), Some(8_000.0));
    }

    #[test]
    fn a_retry_after_beyond_the_limit_ends_the_call() {
        let mut error = Error::new(Kind::RateLimited, "");
        error.retry_after_ms = Some(8_001.0);
        assert_eq!(Retry::default().delay(&error, 1, 0.9), None);
    }

    #[test]
    fn an_error_names_the_option_that_is_outside_its_limits() {
        let good = Retry::default();
        assert!(good.check().is_ok());
        let attempts = |attempts| Retry { attempts, ..good };
        let base = |base_delay_ms| Retry {
            base_delay_ms,
            ..good
        };
        let max = |max_delay_ms| Retry {
            max_delay_ms,
            ..good
        };
        for (bad, field) in [
            (attempts(0), "retry.attempts"),
            (attempts(21), "retry.attempts"),
            (base(-1.0), "retry.baseDelayMs"),
            (base(f64::NAN), "retry.baseDelayMs"),
            (max(f64::INFINITY), "retry.maxDelayMs"),
        ] {
            assert_eq!(bad.check().unwrap_err().field, Some(field), "{bad:?}");
        }
    }

    #[test]
    fn a_timeout_must_be_within_the_range_of_a_timer() {
        assert!(check_timeout(5.0).is_ok());
        for ms in [0.0, f64::NAN, 2_147_483_648.0] {
            assert_eq!(check_timeout(ms).unwrap_err().field, Some("timeoutMs"));
        }
    }
}
