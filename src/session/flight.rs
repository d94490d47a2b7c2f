//! The one thing at a time that a tab is about. A flight goes from stage to stage, each of which waits for the outcome of one effect (by its ticket) or for
//! a deadline:
//!
//! ```text
//! Lock → [Wait, Settle] → Find → [Ask] → Credential → Session → [Again] → [Verify]
//! ```
//!
//! A claim on the device is taken first (rule 6), atomically where there are locks; then it is looked whether another tab has already done it; only then is
//! the service asked.

use super::parts::{Effect, Failure, Message, Outcome, Person, Reason, Record, State, Verdict, COOLDOWN, WISHED};
use super::{schedule, Machine};

/// What a flight is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// Taking up what there is.
    Resume,
    /// A login; `true`: only a request will do.
    Login(Person, bool),
    /// A new session of who is signed in.
    Renew,
    /// Whether the service still honours the token.
    Verify,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
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
    pub stage: Stage,
    pub ticket: u32,
    /// In monotonic time.
    pub deadline: f64,
    began: f64,
    /// Of a login: its epoch, once it has one.
    pub epoch: f64,
    /// How many sessions the device had had when the service was asked.
    number: f64,
    /// The session that was held at the beginning; 0: none.
    from: u32,
    /// Asked for by the app: no cooldown holds it up.
    force: bool,
    /// Whether an auth token or a signature went along, and whether it is a second, fresh one.
    sent: bool,
    afresh: bool,
    /// A session has been committed.
    kept: bool,
    /// The answer, while storage is looked into once more.
    answer: Option<Record>,
    /// The service did not know something when it was asked for a session.
    missing: bool,
    /// How often the service has refused what it had just given.
    refused: u8,
}

impl Flight {
    pub(super) fn is_login(&self) -> bool {
        matches!(self.goal, Goal::Login(..))
    }

    /// Whether it is for whoever is signed in.
    fn renews(&self) -> bool {
        !self.is_login() || self.kept
    }

    /// Whether the service has not been asked yet.
    fn is_early(&self) -> bool {
        matches!(self.stage, Stage::Lock | Stage::Wait | Stage::Settle | Stage::Find | Stage::Ask | Stage::Credential)
    }
}

/// How long the other tabs have for an answer, in milliseconds.
const ASK_MS: f64 = 200.0;
/// How long it takes until other tabs see a claim, in milliseconds.
const SETTLE_MS: f64 = 50.0;
/// A claim that is said to hold longer was made by another clock, in milliseconds.
const MOST_CLAIM_MS: f64 = 600_000.0;
/// A cooldown likewise.
const MOST_COOLDOWN_MS: f64 = 3_600_000.0;

impl Machine {
    /// Begins a flight, and gives the number to wait for.
    pub(super) fn begin(&mut self, goal: Goal, force: bool) -> u32 {
        let no = self.number();
        self.flight = Some(Flight {
            no,
            goal,
            stage: Stage::Lock,
            ticket: 0,
            deadline: f64::INFINITY,
            began: self.clock.now.mono,
            epoch: 0.0,
            number: 0.0,
            from: self.held.map_or(0, |held| held.id),
            force,
            sent: false,
            afresh: false,
            kept: false,
            answer: None,
            missing: false,
            refused: 0,
        });
        match goal {
            Goal::Resume => self.find(),
            Goal::Verify => self.verify(),
            Goal::Login(..) | Goal::Renew => self.claim(),
        }
        no
    }

    /// The next stage; what came of earlier ones is late from now on.
    fn stage(&mut self, stage: Stage, deadline: f64) -> u32 {
        let ticket = self.number();
        if let Some(flight) = &mut self.flight {
            flight.stage = stage;
            flight.ticket = ticket;
            flight.deadline = deadline;
        }
        ticket
    }

