//! The clock that a test owns: it goes along with the real one, shifted, or stands still until it
//! is moved.

use super::Misuse;

/// The last moment that the clock can show, in milliseconds since the epoch (the year 9000): dates
/// keep four digits, however long a token lives.
const LAST: f64 = 221_845_392_000_000.0;

/// The emulator's time. It never looks at a clock itself: whoever asks says what the real time is.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    frozen: bool,
    /// What the clock shows if it is frozen, else how far it is ahead of the real time.
    ms: f64,
}

impl Clock {
    /// A clock that stands still at `start`, or goes along with the real time.
    ///
    /// ```
    /// use social_plus_auth::emulator::Clock;
    /// let mut clock = Clock::new(Some(1000.0));
    /// clock.advance(500.0, 77.0)?;
    /// assert_eq!(clock.now(99.0), 1500.0);
    /// # Ok::<(), social_plus_auth::emulator::Misuse>(())
    /// ```
    pub fn new(start: Option<f64>) -> Self {
        Self {
            frozen: start.is_some(),
            ms: start.unwrap_or(0.0),
        }
    }

    /// The emulator's time while the real one is `real`, in whole milliseconds since the epoch.
    pub fn now(&self, real: f64) -> f64 {
        (if self.frozen { self.ms } else { self.ms + real })
            .clamp(0.0, LAST)
            .floor()
    }

    /// Moves the clock forward by so many milliseconds.
    ///
    /// # Errors
    /// For a number that is negative or none, or leads beyond the year 9000: the clock then stays
    /// as it is.
    pub fn advance(&mut self, ms: f64, real: f64) -> Result<(), Misuse> {
        if ms >= 0.0 && self.now(real) + ms <= LAST {
            self.ms += ms;
            Ok(())
        } else {
            Err(Misuse::new("`ms` must be a number of milliseconds, 0 or more, that leads no further than the year 9000."))
        }
    }

    /// Sets the clock, forward or back. One that goes along with the real time goes on from there.
    ///
    /// # Errors
    /// For a moment before 1970 or after the year 9000: the clock then stays as it is.
    pub fn set(&mut self, epoch_ms: f64, real: f64) -> Result<(), Misuse> {
        moment("epochMs", epoch_ms)?;
        self.ms = if self.frozen {
            epoch_ms
        } else {
            epoch_ms - real
        };
        Ok(())
    }
}

/// Whether `ms` is a moment that the clock can show.
pub(super) fn moment(name: &str, ms: f64) -> Result<f64, Misuse> {
    if (0.0..=LAST).contains(&ms) {
        Ok(ms)
    } else {
        Err(Misuse::new(format!(
            "`{name}` must be milliseconds since the epoch, between the years 1970 and 9000."
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_along() {
        let mut clock = Clock::new(None);
        assert_eq!(clock.now(1000.9), 1000.0);
        clock.advance(500.0, 1000.0).unwrap();
        assert_eq!(clock.now(1001.0), 1501.0);
        clock.set(7.0, 2000.0).unwrap();
        assert_eq!(clock.now(2003.0), 10.0);
    }

    #[test]
    fn a_clock_that_stands_still() {
        let mut clock = Clock::new(Some(50.0));
        assert_eq!(clock.now(1.0), clock.now(1_000_000.0));
        clock.set(20.0, 3.0).unwrap();
        assert_eq!(clock.now(4.0), 20.0);
    }

    #[test]
    fn impossible_moves_are_refused_and_change_nothing() {
        let mut clock = Clock::new(Some(50.0));
        for ms in [-1.0, f64::NAN, f64::INFINITY, LAST] {
            assert!(clock.advance(ms, 0.0).is_err(), "{ms}");
        }
        for ms in [-1.0, f64::NAN, f64::INFINITY, LAST + 1.0] {
            assert!(clock.set(ms, 0.0).is_err(), "{ms}");
        }
        assert_eq!(clock.now(0.0), 50.0);
    }
}
