//! The rate limit: each user may make 100 calls in 5 seconds, counted over all devices.

use std::collections::{HashMap, VecDeque};

const MAX_CALLS: usize = 100;
const WINDOW_MS: f64 = 5000.0;
/// If the map contains more users than this, users without a recent call are removed.
const MAX_TRACKED_USERS: usize = 1000;

/// The times of each user's calls within the window.
#[derive(Default)]
pub(super) struct RateLimit(HashMap<String, VecDeque<f64>>);

impl RateLimit {
    /// Counts a call.
    ///
    /// # Errors
    /// The number of whole seconds until the next call is allowed, if the user has reached the
    /// limit. The rejected call does not count.
    pub(super) fn record_call(&mut self, now: f64, user_id: &str) -> Result<(), f64> {
        // A time in the future was recorded before a test set the clock back. Do not count it.
        let is_recent = |at: &f64| *at <= now && now - *at < WINDOW_MS;
        if self.0.len() > MAX_TRACKED_USERS {
            self.0.retain(|_, calls| calls.iter().any(is_recent));
        }
        let calls = self.0.entry(user_id.to_owned()).or_default();
        calls.retain(is_recent);
        match calls.front() {
            Some(first) if calls.len() >= MAX_CALLS => {
                Err(((first + WINDOW_MS - now) / 1000.0).ceil().max(1.0))
            }
            _ => {
                calls.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_may_call_again_when_the_first_call_leaves_the_window() {
        let mut rate = RateLimit::default();
        for call in 0..100 {
            assert_eq!(rate.record_call(f64::from(call), "ada"), Ok(()));
        }
        assert_eq!(rate.record_call(100.0, "ada"), Err(5.0));
        assert_eq!(rate.record_call(100.0, "grace"), Ok(()));
        assert_eq!(rate.record_call(4001.0, "ada"), Err(1.0));
        assert_eq!(rate.record_call(4999.0, "ada"), Err(1.0));
        assert_eq!(
            rate.record_call(5000.0, "ada"),
            Ok(()),
            "the first call still counted after it had left the window"
        );
        assert_eq!(
            rate.record_call(5000.0, "ada"),
            Err(1.0),
            "the second call did not count, although it was still in the window"
        );
    }

    #[test]
    fn setting_the_clock_back_does_not_lock_a_user_out() {
        let mut rate = RateLimit::default();
        (0..100).for_each(|_| assert_eq!(rate.record_call(1e9, "ada"), Ok(())));
        assert_eq!(rate.record_call(5.0, "ada"), Ok(()));
    }

    #[test]
    fn users_without_recent_calls_are_removed() {
        let mut rate = RateLimit::default();
        (0..5000).for_each(|user| {
            assert_eq!(
                rate.record_call(f64::from(user) * 6000.0, &user.to_string()),
                Ok(())
            )
        });
        assert!(rate.0.len() <= MAX_TRACKED_USERS + 2);
    }
}
