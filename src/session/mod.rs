//! How one device stays signed in: `contract/session-rules.md` as a sans-I/O machine. Each tab has one. It knows neither wasm nor a clock, neither a token
//! nor a name: `step` is told what has happened and says what is to be done, and whoever keeps it (JavaScript, a simulation) does it.
//!
//! What all tabs of a device share ([`Shared`]) comes in with every step, and goes out again first of all effects if the step has changed it. Two things
//! in it make one device of many tabs: the *epoch*, which every login and every logout raises, so that whatever belongs to an earlier one is thrown away;
//! and the *claim*, which who wants a session takes before it asks for one.
//!
//! Public under the features `browser` and `unstable`: events, effects and their numbers follow the
//! needs of the npm package, and change in any release.
//!
//! | module | what it is |
//! |---|---|
//! | `parts` | events, effects, and the numbers that they are made of |
//! | `calls` | what the app asks for |
//! | `flight` | the one thing at a time that a tab is about: resuming, a login, a renewal, a look whether the token is still good |
//! | `asking` | what a flight asks, and what the answers come to |
//! | `commit` | which session counts |
//! | `ending` | logouts, revokes, the service's last word |
//! | `clock`, `schedule` | the service's time; when a renewal is due |

mod asking;
mod calls;
mod clock;
mod commit;
mod ending;
mod flight;
mod parts;
mod schedule;
pub mod wire;

pub use clock::{Now, MOST_DRIFT_MS};
pub use parts::{
    Effect, Event, Failure, Message, Person, Reason, Record, Shared, State, Verdict, COOLDOWN,
    WISHED,
};
pub use schedule::due;
pub use wire::Outcome;

use alloc::vec::Vec;
use clock::Clock;
use ending::Owed;
use flight::{Flight, Goal};
use schedule::draw;

/// Where effects go, in the order in which they are to be carried out, but for `Effect::Share`, which comes last and is carried out first.
pub trait Sink {
    /// Takes the next one.
    fn put(&mut self, effect: Effect);
}

impl Sink for Vec<Effect> {
    fn put(&mut self, effect: Effect) {
        self.push(effect);
    }
}

/// What a tab is from its beginning on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Tells the tabs of a device apart: random, from 1.
    pub tab: u32,
    /// A hash of the device id.
    pub device: u32,
    /// The longest that a lock or another tab's claim holds up a login, in milliseconds.
    pub timeout_ms: f64,
    /// Whether there may be other tabs.
    pub shared: bool,
    /// Whether tabs hand the session itself to each other (`memory` storage).
    pub carries: bool,
    /// Whether anything is done that nobody waits for. Not on a worker, where a client lives for one request.
    pub background: bool,
}

/// What a simulation takes out, to see that it is needed.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    /// Results of an earlier epoch count.
    Guard,
    /// Nobody claims before asking for a session.
    Claim,
    /// Of two sessions the one that came last counts, not the one that was issued last.
    Latest,
}

/// One tab.
#[derive(Clone, Debug)]
pub struct Machine<S: Sink = Vec<Effect>> {
    settings: Settings,
    clock: Clock,
    shared: Shared,
    state: State,
    held: Option<Record>,
    /// Since when, in monotonic time.
    held_since: f64,
    flight: Flight,
    /// The last number of a ticket or of something that is waited for.
    count: u32,
    /// How often in a row the service could not be asked, and before when, in monotonic time, nobody tries again by itself.
    failures: u32,
    next: f64,
    /// Of a failed renewal's pause that is not kept, its end: the network has come back since.
    waived: f64,
    /// A request has got no answer, and may yet reach the service.
    lost: bool,
    /// When the last session was issued that was thrown away: a token that is not younger may be dead.
    overtaken: f64,
    owed: Vec<Owed>,
    draws: u32,
    sink: S,
    #[cfg(not(target_arch = "wasm32"))]
    without: Option<Without>,
}

impl Machine {
    /// A tab that has not done anything yet.
    pub fn new(settings: Settings, now: Now) -> Self {
        Machine::into(Vec::new(), settings, now)
    }

    /// Takes note of what has happened, and says what is to be done, in this order. `shared` is what is shared at this moment.
    pub fn step(&mut self, now: Now, shared: Shared, event: Event) -> Vec<Effect> {
        self.run(now, shared, |machine| machine.on(event));
        let mut effects = core::mem::take(&mut self.sink);
        if matches!(effects.last(), Some(Effect::Share(_))) {
            effects.rotate_right(1);
        }
        effects
    }
}

