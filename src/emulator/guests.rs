//! Guests (visitors and bots): their user ids per device, and their shared daily quota of reads.

use std::collections::HashMap;

const DAY_MS: f64 = 86_400_000.0;

/// The kind of user that a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum UserType {
    SignedIn,
    Visitor,
    Bot,
}

impl UserType {
    /// Returns the type's name on the wire.
    pub(super) fn name(self) -> &'static str {
        match self {
            UserType::SignedIn => "signed-in",
            UserType::Visitor => "visitor",
            UserType::Bot => "bot",
        }
    }

    /// Returns whether this is a guest (a visitor or a bot). Guests may only read.
    pub(super) fn is_guest(self) -> bool {
        self != UserType::SignedIn
    }
}

/// All guests. The visitor or bot of a device has the same user id in every session.
#[derive(Default)]
pub(super) struct Guests {
    user_ids: HashMap<(UserType, String), String>,
    /// The day of the last read or refused read, in days since the epoch (UTC).
    day: f64,
    /// The number of reads on that day.
    reads: f64,
}

impl Guests {
    /// Returns the user id of a device's guest. `create_id` creates it for a new device.
    pub(super) fn user_id(
        &mut self,
        user_type: UserType,
        device_id: &str,
        create_id: impl FnOnce() -> String,
    ) -> String {
        self.user_ids
            .entry((user_type, device_id.to_owned()))
            .or_insert_with(create_id)
            .clone()
    }

    /// Counts a read by a guest and returns `true`. If the daily quota is used up, returns `false`
    /// and does not count the read.
    pub(super) fn count_read(&mut self, now: f64, daily_quota: f64) -> bool {
        let day = (now / DAY_MS).floor();
        if day != self.day {
            (self.day, self.reads) = (day, 0.0);
        }
        let allowed = self.reads < daily_quota;
        self.reads += if allowed { 1.0 } else { 0.0 };
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_starts_again_every_day() {
        let mut guests = Guests::default();
        let midnight = 20_000.0 * DAY_MS;
        assert!((0..3).all(|_| guests.count_read(midnight, 3.0)));
        assert!(!guests.count_read(midnight + DAY_MS - 1.0, 3.0));
        assert!(guests.count_read(midnight + DAY_MS, 3.0));
        assert!(
            guests.count_read(midnight, 3.0),
            "the quota did not start again after the clock was set back to another day"
        );
        assert!(Guests::default().count_read(0.0, 1.0), "day 0 had no quota");
    }

    #[test]
    fn a_quota_of_zero_allows_no_read() {
        assert!(!Guests::default().count_read(DAY_MS, 0.0));
    }

    #[test]
    fn a_device_keeps_one_user_id_per_user_type() {
        let mut guests = Guests::default();
        assert_eq!(guests.user_id(UserType::Visitor, "d", || "v".into()), "v");
        assert_eq!(guests.user_id(UserType::Bot, "d", || "b".into()), "b");
        assert_eq!(guests.user_id(UserType::Visitor, "d", || "x".into()), "v");
    }
}
