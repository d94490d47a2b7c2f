//! Handles the calls of the app, except logouts, and the wakes of the page.

use super::operation::{InFlight, Login, Operation, Renewal};
use super::{Claim, Effect, Identity, Machine, Outcome, Record, Sink, State};

/// How long a tab must have used a token, in milliseconds, before a 401 makes the tab renew the
/// token without a verification. A token in use for less time is verified first, because the 401
/// may concern only the app's request: then renewals would never end.
pub(super) const MIN_RENEWAL_AGE_MS: f64 = 60_000.0;

impl<S: Sink> Machine<S> {
    /// Lets the caller wait for the operation in flight. An obsolete tab starts no operation.
    fn join(&mut self) {
        match self.in_flight {
            Some(InFlight { wait, .. }) => self.emit(Effect::Wait(wait)),
            None => self.reply(Outcome::Unsupported),
        }
    }

    /// Rejects a call that needs a session.
    fn reply_no_session(&mut self) {
        let is_terminated = self.state.is_terminated();
        self.reply(if is_terminated {
            Outcome::Terminated
        } else {
            Outcome::NotLoggedIn
        });
    }

    /// Returns whether this user is signed in with a token that is neither expired nor doubtful.
    pub(super) fn has_usable_session_of(&self, identity: Identity) -> bool {
        self.current.is_some_and(|current| {
            current.identity.is_same(identity) && self.is_usable(&current, 0.0)
        })
    }

    /// Returns whether the token is not doubtful and remains valid for `min_validity_ms`, or for
    /// half its lifetime if that is shorter.
    fn is_usable(&self, record: &Record, min_validity_ms: f64) -> bool {
        let min_validity_ms = min_validity_ms.min(max_validity_ms(record));
        !self.is_doubtful(record) && self.clock.service() + min_validity_ms < record.expires_at
    }

    pub(super) fn on_resume(&mut self) {
        if self.is_idle() {
            if self.current.is_some() || self.state != State::NotLoggedIn {
                return self.reply(Outcome::Succeeded);
            }
            self.begin(Operation::Resume);
        }
        self.join();
    }

    pub(super) fn on_login(&mut self, identity: Identity, needs_request: bool) {
        if self.state.is_terminated() {
            return self.reply(Outcome::Terminated);
        }
        let pending = self.login().map(|login| login.identity);
        let is_same = pending.is_some_and(|pending| pending.is_same(identity));
        if is_same && !needs_request {
            return self.join();
        }
        if pending.is_some() {
            self.finish(Outcome::Superseded);
        }
        let is_established = self.state == State::Established;
        if self.has_usable_session_of(identity) && !needs_request && is_established {
            return self.reply(Outcome::Succeeded);
        }
        if self.is_obsolete {
            return self.join();
        }
        if let Some(current) = self
            .current
            .filter(|current| !current.identity.is_same(identity))
        {
            self.finish(Outcome::Superseded);
            if current.identity.is_user() {
                self.sign_out();
            }
        }
        if pending.is_some() && !is_same {
            self.roll_back_login();
        }
        if self.current.is_none() {
            self.enter(State::Establishing);
        }
        // Callers that wait for the replaced operation wait for the login from now on.
        let wait = self.in_flight.as_ref().map(|in_flight| in_flight.wait);
        self.abandon(Outcome::Superseded);
        self.begin(Operation::Login(Login {
            identity,
            needs_request,
            epoch: 0.0,
            claim_wait_until: self.clock.now.mono + self.settings.timeout_ms,
        }));
        if let (Some(in_flight), Some(wait)) = (&mut self.in_flight, wait) {
            in_flight.wait = wait;
        }
        self.join();
    }

    pub(super) fn on_adopt(&mut self, record: Record) {
        if self.state.is_terminated() {
            self.forget(record.id);
            return self.reply(Outcome::Terminated);
        }
        self.finish(Outcome::Superseded);
        let epoch = self.raise_epoch();
        // Unless the clock offset was measured before, an expiry is only suspected.
        self.clock
            .adopt_offset(self.clock.offset, f64::NEG_INFINITY);
        let clock_offset = self.clock.offset;
        self.install(Record {
            epoch,
            clock_offset,
            ..record
        });
        self.broadcast_change(record.id);
        self.enter(State::Established);
        self.reply(Outcome::Succeeded);
    }