impl<S: Sink> Machine<S> {
    /// A tab that has not done anything yet, and puts its effects there.
    pub fn into(sink: S, settings: Settings, now: Now) -> Self {
        Machine {
            settings,
            clock: Clock::new(now),
            shared: Shared::default(),
            state: State::NotLoggedIn,
            held: None,
            held_since: 0.0,
            flight: Flight::NONE,
            count: 0,
            failures: 0,
            next: f64::NEG_INFINITY,
            waived: 0.0,
            lost: false,
            overtaken: f64::NEG_INFINITY,
            owed: Vec::new(),
            draws: 0,
            sink,
            #[cfg(not(target_arch = "wasm32"))]
            without: None,
        }
    }

    /// The same with a rule taken out, for a simulation that must fail then.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn without(mut self, rule: Without) -> Self {
        self.without = Some(rule);
        self
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn lacks(&self, rule: Without) -> bool {
        self.without == Some(rule)
    }

    /// What state it is in, by the last step.
    pub fn state(&self) -> State {
        self.state
    }

    /// The session that it believes in.
    pub fn held(&self) -> Option<&Record> {
        self.held.as_ref()
    }

    /// A step: `event` calls what an event is for.
    pub(crate) fn run(&mut self, now: Now, shared: Shared, event: impl FnOnce(&mut Self)) {
        self.clock.look(now);
        let left = self.follow(shared);
        event(self);
        self.go_on();
        self.forget(left);
        if self.shared != shared {
            self.say(Effect::Share(self.shared));
        }
    }

    pub(crate) fn on_date(&mut self, at: f64, took: f64) {
        self.clock.bound(at, at + 1000.0 + took);
    }

    /// Whether a flight waits for what the ticket names.
    pub(crate) fn awaits(&self, ticket: u32) -> bool {
        self.flight.ticket == ticket
    }

    fn on(&mut self, event: Event) {
        match event {
            Event::Resume => self.on_resume(),
            Event::Login(person, afresh) => self.on_login(person, afresh),
            Event::Adopt(record) => self.on_adopt(record),
            Event::Need(ms) => self.on_need(ms),
            Event::Renew => self.on_renew(),
            Event::Refused(id) => self.on_refused(id),
            Event::Logout(revoke) => self.on_logout(revoke),
            Event::SecureLogout => self.on_secure_logout(),
            Event::Wake(online) => self.on_wake(online),
            Event::Tick => {}
            Event::Heard(message, record) => self.on_heard(message, record.as_ref()),
            Event::Revoked(id, done) => self.on_revoked(id, done),
            Event::Date(at, took) => self.on_date(at, took),
            Event::Session(ticket, Ok(record), took) => self.on_session(ticket, record, took),
            Event::Found(ticket, record) if !self.awaits(ticket) => self.consider(record.as_ref()),
            Event::Locked(ticket, _)
            | Event::Session(ticket, ..)
            | Event::Credential(ticket, ..)
            | Event::Attempt(ticket, ..)
            | Event::Verified(ticket, _)
                if !self.awaits(ticket) => {}
            Event::Session(_, Err(failure), _) => self.on_failure(failure),
            Event::Locked(_, granted) => self.on_locked(granted),
            Event::Found(_, record) => self.on_found(record.as_ref()),
            Event::Credential(_, credential) => self.on_credential(credential),
            Event::Attempt(_, ms, again) => self.on_attempt(ms, again),
            Event::Verified(_, verdict) => self.on_verified(verdict),
        }
    }

    #[inline(always)]
    fn say(&mut self, effect: Effect) {
        self.sink.put(effect);
    }

