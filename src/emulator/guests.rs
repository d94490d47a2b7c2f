//! Visitors and bots: who they are, device by device, and how much they have read today.

use std::collections::HashMap;

const DAY_MS: f64 = 86_400_000.0;

/// What kind of user a session belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum UserType {
    SignedIn,
    Visitor,
    Bot,
}

impl UserType {
    /// As the wire writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            UserType::SignedIn => "signed-in",
            UserType::Visitor => "visitor",
            UserType::Bot => "bot",
        }
    }

    /// Whether it is one without a user of the app, who reads only.
    pub(super) fn is_guest(self) -> bool {
        self != UserType::SignedIn
    }
}

/// All of them: a device comes back as the visitor, or the bot, that it was.
#[derive(Default)]
pub(super) struct Guests {
    user_ids: HashMap<(UserType, String), String>,
    /// The day of the last read, in days since the epoch (UTC), and how many there were on it.
    today: f64,
    reads: f64,
}

impl Guests {
    /// The user id of a device's guest; `draw` makes one for a device that has none yet.
    pub(super) fn user_id(
        &mut self,
        user_type: UserType,
        device_id: &str,
        draw: impl FnOnce() -> String,
    ) -> String {
        self.user_ids
            .entry((user_type, device_id.to_owned()))
            .or_insert_with(draw)
            .clone()
    }

    /// Counts a read of either kind. `false` if it is one too many for the day; it then does not
    /// count.
    pub(super) fn may_read(&mut self, now: f64, daily_quota: f64) -> bool {
        let day = (now / DAY_MS).floor();
        if day != self.today {
            (self.today, self.reads) = (day, 0.0);
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
    fn the_quota_is_one_days() {
        let mut guests = Guests::default();
        let midnight = 20_000.0 * DAY_MS;
        assert!((0..3).all(|_| guests.may_read(midnight, 3.0)));
        assert!(!guests.may_read(midnight + DAY_MS - 1.0, 3.0));
        assert!(guests.may_read(midnight + DAY_MS, 3.0));
        assert!(
            guests.may_read(midnight, 3.0),
            "a clock set back is another day"
        );
        assert!(!Guests::default().may_read(midnight, 0.0));
        assert!(Guests::default().may_read(0.0, 1.0), "the first day of all");
    }

    #[test]
    fn a_device_stays_who_it_was() {
        let mut guests = Guests::default();
        assert_eq!(guests.user_id(UserType::Visitor, "d", || "v".into()), "v");
        assert_eq!(guests.user_id(UserType::Bot, "d", || "b".into()), "b");
        assert_eq!(guests.user_id(UserType::Visitor, "d", || "x".into()), "v");
    }
}
