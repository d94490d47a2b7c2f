//! What a flight asks the service and the app's backend, and what their answers come to (rules 2 and 10): only the service's own word ends anything.

use super::flight::{Flight, Goal, Stage};
use super::parts::{Effect, Failure, Message, Reason, Record, State, Verdict, COOLDOWN, WISHED};
use super::wire::Outcome;
use super::{schedule, Machine, Sink};

impl<S: Sink> Machine<S> {
    pub(super) fn credential(&mut self) {
        self.extend(self.settings.timeout_ms);
        let ticket = self.stage(Stage::Credential, f64::INFINITY);
        self.say(Effect::Credential(
            ticket,
            self.flight.afresh,
            self.flight.renews(),
        ));
    }

    pub(crate) fn on_credential(&mut self, credential: Result<bool, f64>) {
        let any = match credential {
            Ok(any) => any,
            Err(wish) => return self.fail(wish),
        };
        let (number, claimed) = (self.shared.number, self.claimed());
        #[cfg(not(target_arch = "wasm32"))]
        let claimed = if self.lacks(super::Without::Claim) {
            0.0
        } else {
            claimed
        };
        let ticket = self.stage(Stage::Session, f64::INFINITY);
        self.flight.sent = any;
        let renews = self.flight.renews();
        if renews && (claimed > 0.0 || self.flight.number != number) {
            // It took so long that somebody else has begun, or is done.
            return self.claim();
        }
        self.flight.number = number;
        self.say(Effect::Session(ticket, renews));
    }

    pub(crate) fn on_attempt(&mut self, ms: f64, again: bool) {
        self.lost |= again;
        self.extend(ms);
    }

    /// The service has given a session, after so many milliseconds.
    pub(crate) fn on_session(&mut self, ticket: u32, mut record: Record, took: f64) {
        if !self.awaits(ticket) {
            return self.on_late(record);
        }
        self.clock.bound(record.issued_at, record.issued_at + took);
        record.epoch = self.flight.epoch;
        record.offset = self.clock.offset;
        if let Some(held) = self.held.filter(|_| self.flight.goal == Goal::Renew) {
            record.epoch = held.epoch;
            if held.person != record.person {
                self.throw_away(&record);
                return self.fail(0.0);
            }
        }
        self.commit(record);
    }

    /// The service has given none.
    pub(crate) fn on_failure(&mut self, failure: Failure) {
        let renews = self.flight.goal == Goal::Renew;
        match failure {
            Failure::Definite(Reason::Unauthorized)
                if renews && self.flight.sent && !self.flight.afresh =>
            {
                // It may have been the auth token that was refused: one more try, with a fresh one.
                self.flight.afresh = true;
                self.credential();
            }
            Failure::Definite(reason) => self.on_definite(reason),
            Failure::NotFound if renews => {
                self.flight.missing = true;
                self.verify();
            }
            Failure::NotFound => self.fail(0.0),
            Failure::Transient(wish) => {
                self.lost = true;
                self.fail(wish);
            }
        }
    }

    /// The session counts from now on. Is it to be trusted as it is?
    pub(crate) fn on_kept(&mut self, record: Record) {
        let is_doubtful = self.lost || self.overtaken >= record.issued_at;
        self.lost = false;
        self.flight.kept = true;
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
        self.flight.number != self.shared.number && self.flight.stage == Stage::Session
    }

    pub(super) fn look_again(&mut self, record: Record) {
        let ticket = self.stage(Stage::Again, f64::INFINITY);
        self.flight.answer = Some(record);
        self.say(Effect::Find(ticket));
    }

    /// It is not to be known now. Nothing that is good is given up for that.
    pub(super) fn fail(&mut self, wish: f64) {
        let Flight { goal, kept, .. } = self.flight;
        if goal == Goal::Login && !kept {
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
            self.overtaken = self
                .overtaken
                .max(self.held.map_or(f64::NEG_INFINITY, |held| held.issued_at));
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
            (self.shared.by, self.shared.until) =
                (if wish > 0.0 { WISHED } else { COOLDOWN }, until);
        }
    }

    pub(super) fn verify(&mut self) {
        let ticket = self.stage(Stage::Verify, f64::INFINITY);
        let id = self.held.map_or(0, |held| held.id);
        self.flight.from = id;
        self.say(Effect::Verify(ticket, id));
    }

    pub(crate) fn on_verified(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Valid | Verdict::Refused if self.flight.missing => self.fail(0.0),
            Verdict::Valid => {
                let renews = self.flight.force && !self.flight.kept;
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
            Verdict::Refused if self.flight.refused < 2 => {
                self.flight.refused += 1;
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
        self.flight.from = self.held.map_or(0, |held| held.id);
        (self.flight.goal, self.flight.afresh) = (Goal::Renew, false);
        self.claim();
    }
}
