//! What the service's clock says, as far as a device can know. Rule 13: between two looks monotonic time is trusted over wall time; where the two
//! disagree by more than a minute the machine has slept or somebody has set the clock, and an expiry that follows from it is only suspected.

/// What the device's clocks say, in milliseconds: `wall` since the epoch, `mono` since whenever, never turned back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Now {
    /// Wall time: what `Date.now()` says.
    pub wall: f64,
    /// Monotonic time: what `performance.now()` says.
    pub mono: f64,
}

/// How far wall time and monotonic time may run apart between two looks, in milliseconds.
pub const MOST_DRIFT_MS: f64 = 60_000.0;

#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub now: Now,
    /// The service's time less wall time.
    pub offset: f64,
    /// Whether the offset was measured here, or by another tab while this one was there.
    measured: bool,
    /// Since when, by wall time, the wall's clock has not been set as far as is known.
    steady_since: f64,
    /// An expiry by this clock is to be verified before it is believed.
    pub suspect: bool,
}

impl Clock {
    pub(super) fn new(now: Now) -> Self {
        Clock {
            now,
            offset: 0.0,
            measured: false,
            steady_since: now.wall,
            suspect: false,
        }
    }

    pub(super) fn look(&mut self, now: Now) {
        let drift = (now.wall - self.now.wall) - (now.mono - self.now.mono);
        if drift.abs() > MOST_DRIFT_MS {
            self.suspect = true;
            self.steady_since = f64::INFINITY;
        }
        // A sleep stops monotonic time, a clock that is set moves wall time: of two that disagree by much, the later is looked into.
        if drift.abs() <= MOST_DRIFT_MS || drift < 0.0 {
            self.offset -= drift;
        }
        self.now = now;
    }

    /// The service's time.
    pub(super) fn service(&self) -> f64 {
        self.now.wall + self.offset
    }

    /// When, in monotonic time, it is `at` at the service.
    pub(super) fn mono_at(&self, at: f64) -> f64 {
        self.now.mono + at - self.service()
    }

    /// The service's time is known to be from `low` to `high`.
    pub(super) fn bound(&mut self, low: f64, high: f64) {
        let time = self.service();
        self.offset += time.clamp(low, high.max(low)) - time;
        self.measured = true;
        self.suspect = false;
    }

    /// What was issued `at` was not issued in the future.
    pub(super) fn not_before(&mut self, at: f64) {
        self.offset += (at - self.service()).max(0.0);
    }

    /// A record, issued at this moment, tells the offset that its maker measured. That is as good as measured here if it was made since this tab began, and
    /// better than nothing otherwise: nobody knows what has happened to the clock in between.
    pub(super) fn take_up(&mut self, offset: f64, issued_at: f64) {
        if !self.measured && offset.is_finite() {
            self.offset = offset;
            self.measured = issued_at - offset >= self.steady_since;
            self.suspect = !self.measured;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: f64 = 1_800_000_000_000.0;

    fn clock() -> Clock {
        Clock::new(Now { wall: T, mono: 5.0 })
    }

    #[test]
    fn small_disagreements_follow_monotonic_time() {
        let mut clock = clock();
        clock.look(Now {
            wall: T + 61_000.0,
            mono: 1_005.0,
        });
        assert_eq!(clock.service(), T + 1_000.0);
        assert!(!clock.suspect);
    }

    #[test]
    fn of_two_that_disagree_the_later_counts_and_is_suspected() {
        // Asleep for a day: monotonic time has stood still.
        let mut slept = clock();
        slept.look(Now {
            wall: T + 86_400_000.0,
            mono: 1_005.0,
        });
        assert_eq!(slept.service(), T + 86_400_000.0);
        // Set back by a day: wall time lies.
        let mut set_back = clock();
        set_back.look(Now {
            wall: T - 86_400_000.0,
            mono: 1_005.0,
        });
        assert_eq!(set_back.service(), T + 1_000.0);
        assert!(slept.suspect && set_back.suspect);
    }

    #[test]
    fn nothing_is_issued_in_the_future() {
        let mut clock = clock();
        clock.not_before(T - 5.0);
        assert_eq!(clock.offset, 0.0);
        clock.not_before(T + 5.0);
        assert_eq!(clock.offset, 5.0);
    }

    #[test]
    fn a_bound_moves_no_further_than_it_must() {
        for (low, high, expected) in [
            (-5.0, 5.0, 0.0),
            (3_600_000.0, 3_601_000.0, 3_600_000.0),
            (-900.0, -100.0, -100.0),
        ] {
            let mut clock = clock();
            clock.suspect = true;
            clock.bound(T + low, T + high);
            assert_eq!(clock.offset, expected);
            assert!(!clock.suspect);
        }
    }

    #[test]
    fn what_was_measured_here_counts_more_than_what_a_record_says() {
        let mut clock = clock();
        clock.take_up(700.0, T);
        assert_eq!(clock.offset, 700.0);
        assert!(clock.suspect);
        clock.bound(T + 100.0, T + 100.0);
        clock.take_up(900.0, T + 900.0);
        assert_eq!(clock.offset, 100.0);
        assert!(!clock.suspect);
    }

    #[test]
    fn an_offset_that_is_no_number_is_none() {
        let mut clock = clock();
        clock.take_up(f64::NAN, T);
        assert_eq!(clock.offset, 0.0);
    }

    #[test]
    fn what_another_tab_measures_meanwhile_is_as_good_as_measured_here() {
        let mut clock = clock();
        clock.take_up(700.0, T + 1_700.0);
        assert!(!clock.suspect);
        clock.take_up(900.0, T + 2_000.0);
        assert_eq!(clock.offset, 700.0);
        // Not once somebody has set the clock.
        let mut set = Clock::new(Now { wall: T, mono: 5.0 });
        set.look(Now {
            wall: T + 86_400_000.0,
            mono: 6.0,
        });
        set.take_up(700.0, T + 90_000_000.0);
        assert!(set.suspect);
    }
}
