//! The one thing at a time that a tab is about. A flight goes from stage to stage, each of which waits for the outcome of one effect (by its ticket) or for
//! a deadline:
//!
//! ```text
//! Lock → [Wait, Settle] → Find → [Ask] → Credential → Session → [Again] → [Verify]
//! ```
//!
//! A claim on the device is taken first (rule 6), atomically where there are locks; then it is looked whether another tab has already done it; only then is
//! the service asked.

use super::parts::{Effect, Message, Person, Record, State, COOLDOWN};
use super::wire::Outcome;
use super::{Machine, Sink};

/// What a flight is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// Nothing.
    None,
    /// Taking up what there is.
    Resume,
    /// A login.
    Login,
    /// A new session of who is signed in.
    Renew,
    /// Whether the service still honours the token.
    Verify,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
    /// Nothing.
    None,
    /// The lock.
    Lock,
    /// The end of another tab's claim.
    Wait,
    /// A moment after a claim without a lock: does it stand?
    Settle,
    /// Storage.
    Find,
    /// The other tabs.
    Ask,
    /// The app's backend.
    Credential,
    /// The service.
    Session,
    /// Storage, once more: a session was committed while the service was asked for this one.
    Again,
    /// The service's word on a token.
    Verify,
}

#[derive(Clone, Debug)]
pub(super) struct Flight {
    /// What callers wait for.
    pub no: u32,
    pub goal: Goal,
    /// Of a login: for whom, and whether only a request will do.
    pub person: Person,
    pub asks: bool,
    pub stage: Stage,
    pub ticket: u32,
    /// In monotonic time.
    pub deadline: f64,
    pub began: f64,
    /// Of a login: its epoch, once it has one.
    pub epoch: f64,
    /// How many sessions the device had had when the service was asked.
    pub number: f64,
    /// The session that was held at the beginning; 0: none.
    pub from: u32,
    /// Asked for by the app: no cooldown holds it up.
    pub force: bool,
    /// Whether an auth token or a signature went along, and whether it is a second, fresh one.
    pub sent: bool,
    pub afresh: bool,
    /// A session has been committed.
    pub kept: bool,
    /// The answer, while storage is looked into once more.
    pub answer: Option<Record>,
    /// The service did not know something when it was asked for a session.
    pub missing: bool,
    /// How often the service has refused what it had just given.
    pub refused: u8,
}

impl Flight {
    /// There is no flight.
    pub(super) const NONE: Flight = Flight {
        no: 0,
        goal: Goal::None,
        person: Person { kind: 0, user: 0 },
        asks: false,
        stage: Stage::None,
        ticket: u32::MAX,
        deadline: f64::INFINITY,
        began: 0.0,
        epoch: 0.0,
        number: 0.0,
        from: 0,
        force: false,
        sent: false,
        afresh: false,
        kept: false,
        answer: None,
        missing: false,
        refused: 0,
    };

    pub(super) fn is_none(&self) -> bool {
        self.no == 0
    }

    /// Whether it is for whoever is signed in.
    pub(super) fn renews(&self) -> bool {
        !self.is_none() && (self.goal != Goal::Login || self.kept)
    }

    /// Whether the service has not been asked yet.
    fn is_early(&self) -> bool {
        matches!(
            self.stage,
            Stage::Lock
                | Stage::Wait
                | Stage::Settle
                | Stage::Find
                | Stage::Ask
                | Stage::Credential
        )
    }
}

/// How long the other tabs have for an answer, in milliseconds.
const ASK_MS: f64 = 200.0;
/// How much longer a claim holds than what it is for may take, in milliseconds: whoever gives it back does so before it ends.
const SPARE_MS: f64 = 1_000.0;
/// How long it takes until other tabs see a claim, in milliseconds.
const SETTLE_MS: f64 = 50.0;
/// A claim that is said to hold longer was made by another clock, in milliseconds.
const MOST_CLAIM_MS: f64 = 600_000.0;
/// A cooldown likewise.
const MOST_COOLDOWN_MS: f64 = 3_600_000.0;