    pub(super) fn on_access_token(&mut self, min_validity_ms: f64) {
        let Some(current) = self.current else {
            if self.is_idle() {
                if !self.is_outdated() {
                    return self.reply_no_session();
                }
                self.begin(Operation::Resume);
            }
            return self.join();
        };
        if self.is_usable(&current, min_validity_ms) && !self.is_outdated() {
            return self.reply(Outcome::Succeeded);
        }
        self.start_or_join(if self.is_doubtful(&current) {
            VERIFICATION
        } else {
            RENEWAL
        });
    }

    pub(super) fn on_renew(&mut self) {
        if self.is_idle() {
            if self.current.is_none() {
                return self.reply_no_session();
            }
            self.begin(Operation::Renew(Renewal {
                is_forced: true,
                is_retry: false,
            }));
        }
        match self
            .in_flight
            .as_mut()
            .map(|in_flight| &mut in_flight.operation)
        {
            Some(Operation::Renew(renewal)) => renewal.is_forced = true,
            // A verification is in flight: renew after it.
            Some(Operation::Verify { renewal_requested }) => *renewal_requested = true,
            _ => {}
        }
        self.join();
    }

    pub(super) fn on_unauthorized(&mut self, session: u32) {
        match self.current {
            None => self.reply_no_session(),
            Some(current) if current.id != session => self.reply(Outcome::Succeeded),
            Some(_) => {
                if self.is_obsolete {
                    // A tab of the later version may have renewed the session.
                    self.enter(State::TokenExpired);
                }
                let is_young = self.clock.now.mono - self.current_since < MIN_RENEWAL_AGE_MS;
                let needs_check = is_young && !self.is_outdated();
                self.start_or_join(if needs_check { VERIFICATION } else { RENEWAL });
            }
        }
    }

    /// Joins the operation in flight. If there is none, starts this operation, or replies with a
    /// failure during a backoff.
    fn start_or_join(&mut self, operation: Operation) {
        if self.is_idle() {
            if self.clock.now.mono < self.retry_at {
                return self.reply(Outcome::Failed);
            }
            self.begin(operation);
        }
        self.join();
    }

    pub(super) fn on_wake(&mut self, is_online: bool) {
        if is_online && !matches!(self.shared.claim, Claim::RetryAfter { .. }) {
            // The failures came from the network, not from a `Retry-After` of the service.
            self.failures = 0;
            self.waive_pause();
        }
        // A frozen page may have missed the answer to an earlier request.
        self.asked = -1.0;
        self.on_storage_changed(true);
    }

    /// Handles a write of another tab. A tab writes the numbers, which may release its claim,
    /// before it writes its session.
    pub(super) fn on_storage_changed(&mut self, is_session: bool) {
        self.retry_claim();
        if is_session || self.current.is_none() {
            self.reload_if_stale();
        }
    }

    /// Releases the claim and settles every call. No event follows.
    pub(super) fn on_close(&mut self) {
        // A request of this tab may still reach the service.
        self.has_lost_request = true;
        self.finish(Outcome::Closed);
        // A concurrent write may have restored a claim that this tab had released.
        self.release_claim();
        for revocation in core::mem::take(&mut self.revocations) {
            self.settle(revocation.wait, Outcome::Closed);
        }
        self.settle(self.searching_logout.wait, Outcome::Closed);
        self.settle(self.secure_logout, Outcome::Closed);
    }
}

/// Returns the cap on the validity that a caller requests, in milliseconds (rule 9).
pub(super) fn max_validity_ms(record: &Record) -> f64 {
    record.lifetime_ms() / 2.0
}

/// A renewal that the app has not requested with `renew`.
pub(super) const RENEWAL: Operation = Operation::Renew(Renewal {
    is_forced: false,
    is_retry: false,
});

/// A verification during which the app has not requested a renewal.
pub(super) const VERIFICATION: Operation = Operation::Verify {
    renewal_requested: false,
};
