//! The clock that a test controls: it either follows the real time with an offset, or stands still
//! until the test moves it.

use super::Misuse;

/// The latest time that the clock accepts: the start of the year 9000, in milliseconds since the
/// epoch. With this limit, expiry dates have four-digit years, whatever the lifetime of a token.
const MAX_TIME_MS: f64 = 221_845_392_000_000.0;

/// The emulator's time, in milliseconds since the epoch.
///
/// It does not read a system clock: every method that needs the real time takes it as `real`.
///
/// ```
/// use social_plus_auth::emulator::Clock;
///
/// let mut clock = Clock::new(Some(1000.0));
/// clock.advance(500.0, 77.0)?;
/// assert_eq!(clock.now(99.0), 1500.0);
/// # Ok::<(), social_plus_auth::emulator::Misuse>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    frozen: bool,
    /// The time if the clock is frozen, otherwise the clock's offset from the real time.
    ms: f64,
}

impl Clock {
    /// Creates a clock that stands still at `start`, or follows the real time if `start` is `None`.
    pub fn new(start: Option<f64>) -> Self {
        Self {
            frozen: start.is_some(),
            ms: start.unwrap_or(0.0),
        }
    }

    /// Returns the emulator's time when the real time is `real`, in whole milliseconds.
    pub fn now(&self, real: f64) -> f64 {
        (if self.frozen { self.ms } else { self.ms + real })
            .clamp(0.0, MAX_TIME_MS)
            .floor()
    }

    /// Moves the clock forward by `ms` milliseconds.
    ///
    /// # Errors
    /// If `ms` is negative or NaN, or would move the clock beyond the start of the year 9000. The
    /// clock then does not change.
    pub fn advance(&mut self, ms: f64, real: f64) -> Result<(), Misuse> {
        if ms >= 0.0 && self.now(real) + ms <= MAX_TIME_MS {
            self.ms += ms;
            Ok(())
        } else {
            Err(Misuse::new(
                "`ms` must be at least 0 and must not move the clock beyond the start of the year \
                 9000.",
            ))
        }
    }

    /// Sets the clock, forward or back. A clock that follows the real time continues from the new
    /// time.
    ///
    /// # Errors
    /// If `epoch_ms` is NaN, before 1970 or after the start of the year 9000. The clock then does
    /// not change.
    pub fn set(&mut self, epoch_ms: f64, real: f64) -> Result<(), Misuse> {
        check_timestamp("epochMs", epoch_ms)?;
        self.ms = if self.frozen {
            epoch_ms
        } else {
            epoch_ms - real
        };
        Ok(())
    }
}

/// Checks that the clock can show the time `ms`.
pub(super) fn check_timestamp(name: &str, ms: f64) -> Result<f64, Misuse> {
    if (0.0..=MAX_TIME_MS).contains(&ms) {
        Ok(ms)
    } else {
        Err(Misuse::new(format!(
            "`{name}` must be a time in milliseconds since the epoch, from 1970 to the start of \
             the year 9000."
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfrozen_clock_follows_the_real_time() {
        let mut clock = Clock::new(None);
        assert_eq!(clock.now(1000.9), 1000.0);
        clock.advance(500.0, 1000.0).unwrap();
        assert_eq!(clock.now(1001.0), 1501.0);
        clock.set(7.0, 2000.0).unwrap();
        assert_eq!(clock.now(2003.0), 10.0);
    }

    #[test]
    fn a_frozen_clock_stands_still() {
        let mut clock = Clock::new(Some(50.0));
        assert_eq!(clock.now(1.0), clock.now(1_000_000.0));
        clock.set(20.0, 3.0).unwrap();
        assert_eq!(clock.now(4.0), 20.0);
    }

    #[test]
    fn an_invalid_move_is_rejected_and_changes_nothing() {
        let mut clock = Clock::new(Some(50.0));
        for ms in [-1.0, f64::NAN, f64::INFINITY, MAX_TIME_MS] {
            assert!(clock.advance(ms, 0.0).is_err(), "{ms}");
        }
        for ms in [-1.0, f64::NAN, f64::INFINITY, MAX_TIME_MS + 1.0] {
            assert!(clock.set(ms, 0.0).is_err(), "{ms}");
        }
        assert_eq!(clock.now(0.0), 50.0);
    }
}