    fn number(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn random(&mut self) -> f64 {
        self.draws += 1;
        draw(self.settings.tab, self.draws)
    }

    /// Sees what other tabs have done. Returns the session that is over by that: what happens now may bring it back.
    fn follow(&mut self, seen: Shared) -> u32 {
        let own = self.shared;
        self.shared = seen;
        if seen.epoch < own.epoch {
            // Somebody has cleared the storage: that costs nobody the session.
            self.shared = Shared {
                until: seen.until,
                by: seen.by,
                ..own
            };
        }
        // Where two tabs have written at once, neither what one has ended nor what one has counted is undone by the other.
        self.shared.floor = seen.floor.max(own.floor);
        self.shared.number = self.shared.number.max(own.number);
        #[cfg(not(target_arch = "wasm32"))]
        if self.lacks(Without::Guard) {
            return 0;
        }
        let mut left = 0;
        if matches!(self.state, State::Terminated(_)) && self.shared.committed >= 0.0 {
            // Another tab has left it by a logout.
            self.enter(State::NotLoggedIn);
        }
        if let Some(held) = self.held.take_if(|held| held.epoch < self.shared.floor) {
            left = held.id;
            self.say(Effect::Hold(0));
            let reason = match self.shared.committed as i32 {
                -1 => Some(Reason::Unauthorized),
                -2 => Some(Reason::GlobalBan),
                -3 => Some(Reason::UserDeleted),
                _ => None,
            };
            let outcome = if reason.is_some() {
                Outcome::Terminated
            } else {
                Outcome::NotLoggedIn
            };
            if self.flight.renews() {
                self.end(outcome);
            }
            // Whoever is about to sign in as somebody else goes on with that.
            let reason = reason.filter(|_| self.flight.goal != Goal::Login);
            self.enter(reason.map_or(State::NotLoggedIn, State::Terminated));
        }
        if let (Some(held), true) = (&self.held, self.shared.committed >= 0.0) {
            // Whoever wrote last may not have seen it.
            self.shared.committed = self.shared.committed.max(held.epoch);
        }
        if self.flight.goal == Goal::Login
            && self.flight.epoch > 0.0
            && self.flight.epoch < self.shared.epoch
        {
            self.end(Outcome::Superseded);
            self.go_back();
        }
        if self.state == State::NotLoggedIn && self.flight.goal == Goal::Login {
            self.enter(State::Establishing);
        }
        left
    }

    /// Changes the state, by the official transitions.
    fn enter(&mut self, state: State) {
        if self.state == state {
            return;
        }
        let was_over = matches!(self.state, State::Terminated(_));
        if was_over && state != State::NotLoggedIn
            || state == State::Establishing && self.state != State::NotLoggedIn
        {
            self.say(Effect::State(State::NotLoggedIn));
        }
        if state == State::Established && self.state != State::Establishing {
            self.say(Effect::State(State::Establishing));
        }
        if self.state == State::Establishing && matches!(state, State::Terminated(_)) {
            self.say(Effect::State(State::Established));
        }
        self.say(Effect::State(state));
        self.state = state;
    }

    /// When the session is due, in the service's time.
    fn due(&self, held: &Record) -> f64 {
        let tab = draw(self.settings.tab, 0);
        due(
            held.issued_at,
            held.expires_at,
            self.settings.device,
            held.number,
            tab,
        )
    }

    /// Whether the token may be dead though nobody has said so.
    fn is_doubtful(&self, held: &Record) -> bool {
        self.overtaken >= held.issued_at
            || self.clock.suspect && self.clock.service() >= held.expires_at
    }

    /// What follows from time alone, at the end of every step.
    fn go_on(&mut self) {
        let mono = self.clock.now.mono;
        if self.flight.deadline <= mono {
            self.on_deadline();
        }
        self.land_if_done();
        if let Some(held) = self.held {
            if !self.clock.suspect {
                let is_over = self.clock.service() >= held.expires_at;
                match self.state {
                    State::Established if is_over => self.enter(State::TokenExpired),
                    // The clock was wrong.
                    State::TokenExpired if !is_over => self.enter(State::Established),
                    _ => {}
                }
            }
            if self.flight.is_none() && self.settings.background && mono >= self.next {
                if self.is_doubtful(&held) {
                    self.begin(Goal::Verify, false);
                } else if self.clock.service() >= self.due(&held) {
                    self.begin(Goal::Renew, false);
                }
            }
        }
        self.pay(mono);
        self.tell_times(mono);
    }

    /// Until when the token may be handed out without a step, and when the next one is due.
    fn tell_times(&mut self, mono: f64) {
        let (mut fresh, mut expires, mut timer) = (0.0, 0.0, f64::INFINITY);
        if let Some(held) = self.held {
            let due = self.clock.mono_at(self.due(&held));
            expires = self.clock.mono_at(held.expires_at);
            let is_doubtful = self.is_doubtful(&held);
            if !is_doubtful && !self.is_outdated() {
                fresh = due;
            }
            if self.flight.is_none() && self.settings.background {
                timer = if is_doubtful {
                    self.next
                } else {
                    self.next.max(due)
                };
            }
            if self.state == State::Established && !self.clock.suspect {
                timer = timer.min(expires);
            }
        }
        timer = timer.min(self.flight.deadline);
        timer = self.owed.iter().map(|owed| owed.next).fold(timer, f64::min);
        self.say(Effect::Fresh(fresh, expires, self.clock.suspect));
        self.say(Effect::Timer(timer.max(mono)));
    }
}
