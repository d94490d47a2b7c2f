//! Events in any order, whether they make sense or not. The states change only by the official
//! transitions, each call gets one answer, every wait ends, and no effect names a session that the
//! machine has forgotten. A closed machine settles every wait and asks for nothing.

use crate::support::{
    definite, not_found, rejected, revocation, settings, terminated, transient, ADA, BOB,
    KNOWN_VISITOR, LIFETIME, START, VISITOR,
};
use social_plus_auth::session::{
    Claim, Effect, Event, Identity, Machine, Message, Now, Reason, Record, ServiceError, Settings,
    Shared, State,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A generator of pseudo-random numbers (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    fn choose<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// A machine, and the data to check its effects.
struct Watched {
    machine: Machine,
    chance: Chance,
    now: Now,
    shared: Shared,
    state: State,
    waits: BTreeSet<u32>,
    /// The sessions that the machine knows.
    records: BTreeSet<u32>,
    /// All sessions: the same number always names the same one.
    created: BTreeMap<u32, Record>,
    last_id: u32,
    /// The effects that are still to be carried out.
    open: VecDeque<Effect>,
    /// The tickets that were answered.
    answered: BTreeSet<u32>,
    seed: u64,
}

impl Watched {
    fn new(seed: u64) -> Self {
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let flag = |chance: &mut Chance| chance.below(4) > 0;
        let settings = Settings {
            is_shared: flag(&mut chance),
            hands_over: flag(&mut chance),
            has_background: flag(&mut chance),
            ..settings(1)
        };
        let now = Now {
            wall: START,
            mono: 5.5,
        };
        Self {
            machine: Machine::new(settings, now),
            chance,
            now,
            shared: Shared::default(),
            state: State::NotLoggedIn,
            waits: BTreeSet::new(),
            records: BTreeSet::new(),
            created: BTreeMap::new(),
            last_id: 0,
            open: VecDeque::new(),
            answered: BTreeSet::new(),
            seed,
        }
    }

    /// Draws a user.
    fn identity(&mut self) -> Identity {
        self.chance.choose(&[ADA, BOB, KNOWN_VISITOR])
    }

    /// Draws a session that the machine may or may not know, of any time and epoch.
    fn record(&mut self) -> Record {
        let known: Vec<u32> = self.records.iter().copied().collect();
        let current = self.machine.current().copied();
        match current {
            Some(current) if self.chance.below(4) == 0 => return current,
            _ => {}
        }
        self.last_id += 1;
        let id = if known.is_empty() || self.chance.below(3) > 0 {
            self.last_id + 1000
        } else {
            self.chance.choose(&known)
        };
        let issued_at =
            START + self.chance.choose(&[0.0, 1.0, 60_000.0, 1e9, -1e9]) + f64::from(self.last_id);
        let epoch = self.shared.epoch + self.chance.choose(&[-1024.0, 0.0, 0.0, 1024.0]);
        let identity = self.identity();
        let sequence = self.chance.choose(&[0.0, 1.0, 9.0]);
        let new = Record {
            id,
            epoch,
            sequence,
            issued_at,
            expires_at: issued_at + LIFETIME,
            identity,
            clock_offset: 0.0,
        };
        Record {
            epoch,
            sequence,
            ..*self.created.entry(id).or_insert(new)
        }
    }

    fn some_record(&mut self) -> Option<Record> {
        (self.chance.below(3) > 0).then(|| self.record())
    }

    /// Draws a ticket that the machine does not wait for.
    fn stale_ticket(&mut self) -> u32 {
        // A ticket that was answered, or that never existed: `outcome` answers the others.
        let answered: Vec<u32> = self.answered.iter().copied().collect();
        if answered.is_empty() || self.chance.below(4) == 0 {
            self.chance.choose(&[0, 70_000])
        } else {
            self.chance.choose(&answered)
        }
    }

    /// Draws an event.
    fn event(&mut self) -> Event {
        let ticket = self.stale_ticket();
        let flag = self.chance.below(2) > 0;
        let ms = self.chance.choose(&[0.0, 50.0, 10_000.0, 1e7]);
        let reason =
            self.chance
                .choose(&[Reason::Unauthorized, Reason::GlobalBan, Reason::UserDeleted]);
        match self.chance.below(19) {
            0 => Event::Resume,
            1 | 2 => Event::Login {
                identity: self.chance.choose(&[ADA, BOB, VISITOR]),
                needs_request: flag,
            },
            3 => Event::Adopt(self.record()),
            4 => Event::AccessToken {
                min_validity_ms: ms,
            },
            5 => Event::Renew,
            6 => Event::Unauthorized {
                session: self.machine.current().map_or(ticket, |current| current.id),
            },
            7 => Event::Logout { revoke: flag },
            8 => Event::SecureLogout,
            9 => Event::Wake { is_online: flag },
            10 => Event::Timer,
            11 => Event::Locked {
                ticket,
                is_granted: flag,
            },
            12 => Event::Loaded {
                ticket,
                record: self.some_record(),
            },
            13 => Event::Message {
                message: self.chance.choose(&[
                    Message::Changed,
                    Message::RequestSession,
                    Message::Discarded { issued_at: START },
                ]),
                record: self.some_record(),
                shared: Shared::default(),
            },
            14 => Event::Credential {
                ticket,
                result: if flag { Ok(true) } else { Err(0.0) },
            },
            15 => Event::Attempt {
                ticket,
                timeout_ms: ms,
                has_lost_request: flag,
            },
            16 => Event::Session {
                ticket,
                result: self.result(reason),
                took_ms: ms,
            },
            17 => Event::Verified {
                ticket,
                result: self.verdict(reason),
            },
            _ => Event::ServerDate {
                at: self.now.wall + ms,
                took_ms: ms,
            },
        }
    }

    fn result(&mut self, reason: Reason) -> Result<Record, ServiceError> {
        match self.chance.below(6) {
            0 => Err(definite(reason)),
            1 => Err(transient(self.chance.choose(&[0.0, 5_000.0]))),
            2 => Err(not_found()),
            _ => Ok(Record {
                epoch: 0.0,
                sequence: 0.0,
                ..self.record()
            }),
        }
    }

    fn verdict(&mut self, reason: Reason) -> Result<(), ServiceError> {
        self.chance.choose(&[
            Ok(()),
            Ok(()),
            Err(rejected()),
            Err(transient(0.0)),
            Err(terminated(reason)),
        ])
    }

    /// Draws the outcome of an effect.
    fn outcome(&mut self, effect: Effect) -> Option<Event> {
        let is_good = self.chance.below(3) > 0;
        let reason = self
            .chance
            .choose(&[Reason::Unauthorized, Reason::GlobalBan]);
        if let Effect::Lock { ticket }
        | Effect::Load { ticket }
        | Effect::Credential { ticket, .. }
        | Effect::CreateSession { ticket, .. }
        | Effect::Verify { ticket, .. } = effect
        {
            self.answered.insert(ticket);
        }
        Some(match effect {
            Effect::Lock { ticket } => Event::Locked {
                ticket,
                is_granted: is_good,
            },
            Effect::Load { ticket } => Event::Loaded {
                ticket,
                record: self.some_record(),
            },
            Effect::Credential { ticket, .. } => Event::Credential {
                ticket,
                result: if is_good { Ok(true) } else { Err(0.0) },
            },
            Effect::CreateSession { ticket, .. } => Event::Session {
                ticket,
                result: self.result(reason),
                took_ms: 100.0,
            },
            Effect::Verify { ticket, .. } => Event::Verified {
                ticket,
                result: self.verdict(reason),
            },
            Effect::Revoke(id) => Event::Revoked {
                session: id,
                result: revocation(is_good),
            },
            _ => return None,
        })
    }

    fn step(&mut self, event: Event) {
        let record = match event {
            Event::Adopt(record)
            | Event::Session {
                result: Ok(record), ..
            } => Some(record),
            Event::Loaded { record, .. } | Event::Message { record, .. } => record,
            _ => None,
        };
        self.records.extend(record.map(|record| record.id));
        let effects = self.machine.step(self.now, self.shared, event);
        self.check_answers(event, &effects);
        for effect in &effects {
            self.apply(event, *effect);
        }
        self.check_state(event);
        self.open.extend(effects);
    }

    /// Checks that a call gets exactly one answer, and no other event gets one.
    fn check_answers(&self, event: Event, effects: &[Effect]) {
        let is_answer = |effect: &&Effect| matches!(effect, Effect::Wait(_) | Effect::Reply(_));
        let answers = effects.iter().filter(is_answer).count();
        let is_call = matches!(
            event,
            Event::Resume
                | Event::Login { .. }
                | Event::Adopt(_)
                | Event::AccessToken { .. }
                | Event::Renew
                | Event::Unauthorized { .. }
                | Event::Logout { .. }
                | Event::SecureLogout
        );
        let seed = self.seed;
        let expected = usize::from(is_call);
        assert_eq!(answers, expected, "seed {seed}: {event:?} {effects:?}");
    }

    /// Records an effect, and checks the session that it names.
    fn apply(&mut self, event: Event, effect: Effect) {
        let (seed, before) = (self.seed, self.state);
        match effect {
            Effect::WriteShared(shared) => self.shared = shared,
            Effect::State(state) => {
                let is_official = is_official(before, state);
                assert!(
                    is_official,
                    "seed {seed}: {before:?} to {state:?} at {event:?}"
                );
                self.state = state;
            }
            Effect::Wait(number) => drop(self.waits.insert(number)),
            Effect::Settle(number, _) => drop(self.waits.remove(&number)),
            Effect::Current(id)
            | Effect::Verify { session: id, .. }
            | Effect::Broadcast { session: id, .. }
                if id > 0 =>
            {
                self.check_known(id, event);
            }
            Effect::Revoke(id) => self.check_known(id, event),
            Effect::Save(record) => self.check_known(record.id, event),
            Effect::Forget(id) => drop(self.records.remove(&id)),
            Effect::Timer(at) => assert!(at >= self.now.mono, "seed {seed}: {at}"),
            _ => {}
        }
    }

    fn check_known(&self, id: u32, event: Event) {
        let is_known = self.records.contains(&id);
        assert!(
            is_known,
            "seed {}: session {id} was forgotten, at {event:?}",
            self.seed
        );
    }

    /// Checks that the announced state is the machine's, and that it fits the session.
    fn check_state(&self, event: Event) {
        let (seed, state) = (self.seed, self.state);
        assert_eq!(state, self.machine.state(), "seed {seed}: {event:?}");
        let has_session = self.machine.current().is_some();
        let expected = match state {
            State::Established | State::TokenExpired => Some(true),
            State::NotLoggedIn | State::Terminated(_) => Some(false),
            State::Establishing => None,
        };
        let fits = expected.is_none_or(|expected| expected == has_session);
        assert!(fits, "seed {seed}: {state:?} at {event:?}");
    }

    /// Carries out one open effect, or gives the machine a new event.
    fn do_something(&mut self) {
        if self.chance.below(3) > 0 {
            let effect = self.open.pop_front();
            if let Some(event) = effect.and_then(|effect| self.outcome(effect)) {
                self.step(event);
            }
        } else {
            let event = self.event();
            self.step(event);
        }
    }

    /// Lets time pass, by clocks that may disagree, and other tabs write.
    fn pass_time(&mut self) {
        let ms = self.chance.choose(&[0.0, 1.0, 30.0, 250.0, 12_000.0, 1e8]);
        self.now.mono += ms;
        self.now.wall += ms + self.chance.choose(&[0.0, 0.0, 0.0, 0.0, 1e7, -1e7]);
        match self.chance.below(40) {
            0 => {
                self.shared.claim = Claim::Held {
                    owner: 2,
                    expires_at: self.now.wall + 5_000.0,
                }
            }
            1 => self.shared.epoch += 1024.0,
            2 => {
                self.shared.epoch += 1024.0;
                self.shared.min_epoch = self.shared.epoch;
            }
            3 => self.shared = Shared::default(),
            4 => self.shared.sequence += 1.0,
            _ => {}
        }
    }

    /// Carries out all effects, and lets time pass, until every wait has ended.
    fn settle(&mut self) {
        for _ in 0..2_000 {
            if let Some(effect) = self.open.pop_front() {
                if let Some(event) = self.outcome(effect) {
                    self.step(event);
                }
            } else if self.waits.is_empty() {
                return;
            } else {
                (self.now.wall, self.now.mono) = (self.now.wall + 5_000.0, self.now.mono + 5_000.0);
                self.step(Event::Timer);
            }
        }
        panic!("seed {}: {:?} wait forever", self.seed, self.waits);
    }

    /// Closes the machine, after which no event follows.
    fn close(&mut self) {
        let seed = self.seed;
        self.open.clear();
        self.step(Event::Close);
        assert!(self.waits.is_empty(), "seed {seed}: {:?} wait", self.waits);
        let asks = |effect: &&Effect| {
            matches!(
                effect,
                Effect::Timer(_)
                    | Effect::Lock { .. }
                    | Effect::Load { .. }
                    | Effect::Credential { .. }
                    | Effect::CreateSession { .. }
                    | Effect::Verify { .. }
                    | Effect::Revoke(_)
            )
        };
        let asked = self.open.iter().find(asks);
        assert_eq!(asked, None, "seed {seed}");
        let has_claim = matches!(self.shared.claim, Claim::Held { owner: 1, .. });
        assert!(!has_claim, "seed {seed}: {:?}", self.shared);
    }
}

fn is_official(before: State, after: State) -> bool {
    matches!(
        (before, after),
        (State::NotLoggedIn, State::Establishing)
            | (State::Establishing, State::Established | State::NotLoggedIn)
            | (
                State::Established,
                State::TokenExpired | State::Terminated(_) | State::NotLoggedIn
            )
            | (
                State::TokenExpired,
                State::Establishing | State::Terminated(_) | State::NotLoggedIn
            )
            | (State::Terminated(_), State::NotLoggedIn)
    )
}

/// Returns a machine after this many events.
fn after_events(seed: u64, events: u64) -> Watched {
    let mut watched = Watched::new(seed);
    for _ in 0..events {
        watched.do_something();
        watched.pass_time();
    }
    watched
}

#[test]
fn every_wait_ends_whatever_events_have_happened() {
    for seed in 1..3_000 {
        after_events(seed, 120).settle();
    }
}

#[test]
fn a_machine_closes_whatever_events_have_happened() {
    for seed in 1..3_000 {
        after_events(seed, seed % 60).close();
    }
}