    /// Ends the flight.
    pub(super) fn end(&mut self, outcome: Outcome) {
        let Some(flight) = self.flight.take() else { return };
        if self.shared.by == f64::from(self.settings.tab) {
            // Whoever comes next learns that a request may still be on its way.
            (self.shared.by, self.shared.until) = (if self.lost { COOLDOWN } else { 0.0 }, 0.0);
            self.say(Effect::Tell(Message::Changed, 0));
        }
        self.say(Effect::Done(flight.no, outcome));
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
        let Some(flight) = &self.flight else { return };
        let held = self.held.map_or(0, |held| held.id);
        match flight.goal {
            Goal::Renew if flight.is_early() && !flight.kept && held != flight.from => self.land(),
            Goal::Verify if held != flight.from => self.land(),
            _ => {}
        }
    }

    fn claim(&mut self) {
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

    fn extend(&mut self, ms: f64) {
        if self.settings.shared {
            (self.shared.by, self.shared.until) = (f64::from(self.settings.tab), self.clock.now.wall + ms);
        }
    }

    /// For how long somebody else's claim holds, in milliseconds; 0: it does not.
    fn claimed(&self) -> f64 {
        let left = self.shared.until - self.clock.now.wall;
        let is_theirs = self.shared.by > 0.0 && self.shared.by != f64::from(self.settings.tab);
        if is_theirs && (0.0..MOST_CLAIM_MS).contains(&left) {
            left
        } else {
            0.0
        }
    }

    pub(super) fn on_locked(&mut self, granted: bool) {
        let Some(flight) = &self.flight else { return };
        let (mono, force) = (self.clock.now.mono, flight.force);
        let patience = if flight.is_login() { flight.began + self.settings.timeout_ms } else { f64::INFINITY };
        let claimed = self.claimed();
        if claimed > 0.0 && mono < patience {
            self.stage(Stage::Wait, patience.min(mono + claimed));
            return;
        }
        let left = self.shared.until - self.clock.now.wall;
        if self.shared.by < 0.0 && !force && left > 0.0 && left < MOST_COOLDOWN_MS {
            self.next = mono + left;
            return self.end(Outcome::Failed);
        }
        // Who claimed before has not come to an end: the request may still be on its way.
        self.lost |= self.shared.by != 0.0;
        self.extend(self.settings.timeout_ms);
        if granted {
            self.find();
        } else {
            let settle = SETTLE_MS * (1.0 + self.random());
            self.stage(Stage::Settle, mono + settle);
        }
    }

    /// Time is up for a stage that has a deadline.
    pub(super) fn on_deadline(&mut self) {
        let is_ours = self.shared.by == f64::from(self.settings.tab);
        match self.flight.as_ref().map(|flight| flight.stage) {
            Some(Stage::Wait) => self.claim(),
            Some(Stage::Settle) if is_ours => self.find(),
            Some(Stage::Settle) => self.claim(),
            Some(Stage::Ask) => self.decide(),
            _ => {}
        }
    }

    /// A claim may have ended.
    pub(super) fn stir(&mut self) {
        if self.flight.as_ref().is_some_and(|flight| flight.stage == Stage::Wait) && self.claimed() == 0.0 {
            self.claim();
        }
    }

    fn find(&mut self) {
        let ticket = self.stage(Stage::Find, f64::INFINITY);
        self.say(Effect::Find(ticket));
    }

    pub(super) fn on_found(&mut self, record: Option<Record>) {
        if let Some(own) = self.flight.as_mut().and_then(|flight| flight.answer.take()) {
            self.consider(record);
            return self.commit(own);
        }
        self.take(record);
        let is_behind = self.held.is_none_or(|held| held.number < self.shared.number);
        let is_anywhere = self.shared.committed > 0.0 && self.shared.committed >= self.shared.floor;
        if self.settings.carries && self.settings.shared && is_behind && is_anywhere {
            self.stage(Stage::Ask, self.clock.now.mono + ASK_MS);
            self.say(Effect::Tell(Message::Ask, 0));
        } else {
            self.decide();
        }
    }

    /// A session that was found, or that another tab has answered with.
    fn take(&mut self, record: Option<Record>) {
        let login = match self.flight.as_ref().map(|flight| flight.goal) {
            Some(Goal::Login(person, _)) => Some(person),
            _ => None,
        };
        match record {
            Some(found) if login.is_some_and(|person| !found.person.is(person)) => self.displace(found),
            _ => self.consider(record),
        }
    }

    /// Another tab has answered with its session.
    pub(super) fn on_answer(&mut self, record: Option<Record>) -> bool {
        let asks = self.flight.as_ref().is_some_and(|flight| flight.stage == Stage::Ask);
        if asks && record.is_some() {
            self.take(record);
            self.decide();
        }
        asks && record.is_some()
    }

    /// All has been looked at: is there still something to ask the service for?
    fn decide(&mut self) {
        let Some(flight) = &self.flight else { return };
        let (goal, from) = (flight.goal, flight.from);
        match goal {
            Goal::Resume if self.held.is_some() => self.land(),
            Goal::Resume => self.end(Outcome::NotLoggedIn),
            Goal::Login(person, false) if self.has(person) => self.land(),
            Goal::Login(..) => {
                let epoch = self.raise();
                if let Some(flight) = &mut self.flight {
                    flight.epoch = epoch;
                }
                self.say(Effect::Tell(Message::Changed, 0));
                self.credential();
            }
            _ => match self.held {
                Some(held) if held.id == from => self.credential(),
                Some(_) => self.land(),
                None => self.end(Outcome::NotLoggedIn),
            },
        }
    }

    fn credential(&mut self) {
        self.extend(self.settings.timeout_ms);
        let ticket = self.stage(Stage::Credential, f64::INFINITY);
        let (afresh, renews) = self.flight.as_ref().map_or((false, false), |flight| (flight.afresh, flight.renews()));
        self.say(Effect::Credential(ticket, afresh, renews));
    }

    pub(super) fn on_credential(&mut self, good: bool, any: bool) {
        if !good {
            return self.fail(0.0);
        }
        let number = self.shared.number;
        let claimed = self.claimed();
        let ticket = self.stage(Stage::Session, f64::INFINITY);
        let Some(flight) = &mut self.flight else { return };
        (flight.sent, flight.number) = (any, number);
        let renews = flight.renews();
        #[cfg(not(target_arch = "wasm32"))]
        let claimed = if self.lacks(super::Without::Claim) { 0.0 } else { claimed };
        if renews && claimed > 0.0 {
            // It took so long that somebody else has begun.
            return self.claim();
        }
        self.say(Effect::Session(ticket, renews));
    }

    pub(super) fn on_attempt(&mut self, ms: f64, again: bool) {
        self.lost |= again;
        self.extend(ms);
    }

    pub(super) fn on_session(&mut self, ticket: u32, result: Result<Record, Failure>, took: f64) {
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
    pub(super) fn on_kept(&mut self, record: Record) {
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
        let (is_login, kept) = (flight.is_login(), flight.kept);
        if is_login && !kept {
            self.end(Outcome::Failed);
            if self.held.is_none() {
                self.enter(State::NotLoggedIn);
                // There may be a visitor yet.
                self.say(Effect::Find(0));
            }
            return;
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
        self.say(Effect::Failed(until));
        let is_ours = self.shared.by == f64::from(self.settings.tab);
        self.end(Outcome::Failed);
        if is_ours || !self.settings.shared {
            (self.shared.by, self.shared.until) = (if wish > 0.0 { WISHED } else { COOLDOWN }, until);
        }
    }

    fn verify(&mut self) {
        let ticket = self.stage(Stage::Verify, f64::INFINITY);
        let id = self.held.map_or(0, |held| held.id);
        if let Some(flight) = &mut self.flight {
            flight.from = id;
        }
        self.say(Effect::Verify(ticket, id));
    }

    pub(super) fn on_verified(&mut self, verdict: Verdict) {
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

    /// Whoever asks for a renewal while the token is only looked at gets one.
    pub(super) fn force(&mut self) {
        if let Some(flight) = &mut self.flight {
            flight.force = true;
        }
    }

    /// A login in the place of a flight: who waited for that waits for this, if it is the same person.
    pub(super) fn divert(&mut self, goal: Goal) -> u32 {
        let before = self.flight.as_ref().map(|flight| flight.no);
        let no = self.begin(goal, true);
        match (before, &mut self.flight) {
            (Some(before), Some(flight)) => {
                flight.no = before;
                before
            }
            _ => no,
        }
    }
}
