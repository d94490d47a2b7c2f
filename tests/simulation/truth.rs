//! The truth, whatever the tabs believe: every token with the login that it goes back to, and the
//! logins that still count.
//!
//! A login takes effect when a tab first holds a session of it, and ends every earlier login of the
//! device. A logout ends all logins of the device that have taken effect. Of two concurrent logins
//! either may be the later one; a login that was seen to be over never comes back.

use crate::service::Issued;
use crate::world::WORKERS;
use social_plus_auth::session::Identity;

/// The number of the user that a device's visitor is, and of the one that its bot is.
pub(crate) const VISITOR: u32 = 1_000_000;
pub(crate) const BOT: u32 = 1_000_001;

/// The kinds of identities.
pub(crate) const USER_KIND: u8 = 0;
pub(crate) const VISITOR_KIND: u8 = 1;
pub(crate) const BOT_KIND: u8 = 2;

/// The devices: that of the tabs, and one for each worker.
pub(crate) const DEVICES: usize = 1 + WORKERS;

/// An access token.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) issued_at: f64,
    pub(crate) expires_at: f64,
    /// The login that it goes back to.
    pub(crate) login: u32,
    /// How often a tab has requested its renewal.
    pub(crate) asked: u32,
    /// How many of these requests faults excuse.
    pub(crate) excused: u32,
    /// Whether there is a reason to renew it before it is due.
    pub(crate) wanted: bool,
}

/// A login, or the adoption of a session that was created elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Login {
    pub(crate) identity: Identity,
    pub(crate) device: usize,
    /// Whether a tab has held a session of it.
    pub(crate) has_taken_effect: bool,
    /// When it took effect.
    pub(crate) effect_at: f64,
    /// Whether it has ended.
    pub(crate) is_over: bool,
    /// When it ended.
    pub(crate) over_at: f64,
    /// The epoch of its latest session.
    pub(crate) epoch: f64,
    /// Whether another identity has begun to sign in since, so that it may be given up.
    pub(crate) is_challenged: bool,
}

/// Everything that is true.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) tokens: Vec<Token>,
    pub(crate) logins: Vec<Login>,
    /// The users who sign in.
    pub(crate) users: Vec<u32>,
    /// The number of the latest user.
    pub(crate) last_user: u32,
    /// The users who were ever banned, and those who are deleted.
    pub(crate) banned: Vec<u32>,
    pub(crate) deleted: Vec<u32>,
    pub(crate) time: f64,
    /// When the logins of each device ended last.
    pub(crate) left_at: [f64; DEVICES],
    /// Whether the shared numbers were lost or changed: a session that had ended before may come
    /// back to the tabs.
    pub(crate) amnesia: bool,
    /// How many superfluous renewals of the tabs the faults of storage, clocks and messages excuse.
    pub(crate) slack: u32,
}

impl Truth {
    /// Begins a login on a device. Returns its number.
    pub(crate) fn begin(&mut self, identity: Identity, device: usize) -> u32 {
        self.logins.push(Login {
            identity,
            device,
            has_taken_effect: false,
            effect_at: 0.0,
            is_over: false,
            over_at: 0.0,
            epoch: 0.0,
            is_challenged: false,
        });
        self.logins.len() as u32 - 1
    }

    /// Adds a token that the service has issued for a login. Returns its number.
    pub(crate) fn add_token(&mut self, issued: Issued, login: u32) -> u32 {
        self.tokens.push(Token {
            text: issued.token,
            issued_at: issued.issued_at,
            expires_at: issued.expires_at,
            login,
            asked: 0,
            excused: 0,
            wanted: false,
        });
        self.tokens.len() as u32 - 1
    }

    /// Returns the login that a token goes back to.
    pub(crate) fn login(&self, token: u32) -> Login {
        self.logins[self.tokens[token as usize].login as usize]
    }

    /// Records that a tab holds a session of this login. Of two logins within `within` milliseconds
    /// that of the later epoch ends the other.
    pub(crate) fn takes_effect(&mut self, login: u32, epoch: f64, within: f64) {
        let Login {
            has_taken_effect,
            device,
            ..
        } = self.logins[login as usize];
        if has_taken_effect {
            // A second request of the same login may have been given a session of another epoch.
            let login = &mut self.logins[login as usize];
            login.epoch = login.epoch.max(epoch);
            return;
        }
        let time = self.time;
        let is_later = |other: &Login| {
            other.device == device
                && other.has_taken_effect
                && !other.is_over
                && time - other.effect_at <= within
                && other.epoch > epoch
        };
        let is_over = self.logins.iter().any(is_later);
        if !is_over {
            self.end(device);
        }
        let login = &mut self.logins[login as usize];
        (login.has_taken_effect, login.effect_at, login.epoch) = (true, time, epoch);
        if is_over {
            (login.is_over, login.over_at) = (true, time);
        }
    }

    /// Ends every login of a device that has taken effect.
    pub(crate) fn end(&mut self, device: usize) {
        let time = self.time;
        self.left_at[device] = time;
        let counts =
            |login: &&mut Login| login.device == device && login.has_taken_effect && !login.is_over;
        for login in self.logins.iter_mut().filter(counts) {
            (login.is_over, login.over_at) = (true, time);
        }
    }

    /// Records that somebody begins to sign in on a device. Another user may be signed out at once;
    /// a visitor or a bot stays until the login has succeeded.
    pub(crate) fn challenge(&mut self, identity: Identity, device: usize) {
        let is_challenged = |login: &&mut Login| {
            login.device == device
                && login.identity.kind == USER_KIND
                && !is_same(login.identity, identity)
        };
        self.logins
            .iter_mut()
            .filter(is_challenged)
            .for_each(|login| login.is_challenged = true);
    }

    /// Returns the identity of a session, whose user is known.
    pub(crate) fn known(identity: Identity) -> Identity {
        let user = match identity.kind {
            VISITOR_KIND => VISITOR,
            BOT_KIND => BOT,
            _ => identity.user,
        };
        Identity { user, ..identity }
    }

    /// Returns the service's name of a user; none for a visitor or a bot.
    pub(crate) fn name(identity: Identity) -> Option<String> {
        (identity.kind == USER_KIND).then(|| format!("user-{}", identity.user))
    }
}

/// Returns whether both are the same identity. A visitor or bot without a session has no number.
pub(crate) fn is_same(one: Identity, other: Identity) -> bool {
    one.kind == other.kind && (one.kind != USER_KIND || one.user == other.user)
}
