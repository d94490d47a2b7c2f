//! Draws random events for a machine, and random outcomes of its effects.

use crate::support::{
    definite, not_found, rejected, revocation_result, settings, transient, verification_error, ADA,
    BOB, CHANGED, KNOWN_VISITOR, LIFETIME, REQUEST, START, VISITOR,
};
use social_plus_auth::session::{
    Effect, Event, Identity, Machine, Message, Now, Reason, Record, ServiceError, Settings, Shared,
    State,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A generator of pseudo-random numbers (xorshift).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end
    }

    pub(crate) fn choose<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// A machine, and the data with which its effects are checked.
pub(crate) struct Watched {
    pub(crate) machine: Machine,
    pub(crate) chance: Chance,
    pub(crate) now: Now,
    pub(crate) shared: Shared,
    pub(crate) state: State,
    pub(crate) waits: BTreeSet<u32>,
    /// The sessions that the machine knows.
    pub(crate) records: BTreeSet<u32>,
    /// Every session that was drawn, by its number. A number always names the same session.
    pub(crate) created: BTreeMap<u32, Record>,
    pub(crate) last_id: u32,
    /// The effects that have not been carried out yet.
    pub(crate) pending: VecDeque<Effect>,
    /// The tickets whose outcome was drawn.
    pub(crate) finished: BTreeSet<u32>,
    pub(crate) seed: u64,
}

impl Watched {
    pub(crate) fn new(seed: u64) -> Self {
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
            pending: VecDeque::new(),
            finished: BTreeSet::new(),
            seed,
        }
    }

    /// Draws a user.
    fn draw_identity(&mut self) -> Identity {
        self.chance.choose(&[ADA, BOB, KNOWN_VISITOR])
    }

    /// Draws a session that the machine may or may not know, of any time and epoch.
    fn draw_record(&mut self) -> Record {
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
        let identity = self.draw_identity();
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

    fn draw_optional_record(&mut self) -> Option<Record> {
        (self.chance.below(3) > 0).then(|| self.draw_record())
    }

    /// Draws a ticket that the machine does not wait for.
    fn draw_stale_ticket(&mut self) -> u32 {
        // The ticket has had its outcome, or never existed. `draw_outcome` uses the other tickets.
        let finished: Vec<u32> = self.finished.iter().copied().collect();
        if finished.is_empty() || self.chance.below(4) == 0 {
            self.chance.choose(&[0, 70_000])
        } else {
            self.chance.choose(&finished)
        }
    }

    /// Draws an event.
    pub(crate) fn draw_event(&mut self) -> Event {
        let ticket = self.draw_stale_ticket();
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
            3 => Event::Adopt(self.draw_record()),
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
                record: self.draw_optional_record(),
            },
            13 => Event::Message {
                message: self.chance.choose(&[
                    CHANGED,
                    REQUEST,
                    Message::Discarded { issued_at: START },
                ]),
                record: self.draw_optional_record(),
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
                result: self.draw_result(reason),
                took_ms: ms,
            },
            17 => Event::Verified {
                ticket,
                result: self.draw_verdict(reason),
            },
            _ => Event::ServerDate {
                at: self.now.wall + ms,
                took_ms: ms,
            },
        }
    }

    fn draw_result(&mut self, reason: Reason) -> Result<Record, ServiceError> {
        match self.chance.below(6) {
            0 => Err(definite(reason)),
            1 => Err(transient(self.chance.choose(&[0.0, 5_000.0]))),
            2 => Err(not_found()),
            _ => Ok(Record {
                epoch: 0.0,
                sequence: 0.0,
                ..self.draw_record()
            }),
        }
    }

    fn draw_verdict(&mut self, reason: Reason) -> Result<(), ServiceError> {
        self.chance.choose(&[
            Ok(()),
            Ok(()),
            Err(rejected()),
            Err(transient(0.0)),
            Err(verification_error(reason)),
        ])
    }

    /// Draws the outcome of an effect.
    pub(crate) fn draw_outcome(&mut self, effect: Effect) -> Option<Event> {
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
            self.finished.insert(ticket);
        }
        Some(match effect {
            Effect::Lock { ticket } => Event::Locked {
                ticket,
                is_granted: is_good,
            },
            Effect::Load { ticket } => Event::Loaded {
                ticket,
                record: self.draw_optional_record(),
            },
            Effect::Credential { ticket, .. } => Event::Credential {
                ticket,
                result: if is_good { Ok(true) } else { Err(0.0) },
            },
            Effect::CreateSession { ticket, .. } => Event::Session {
                ticket,
                result: self.draw_result(reason),
                took_ms: 100.0,
            },
            Effect::Verify { ticket, .. } => Event::Verified {
                ticket,
                result: self.draw_verdict(reason),
            },
            Effect::Revoke(id) => Event::Revoked {
                session: id,
                result: revocation_result(is_good),
            },
            _ => return None,
        })
    }
}
