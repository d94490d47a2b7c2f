//! Handles logouts, revocations, and sessions that the service ends (rules 10 and 15).

use super::operation::{Operation, Stage};
use super::{schedule, Claim, Effect, LastSession, Machine, Outcome, Reason, Record, Sink, State};

/// A token in the revocation queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Revocation {
    /// The number of the session.
    pub session: u32,
    pub(super) epoch: f64,
    pub(super) expires_at: f64,
    /// The number that the call of `logout` or `secureLogout` waits for, or 0.
    pub wait: u32,
    /// Whether it belongs to a `secureLogout`: the session ends only if the revocation succeeds.
    pub(super) is_secure: bool,
    /// Whether the device may have another session, so that a revocation of this one does not
    /// suffice.
    pub(super) is_partial: bool,
    pub(super) attempts: u32,
    /// When the next attempt is due, in monotonic time. Infinite while an attempt is in flight.
    pub next_attempt_at: f64,
}

/// A `logout` that reads storage, because another tab has committed a later session (rule 17). The
/// numbers are 0 if there is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SearchingLogout {
    pub(super) ticket: u32,
    /// The number that the call waits for.
    pub wait: u32,
    /// Whether a request may still create a session.
    pub(super) is_partial: bool,
}

impl<S: Sink> Machine<S> {
    /// Raises the epoch. Its last ten bits are random, so that two tabs that raise it at the same
    /// time rarely choose the same number.
    pub(super) fn raise_epoch(&mut self) -> f64 {
        let random = (self.random() * 1024.0) as u64;
        let epoch = (((self.shared.epoch as u64 >> 10) + 1) << 10) + random;
        self.shared.epoch = epoch as f64;
        self.shared.epoch
    }

    /// Returns whether the token has expired according to a trusted clock.
    fn has_expired(&self, expires_at: f64) -> bool {
        self.clock.service() >= expires_at && !self.clock.is_suspect
    }

    /// Queues a token for revocation.
    pub(super) fn queue_revocation(&mut self, record: &Record, wait: u32, is_secure: bool) {
        let Record {
            id,
            epoch,
            expires_at,
            ..
        } = *record;
        self.revocations.push(Revocation {
            session: id,
            epoch,
            expires_at,
            wait,
            is_secure,
            is_partial: false,
            attempts: 0,
            next_attempt_at: f64::NEG_INFINITY,
        });
    }

    /// Returns whether this session is queued for revocation.
    pub(super) fn is_queued(&self, id: u32) -> bool {
        self.revocations
            .iter()
            .any(|revocation| revocation.session == id)
    }

    /// Settles the calls that wait for this number, unless it is 0.
    pub(super) fn settle(&mut self, wait: u32, outcome: Outcome) {
        if wait > 0 {
            self.emit(Effect::Settle(wait, outcome));
        }
    }

    /// Queues the revocation that a logout waits for.
    fn revoke_for_logout(&mut self, record: &Record, wait: u32, is_partial: bool) {
        self.queue_revocation(record, wait, false);
        if let Some(revocation) = self.revocations.last_mut() {
            revocation.is_partial = is_partial;
        }
    }

    /// Raises the epoch, and ends the sessions of all earlier epochs in all tabs.
    fn end_sessions(&mut self) {
        let is_outdated = self.is_outdated();
        #[cfg(not(target_arch = "wasm32"))]
        let is_outdated = is_outdated && !self.is_disabled(super::Rule::Device);
        self.raise_epoch();
        self.shared.min_epoch = self.shared.epoch;
        if is_outdated {
            self.shared.last = LastSession::EndedUnknown;
        } else if self.shared.last != LastSession::EndedUnknown {
            self.shared.last = LastSession::Ended;
        }
        self.emit(Effect::Clear);
        self.broadcast_change(0);
        self.set_current(None);
        self.enter(State::NotLoggedIn);
    }

    /// Signs the user out immediately and queues the token for revocation.
    pub(super) fn sign_out(&mut self) {
        if let Some(current) = self.current {
            self.queue_revocation(&current, 0, false);
        }
        self.end_sessions();
    }

    /// Ends the operation in flight because of a logout.
    fn finish_for_logout(&mut self) {
        let is_login = self.login().is_some();
        self.finish(if is_login {
            Outcome::Superseded
        } else {
            Outcome::NotLoggedIn
        });
    }

