//! What a flight asks the service and the app's backend, and what their answers come to (rules 2 and 10): only the service's own word ends anything.

use super::flight::{Goal, Stage};
use super::parts::{Effect, Failure, Message, Outcome, Reason, Record, State, Verdict, COOLDOWN, WISHED};
use super::{schedule, Machine, Sink};

impl<S: Sink> Machine<S> {
    pub(super) fn credential(&mut self) {
        self.extend(self.settings.timeout_ms);
        let ticket = self.stage(Stage::Credential, f64::INFINITY);
        let (afresh, renews) = self.flight.as_ref().map_or((false, false), |flight| (flight.afresh, flight.renews()));
        self.say(Effect::Credential(ticket, afresh, renews));
    }

    pub(crate) fn on_credential(&mut self, credential: Result<bool, f64>) {
        let any = match credential {
            Ok(any) => any,
            Err(wish) => return self.fail(wish),
        };
        let (number, claimed) = (self.shared.number, self.claimed());
        #[cfg(not(target_arch = "wasm32"))]
        let claimed = if self.lacks(super::Without::Claim) { 0.0 } else { claimed };
        let ticket = self.stage(Stage::Session, f64::INFINITY);
        let Some(flight) = &mut self.flight else { return };
        flight.sent = any;
        let renews = flight.renews();
        if renews && (claimed > 0.0 || flight.number != number) {
            // It took so long that somebody else has begun, or is done.
            return self.claim();
        }
        flight.number = number;
        self.say(Effect::Session(ticket, renews));
    }

    pub(crate) fn on_attempt(&mut self, ms: f64, again: bool) {
        self.lost |= again;
        self.extend(ms);
    }

    pub(crate) fn on_session(&mut self, ticket: u32, result: Result<Record, Failure>, took: f64) {
        let current = self.flight.as_ref().filter(|flight| flight.ticket == ticket);
        let Some((goal, sent, again)) = current.map(|flight| (flight.goal, flight.sent, flight.afresh)) else {
            return self.on_late(result);
        };
        match result {
            Ok(mut record) => {
                self.clock.bound(record.issued_at, record.issued_at + took);
                let flight_epoch = self.flight.as_ref().map_or(0.0, |flight| flight.epoch);
                record.epoch = if flight_epoch > 0.0 { flight_epoch } else { self.held.map_or(0.0, |held| held.epoch) };
                record.offset = self.clock.offset;
                let renews = goal == Goal::Renew;
                if renews && self.held.is_some_and(|held| held.person != record.person) {
                    self.throw_away(record);
                    return self.fail(0.0);
                }
                self.commit(record);
            }
            Err(Failure::Definite(Reason::Unauthorized)) if goal == Goal::Renew && sent && !again => {
                // It may have been the auth token that was refused: one more try, with a fresh one.
                if let Some(flight) = &mut self.flight {
                    flight.afresh = true;
                }
                self.credential();
            }
            Err(Failure::Definite(reason)) => self.on_definite(reason),
            Err(Failure::NotFound) if goal == Goal::Renew => {
                if let Some(flight) = &mut self.flight {
                    flight.missing = true;
                }
                self.verify();
            }
            Err(Failure::NotFound) => self.fail(0.0),
            Err(Failure::Transient(wish)) => {
                self.lost = true;
                self.fail(wish);
            }
        }
    }

    /// The session counts from now on. Is it to be trusted as it is?
    pub(crate) fn on_kept(&mut self, record: Record) {
        let is_doubtful = self.lost || self.overtaken >= record.issued_at;
        self.lost = false;
        if let Some(flight) = &mut self.flight {
            flight.kept = true;
        }
        if !is_doubtful && self.settings.shared {
            (self.shared.by, self.shared.until) = (0.0, 0.0);
        }
        self.say(Effect::Tell(Message::Changed, record.id));
        if is_doubtful {
            self.verify();
        } else {
            self.land();
        }
    }

    /// The number of sessions that the device had had when the service was asked.
    pub(super) fn is_behind(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.number != self.shared.number && flight.stage == Stage::Session)
    }

    pub(super) fn look_again(&mut self, record: Record) {
        let ticket = self.stage(Stage::Again, f64::INFINITY);
        if let Some(flight) = &mut self.flight {
            flight.answer = Some(record);
        }
        self.say(Effect::Find(ticket));
    }

    /// It is not to be known now. Nothing that is good is given up for that.
    pub(super) fn fail(&mut self, wish: f64) {
        let Some(flight) = &self.flight else { return };
        let (goal, is_login, kept) = (flight.goal, flight.is_login(), flight.kept);
        if is_login && !kept {
            self.end(Outcome::Failed);
            // There may be a visitor yet.
            self.peek();
            return self.go_back();
        }
        self.failures = self.failures.saturating_add(1);
        let random = self.random();
        let pause = schedule::backoff(self.failures, random).max(wish);
        self.next = self.clock.now.mono + pause;
        if kept {
            // There is a session, only nobody knows whether it is good: that is looked at later.
            self.overtaken = self.overtaken.max(self.held.map_or(f64::NEG_INFINITY, |held| held.issued_at));
            self.end(Outcome::Fine);
            return self.enter(State::Established);
        }
        let until = self.clock.now.wall + pause;
        if goal == Goal::Renew {
            self.say(Effect::Failed(until));
        }
        let is_ours = self.shared.by == f64::from(self.settings.tab);
        self.end(Outcome::Failed);
        if is_ours || !self.settings.shared {
            (self.shared.by, self.shared.until) = (if wish > 0.0 { WISHED } else { COOLDOWN }, until);
        }
    }

    pub(super) fn verify(&mut self) {
        let ticket = self.stage(Stage::Verify, f64::INFINITY);
        let id = self.held.map_or(0, |held| held.id);
        if let Some(flight) = &mut self.flight {
            flight.from = id;
        }
        self.say(Effect::Verify(ticket, id));
    }

    pub(crate) fn on_verified(&mut self, verdict: Verdict) {
        let Some(flight) = &mut self.flight else { return };
        match verdict {
            Verdict::Valid | Verdict::Refused if flight.missing => self.fail(0.0),
            Verdict::Valid => {
                let renews = flight.force && !flight.kept;
                self.overtaken = f64::NEG_INFINITY;
                if let Some(held) = self.held {
                    // It is not at its end, whatever the clock says; when else that would be nobody knows.
                    if self.clock.service() >= held.expires_at {
                        let due = self.due(&held);
                        self.clock.bound(due, due);
                    }
                }
                self.clock.suspect = false;
                if renews {
                    self.renew_instead();
                } else {
                    self.land();
                }
            }
            Verdict::Refused if flight.refused < 2 => {
                flight.refused += 1;
                self.clock.suspect = false;
                self.overtaken = f64::NEG_INFINITY;
                self.renew_instead();
            }
            Verdict::Refused => self.fail(0.0),
            Verdict::Over(reason) => self.terminate(reason),
            Verdict::Unknown(wish) => self.fail(wish),
        }
    }

    /// Goes on as a renewal of what is held, with whoever waits.
    fn renew_instead(&mut self) {
        let from = self.held.map_or(0, |held| held.id);
        if let Some(flight) = &mut self.flight {
            (flight.goal, flight.from, flight.afresh, flight.epoch) = (Goal::Renew, from, false, 0.0);
        }
        self.claim();
    }
}
