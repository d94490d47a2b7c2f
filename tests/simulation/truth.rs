//! The true state of the run, which the tabs may not know: all tokens, and all logins, of which
//! some have ended. Each token comes from a login.
//!
//! A login takes effect when one of its sessions first becomes current in a tab. It then ends every
//! earlier login of the device. A logout ends all logins of the device that have taken effect, and
//! the tab's login in flight. A secure logout that succeeds immediately does the same. A secure
//! logout that first has to wait ends only the logins of the tab's last session, of the sessions
//! that it has found since then, and of the token that it has revoked. A termination ends only the
//! login of the tab's last session. The tabs may order two concurrent logins either way. A login
//! that has ended never comes back.

use crate::service::Issued;
use crate::world::MAX_WORKERS;
use social_plus_auth::session::Identity;

/// The user number of a visitor.
pub(crate) const VISITOR: u32 = 1_000_000;
/// The user number of a bot.
pub(crate) const BOT: u32 = 1_000_001;

/// The user number of a visitor who is not the one who signed in.
pub(crate) const OTHER_VISITOR: u32 = 1_000_002;

/// The kinds of identities.
pub(crate) const USER_KIND: u8 = 0;
pub(crate) const VISITOR_KIND: u8 = 1;
pub(crate) const BOT_KIND: u8 = 2;

/// The number of devices: one for all tabs, and one for each worker.
pub(crate) const DEVICES: usize = 1 + MAX_WORKERS;

/// An access token.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) issued_at: f64,
    pub(crate) expires_at: f64,
    /// The login that the token comes from.
    pub(crate) login: u32,
    /// The number of times that tabs have requested a renewal of the token.
    pub(crate) renewal_requests: u32,
    /// How many requests beyond the first are excused, for example because a renewal of the token
    /// failed or was interrupted.
    pub(crate) excused_requests: u32,
    /// Whether a tab has a reason to renew the token before it is due.
    pub(crate) may_renew_early: bool,
    /// If the token's session was already over when it was committed: the time of the commit, and
    /// the tab that committed the session.
    pub(crate) over_on_arrival: Option<(f64, usize)>,
}

/// A login, or the adoption of a session that was created elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Login {
    pub(crate) identity: Identity,
    pub(crate) device: usize,
    pub(crate) begun_at: f64,
    /// Whether a session of the login has been current in a tab.
    pub(crate) has_taken_effect: bool,
    /// The tab in which the login took effect.
    pub(crate) first_tab: usize,
    /// When the login took effect.
    pub(crate) took_effect_at: f64,
    /// Whether the login has ended.
    pub(crate) has_ended: bool,
    /// When the login ended.
    pub(crate) ended_at: f64,
    /// Whether another login of its tab has replaced it before it took effect.
    pub(crate) is_replaced: bool,
    /// Whether a logout without a revoke has ended the login, so that its tokens stay valid.
    pub(crate) keeps_tokens: bool,
    /// The epoch of the login's latest session.
    pub(crate) epoch: f64,
    /// Whether, since this login of a user, another identity has begun to sign in on the device, so
    /// that tabs may give up this login's session. Never set for a visitor or bot.
    pub(crate) is_challenged: bool,
}

/// The true state of a run.
#[derive(Default)]
pub(crate) struct Truth {
    pub(crate) tokens: Vec<Token>,
    pub(crate) logins: Vec<Login>,
    /// The numbers of the users who may sign in.
    pub(crate) users: Vec<u32>,
    /// The number of the user who was added last.
    pub(crate) last_user: u32,
    /// The users who have ever been banned.
    pub(crate) banned: Vec<u32>,
    /// The users who have been deleted.
    pub(crate) deleted: Vec<u32>,
    pub(crate) time: f64,
    /// When the logins of each device were last ended: by a logout, a termination or a later login.
    pub(crate) last_end_at: [f64; DEVICES],
    /// Whether something other than a tab cleared or replaced the shared numbers, so that an ended
    /// session may come back.
    pub(crate) has_lost_numbers: bool,
    /// The tokens whose revocation a logout has reported.
    pub(crate) must_be_dead: Vec<u32>,
    /// How many attempts the run had made when a session was last committed on each device.
    pub(crate) last_commit: [u32; DEVICES],
    /// How many further needless renewals are excused, because of faults or because a tab was
    /// interrupted.
    pub(crate) excused_renewals: u32,
}

