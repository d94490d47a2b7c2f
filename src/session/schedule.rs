//! When a session is renewed (rule 5), and how long a failed renewal waits (rule 10).

/// A session is never kept to its very end: what is left of it at the latest renewal, in milliseconds, unless a tenth of the lifetime is less.
const MARGIN_MS: f64 = 5.0 * 60_000.0;
/// Tabs of one device come due one after the other within this many milliseconds, or a hundredth of the lifetime, so that mostly one of them has
/// renewed before the next one looks.
const TABS_MS: f64 = 2_000.0;
/// The longest wait after the first failure, in milliseconds; it doubles from one to the next.
const BACKOFF_MS: f64 = 1_000.0;
/// The longest wait of all, in milliseconds.
const MOST_BACKOFF_MS: f64 = 5.0 * 60_000.0;

/// From 0 to 1, evenly, of two numbers (the finalizer of MurmurHash3 over both).
pub(super) fn draw(seed: u32, number: u32) -> f64 {
    let mut hash = seed ^ number.wrapping_mul(0x9e37_79b9);
    for factor in [0x85eb_ca6b_u32, 0xc2b2_ae35] {
        hash ^= hash >> 16;
        hash = hash.wrapping_mul(factor);
        hash ^= hash >> 13;
    }
    f64::from(hash ^ hash >> 16) / 4_294_967_296.0
}

/// When a session is due, in the service's time: between 50 % and 90 % of what it is good for less a margin, by `device` and the renewal's number, so
/// that a million clients that signed in together stay spread out. `tab`, from 0 to 1, is what tells the tabs of a device apart.
pub fn due(issued_at: f64, expires_at: f64, device: u32, number: f64, tab: f64) -> f64 {
    let lifetime = expires_at - issued_at;
    let usable = lifetime - MARGIN_MS.min(lifetime / 10.0);
    let moment = 0.5 + 0.4 * draw(device, number as u32);
    issued_at + usable * moment + TABS_MS.min(lifetime / 100.0) * tab
}

/// How long to wait after so many failures in a row (from 1), with full jitter: at least a tenth, or a random 0 would be a storm.
pub(super) fn backoff(failures: u32, random: f64) -> f64 {
    let most = (BACKOFF_MS * f64::from(1_u32 << (failures - 1).min(16))).min(MOST_BACKOFF_MS);
    most * (0.1 + 0.9 * random)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400_000.0;

    #[test]
    fn due_is_between_half_and_nine_tenths_and_spread_evenly() {
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
    fn the_same_device_comes_due_at_other_moments_from_one_renewal_to_the_next() {
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
    fn no_tab_is_so_late_that_the_session_ends() {
        for lifetime in [1_000.0, 60_000.0, DAY] {
            assert!((0..1000).all(|device| due(0.0, lifetime, device, 1.0, 1.0) < lifetime * 0.95));
        }
    }

    #[test]
    fn backoff_doubles_to_five_minutes_and_is_never_nothing() {
        let longest: Vec<f64> = (1..=10).map(|failures| backoff(failures, 1.0)).collect();
        assert_eq!(longest[..4], [1_000.0, 2_000.0, 4_000.0, 8_000.0]);
        assert_eq!(longest[9], 300_000.0);
        assert!(backoff(1, 0.0) >= 100.0);
        assert!(backoff(u32::MAX, 0.5) < 300_000.0);
    }
}
