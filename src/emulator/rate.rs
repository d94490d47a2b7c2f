//! The rate limit: 100 calls in 5 seconds of one user, over all devices.

use std::collections::{HashMap, VecDeque};

const CALLS: usize = 100;
const WINDOW_MS: f64 = 5000.0;
/// Beyond so many users the ones without a recent call are forgotten.
const USERS: usize = 1000;

/// When each user called, within the window.
#[derive(Default)]
pub(super) struct RateLimit(HashMap<String, VecDeque<f64>>);

impl RateLimit {
    /// Counts a call, or says in how many whole seconds the next one will be let through. A refused
    /// call does not count.
    pub(super) fn count(&mut self, now: f64, user_id: &str) -> Result<(), f64> {
        // A moment that lies ahead was counted before the clock was set back.
        let recent = |at: &f64| *at <= now && now - *at < WINDOW_MS;
        if self.0.len() > USERS {
            self.0.retain(|_, calls| calls.iter().any(recent));
        }
        let calls = self.0.entry(user_id.to_owned()).or_default();
        calls.retain(recent);
        match calls.front() {
            Some(first) if calls.len() >= CALLS => {
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
    fn the_window_slides() {
        let mut rate = RateLimit::default();
        for call in 0..100 {
            assert_eq!(rate.count(f64::from(call), "ada"), Ok(()));
        }
        assert_eq!(rate.count(100.0, "ada"), Err(5.0));
        assert_eq!(rate.count(100.0, "grace"), Ok(()));
        assert_eq!(rate.count(4001.0, "ada"), Err(1.0));
        assert_eq!(rate.count(4999.0, "ada"), Err(1.0));
        assert_eq!(
            rate.count(5000.0, "ada"),
            Ok(()),
            "the first call has left the window"
        );
        assert_eq!(rate.count(5000.0, "ada"), Err(1.0), "and only the first");
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out_and_many_users_are_forgotten() {
        let mut rate = RateLimit::default();
        (0..100).for_each(|_| assert_eq!(rate.count(1e9, "ada"), Ok(())));
        assert_eq!(rate.count(5.0, "ada"), Ok(()));
        (0..5000).for_each(|user| {
            assert_eq!(
                rate.count(f64::from(user) * 6000.0, &user.to_string()),
                Ok(())
            )
        });
        assert!(rate.0.len() <= USERS + 2);
    }
}