impl Truth {
    /// Begins a login on a device. Returns its number.
    pub(crate) fn begin_login(&mut self, identity: Identity, device: usize) -> u32 {
        self.logins.push(Login {
            identity,
            device,
            begun_at: self.time,
            has_taken_effect: false,
            first_tab: 0,
            took_effect_at: 0.0,
            has_ended: false,
            ended_at: 0.0,
            is_replaced: false,
            keeps_tokens: false,
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
            renewal_requests: 0,
            excused_requests: 0,
            may_renew_early: false,
            over_on_arrival: None,
        });
        self.tokens.len() as u32 - 1
    }

    /// Returns the login that a token comes from.
    pub(crate) fn login(&self, token: u32) -> Login {
        self.logins[self.tokens[token as usize].login as usize]
    }

    /// Records that a session of this login has become current in a tab. If two logins take effect
    /// within `overlap_ms`, the login with the later epoch ends the other.
    pub(crate) fn make_current(&mut self, tab: usize, login: u32, epoch: f64, overlap_ms: f64) {
        let Login {
            has_taken_effect,
            device,
            ..
        } = self.logins[login as usize];
        if has_taken_effect {
            // A second request of the same login may have created a session with another epoch.
            let login = &mut self.logins[login as usize];
            login.epoch = login.epoch.max(epoch);
            return;
        }
        let time = self.time;
        let is_later = |other: &Login| {
            other.device == device
                && other.has_taken_effect
                && !other.has_ended
                && time - other.took_effect_at <= overlap_ms
                && other.epoch > epoch
        };
        let has_ended = self.logins.iter().any(is_later);
        if !has_ended {
            self.end_logins(device);
        }
        let login = &mut self.logins[login as usize];
        (login.has_taken_effect, login.took_effect_at, login.epoch) = (true, time, epoch);
        login.first_tab = tab;
        if has_ended {
            (login.has_ended, login.ended_at) = (true, time);
        }
    }

    /// Ends the logins of a device that have taken effect.
    pub(crate) fn end_logins(&mut self, device: usize) {
        let time = self.time;
        self.last_end_at[device] = time;
        let is_in_effect = |login: &&mut Login| {
            login.device == device && login.has_taken_effect && !login.has_ended
        };
        for login in self.logins.iter_mut().filter(is_in_effect) {
            (login.has_ended, login.ended_at) = (true, time);
        }
    }

    /// Ends a login.
    pub(crate) fn end_login(&mut self, login: u32) {
        let login = &mut self.logins[login as usize];
        if !login.has_ended {
            (login.has_ended, login.ended_at) = (true, self.time);
            self.last_end_at[login.device] = self.time;
        }
    }

    /// Records that the logout which is about to end the logins of a device revokes no token.
    pub(crate) fn keep_tokens(&mut self, device: usize) {
        let is_in_effect = |login: &&mut Login| {
            login.device == device && login.has_taken_effect && !login.has_ended
        };
        for login in self.logins.iter_mut().filter(is_in_effect) {
            login.keeps_tokens = true;
        }
    }

    /// Records the start of a login on a device. The tabs may sign out another user immediately,
    /// but a visitor or bot stays signed in until the login succeeds.
    pub(crate) fn challenge_others(&mut self, identity: Identity, device: usize) {
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

    /// Returns the identity of the session that a login with this identity creates. For a visitor
    /// or bot, adds the user number, which the identity of the login lacks.
    pub(crate) fn with_known_user(identity: Identity) -> Identity {
        let user = match identity.kind {
            VISITOR_KIND => VISITOR,
            BOT_KIND => BOT,
            _ => identity.user,
        };
        Identity { user, ..identity }
    }

    /// Returns the user id at the service; `None` for a visitor or a bot.
    pub(crate) fn user_id(identity: Identity) -> Option<String> {
        (identity.kind == USER_KIND).then(|| format!("user-{}", identity.user))
    }
}

/// Returns whether two identities are the same. Ignores the user number of visitors and bots,
/// because they have none before their session.
pub(crate) fn is_same(one: Identity, other: Identity) -> bool {
    one.kind == other.kind && (one.kind != USER_KIND || one.user == other.user)
}