impl<S: Sink> Machine<S> {
    /// Begins a flight.
    pub(super) fn begin(&mut self, goal: Goal, force: bool) {
        let no = self.number();
        let (began, from) = (self.clock.now.mono, self.held.map_or(0, |held| held.id));
        self.flight = Flight {
            no,
            goal,
            began,
            from,
            force,
            ..Flight::NONE
        };
        match goal {
            Goal::Resume => self.find(),
            Goal::Verify => self.verify(),
            _ => self.claim(),
        }
    }

    /// The next stage; what came of earlier ones is late from now on.
    pub(super) fn stage(&mut self, stage: Stage, deadline: f64) -> u32 {
        let ticket = self.number();
        (self.flight.stage, self.flight.ticket, self.flight.deadline) = (stage, ticket, deadline);
        ticket
    }

    /// Ends the flight.
    pub(super) fn end(&mut self, outcome: Outcome) {
        if self.flight.is_none() {
            return;
        }
        self.let_go(outcome);
        let number = self.flight.no;
        self.flight = Flight::NONE;
        if self.shared.by == f64::from(self.settings.tab) {
            // Whoever comes next learns that a request may still be on its way.
            (self.shared.by, self.shared.until) = (if self.lost { COOLDOWN } else { 0.0 }, 0.0);
            self.say(Effect::Tell(Message::Changed, 0));
        }
        self.say(Effect::Done(number, outcome));
    }

    /// Remembers what a flight leaves behind that comes to nothing.
    pub(super) fn let_go(&mut self, outcome: Outcome) {
        if let Some(answer) = self.flight.answer.take() {
            self.throw_away(&answer);
        }
        match (self.flight.stage, self.held) {
            _ if !matches!(outcome, Outcome::Superseded | Outcome::NotLoggedIn) => {}
            // Its request may still reach the service.
            (Stage::Session, _) => self.lost = true,
            // Nobody knows yet whether that is good.
            (Stage::Verify, Some(held)) if self.flight.kept => {
                self.overtaken = self.overtaken.max(held.issued_at)
            }
            _ => {}
        }
    }

    /// A login has come to nothing: what there was before is there yet.
    pub(super) fn go_back(&mut self) {
        if self.held.is_none() {
            self.enter(State::NotLoggedIn);
        } else if self.state == State::Establishing {
            self.enter(State::Established);
        }
    }

    /// A session is here, and nothing speaks against it.
    pub(super) fn land(&mut self) {
        (self.failures, self.next) = (0, f64::NEG_INFINITY);
        self.end(Outcome::Fine);
        if self.held.is_some() {
            self.enter(State::Established);
        }
    }

    /// Another tab may have brought what a flight is for.
    pub(super) fn land_if_done(&mut self) {
        let flight = &self.flight;
        let held = self.held.map_or(0, |held| held.id);
        match flight.goal {
            Goal::Renew if flight.is_early() && !flight.kept && held != flight.from => self.land(),
            // What is said of the one before is of no interest any longer.
            _ if flight.stage == Stage::Verify && held > 0 && held != flight.from => self.land(),
            _ => {}
        }
    }

    pub(super) fn claim(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.lacks(super::Without::Claim) {
            return self.find();
        }
        if self.settings.shared {
            let ticket = self.stage(Stage::Lock, f64::INFINITY);
            self.say(Effect::Lock(ticket));
        } else {
            self.find();
        }
    }

    pub(super) fn extend(&mut self, ms: f64) {
        // Somebody may have run out of patience.
        if self.settings.shared && self.claimed() == 0.0 {
            (self.shared.by, self.shared.until) = (
                f64::from(self.settings.tab),
                self.clock.now.wall + ms + SPARE_MS,
            );
        }
    }

    /// For how long somebody else's claim holds, in milliseconds; 0: it does not.
    pub(super) fn claimed(&self) -> f64 {
        let left = self.shared.until - self.clock.now.wall;
        let is_theirs = self.shared.by > 0.0 && self.shared.by != f64::from(self.settings.tab);
        if is_theirs && (0.0..MOST_CLAIM_MS).contains(&left) {
            left
        } else {
            0.0
        }
    }

