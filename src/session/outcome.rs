//! Ends operations: with an outcome, with success, or because another operation replaces them.

use super::operation::{InFlight, Stage};
use super::{Claim, Effect, Machine, Outcome, Sink, State};

impl<S: Sink> Machine<S> {
    /// Ends the operation, and releases the claim.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.abandon(outcome);
        let Some(&InFlight { wait, .. }) = self.in_flight.as_ref() else {
            return;
        };
        self.in_flight = None;
        self.release_claim();
        self.emit(Effect::Settle(wait, outcome));
    }

    /// Handles what an operation leaves behind when it ends: an uncommitted session, a request
    /// without a response, or a committed session that is not verified.
    pub(super) fn abandon(&mut self, outcome: Outcome) {
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        // A termination that this request has caused enters `Stage::Commit` first.
        let is_overtaken = matches!(
            outcome,
            Outcome::Superseded | Outcome::NotLoggedIn | Outcome::Terminated
        );
        match in_flight.stage {
            Stage::Reload { answer, .. } => self.discard(&answer),
            // The request may still reach the service.
            Stage::CreateSession { .. } if is_overtaken => self.has_lost_request = true,
            // The service has not yet confirmed the session.
            Stage::Verify { .. } if is_overtaken && in_flight.is_committed => {
                self.mark_current_doubtful();
            }
            _ => {}
        }
    }

    /// Restores the state that preceded a failed login.
    pub(super) fn roll_back_login(&mut self) {
        if self.current.is_none() {
            self.enter(State::NotLoggedIn);
        } else if self.state == State::Establishing {
            self.enter(State::Established);
        }
    }

    /// Ends the operation with success. Resets the backoff, unless the session is already due for
    /// renewal: the renewal of a new session that was due on arrival must wait (rule 22).
    pub(super) fn succeed(&mut self) {
        let is_due = self.is_due();
        let is_new = self.in_flight.as_ref().is_some_and(|it| it.is_committed);
        if !is_due {
            self.reset_backoff();
        }
        let pauses_all_tabs = self.has_claim() || !self.settings.is_shared;
        self.finish(Outcome::Succeeded);
        if is_due && is_new {
            let until = self.back_off(0.0);
            self.emit(Effect::RenewalFailed {
                next_attempt_at: until,
            });
            if pauses_all_tabs {
                self.shared.claim = Claim::Cooldown { until };
            }
        }
        if self.current.is_some() {
            self.enter(State::Established);
        }
    }
}
