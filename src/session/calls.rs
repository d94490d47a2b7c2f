//! What the app asks for.

use super::flight::Goal;
use super::parts::{Effect, Outcome, Person, Record, State, COOLDOWN};
use super::{Machine, Sink};

/// A token that the service refuses within this many milliseconds of its arrival is looked at before it is renewed: it may be the request that is not
/// allowed, and then renewing would go on for ever.
const YOUNG_MS: f64 = 60_000.0;

impl<S: Sink> Machine<S> {
    fn wait(&mut self, number: u32) {
        self.say(Effect::Wait(number));
    }

    /// Why there is nobody signed in.
    fn nobody(&mut self) {
        let is_over = matches!(self.state, State::Terminated(_));
        self.at_once(if is_over { Outcome::Terminated } else { Outcome::NotLoggedIn });
    }

    /// Whether this very person is signed in, with a token that is good as far as one knows.
    pub(super) fn has(&self, person: Person) -> bool {
        self.held.is_some_and(|held| held.person.is(person) && self.is_good(&held, 0.0))
    }

    fn is_good(&self, held: &Record, ms: f64) -> bool {
        let least = ms.min((held.expires_at - held.issued_at) / 2.0);
        !self.is_doubtful(held) && self.clock.service() + least < held.expires_at
    }

    pub(crate) fn on_resume(&mut self) {
        let number = match &self.flight {
            Some(flight) => flight.no,
            None if self.held.is_some() || self.state != State::NotLoggedIn => return self.at_once(Outcome::Fine),
            None => self.begin(Goal::Resume, false),
        };
        self.wait(number);
    }

    pub(crate) fn on_login(&mut self, person: Person, afresh: bool) {
        if matches!(self.state, State::Terminated(_)) {
            return self.at_once(Outcome::Terminated);
        }
        let pending = self.flight.as_ref().map(|flight| (flight.no, flight.goal));
        let login = match pending {
            Some((_, Goal::Login(person, _))) => Some(person),
            _ => None,
        };
        match pending {
            Some((number, Goal::Login(same, _))) if same.is(person) && !afresh => return self.wait(number),
            Some(_) if login.is_some() => self.end(Outcome::Superseded),
            _ => {}
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
        if login.is_some_and(|pending| !pending.is(person)) {
            self.go_back();
        }
        if self.held.is_none() {
            self.enter(State::Establishing);
        }
        let number = self.divert(Goal::Login(person, afresh));
        self.wait(number);
    }

    pub(crate) fn on_adopt(&mut self, record: Record) {
        if matches!(self.state, State::Terminated(_)) {
            self.forget(record.id);
            return self.at_once(Outcome::Terminated);
        }
        self.end(Outcome::Superseded);
        let epoch = self.raise();
        // As long as nobody has measured it, the clock's word on its end is not believed.
        self.clock.take_up(self.clock.offset);
        let record = self.install(Record { epoch, offset: self.clock.offset, ..record });
        self.say(Effect::Tell(super::Message::Changed, record.id));
        self.enter(State::Established);
        self.at_once(Outcome::Fine);
    }

    pub(crate) fn on_need(&mut self, ms: f64) {
        let Some(held) = self.held else {
            return match &self.flight {
                Some(flight) => {
                    let number = flight.no;
                    self.wait(number);
                }
                None if self.is_outdated() => {
                    let number = self.begin(Goal::Resume, false);
                    self.wait(number);
                }
                None => self.nobody(),
            };
        };
        if self.is_good(&held, ms) && !self.is_outdated() {
            return self.at_once(Outcome::Fine);
        }
        let goal = if self.is_doubtful(&held) { Goal::Verify } else { Goal::Renew };
        self.go(goal);
    }

    pub(crate) fn on_renew(&mut self) {
        if self.held.is_none() && self.flight.is_none() {
            return self.nobody();
        }
        self.force();
        let number = match &self.flight {
            Some(flight) => flight.no,
            None => self.begin(Goal::Renew, true),
        };
        self.wait(number);
    }

    pub(crate) fn on_refused(&mut self, id: u32) {
        match self.held {
            None => self.nobody(),
            Some(held) if held.id != id => self.at_once(Outcome::Fine),
            Some(_) if !self.is_outdated() && self.clock.now.mono - self.held_since < YOUNG_MS => self.go(Goal::Verify),
            Some(_) => self.go(Goal::Renew),
        }
    }

    /// Whoever has called waits for it, unless it was in vain only just now.
    fn go(&mut self, goal: Goal) {
        let number = match &self.flight {
            Some(flight) => flight.no,
            None if self.clock.now.mono < self.next => return self.at_once(Outcome::Failed),
            None => self.begin(goal, false),
        };
        self.wait(number);
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
