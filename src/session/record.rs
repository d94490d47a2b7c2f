//! A session as the machine knows it: numbers only. JavaScript keeps the tokens and the names.

/// Who a session is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity {
    /// The code of a `SessionKind`: a user, a visitor or a bot.
    pub kind: u8,
    /// A number for the user id, the same for the same user id. It is 0 for a visitor or a bot that
    /// has no session yet.
    pub user: u32,
}

impl Identity {
    /// Returns whether both are the same user. A device has only one visitor and one bot.
    pub fn is_same(self, other: Identity) -> bool {
        self.kind == other.kind && (!self.is_user() || self.user == other.user)
    }

    /// Returns whether this is a user with a name, not a visitor or a bot.
    pub const fn is_user(self) -> bool {
        self.kind == 0
    }
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// The number that JavaScript knows the session by, from 1.
    pub id: u32,
    /// The login epoch that the session belongs to; 0 if it has just come from the service.
    pub epoch: f64,
    /// How many sessions the device had committed, including this one; 0 before it is committed.
    pub sequence: f64,
    /// When the service issued the token, in milliseconds since 1970 by the service's clock.
    pub issued_at: f64,
    /// When the token expires, in milliseconds since 1970 by the service's clock.
    pub expires_at: f64,
    /// Who the session is for.
    pub identity: Identity,
    /// The service's clock minus the device's, as measured by the tab that committed the session,
    /// in milliseconds.
    pub clock_offset: f64,
}

impl Record {
    /// Returns how long the token lives, in milliseconds.
    pub(super) fn lifetime_ms(&self) -> f64 {
        self.expires_at - self.issued_at
    }
}
