//! Which session counts (rules 1 and 2): of two epochs the later, within an epoch the session that was issued last, and of two that were issued at the same
//! moment the one that the service honours.

use super::flight::Goal;
use super::parts::{Effect, Message, Record, State};
use super::wire::Outcome;
use super::{Machine, Sink};

impl<S: Sink> Machine<S> {
    /// What is held from now on.
    pub(super) fn hold(&mut self, record: Option<Record>) {
        let before = self.held.map_or(0, |held| held.id);
        let id = record.map_or(0, |record| record.id);
        (self.held, self.held_since) = (record, self.clock.now.mono);
        if let Some(record) = record {
            self.clock.not_before(record.issued_at);
        }
        self.say(Effect::Hold(id));
        if before != id {
            self.forget(before);
        }
    }

    /// Nobody asks for this token again, unless it is the one that is held, or still to be revoked.
    pub(super) fn forget(&mut self, id: u32) {
        let is_held = self.held.is_some_and(|held| held.id == id);
        if id > 0 && !is_held && !self.owed.iter().any(|owed| owed.id == id) {
            self.say(Effect::Forget(id));
        }
    }

    /// Whether `one` counts more than `other`.
    fn is_later(&self, one: &Record, other: &Record) -> bool {
        #[cfg(not(target_arch = "wasm32"))]
        if self.lacks(super::Without::Latest) {
            return true;
        }
        (one.epoch, one.issued_at, one.number) > (other.epoch, other.issued_at, other.number)
    }

    /// A session that another tab has, or that storage holds.
    pub(crate) fn consider(&mut self, record: Option<&Record>) {
        let Some(found) = record else { return };
        let is_dead = found.epoch < self.shared.floor;
        #[cfg(not(target_arch = "wasm32"))]
        let is_dead = is_dead && !self.lacks(super::Without::Guard);
        // Who is about to sign in as somebody does not become somebody else on the way.
        let is_foreign = self.flight.goal == Goal::Login
            && !found.person.is(self.flight.person)
            && self.held.is_none_or(|held| !held.person.is(found.person));
        match self.held {
            Some(held) if held.id == found.id => {}
            _ if is_dead || is_foreign => self.forget(found.id),
            Some(held) if !self.is_later(found, &held) => {
                if (found.epoch, found.issued_at, found.number)
                    == (held.epoch, held.issued_at, held.number)
                {
                    self.overtaken = self.overtaken.max(held.issued_at);
                } else {
                    // Whoever believes in the earlier one hears of this.
                    self.say(Effect::Save(held));
                    self.say(Effect::Tell(Message::Changed, held.id));
                }
                self.forget(found.id);
            }
            _ => self.adopt(*found),
        }
    }

    fn adopt(&mut self, record: Record) {
        let before = self.held;
        if before.is_some_and(|held| !held.person.is(record.person)) {
            self.enter(State::NotLoggedIn);
        }
        self.clock.take_up(record.offset, record.issued_at);
        // Where what is shared was lost, the record remembers.
        self.shared.epoch = self.shared.epoch.max(record.epoch);
        self.shared.committed = self.shared.committed.max(record.epoch);
        self.shared.number = self.shared.number.max(record.number);
        (self.failures, self.next) = (0, f64::NEG_INFINITY);
        self.hold(Some(record));
        self.enter(State::Established);
        if before.is_some_and(|held| held.epoch == record.epoch) {
            self.say(Effect::Renewed(false));
        }
    }

    /// The answer to a flight's request.
    pub(super) fn commit(&mut self, record: Record) {
        if self.is_behind() {
            return self.look_again(record);
        }
        if let Some(held) = self.held {
            let record = Record {
                number: self.shared.number + 1.0,
                ..record
            };
            if self.is_later(&held, &record) && !self.is_later(&record, &held) {
                self.forget(record.id);
                return self.land();
            }
            if held.epoch == record.epoch && held.issued_at == record.issued_at {
                self.overtaken = self.overtaken.max(record.issued_at);
            }
        }
        let renews = self.flight.goal != Goal::Login;
        let record = self.install(record);
        if renews {
            self.say(Effect::Renewed(true));
        }
        self.on_kept(record);
    }

    /// Makes it the device's session.
    pub(super) fn install(&mut self, mut record: Record) -> Record {
        self.shared.number += 1.0;
        record.number = self.shared.number;
        self.shared.committed = record.epoch;
        if record.epoch == self.shared.epoch {
            // A visitor ends here, and only here.
            self.shared.floor = record.epoch;
        }
        if self.held.is_some_and(|held| !held.person.is(record.person)) {
            self.enter(State::NotLoggedIn);
            self.enter(State::Establishing);
        }
        self.hold(Some(record));
        self.say(Effect::Save(record));
        record
    }

    /// The answer to a request that nobody waits for any longer: its epoch is over.
    pub(crate) fn on_late(&mut self, record: Record) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.lacks(super::Without::Guard) {
            self.install(Record {
                epoch: self.shared.epoch,
                ..record
            });
            return self.enter(State::Established);
        }
        self.throw_away(&record);
    }

    /// A session that nobody may have. As it was made it may have ended the device's own, in whichever tab that is.
    pub(super) fn throw_away(&mut self, record: &Record) {
        self.overtaken = self.overtaken.max(record.issued_at);
        self.say(Effect::Tell(Message::Overtaken(record.issued_at), 0));
        self.owe(record, 0, false);
    }

    /// From another tab.
    pub(crate) fn on_heard(&mut self, message: Message, record: Option<&Record>) {
        match (message, self.held) {
            (Message::Changed, _) => {
                if !self.on_answer(record) {
                    if record.is_some() {
                        self.consider(record);
                    } else {
                        self.peek();
                    }
                }
                self.stir();
            }
            (Message::Ask, Some(held)) if self.settings.carries || !self.is_outdated() => {
                if !self.settings.carries {
                    // A tab that was frozen as it wrote may have written over it.
                    self.say(Effect::Save(held));
                }
                self.say(Effect::Tell(Message::Changed, held.id));
            }
            (Message::Ask, _) => {}
            (Message::Overtaken(at), _) => self.overtaken = self.overtaken.max(at),
        }
    }

    /// Whether the device has a later session than this tab.
    pub(super) fn is_outdated(&self) -> bool {
        let is_there = self.shared.committed > 0.0 && self.shared.committed >= self.shared.floor;
        is_there
            && self
                .held
                .is_none_or(|held| held.number < self.shared.number)
    }

    /// Gets it from where it is.
    pub(super) fn peek(&mut self) {
        if self.is_outdated() {
            self.say(if self.settings.carries {
                Effect::Tell(Message::Ask, 0)
            } else {
                Effect::Find(0)
            });
        }
    }

    /// Says at once what a call comes to.
    pub(super) fn at_once(&mut self, outcome: Outcome) {
        self.say(Effect::Now(outcome));
    }
}