    pub(crate) fn on_locked(&mut self, granted: bool) {
        let mono = self.clock.now.mono;
        let Flight {
            goal, began, force, ..
        } = self.flight;
        let patience = if goal == Goal::Login {
            began + self.settings.timeout_ms
        } else {
            f64::INFINITY
        };
        let claimed = self.claimed();
        if claimed > 0.0 && mono < patience {
            self.stage(Stage::Wait, patience.min(mono + claimed));
            return;
        }
        let left = self.shared.until - self.clock.now.wall;
        if self.shared.by < 0.0
            && !force
            && self.shared.until != self.waived
            && left > 0.0
            && left < MOST_COOLDOWN_MS
        {
            self.next = mono + left;
            return self.end(Outcome::Failed);
        }
        // Who claimed before has not come to an end: the request may still be on its way.
        self.lost |= self.shared.by != 0.0 && self.shared.by != f64::from(self.settings.tab);
        self.shared.by = 0.0;
        self.extend(self.settings.timeout_ms);
        if granted {
            self.find();
        } else {
            let settle = SETTLE_MS * (1.0 + self.random());
            self.stage(Stage::Settle, mono + settle);
        }
    }

    /// Time is up for a stage that has a deadline.
    pub(crate) fn on_deadline(&mut self) {
        let is_ours = self.shared.by == f64::from(self.settings.tab);
        match self.flight.stage {
            Stage::Settle if is_ours => self.find(),
            Stage::Wait | Stage::Settle => self.claim(),
            Stage::Ask => self.decide(),
            _ => {}
        }
    }

    /// A claim may have ended.
    pub(super) fn stir(&mut self) {
        if self.flight.stage == Stage::Wait && self.claimed() == 0.0 {
            self.claim();
        }
    }

    fn find(&mut self) {
        let ticket = self.stage(Stage::Find, f64::INFINITY);
        self.say(Effect::Find(ticket));
    }

    pub(crate) fn on_found(&mut self, record: Option<&Record>) {
        if let Some(own) = self.flight.answer.take() {
            self.consider(record);
            return self.commit(own);
        }
        let is_latest = record.is_some_and(|found| found.number >= self.shared.number);
        self.take(record);
        if self.settings.shared && !is_latest && self.is_outdated() {
            // Another tab has it.
            self.stage(Stage::Ask, self.clock.now.mono + ASK_MS);
            self.say(Effect::Tell(Message::Ask, 0));
        } else {
            self.decide();
        }
    }

    /// A session that was found, or that another tab has answered with.
    fn take(&mut self, record: Option<&Record>) {
        match record {
            Some(found)
                if self.flight.goal == Goal::Login && !found.person.is(self.flight.person) =>
            {
                self.displace(found)
            }
            _ => self.consider(record),
        }
    }

    /// Another tab has answered with its session.
    pub(crate) fn on_answer(&mut self, record: Option<&Record>) -> bool {
        let asks = self.flight.stage == Stage::Ask;
        let Some(found) = record.filter(|_| asks) else {
            return false;
        };
        self.take(record);
        // Who has not heard of the latest one answers too.
        if found.number >= self.shared.number {
            self.decide();
        }
        true
    }

    /// All has been looked at: is there still something to ask the service for?
    fn decide(&mut self) {
        self.flight.number = self.shared.number;
        match self.flight.goal {
            Goal::Resume if self.held.is_some() => self.land(),
            Goal::Resume => self.end(Outcome::NotLoggedIn),
            Goal::Login if !self.flight.asks && self.has(self.flight.person) => self.land(),
            Goal::Login => {
                self.flight.epoch = self.raise();
                self.say(Effect::Tell(Message::Changed, 0));
                self.credential();
            }
            _ => match self.held {
                Some(held) if held.id == self.flight.from => self.credential(),
                Some(_) => self.land(),
                None => self.end(Outcome::NotLoggedIn),
            },
        }
    }
}
