//! Handles logouts, revocations, and sessions that the service ends (rules 10 and 15).

use super::operation::Stage;
use super::{
    schedule, Effect, LastSession, Machine, Message, Outcome, Reason, Record, Sink, State,
};

/// A token in the revocation queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Revocation {
    /// The number of the session.
    pub session: u32,
    epoch: f64,
    expires_at: f64,
    /// The number that the call of `logout` or `secureLogout` waits for, or 0.
    pub wait: u32,
    /// Whether it belongs to a `secureLogout`: the session ends only if the revocation succeeds.
    is_secure: bool,
    attempts: u32,
    /// When the next attempt is due, in monotonic time. Infinite while an attempt is in flight.
    pub next_attempt_at: f64,
}

impl<S: Sink> Machine<S> {
    /// Raises the epoch. Its last ten bits are random, so that two tabs that raise it at the same
    /// time rarely choose the same number.
    pub(super) fn raise_epoch(&mut self) -> f64 {
        let random = (self.random() * 1024.0) as u64;
        let epoch = ((self.shared.epoch as u64 >> 10) + 1) << 10 | random;
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
            attempts: 0,
            next_attempt_at: f64::NEG_INFINITY,
        });
    }

    /// Queues a token for revocation and lets the call wait for the first attempt.
    fn revoke_and_wait(&mut self, record: &Record, is_secure: bool) {
        let wait = self.next_id();
        self.queue_revocation(record, wait, is_secure);
        self.emit(Effect::Wait(wait));
    }

    /// Raises the epoch, and ends the sessions of all earlier epochs in all tabs.
    fn end_sessions(&mut self) {
        self.raise_epoch();
        self.shared.min_epoch = self.shared.epoch;
        self.shared.last = LastSession::Ended;
        self.emit(Effect::Clear);
        self.broadcast(Message::Changed, 0);
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

    pub(super) fn on_logout(&mut self, revoke: bool) {
        self.finish_for_logout();
        match self.current {
            Some(current) if revoke && !self.has_expired(current.expires_at) => {
                self.revoke_and_wait(&current, false);
            }
            Some(_) if revoke => self.reply(Outcome::Succeeded),
            _ => self.reply(Outcome::NotLoggedIn),
        }
        self.end_sessions();
    }

    pub(super) fn on_secure_logout(&mut self) {
        match self.current {
            None if self.state == State::NotLoggedIn => self.reply(Outcome::NotLoggedIn),
            Some(current) if !self.has_expired(current.expires_at) => {
                self.revoke_and_wait(&current, true);
            }
            // There is no valid token to revoke: it has expired, or the tab has no session.
            _ => {
                self.finish_for_logout();
                self.end_sessions();
                self.reply(Outcome::Succeeded);
            }
        }
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
        if ends_session {
            self.finish_for_logout();
            if self.current_id() == session {
                self.end_sessions();
            } else {
                // The session was renewed during the revocation: revoke the new token too.
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
            self.forget(session);
        }
        if revocation.wait > 0 {
            let outcome = if is_revoked {
                Outcome::Succeeded
            } else {
                Outcome::Failed
            };
            self.emit(Effect::Settle(revocation.wait, outcome));
        }
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
        self.shared.min_epoch = self.shared.epoch + 1.0;
        self.shared.last = LastSession::Terminated(reason);
        self.emit(Effect::Clear);
        self.broadcast(Message::Changed, 0);
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
