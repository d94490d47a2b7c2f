//! Whether a failed attempt is made again, and when: full jitter, and never against the service's
//! own wish.

use super::{Error, Kind};

/// How often and how far apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// Requests in all, the first one included.
    pub attempts: u32,
    /// The longest wait before the second attempt, in milliseconds; it doubles from one to the
    /// next.
    pub base_delay_ms: f64,
    /// The longest wait of all, in milliseconds; a `Retry-After` beyond it ends the call.
    pub max_delay_ms: f64,
}

impl Default for Retry {
    /// Three attempts, waits of up to 250 ms and 500 ms; never over 8 s.
    fn default() -> Self {
        Retry {
            attempts: 3,
            base_delay_ms: 250.0,
            max_delay_ms: 8_000.0,
        }
    }
}

impl Retry {
    /// One attempt.
    pub const NONE: Retry = Retry {
        attempts: 1,
        base_delay_ms: 0.0,
        max_delay_ms: 0.0,
    };

    /// # Errors
    /// `config` for numbers that make no sense.
    pub fn check(self) -> Result<Self, Error> {
        let waits = [self.base_delay_ms, self.max_delay_ms]
            .iter()
            .all(|ms| (0.0..=MOST_MS).contains(ms));
        if waits && (1..=20).contains(&self.attempts) {
            Ok(self)
        } else {
            Err(Error::config(
                "`retry` takes 1 to 20 `attempts`, and delays in milliseconds; `false` for none.",
            ))
        }
    }

    /// How long to wait after the failed attempt number `attempt` (from 1), in milliseconds;
    /// `None`: give up. `random` is from 0 to 1.
    ///
    /// ```
    /// use social_plus_auth::protocol::{Error, Kind, Retry};
    /// let failed = Error::new(Kind::Network, "");
    /// assert_eq!(Retry::default().delay(&failed, 1, 0.5), Some(125.0));
    /// assert_eq!(Retry::default().delay(&failed, 3, 0.5), None);
    /// assert_eq!(Retry::default().delay(&Error::new(Kind::Banned, ""), 1, 0.5), None);
    /// ```
    pub fn delay(&self, error: &Error, attempt: u32, random: f64) -> Option<f64> {
        let wished = error.retry_after_ms.unwrap_or(0.0);
        if !error.retryable || attempt >= self.attempts || wished > self.max_delay_ms {
            return None;
        }
        let doubled = self.base_delay_ms * f64::from(1u32 << (attempt - 1).min(31));
        Some((doubled.min(self.max_delay_ms) * random).max(wished))
    }
}

/// The longest time that a timer takes, in milliseconds (24.8 days).
pub const MOST_MS: f64 = 2_147_483_647.0;

/// # Errors
/// `config` unless it is from 1 ms to what a timer takes.
pub fn check_timeout(ms: f64) -> Result<f64, Error> {
    if (1.0..=MOST_MS).contains(&ms) {
        Ok(ms)
    } else {
        Err(Error::new(
            Kind::Config,
            "`timeoutMs` must be from 1 to 2147483647.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_stay_under_the_limit() {
        let retry = Retry {
            attempts: 20,
            base_delay_ms: 250.0,
            max_delay_ms: 8_000.0,
        };
        let failed = Error::new(Kind::Server, "");
        let longest: Vec<_> = (1..8)
            .filter_map(|attempt| retry.delay(&failed, attempt, 1.0))
            .collect();
        assert_eq!(
            longest,
            [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 8000.0]
        );
        assert_eq!(retry.delay(&failed, 1, 0.0), Some(0.0));
        assert_eq!(retry.delay(&failed, 20, 1.0), None);
    }

    #[test]
    fn the_service_is_left_alone_as_long_as_it_wishes_or_the_call_ends() {
        let after = |ms| {
            let mut error = Error::new(Kind::RateLimited, "");
            error.retry_after_ms = Some(ms);
            error
        };
        assert_eq!(
            Retry::default().delay(&after(3_000.0), 1, 0.9),
            Some(3_000.0)
        );
        assert_eq!(Retry::default().delay(&after(8_001.0), 1, 0.9), None);
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused() {
        let good = Retry::default();
        assert!(good.check().is_ok());
        for bad in [
            Retry {
                attempts: 0,
                ..good
            },
            Retry {
                attempts: 21,
                ..good
            },
            Retry {
                base_delay_ms: -1.0,
                ..good
            },
            Retry {
                base_delay_ms: f64::NAN,
                ..good
            },
            Retry {
                max_delay_ms: f64::INFINITY,
                ..good
            },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        assert!(
            check_timeout(0.0).is_err()
                && check_timeout(f64::NAN).is_err()
                && check_timeout(5.0).is_ok()
        );
    }
}
