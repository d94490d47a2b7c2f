//! Defines a session as the machine sees it: numbers only. JavaScript keeps tokens and user ids.

/// The user that a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity {
    /// The code of a `SessionKind`: a user, a visitor or a bot.
    pub kind: u8,
    /// A number that stands for the user id. 0 in the login of a visitor or a bot, whose user id
    /// only the response contains.
    pub user: u32,
}

impl Identity {
    /// Returns whether both identify the same user. A device has only one visitor and one bot.
    pub fn is_same(self, other: Identity) -> bool {
        self.kind == other.kind && (!self.is_user() || self.user == other.user)
    }

    /// Returns whether this is a user, not a visitor or a bot.
    pub const fn is_user(self) -> bool {
        self.kind == 0
    }
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// The number that identifies the session in JavaScript, from 1.
    pub id: u32,
    /// The login epoch of the session; 0 until the machine assigns one.
    pub epoch: f64,
    /// The position of this session among the device's commits, from 1; 0 until it is committed.
    pub sequence: f64,
    /// When the service issued the token, in milliseconds since 1970 by the service's clock.
    pub issued_at: f64,
    /// When the token expires, in milliseconds since 1970 by the service's clock.
    pub expires_at: f64,
    /// The user that the session belongs to.
    pub identity: Identity,
    /// The service's clock minus the device's, in milliseconds, as the committing tab estimated it.
    pub clock_offset: f64,
}

impl Record {
    /// Returns the lifetime of the token, in milliseconds.
    pub(super) fn lifetime_ms(&self) -> f64 {
        self.expires_at - self.issued_at
    }
}
