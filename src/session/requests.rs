//! Sends the requests of an operation to the service and the app's backend, and handles their
//! responses (rules 2 and 10).

use super::operation::{InFlight, Operation, Renewal, Stage};
use super::verdict::{Failure, ServiceError, Verdict};
use super::{Claim, Effect, Machine, Outcome, Reason, Record, Sink, State};

/// How many rejected tokens an operation replaces by a renewal. It ends at the next rejection.
const MAX_REJECTIONS: u8 = 2;

impl<S: Sink> Machine<S> {
    pub(super) fn request_credential(&mut self) {
        self.take_or_extend_claim(self.settings.timeout_ms);
        let ticket = self.next_id();
        self.enter_stage(Stage::Credential {
            ticket,
            sequence: self.shared.sequence,
        });
        let is_retry = self.renewal().is_some_and(|renewal| renewal.is_retry);
        let is_renewal = self.is_for_current();
        self.emit(Effect::Credential {
            ticket,
            is_retry,
            is_renewal,
        });
    }

    pub(super) fn on_credential(&mut self, ticket: u32, has_credential: bool) {
        let Some(&Stage::Credential { sequence, .. }) = self.stage_awaiting(ticket) else {
            return;
        };
        let is_renewal = self.is_for_current();
        let is_claimed = self.remaining_claim_ms() > 0.0;
        #[cfg(not(target_arch = "wasm32"))]
        let is_claimed = is_claimed && !self.is_disabled(super::Rule::Claim);
        if is_renewal && (is_claimed || sequence != self.shared.sequence) {
            // The claim expired before the backend responded, and another tab took over.
            return self.claim();
        }
        let ticket = self.next_id();
        let sequence = self.shared.sequence;
        self.enter_stage(Stage::CreateSession {
            ticket,
            sequence,
            has_credential,
        });
        self.emit(Effect::CreateSession { ticket, is_renewal });
    }

    pub(super) fn on_no_credential(&mut self, ticket: u32, retry_after_ms: f64) {
        if self.awaits(ticket) {
            self.fail(retry_after_ms);
        }
    }

    pub(super) fn on_attempt(&mut self, ticket: u32, timeout_ms: f64, has_lost_request: bool) {
        // The lost attempt of an operation that has ended may still reach the service, too.
        self.has_lost_request |= has_lost_request;
        if self.awaits(ticket) {
            self.take_or_extend_claim(timeout_ms);
        } else {
            self.emit(Effect::Abort { ticket });
        }
    }

    pub(super) fn on_session(&mut self, ticket: u32, record: &mut Record, took_ms: f64) {
        if !self.awaits(ticket) {
            return self.on_stale_session(record);
        }
        self.clock
            .clamp_service_time(record.issued_at, record.issued_at + took_ms);
        record.clock_offset = self.clock.offset;
        if let Some(login) = self.login() {
            record.epoch = login.epoch;
        } else if let Some(current) = &self.current {
            record.epoch = current.epoch;
            if current.identity != record.identity {
                self.discard(record);
                return self.fail(0.0);
            }
        }
        self.commit(record);
    }

    pub(super) fn on_no_session(&mut self, ticket: u32, error: &ServiceError) {
        let Some(&Stage::CreateSession { has_credential, .. }) = self.stage_awaiting(ticket) else {
            return;
        };
        match (error.session_failure(), self.renewal()) {
            (Failure::Definite(Reason::Unauthorized), Some(renewal))
                if has_credential && !renewal.is_retry =>
            {
                // The service may have rejected the credential: retry once with a fresh one.
                renewal.is_retry = true;
                self.request_credential();
            }
            (Failure::Definite(reason), _) => self.on_definite_failure(reason),
            (Failure::NotFound, Some(_)) => self.verify(true),
            (Failure::NotFound, None) => self.fail(0.0),
            (Failure::Transient(retry_after_ms), _) => {
                self.has_lost_request = true;
                self.fail(retry_after_ms);
            }
        }
    }

    fn renewal(&mut self) -> Option<&mut Renewal> {
        match &mut self.in_flight {
            Some(InFlight {
                operation: Operation::Renew(renewal),
                ..
            }) => Some(renewal),
            _ => None,
        }
    }

