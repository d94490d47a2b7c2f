//! Estimates the service's time (rule 13). Between two measurements, the monotonic clock takes
//! precedence over the device's clock. If the two drift apart by more than a minute from one
//! reading to the next, the device has slept or its clock was set, and an expiry is only suspected
//! until the next measurement or verification.

/// The device's clocks, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Now {
    /// The time since 1970, as `Date.now()` returns it.
    pub wall: f64,
    /// The time since an arbitrary moment, as `performance.now()` returns it. Never decreases.
    pub mono: f64,
}

/// The maximum drift between the two clocks from one reading to the next, in milliseconds.
pub const MAX_DRIFT_MS: f64 = 60_000.0;

#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub now: Now,
    /// The service's time minus the device's, in milliseconds.
    pub offset: f64,
    /// Whether this tab has measured the offset, or another tab did so after this tab had started.
    /// False after a suspicion that no measurement has ended.
    pub(super) is_measured: bool,
    /// When the tab started, by the device's clock. Infinite after sleep or a clock change.
    pub(super) steady_since: f64,
    /// Whether the service must verify an expiry before the tab acts on it.
    pub is_suspect: bool,
}

impl Clock {
    /// Starts with these readings, or with zeros if a reading is not finite.
    pub(super) fn new(now: Now) -> Self {
        let is_finite = (now.wall + now.mono).is_finite();
        let now = if is_finite { now } else { Now::default() };
        Clock {
            now,
            offset: 0.0,
            is_measured: false,
            steady_since: now.wall,
            is_suspect: false,
        }
    }

    /// Reads the clocks, unless a reading is not finite. Returns whether the device has slept or a
    /// clock was set since the last reading.
    pub(super) fn update(&mut self, now: Now) -> bool {
        let drift = (now.wall - self.now.wall) - (now.mono - self.now.mono);
        if !drift.is_finite() {
            return false;
        }
        let has_drifted = drift.abs() > MAX_DRIFT_MS;
        if has_drifted {
            self.is_suspect = true;
            self.steady_since = f64::INFINITY;
        }
        // Sleep stops the monotonic clock, and a clock change moves the wall clock. After a large
        // drift, use the clock that gives the later time until the service confirms the time.
        if drift <= MAX_DRIFT_MS {
            self.offset -= drift;
        }
        self.now = now;
        has_drifted
    }

    /// Returns the service's time.
    pub(super) fn service(&self) -> f64 {
        self.now.wall + self.offset
    }

    /// Converts a time of the service to monotonic time.
    pub(super) fn to_mono(&self, at: f64) -> f64 {
        self.now.mono + at - self.service()
    }

    /// Moves the service's time into a measured range, if it is outside. Ignores a range that is
    /// not finite.
    pub(super) fn clamp_service_time(&mut self, low: f64, high: f64) {
        if !(low + high).is_finite() {
            return;
        }
        let time = self.service();
        self.offset += time.clamp(low, high.max(low)) - time;
        self.is_measured = true;
        self.is_suspect = false;
    }

    /// Ends a suspicion without a measurement: the service has said whether it accepts the token.
    /// The offset may still be wrong, so a later session brings its own.
    pub(super) fn end_suspicion(&mut self) {
        self.is_measured &= !self.is_suspect;
        self.is_suspect = false;
    }

    /// Sets the service's time to a guess, and ends a suspicion: the service accepts a token that
    /// the clock says has expired.
    pub(super) fn guess_service_time(&mut self, at: f64) {
        self.offset += at - self.service();
        self.is_measured = false;
        self.is_suspect = false;
    }

    /// If the service's time is before `at`, when a token was issued, advances it to `at`.
    pub(super) fn ensure_not_before(&mut self, at: f64) {
        self.offset += (at - self.service()).max(0.0);
    }

    /// Adopts the offset of a record, unless this tab has measured an offset. The offset of a
    /// record that was issued after this tab started counts as measured. An older offset is
    /// suspect, because the clock may have been set since then.
    pub(super) fn adopt_offset(&mut self, offset: f64, issued_at: f64) {
        if !self.is_measured && offset.is_finite() {
            self.offset = offset;
            self.is_measured = issued_at - offset >= self.steady_since;
            self.is_suspect = !self.is_measured;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: f64 = 1_800_000_000_000.0;

    fn clock() -> Clock {
        Clock::new(Now {
            wall: START,
            mono: 5.0,
        })
    }

    #[test]
    fn after_a_small_drift_the_monotonic_clock_counts() {
        let mut clock = clock();
        clock.update(Now {
            wall: START + 61_000.0,
            mono: 1_005.0,
        });
        assert_eq!(clock.service(), START + 1_000.0);
        assert!(!clock.is_suspect);
    }

    #[test]
    fn after_a_large_drift_the_later_time_counts_and_is_suspect() {
        // The monotonic clock stood still during a day of sleep.
        let mut slept = clock();
        slept.update(Now {
            wall: START + 86_400_000.0,
            mono: 1_005.0,
        });
        assert_eq!(slept.service(), START + 86_400_000.0);
        // The device's clock was set back by a day.
        let mut set_back = clock();
        set_back.update(Now {
            wall: START - 86_400_000.0,
            mono: 1_005.0,
        });
        assert_eq!(set_back.service(), START + 1_000.0);
        assert!(slept.is_suspect && set_back.is_suspect);
    }

    #[test]
    fn the_service_time_is_never_before_a_time_of_issue() {
        let mut clock = clock();
        clock.ensure_not_before(START - 5.0);
        assert_eq!(clock.offset, 0.0);
        clock.ensure_not_before(START + 5.0);
        assert_eq!(clock.offset, 5.0);
    }

    #[test]
    fn clamping_moves_the_offset_no_further_than_needed_and_ends_a_suspicion() {
        for (low, high, expected) in [
            (-5.0, 5.0, 0.0),
            (3_600_000.0, 3_601_000.0, 3_600_000.0),
            (-900.0, -100.0, -100.0),
        ] {
            let mut clock = clock();
            clock.is_suspect = true;
            clock.clamp_service_time(START + low, START + high);
            assert_eq!(clock.offset, expected);
            assert!(!clock.is_suspect);
        }
    }

    #[test]
    fn a_measured_offset_takes_precedence_over_the_offset_of_a_record() {
        let mut clock = clock();
        clock.adopt_offset(700.0, START);
        assert_eq!(clock.offset, 700.0);
        assert!(clock.is_suspect);
        clock.clamp_service_time(START + 100.0, START + 100.0);
        clock.adopt_offset(900.0, START + 900.0);
        assert_eq!(clock.offset, 100.0);
        assert!(!clock.is_suspect);
    }

    #[test]
    fn an_offset_that_is_not_a_number_is_ignored() {
        let mut clock = clock();
        clock.adopt_offset(f64::NAN, START);
        assert_eq!(clock.offset, 0.0);
    }

    #[test]
    fn the_offset_of_a_record_issued_after_the_start_counts_as_measured() {
        let mut clock = clock();
        clock.adopt_offset(700.0, START + 1_700.0);
        assert!(!clock.is_suspect);
        clock.adopt_offset(900.0, START + 2_000.0);
        assert_eq!(clock.offset, 700.0);
        // After a clock change, even such an offset is suspect.
        let mut set = Clock::new(Now {
            wall: START,
            mono: 5.0,
        });
        set.update(Now {
            wall: START + 86_400_000.0,
            mono: 6.0,
        });
        set.adopt_offset(700.0, START + 90_000_000.0);
        assert!(set.is_suspect);
    }
}
