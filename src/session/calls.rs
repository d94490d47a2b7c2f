//! What the app asks for.

use super::flight::Goal;
use super::parts::{Effect, Person, Record, State, COOLDOWN};
use super::wire::Outcome;
use super::{Machine, Sink};

/// A token that the service refuses within this many milliseconds of its arrival is looked at before it is renewed: it may be the request that is not
/// allowed, and then renewing would go on for ever.
const YOUNG_MS: f64 = 60_000.0;

impl<S: Sink> Machine<S> {
    /// Whoever has called waits for the flight.
    fn wait(&mut self) {
        self.say(Effect::Wait(self.flight.no));
    }

    /// Why there is nobody signed in.
    fn nobody(&mut self) {
        let is_over = matches!(self.state, State::Terminated(_));
        self.at_once(if is_over {
            Outcome::Terminated
        } else {
            Outcome::NotLoggedIn
        });
    }

    /// Whether this very person is signed in, with a token that is good as far as one knows.
    pub(super) fn has(&self, person: Person) -> bool {
        self.held
            .is_some_and(|held| held.person.is(person) && self.is_good(&held, 0.0))
    }

    fn is_good(&self, held: &Record, ms: f64) -> bool {
        let least = ms.min((held.expires_at - held.issued_at) / 2.0);
        !self.is_doubtful(held) && self.clock.service() + least < held.expires_at
    }

    pub(crate) fn on_resume(&mut self) {
        if self.flight.is_none() {
            if self.held.is_some() || self.state != State::NotLoggedIn {
                return self.at_once(Outcome::Fine);
            }
            self.begin(Goal::Resume, false);
        }
        self.wait();
    }

    pub(crate) fn on_login(&mut self, person: Person, afresh: bool) {
        if matches!(self.state, State::Terminated(_)) {
            return self.at_once(Outcome::Terminated);
        }
        let is_login = self.flight.goal == Goal::Login;
        let is_same = self.flight.person.is(person);
        if is_login && is_same && !afresh {
            return self.wait();
        }
        if is_login {
            self.end(Outcome::Superseded);
        }
        if self.has(person) && !afresh && self.state == State::Established {
            return self.at_once(Outcome::Fine);
        }
        if self.held.is_some_and(|held| !held.person.is(person)) {
            self.end(Outcome::Superseded);
            if self.held.is_some_and(|held| held.person.kind == 0) {
                self.sign_out();
            }
        }
        if is_login && !is_same {
            self.go_back();
        }
        if self.held.is_none() {
            self.enter(State::Establishing);
        }
        // Who waits for what the login comes in the place of waits for the login.
        let before = self.flight.no;
        self.let_go(Outcome::Superseded);
        self.begin(Goal::Login, true);
        (self.flight.person, self.flight.asks) = (person, afresh);
        if before > 0 {
            self.flight.no = before;
        }
        self.wait();
    }

    pub(crate) fn on_adopt(&mut self, record: Record) {
        if matches!(self.state, State::Terminated(_)) {
            self.forget(record.id);
            return self.at_once(Outcome::Terminated);
        }
        self.end(Outcome::Superseded);
        let epoch = self.raise();
        // As long as nobody has measured it, the clock's word on its end is not believed.
        self.clock.take_up(self.clock.offset, f64::NEG_INFINITY);
        let record = self.install(Record {
            epoch,
            offset: self.clock.offset,
            ..record
        });
        self.say(Effect::Tell(super::Message::Changed, record.id));
        self.enter(State::Established);
        self.at_once(Outcome::Fine);
    }

    pub(crate) fn on_need(&mut self, ms: f64) {
        let Some(held) = self.held else {
            if self.flight.is_none() {
                if !self.is_outdated() {
                    return self.nobody();
                }
                self.begin(Goal::Resume, false);
            }
            return self.wait();
        };
        if self.is_good(&held, ms) && !self.is_outdated() {
            return self.at_once(Outcome::Fine);
        }
        let goal = if self.is_doubtful(&held) {
            Goal::Verify
        } else {
            Goal::Renew
        };
        self.go(goal);
    }

    pub(crate) fn on_renew(&mut self) {
        if self.held.is_none() && self.flight.is_none() {
            return self.nobody();
        }
        if self.flight.is_none() {
            self.begin(Goal::Renew, true);
        }
        // Who asks for a renewal while the token is only looked at gets one.
        self.flight.force = true;
        self.wait();
    }

    pub(crate) fn on_refused(&mut self, id: u32) {
        match self.held {
            None => self.nobody(),
            Some(held) if held.id != id => self.at_once(Outcome::Fine),
            Some(_) if !self.is_outdated() && self.clock.now.mono - self.held_since < YOUNG_MS => {
                self.go(Goal::Verify)
            }
            Some(_) => self.go(Goal::Renew),
        }
    }

    /// Whoever has called waits for it, unless it was in vain only just now.
    fn go(&mut self, goal: Goal) {
        if self.flight.is_none() {
            if self.clock.now.mono < self.next {
                return self.at_once(Outcome::Failed);
            }
            self.begin(goal, false);
        }
        self.wait();
    }

    pub(crate) fn on_wake(&mut self, online: bool) {
        if online && (self.shared.by == COOLDOWN || self.shared.by >= 0.0) {
            // The network was away; the service itself has wished for nothing.
            (self.failures, self.next) = (0, f64::NEG_INFINITY);
            // Every tab hears of it: were each to write it down, one would write over another's claim.
            self.waived = self.shared.until;
        }
        self.peek();
        if !self.settings.carries && self.is_outdated() {
            self.say(Effect::Tell(super::Message::Ask, 0));
        }
    }
}