    /// Verifies a committed session if the service may have ended it. Otherwise ends the operation.
    pub(super) fn on_committed(&mut self, record: &Record) {
        let is_doubtful = self.has_lost_request || self.discarded_at >= record.issued_at;
        #[cfg(not(target_arch = "wasm32"))]
        let is_doubtful = is_doubtful && !self.is_disabled(super::Rule::Verify);
        self.has_lost_request = false;
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.is_committed = true;
        }
        let is_claimed = self.remaining_claim_ms() > 0.0;
        if !is_doubtful && self.settings.is_shared && !self.is_due() && !is_claimed {
            self.shared.claim = Claim::Free;
        }
        self.broadcast_change(record.id);
        if is_doubtful {
            self.verify(false);
        } else {
            self.succeed();
        }
    }

    /// Returns whether the device has committed a session since this tab requested one.
    pub(super) fn is_behind(&self) -> bool {
        matches!(
            self.stage(),
            Some(&Stage::CreateSession { sequence, .. }) if sequence != self.shared.sequence
        )
    }

    /// Reads storage before the commit of `answer`, the session that the service has created.
    pub(super) fn reload(&mut self, answer: &Record) {
        let ticket = self.next_id();
        self.enter_stage(Stage::Reload {
            ticket,
            answer: *answer,
        });
        self.emit(Effect::Load { ticket });
    }

    /// Ends the operation after an error that does not end the session. If the operation has
    /// committed a session, it succeeds; otherwise it fails. The current session stays.
    pub(super) fn fail(&mut self, retry_after_ms: f64) {
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        let is_committed = in_flight.is_committed;
        // In effects, `is_renewal` also includes a login that has committed a session.
        let is_renewal = matches!(in_flight.operation, Operation::Renew(_));
        if !is_committed && in_flight.login().is_some() {
            self.finish(Outcome::Failed);
            // A visitor or bot stays signed in during a login (rule 3), so load their latest
            // session.
            self.reload_if_stale();
            return self.roll_back_login();
        }
        let until = self.back_off(retry_after_ms);
        if is_committed {
            // The service has not confirmed the committed session: verify the session later.
            self.mark_current_doubtful();
            self.finish(Outcome::Succeeded);
            return self.enter(State::Established);
        }
        if is_renewal {
            self.emit(Effect::RenewalFailed {
                next_attempt_at: until,
            });
        }
        let pauses_all_tabs = self.has_claim() || !self.settings.is_shared;
        self.finish(Outcome::Failed);
        if pauses_all_tabs {
            self.shared.claim = if retry_after_ms > 0.0 {
                Claim::RetryAfter { until }
            } else {
                Claim::Cooldown { until }
            };
        }
    }

    /// Verifies the current token. `not_found`: whether a session request has just failed with
    /// NotFound, so that the result decides whether the user still exists.
    pub(super) fn verify(&mut self, not_found: bool) {
        let ticket = self.next_id();
        let session = self.current_id();
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.session_before = session;
        }
        self.enter_stage(Stage::Verify { ticket, not_found });
        self.emit(Effect::Verify { ticket, session });
    }

    pub(super) fn on_verified(&mut self, ticket: u32) {
        match self.stage_awaiting(ticket) {
            // The user exists, so the NotFound concerned something else.
            Some(Stage::Verify {
                not_found: true, ..
            }) => self.fail(0.0),
            Some(Stage::Verify { .. }) => self.on_confirmed(),
            _ => {}
        }
    }

    pub(super) fn on_not_verified(&mut self, ticket: u32, error: &ServiceError) {
        let Some(&Stage::Verify { not_found, .. }) = self.stage_awaiting(ticket) else {
            return;
        };
        match error.verification_verdict() {
            Verdict::Rejected if not_found => self.fail(0.0),
            Verdict::Rejected => self.on_rejected(),
            Verdict::Terminated(reason) => self.terminate(reason),
            Verdict::Unknown(retry_after_ms) => self.fail(retry_after_ms),
        }
    }

    /// Handles a verification that confirmed the token.
    fn on_confirmed(&mut self) {
        self.discarded_at = f64::NEG_INFINITY;
        if let Some(current) = self.current {
            if self.clock.service() >= current.expires_at {
                // The clock says that this valid token has expired, so the clock is ahead. Set the
                // service's time back to when the renewal is due.
                let due = self.due(&current);
                self.clock.guess_service_time(due);
            }
        }
        self.clock.end_suspicion();
        let renewal_requested = matches!(
            self.in_flight,
            Some(InFlight {
                operation: Operation::Verify {
                    renewal_requested: true
                },
                ..
            })
        );
        if renewal_requested {
            self.renew_instead();
        } else {
            self.succeed();
        }
    }

    /// Handles a verification that rejected the token.
    fn on_rejected(&mut self) {
        let is_due = self.is_due();
        let Some(in_flight) = &mut self.in_flight else {
            return;
        };
        let is_over_on_arrival = in_flight.is_committed && is_due;
        if is_over_on_arrival || in_flight.rejections >= MAX_REJECTIONS {
            return self.fail(0.0);
        }
        in_flight.rejections += 1;
        self.clock.end_suspicion();
        self.discarded_at = f64::NEG_INFINITY;
        self.renew_instead();
    }

    /// Turns the operation into a renewal of the current session. Its callers wait for the renewal.
    fn renew_instead(&mut self) {
        let session = self.current_id();
        let Some(in_flight) = &mut self.in_flight else {
            return;
        };
        in_flight.session_before = session;
        let is_forced = in_flight.is_forced();
        in_flight.operation = Operation::Renew(Renewal {
            is_forced,
            is_retry: false,
        });
        self.claim();
    }
}