    /// Returns whether a request of another tab may still create a session.
    fn may_create_session(&self) -> bool {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Device) {
            return false;
        }
        match self.shared.claim {
            Claim::Free => false,
            Claim::Held { owner, .. } => owner != self.settings.tab,
            Claim::Cooldown { .. } | Claim::RetryAfter { .. } => self.settings.is_shared,
        }
    }

    pub(super) fn on_logout(&mut self, revoke: bool) {
        let is_outdated = self.is_outdated();
        #[cfg(not(target_arch = "wasm32"))]
        let is_outdated = is_outdated && !self.is_disabled(super::Rule::Device);
        self.finish_for_logout();
        // Another tab has a later session, or a request may still create one.
        let is_partial = self.has_lost_request || self.may_create_session();
        #[cfg(not(target_arch = "wasm32"))]
        let is_partial = is_partial && !self.is_disabled(super::Rule::Device);
        let valid = self
            .current
            .filter(|current| !self.has_expired(current.expires_at));
        if !revoke || self.current.is_none() && !is_outdated {
            self.reply(Outcome::NotLoggedIn);
        } else if is_outdated && !self.settings.hands_over {
            if let Some(current) = valid {
                self.queue_revocation(&current, 0, false);
            }
            let (ticket, wait) = (self.next_id(), self.next_id());
            self.settle(self.searching_logout.wait, Outcome::Failed);
            self.searching_logout = SearchingLogout {
                ticket,
                wait,
                is_partial,
            };
            self.emit(Effect::Wait(wait));
            // Storage is cleared only after it was read.
            self.emit(Effect::Load { ticket });
        } else if let Some(current) = valid {
            let wait = self.next_id();
            self.emit(Effect::Wait(wait));
            self.revoke_for_logout(&current, wait, is_partial || is_outdated);
        } else {
            self.reply(if is_partial || is_outdated {
                Outcome::Failed
            } else {
                Outcome::Succeeded
            });
        }
        self.end_sessions();
    }

    /// Revokes the session that a logout has found in storage. Returns whether a logout has waited
    /// for this ticket.
    pub(super) fn on_searched(&mut self, ticket: u32, record: Option<&Record>) -> bool {
        let SearchingLogout {
            ticket: awaited,
            wait,
            is_partial,
        } = self.searching_logout;
        if ticket == 0 || ticket != awaited {
            return false;
        }
        self.searching_logout = SearchingLogout::default();
        match record {
            Some(found) if found.epoch < self.shared.min_epoch && !self.is_queued(found.id) => {
                // Storage may hold only an earlier session.
                let is_partial = is_partial || found.sequence < self.shared.sequence;
                self.revoke_for_logout(found, wait, is_partial);
            }
            _ => {
                self.settle(wait, Outcome::Failed);
                self.adopt_if_later(record);
            }
        }
        true
    }

    /// Revokes the token, and ends the session once that has succeeded. Waits for an operation in
    /// flight, because it may create another session.
    pub(super) fn on_secure_logout(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Waiting) && self.current.is_none() {
            self.finish_for_logout();
            self.end_sessions();
            return self.reply(Outcome::Succeeded);
        }
        if self.current.is_none() && self.is_idle() && !self.is_outdated() {
            if self.state != State::NotLoggedIn {
                self.end_sessions();
                return self.reply(Outcome::Succeeded);
            }
            return self.reply(Outcome::NotLoggedIn);
        }
        if self.secure_logout == 0 {
            self.secure_logout = self.next_id();
        }
        self.emit(Effect::Wait(self.secure_logout));
    }

    /// Continues a `secureLogout` that has waited for the operation in flight.
    pub(super) fn continue_secure_logout(&mut self) {
        let wait = self.secure_logout;
        if wait == 0 || !self.is_idle() {
            return;
        }
        if self.is_obsolete {
            self.secure_logout = 0;
            return self.settle(wait, Outcome::Unsupported);
        }
        if self.is_outdated() && !self.has_searched {
            self.has_searched = true;
            return self.begin(Operation::Resume);
        }
        let is_outdated = self.is_outdated();
        self.has_searched = false;
        self.secure_logout = 0;
        let outcome = match self.current {
            // Another tab has a later session, but does not hand it over.
            _ if is_outdated => Outcome::Failed,
            None => Outcome::NotLoggedIn,
            Some(current) if !self.has_expired(current.expires_at) => {
                return self.queue_revocation(&current, wait, true);
            }
            // Another tab may be renewing the expired session.
            Some(_) if self.remaining_claim_ms() > 0.0 => Outcome::Failed,
            // There is no valid token to revoke.
            Some(_) => {
                self.end_sessions();
                Outcome::Succeeded
            }
        };
        self.settle(wait, outcome);
    }

    /// Sends the revocations that are due.
    pub(super) fn send_due_revocations(&mut self, mono: f64) {
        while let Some(due) = self
            .revocations
            .iter_mut()
            .find(|revocation| revocation.next_attempt_at <= mono)
        {
            due.next_attempt_at = f64::INFINITY;
            let session = due.session;
            self.emit(Effect::Revoke(session));
        }
    }

    pub(super) fn on_revoked(&mut self, session: u32, is_revoked: bool) {
        let is_in_flight = |revocation: &Revocation| {
            revocation.session == session && revocation.next_attempt_at == f64::INFINITY
        };
        let Some(position) = self.revocations.iter().position(is_in_flight) else {
            return;
        };
        let mut revocation = self.revocations.swap_remove(position);
        // A user who has signed in since then stays signed in.
        let ends_session = revocation.is_secure
            && is_revoked
            && self
                .current
                .is_some_and(|current| current.epoch == revocation.epoch);
        // A renewal of another tab may create a session, which must be revoked, too.
        let is_partial = revocation.is_partial
            || self.is_obsolete
            || ends_session && self.remaining_claim_ms() > 0.0
            || !revocation.is_secure && self.may_create_session();
        let was_renewed = self.current_id() != session || self.is_outdated() || !self.is_idle();
        if ends_session && was_renewed && !is_partial && self.secure_logout == 0 {
            self.forget(session);
            self.secure_logout = revocation.wait;
            return;
        }
        if ends_session && !is_partial {
            self.finish_for_logout();
            if self.current_id() == session {
                self.end_sessions();
            } else {
                self.sign_out();
                self.forget(session);
            }
        } else if !is_revoked
            && !revocation.is_secure
            && self.settings.has_background
            && !self.has_expired(revocation.expires_at)
        {
            revocation.attempts += 1;
            let pause_ms = schedule::backoff(revocation.attempts, 1.0);
            revocation.next_attempt_at = self.clock.now.mono + pause_ms;
            self.revocations.push(Revocation {
                wait: 0,
                ..revocation
            });
        } else {
            if ends_session && self.is_obsolete {
                self.lose_token(session);
            }
            self.forget(session);
        }
        let outcome = if is_revoked && !is_partial {
            Outcome::Succeeded
        } else if self.is_obsolete && revocation.is_secure {
            Outcome::Unsupported
        } else {
            Outcome::Failed
        };
        self.settle(revocation.wait, outcome);
    }

    /// Handles a session request that the service has definitely rejected.
    pub(super) fn on_definite_failure(&mut self, reason: Reason) {
        let login = self.login().map(|login| login.identity);
        let is_about_current = login.is_none_or(|identity| {
            reason != Reason::Unauthorized
                && self
                    .current
                    .is_some_and(|current| current.identity.is_same(identity))
        });
        if is_about_current {
            self.terminate(reason);
        } else {
            self.fail(0.0);
        }
    }

    /// Ends the session in every tab after the service has terminated it.
    pub(super) fn terminate(&mut self, reason: Reason) {
        // A login in flight, which raised the epoch, may still succeed.
        let epoch = self.current.map_or(self.shared.epoch, |ended| ended.epoch);
        self.shared.min_epoch = self.shared.min_epoch.max(epoch + 1.0);
        self.shared.last = LastSession::Terminated(reason);
        self.emit(Effect::Clear);
        self.broadcast_change(0);
        self.set_current(None);
        self.enter(State::Terminated(reason));
        // The service has answered, so that no request is lost.
        self.enter_stage(Stage::Commit);
        self.finish(Outcome::Terminated);
    }

    /// Ends a session of another user, found in storage or in another tab, because a login replaces
    /// it. Only drops the session if it has already ended, or if it is a visitor's or a bot's,
    /// which ends when the login is committed.
    pub(super) fn end_stored_session(&mut self, found: &Record) {
        if found.epoch >= self.shared.min_epoch && found.identity.is_user() {
            self.queue_revocation(found, 0, false);
            self.shared.min_epoch = self.shared.epoch + 1.0;
            self.shared.last = LastSession::Ended;
            self.emit(Effect::Clear);
        } else {
            self.forget(found.id);
        }
    }
}
