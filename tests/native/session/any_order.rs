//! Events in any order, whether they make sense or not: whatever is told to a machine, its states
//! change by the official transitions, what it is asked gets one answer, what is waited for ends,
//! and it asks for no token that it has let go of.

use crate::support::{
    definite, not_found, rejected, revoked, settings, terminated, transient, ADA, BOB, LIFETIME,
    START, THE_VISITOR, VISITOR,
};
use social_plus_auth::session::{
    Claim, Effect, Event, Identity, Machine, Message, Now, Reason, Record, ServiceError, Settings,
    Shared, State,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A small generator (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % most
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// A machine, and what it may not do.
struct Watched {
    machine: Machine,
    chance: Chance,
    now: Now,
    shared: Shared,
    state: State,
    waits: BTreeSet<u32>,
    /// The sessions that it knows.
    records: BTreeSet<u32>,
    /// All there ever were: the same number is the same session.
    made: BTreeMap<u32, Record>,
    last: u32,
    open: VecDeque<Effect>,
    /// The tickets that were answered.
    over: BTreeSet<u32>,
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
            made: BTreeMap::new(),
            last: 0,
            open: VecDeque::new(),
            over: BTreeSet::new(),
            seed,
        }
    }

    fn identity(&mut self) -> Identity {
        self.chance.of(&[ADA, BOB, THE_VISITOR])
    }

    /// A session that it may or may not have seen, of some time and some epoch.
    fn record(&mut self) -> Record {
        let known: Vec<u32> = self.records.iter().copied().collect();
        let held = self.machine.current().copied();
        match held {
            Some(held) if self.chance.below(4) == 0 => return held,
            _ => {}
        }
        self.last += 1;
        let id = if known.is_empty() || self.chance.below(3) > 0 {
            self.last + 1000
        } else {
            self.chance.of(&known)
        };
        let issued_at =
            START + self.chance.of(&[0.0, 1.0, 60_000.0, 1e9, -1e9]) + f64::from(self.last);
        let epoch = self.shared.epoch + self.chance.of(&[-1024.0, 0.0, 0.0, 1024.0]);
        let identity = self.identity();
        let sequence = self.chance.of(&[0.0, 1.0, 9.0]);
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
            ..*self.made.entry(id).or_insert(new)
        }
    }

    fn some_record(&mut self) -> Option<Record> {
        (self.chance.below(3) > 0).then(|| self.record())
    }

    fn ticket(&mut self) -> u32 {
        // Of what is over, or never was: each ticket is answered once, by what it asked for.
        let over: Vec<u32> = self.over.iter().copied().collect();
        if over.is_empty() || self.chance.below(4) == 0 {
            self.chance.of(&[0, 70_000])
        } else {
            self.chance.of(&over)
        }
    }

    fn event(&mut self) -> Event {
        let ticket = self.ticket();
        let flag = self.chance.below(2) > 0;
        let ms = self.chance.of(&[0.0, 50.0, 10_000.0, 1e7]);
        let reason =
            self.chance
                .of(&[Reason::Unauthorized, Reason::GlobalBan, Reason::UserDeleted]);
        match self.chance.below(19) {
            0 => Event::Resume,
            1 | 2 => Event::Login {
                identity: self.chance.of(&[ADA, BOB, VISITOR]),
                needs_request: flag,
            },
            3 => Event::Adopt(self.record()),
            4 => Event::AccessToken {
                min_validity_ms: ms,
            },
            5 => Event::Renew,
            6 => Event::Unauthorized {
                session: self.machine.current().map_or(ticket, |held| held.id),
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
                message: self.chance.of(&[
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
            1 => Err(transient(self.chance.of(&[0.0, 5_000.0]))),
            2 => Err(not_found()),
            _ => Ok(Record {
                epoch: 0.0,
                sequence: 0.0,
                ..self.record()
            }),
        }
    }

    fn verdict(&mut self, reason: Reason) -> Result<(), ServiceError> {
        self.chance.of(&[
            Ok(()),
            Ok(()),
            Err(rejected()),
            Err(transient(0.0)),
            Err(terminated(reason)),
        ])
    }

    /// What an effect asks for comes about, in one way or another.
    fn outcome(&mut self, effect: Effect) -> Option<Event> {
        let good = self.chance.below(3) > 0;
        let reason = self.chance.of(&[Reason::Unauthorized, Reason::GlobalBan]);
        if let Effect::Lock { ticket }
        | Effect::Load { ticket }
        | Effect::Credential { ticket, .. }
        | Effect::CreateSession { ticket, .. }
        | Effect::Verify { ticket, .. } = effect
        {
            self.over.insert(ticket);
        }
        Some(match effect {
            Effect::Lock { ticket } => Event::Locked {
                ticket,
                is_granted: good,
            },
            Effect::Load { ticket } => Event::Loaded {
                ticket,
                record: self.some_record(),
            },
            Effect::Credential { ticket, .. } => Event::Credential {
                ticket,
                result: if good { Ok(true) } else { Err(0.0) },
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
                result: revoked(good),
            },
            _ => return None,
        })
    }

    fn step(&mut self, event: Event) {
        let seed = self.seed;
        let record = match event {
            Event::Adopt(record)
            | Event::Session {
                result: Ok(record), ..
            } => Some(record),
            Event::Loaded { record: found, .. } | Event::Message { record: found, .. } => found,
            _ => None,
        };
        self.records.extend(record.map(|record| record.id));
        let effects = self.machine.step(self.now, self.shared, event);
        let answers = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Wait(_) | Effect::Reply(_)))
            .count();
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
        assert_eq!(
            answers,
            usize::from(is_call),
            "seed {seed}: {event:?} {effects:?}"
        );
        self.waits.extend(effects.iter().filter_map(|effect| {
            if let Effect::Wait(number) = effect {
                Some(*number)
            } else {
                None
            }
        }));
        for effect in &effects {
            match *effect {
                Effect::WriteShared(shared) => self.shared = shared,
                Effect::State(state) => {
                    assert!(
                        is_official(self.state, state),
                        "seed {seed}: {:?} to {state:?} at {event:?}",
                        self.state
                    );
                    self.state = state;
                }
                Effect::Current(id)
                | Effect::Verify { session: id, .. }
                | Effect::Broadcast { session: id, .. }
                    if id > 0 =>
                {
                    self.knows(id, event, &effects)
                }
                Effect::Revoke(id) => self.knows(id, event, &effects),
                Effect::Save(record) => self.knows(record.id, event, &effects),
                Effect::Forget(id) => drop(self.records.remove(&id)),
                Effect::Settle(number, _) => drop(self.waits.remove(&number)),
                Effect::Timer(at) => assert!(at >= self.now.mono, "seed {seed}: {at}"),
                _ => {}
            }
        }
        assert_eq!(self.state, self.machine.state(), "seed {seed}: {event:?}");
        let is_held = self.machine.current().is_some();
        match self.state {
            State::Established | State::TokenExpired => {
                assert!(is_held, "seed {seed}: {event:?} {effects:?}")
            }
            State::NotLoggedIn | State::Terminated(_) => {
                assert!(!is_held, "seed {seed}: {event:?} {effects:?}")
            }
            State::Establishing => {}
        }
        self.open.extend(effects);
    }

    fn knows(&self, id: u32, event: Event, effects: &[Effect]) {
        assert!(
            self.records.contains(&id),
            "seed {}: session {id} was let go of, at {event:?}: {effects:?}",
            self.seed
        );
    }

    /// Whatever is asked for comes about, and time goes on, until nobody waits.
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
        panic!("seed {}: {:?} wait for ever", self.seed, self.waits);
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

#[test]
fn whatever_happens_all_that_is_waited_for_ends() {
    for seed in 1..3_000 {
        let mut watched = Watched::new(seed);
        for _ in 0..120 {
            if watched.chance.below(3) > 0 {
                if let Some(event) = watched
                    .open
                    .pop_front()
                    .and_then(|effect| watched.outcome(effect))
                {
                    watched.step(event);
                }
            } else {
                let event = watched.event();
                watched.step(event);
            }
            let ms = watched.chance.of(&[0.0, 1.0, 30.0, 250.0, 12_000.0, 1e8]);
            watched.now.mono += ms;
            watched.now.wall += ms + watched.chance.of(&[0.0, 0.0, 0.0, 0.0, 1e7, -1e7]);
            // Another tab does something, too.
            match watched.chance.below(40) {
                0 => {
                    watched.shared.claim = Claim::Held {
                        owner: 2,
                        expires_at: watched.now.wall + 5_000.0,
                    }
                }
                1 => watched.shared.epoch += 1024.0,
                2 => {
                    (watched.shared.epoch, watched.shared.min_epoch) =
                        (watched.shared.epoch + 1024.0, watched.shared.epoch + 1024.0)
                }
                3 => watched.shared = Shared::default(),
                4 => watched.shared.sequence += 1.0,
                _ => {}
            }
        }
        watched.settle();
    }
}
