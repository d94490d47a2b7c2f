//! What is true, whatever the tabs believe: every token with the login that it goes back to, and
//! which logins still count.
//!
//! A login takes effect when a tab first holds a session of it, and from then on every earlier one
//! is over. A logout ends all that have taken effect. Of two that happen at once either may be the
//! later; what has been seen once to be over never comes back.

use social_plus_auth::session::Identity;

/// The number of the device's visitor.
pub(crate) const VISITOR: u32 = 1_000_000;

/// An access token of the device.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) issued_at: f64,
    pub(crate) expires_at: f64,
    /// The login that it goes back to.
    pub(crate) login: u32,
    /// How often a renewal of it was asked for, and how often more than once that may be.
    pub(crate) asked: u32,
    pub(crate) excused: u32,
    /// There is a reason to renew it before it is due.
    pub(crate) wanted: bool,
}

/// A login, or a session that was made elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Login {
    pub(crate) identity: Identity,
    /// A tab has held a session of it.
    pub(crate) has_taken_effect: bool,
    /// Nobody may believe in it any longer.
    pub(crate) is_over: bool,
    /// Since when.
    pub(crate) over_at: f64,
    /// When it has, and of which epoch its latest session was.
    pub(crate) effect_at: f64,
    pub(crate) epoch: f64,
    /// Somebody else has begun to sign in since: it may be given up.
    pub(crate) is_challenged: bool,
}

/// All of it.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) tokens: Vec<Token>,
    pub(crate) logins: Vec<Login>,
    /// Those who sign in, and how many there have been.
    pub(crate) users: Vec<u32>,
    pub(crate) last_user: u32,
    /// Who was ever banned, who is deleted.
    pub(crate) banned: Vec<u32>,
    pub(crate) deleted: Vec<u32>,
    /// The time, and when somebody has left last, or was followed.
    pub(crate) time: f64,
    pub(crate) left_at: f64,
    /// What the tabs share was lost: who had left before may seem to be there again.
    pub(crate) amnesia: bool,
    /// How many renewals too many what has gone wrong with storage, clocks and messages excuses.
    pub(crate) slack: u32,
}

impl Truth {
    pub(crate) fn begin(&mut self, identity: Identity) -> u32 {
        self.logins.push(Login {
            identity,
            has_taken_effect: false,
            is_over: false,
            over_at: 0.0,
            effect_at: 0.0,
            epoch: 0.0,
            is_challenged: false,
        });
        self.logins.len() as u32 - 1
    }

    pub(crate) fn login(&self, token: u32) -> Login {
        self.logins[self.tokens[token as usize].login as usize]
    }

    /// A tab holds a session of this login. Of two that are not further apart than `within` the one
    /// of the later epoch follows the other.
    pub(crate) fn takes_effect(&mut self, login: u32, epoch: f64, within: f64) {
        if self.logins[login as usize].has_taken_effect {
            // Who signs in twice may have been given a session of another epoch.
            let login = &mut self.logins[login as usize];
            login.epoch = login.epoch.max(epoch);
            return;
        }
        let time = self.time;
        let is_later = |other: &Login| {
            other.has_taken_effect
                && !other.is_over
                && time - other.effect_at <= within
                && other.epoch > epoch
        };
        let is_over = self.logins.iter().any(is_later);
        if !is_over {
            self.end();
        }
        let login = &mut self.logins[login as usize];
        (login.has_taken_effect, login.effect_at, login.epoch) = (true, time, epoch);
        (login.is_over, login.over_at) = (
            login.is_over || is_over,
            if is_over { time } else { login.over_at },
        );
    }

    /// Whatever has taken effect is over.
    pub(crate) fn end(&mut self) {
        self.left_at = self.time;
        for login in self
            .logins
            .iter_mut()
            .filter(|login| login.has_taken_effect && !login.is_over)
        {
            (login.is_over, login.over_at) = (true, self.time);
        }
    }

    /// Somebody begins to sign in. A user whom somebody else follows may be signed out at once; a
    /// visitor stays until the login has succeeded.
    pub(crate) fn challenge(&mut self, identity: Identity) {
        let is_challenged =
            |login: &&mut Login| login.identity.kind == 0 && !same(login.identity, identity);
        self.logins
            .iter_mut()
            .filter(is_challenged)
            .for_each(|login| login.is_challenged = true);
    }

    /// Who a session is for, once there is one.
    pub(crate) fn known(identity: Identity) -> Identity {
        if identity.kind == 0 {
            identity
        } else {
            Identity {
                user: VISITOR,
                ..identity
            }
        }
    }

    /// The service's name of a user; none for a visitor.
    pub(crate) fn name(identity: Identity) -> Option<String> {
        (identity.kind == 0).then(|| format!("user-{}", identity.user))
    }
}

/// Whether two are the same; a visitor who has no session yet has no number.
pub(crate) fn same(one: Identity, other: Identity) -> bool {
    one.kind == other.kind && (one.kind > 0 || one.user == other.user)
}
