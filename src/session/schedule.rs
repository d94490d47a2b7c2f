//! Computes when a session is due for renewal (rule 5) and the backoff after failures (rule 10).

use super::claim::MAX_PAUSE_MS;
use super::{Machine, Record, Sink};

/// The margin before the expiry, in milliseconds. A tenth of the lifetime applies if that is less.
const MARGIN_MS: f64 = 5.0 * 60_000.0;
/// The time over which the renewals of a device's tabs are staggered, in milliseconds, so that one
/// tab usually finishes before the next one starts. A hundredth of the lifetime applies if that is
/// less.
const MAX_STAGGER_MS: f64 = 2_000.0;
/// The maximum pause after the first failure, in milliseconds. It doubles with each further
/// failure.
const BASE_BACKOFF_MS: f64 = 1_000.0;
/// The maximum pause after any number of failures, in milliseconds.
const MAX_BACKOFF_MS: f64 = 5.0 * 60_000.0;

/// Hashes both arguments to a number in `0.0..1.0` (with a variant of the finalizer of
/// MurmurHash3).
pub(super) fn draw(seed: u32, number: u32) -> f64 {
    let mut hash = seed ^ number.wrapping_mul(0x9e37_79b9);
    for factor in [0x85eb_ca6b_u32, 0xc2b2_ae35] {
        hash ^= hash >> 16;
        hash = hash.wrapping_mul(factor);
        hash ^= hash >> 13;
    }
    f64::from(hash ^ hash >> 16) / 4_294_967_296.0
}

/// Returns when a session is due for renewal, by the service's clock: when 50 % to 90 % of its
/// lifetime, less a margin, have passed. The time depends on the device and on the session's
/// `sequence`, so that clients that signed in together renew at different times. `tab`, from 0 to
/// 1, staggers the tabs of a device.
pub fn due(issued_at: f64, expires_at: f64, device: u32, sequence: f64, tab: f64) -> f64 {
    let lifetime = expires_at - issued_at;
    let usable = lifetime - MARGIN_MS.min(lifetime / 10.0);
    let moment = 0.5 + 0.4 * draw(device, sequence as u32);
    issued_at + usable * moment + MAX_STAGGER_MS.min(lifetime / 100.0) * tab
}

/// Returns the pause after this many consecutive failures (at least 1), in milliseconds. It is
/// random between a tenth of the maximum and the maximum, so that no client retries immediately.
pub(super) fn backoff(failures: u32, random: f64) -> f64 {
    let max = (BASE_BACKOFF_MS * f64::from(1_u32 << (failures - 1).min(16))).min(MAX_BACKOFF_MS);
    max * (0.1 + 0.9 * random)
}

impl<S: Sink> Machine<S> {
    /// Returns when the session is due for renewal, by the service's clock.
    pub(super) fn due(&self, record: &Record) -> f64 {
        let tab = draw(self.settings.tab, 0);
        due(
            record.issued_at,
            record.expires_at,
            self.settings.device,
            record.sequence,
            tab,
        )
    }

    /// Returns whether the current session is due for renewal.
    pub(super) fn is_due(&self) -> bool {
        let time = self.clock.service();
        self.current
            .is_some_and(|current| time >= self.due(&current))
    }

    /// Starts the pause after another failure, and returns when it ends, by the device's clock.
    pub(super) fn back_off(&mut self, retry_after_ms: f64) -> f64 {
        self.failures = self.failures.saturating_add(1);
        let random = self.random();
        let pause_ms = backoff(self.failures, random).max(retry_after_ms);
        let pause_ms = pause_ms.min(MAX_PAUSE_MS);
        self.retry_at = self.clock.now.mono + pause_ms;
        self.clock.now.wall + pause_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400_000.0;

    #[test]
    fn due_times_spread_evenly_between_50_and_90_percent() {
        for lifetime in [60_000.0, 600_000.0, DAY, 30.0 * DAY, 365.0 * DAY] {
            let usable = lifetime - f64::min(300_000.0, lifetime / 10.0);
            let mut tenths = [0_u32; 10];
            for device in 0..10_000_u32 {
                let share =
                    due(0.0, lifetime, device.wrapping_mul(2_654_435_761), 3.0, 0.0) / usable;
                assert!((0.5..0.9).contains(&share), "{share}");
                tenths[((share - 0.5) / 0.04) as usize] += 1;
            }
            assert!(
                tenths.iter().all(|count| (850..1150).contains(count)),
                "{tenths:?}"
            );
        }
    }

    #[test]
    fn consecutive_sessions_of_a_device_are_due_at_different_times() {
        let moments: Vec<f64> = (0..5)
            .map(|number| due(0.0, DAY, 7, f64::from(number), 0.0))
            .collect();
        assert!(
            moments
                .windows(2)
                .all(|two| (two[0] - two[1]).abs() > 60_000.0),
            "{moments:?}"
        );
    }

    #[test]
    fn every_tab_is_due_before_the_session_expires() {
        for lifetime in [1_000.0, 60_000.0, DAY] {
            assert!((0..1000).all(|device| due(0.0, lifetime, device, 1.0, 1.0) < lifetime * 0.95));
        }
    }

    #[test]
    fn the_pause_doubles_up_to_five_minutes_and_is_never_zero() {
        let longest: Vec<f64> = (1..=10).map(|failures| backoff(failures, 1.0)).collect();
        assert_eq!(longest[..4], [1_000.0, 2_000.0, 4_000.0, 8_000.0]);
        assert_eq!(longest[9], 300_000.0);
        assert!(backoff(1, 0.0) >= 100.0);
        assert!(backoff(u32::MAX, 0.5) < 300_000.0);
    }
}
