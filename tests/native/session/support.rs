//! A tab whose lock, storage and backend answer at once, so that a test is about what is left: the
//! service, other tabs, and time.

use social_plus_auth::protocol::{codes, Kind};
use social_plus_auth::session::{
    Claim, Effect, Event, Identity, Machine, Message, Now, Outcome, Reason, Record, ServiceError,
    Settings, Shared, State,
};

pub(crate) const ADA: Identity = Identity { kind: 0, user: 1 };
pub(crate) const BOB: Identity = Identity { kind: 0, user: 2 };
/// As a call names it, and as the service does.
pub(crate) const VISITOR: Identity = Identity { kind: 1, user: 0 };
pub(crate) const THE_VISITOR: Identity = Identity { kind: 1, user: 9 };

pub(crate) const START: f64 = 1_800_000_000_000.0;
pub(crate) const MINUTE: f64 = 60_000.0;
pub(crate) const DAY: f64 = 1440.0 * MINUTE;
pub(crate) const LIFETIME: f64 = 30.0 * DAY;
pub(crate) const TIMEOUT: f64 = 10_000.0;

/// A tab, its clocks, and what it shares with others.
pub(crate) struct Tab {
    pub(crate) machine: Machine,
    pub(crate) wall: f64,
    pub(crate) mono: f64,
    pub(crate) shared: Shared,
    pub(crate) stored: Option<Record>,
    pub(crate) has_locks: bool,
    /// Whether there is an auth token, and whether one is needed.
    pub(crate) credential: (bool, bool),
    number: u32,
}

impl Tab {
    pub(crate) fn with(settings: Settings) -> Self {
        let (wall, mono) = (START, 1_000.0);
        Self {
            machine: Machine::new(settings, Now { wall, mono }),
            wall,
            mono,
            shared: Shared::default(),
            stored: None,
            has_locks: true,
            credential: (true, false),
            number: settings.tab,
        }
    }

    pub(crate) fn new() -> Self {
        Self::with(settings(1))
    }

    /// Another tab of the same device, now.
    pub(crate) fn sibling(&self, number: u32, hands_over: bool) -> Self {
        let mut other = Self::with(Settings {
            hands_over,
            ..settings(number)
        });
        (other.wall, other.mono, other.shared, other.stored) =
            (self.wall, self.mono, self.shared, self.stored);
        other.machine = Machine::new(
            Settings {
                hands_over,
                ..settings(number)
            },
            Now {
                wall: self.wall,
                mono: self.mono,
            },
        );
        other
    }

    pub(crate) fn pass(&mut self, ms: f64) {
        self.wall += ms;
        self.mono += ms;
    }

    /// One step, and nothing of what it asks for but what is shared.
    pub(crate) fn step(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.machine.step(
            Now {
                wall: self.wall,
                mono: self.mono,
            },
            self.shared,
            event,
        );
        for effect in &effects {
            match effect {
                Effect::WriteShared(shared) => self.shared = *shared,
                Effect::Save(record) => self.stored = Some(*record),
                Effect::Clear => self.stored = None,
                _ => {}
            }
        }
        effects
    }

    /// A step, and all those that follow from lock, storage and backend. What is said of times is
    /// left out.
    pub(crate) fn run(&mut self, event: Event) -> Vec<Effect> {
        let mut events = vec![event];
        let mut all = Vec::new();
        while let Some(event) = events.pop() {
            for effect in self.step(event) {
                events.extend(match effect {
                    Effect::Lock { ticket } => Some(Event::Locked {
                        ticket,
                        is_granted: self.has_locks,
                    }),
                    Effect::Load { ticket } => Some(Event::Loaded {
                        ticket,
                        record: self.found(),
                    }),
                    Effect::Credential { ticket, .. } => Some(Event::Credential {
                        ticket,
                        result: if self.credential.0 {
                            Ok(self.credential.1)
                        } else {
                            Err(0.0)
                        },
                    }),
                    _ => None,
                });
                if !matches!(
                    effect,
                    Effect::Validity { .. } | Effect::Timer(_) | Effect::WriteShared(_)
                ) {
                    all.push(effect);
                }
            }
        }
        all
    }

    /// What is in storage. A session that another tab has stored has another number here.
    fn found(&self) -> Option<Record> {
        let held = self.machine.current().copied();
        let is_held = |record: &Record| {
            held.is_some_and(|held| held.id == record.id && held.issued_at == record.issued_at)
        };
        self.stored.map(|record| {
            if is_held(&record) {
                record
            } else {
                Record {
                    id: record.id + 100,
                    ..record
                }
            }
        })
    }

    /// The service gives a session to whom the last request was for.
    pub(crate) fn given(&mut self, ticket: u32, id: u32, identity: Identity) -> Vec<Effect> {
        let record = self.record(id, identity);
        self.run(Event::Session {
            ticket,
            result: Ok(record),
            took_ms: 0.0,
        })
    }

    pub(crate) fn fails(&mut self, ticket: u32, failure: ServiceError) -> Vec<Effect> {
        self.run(Event::Session {
            ticket,
            result: Err(failure),
            took_ms: 0.0,
        })
    }

    /// A session that the service issues now.
    pub(crate) fn record(&self, id: u32, identity: Identity) -> Record {
        let identity = if identity == VISITOR {
            THE_VISITOR
        } else {
            identity
        };
        Record {
            id,
            epoch: 0.0,
            sequence: 0.0,
            issued_at: self.wall,
            expires_at: self.wall + LIFETIME,
            identity,
            clock_offset: 0.0,
        }
    }

    /// Signed in with session 1, a while ago.
    pub(crate) fn signed_in(identity: Identity) -> Self {
        let mut tab = Self::new();
        tab.signs_in(1, identity);
        tab.pass(5.0 * MINUTE);
        tab
    }

    pub(crate) fn signs_in(&mut self, id: u32, identity: Identity) {
        let ticket = asked(&self.run(Event::Login {
            identity,
            needs_request: false,
        }))
        .0;
        self.given(ticket, id, identity);
        assert_eq!(
            (self.machine.state(), self.held()),
            (State::Established, id)
        );
    }

    /// The number of the session that it believes in; 0: none.
    pub(crate) fn held(&self) -> u32 {
        self.machine.current().map_or(0, |held| held.id)
    }

    /// When it is due, in its monotonic time.
    pub(crate) fn timer(&mut self) -> f64 {
        timer(&self.step(Event::Wake { is_online: false }))
    }

    /// Whether it has the claim.
    pub(crate) fn is_claimed_by_it(&self) -> bool {
        matches!(
            self.shared.claim,
            Claim::Held { owner, expires_at } if owner == self.number && expires_at > self.wall
        )
    }

    /// Another tab has a claim for so long.
    pub(crate) fn claimed_by_another(&mut self, ms: f64) {
        self.shared.claim = Claim::Held {
            owner: 99,
            expires_at: self.wall + ms,
        };
    }
}

pub(crate) fn settings(tab: u32) -> Settings {
    Settings {
        tab,
        device: 7,
        timeout_ms: TIMEOUT,
        is_shared: true,
        hands_over: false,
        has_background: true,
    }
}

/// The ticket of a request for a session, and whether it is a renewal.
#[track_caller]
pub(crate) fn asked(effects: &[Effect]) -> (u32, bool) {
    let asks = |effect: &Effect| {
        if let Effect::CreateSession {
            ticket,
            is_renewal: renews,
        } = effect
        {
            Some((*ticket, *renews))
        } else {
            None
        }
    };
    effects
        .iter()
        .find_map(asks)
        .unwrap_or_else(|| panic!("no request in {effects:?}"))
}

pub(crate) fn is_asked(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::CreateSession { .. }))
}

/// The ticket of a look at a token, and which.
#[track_caller]
pub(crate) fn verifies(effects: &[Effect]) -> (u32, u32) {
    let looks = |effect: &Effect| {
        if let Effect::Verify {
            ticket,
            session: id,
        } = effect
        {
            Some((*ticket, *id))
        } else {
            None
        }
    };
    effects
        .iter()
        .find_map(looks)
        .unwrap_or_else(|| panic!("no look at a token in {effects:?}"))
}

/// The ticket of a lock, a look into storage or a credential.
#[track_caller]
pub(crate) fn ticket(effects: &[Effect]) -> u32 {
    let ticket = |effect: &Effect| match effect {
        Effect::Lock { ticket } | Effect::Load { ticket } | Effect::Credential { ticket, .. } => {
            Some(*ticket)
        }
        _ => None,
    };
    effects
        .iter()
        .find_map(ticket)
        .unwrap_or_else(|| panic!("no ticket in {effects:?}"))
}

/// What is waited for.
#[track_caller]
pub(crate) fn waits(effects: &[Effect]) -> u32 {
    let waits = |effect: &Effect| {
        if let Effect::Wait(number) = effect {
            Some(*number)
        } else {
            None
        }
    };
    effects
        .iter()
        .find_map(waits)
        .unwrap_or_else(|| panic!("nothing to wait for in {effects:?}"))
}

/// How it ended.
pub(crate) fn done(effects: &[Effect], wait: u32) -> Option<Outcome> {
    effects.iter().find_map(|effect| {
        if let Effect::Settle(number, outcome) = effect {
            (*number == wait).then_some(*outcome)
        } else {
            None
        }
    })
}

pub(crate) fn states(effects: &[Effect]) -> Vec<State> {
    effects
        .iter()
        .filter_map(|effect| {
            if let Effect::State(state) = effect {
                Some(*state)
            } else {
                None
            }
        })
        .collect()
}

#[track_caller]
pub(crate) fn timer(effects: &[Effect]) -> f64 {
    let at = |effect: &Effect| {
        if let Effect::Timer(at) = effect {
            Some(*at)
        } else {
            None
        }
    };
    effects
        .iter()
        .rev()
        .find_map(at)
        .unwrap_or_else(|| panic!("no timer in {effects:?}"))
}

pub(crate) fn tells(effects: &[Effect], message: Message, id: u32) -> bool {
    effects.contains(&Effect::Broadcast {
        message,
        session: id,
    })
}

/// The error of a request for a session by which the service ends the session.
pub(crate) const fn definite(reason: Reason) -> ServiceError {
    match reason {
        Reason::Unauthorized => error(Kind::Unauthorized, Some(codes::UNAUTHORIZED), 401),
        Reason::GlobalBan => error(Kind::Banned, Some(codes::GLOBAL_BAN), 403),
        Reason::UserDeleted => error(Kind::NotFound, None, 200),
    }
}

/// The error of a verification by which the service ends the session.
pub(crate) const fn terminated(reason: Reason) -> ServiceError {
    match reason {
        Reason::UserDeleted => not_found(),
        _ => definite(reason),
    }
}

/// The error of a verification of a token that the service does not honour.
pub(crate) const fn rejected() -> ServiceError {
    definite(Reason::Unauthorized)
}

/// An error of a service that does not know something.
pub(crate) const fn not_found() -> ServiceError {
    error(Kind::NotFound, Some(codes::NOT_FOUND), 404)
}

/// An error that may pass, with the pause that the service asks for.
pub(crate) const fn transient(retry_after_ms: f64) -> ServiceError {
    ServiceError {
        retry_after_ms,
        ..error(Kind::Server, None, 503)
    }
}

/// The answer to a revocation.
pub(crate) const fn revoked(is_revoked: bool) -> Result<(), ServiceError> {
    if is_revoked {
        Ok(())
    } else {
        Err(transient(0.0))
    }
}

const fn error(kind: Kind, code: Option<u32>, status: u16) -> ServiceError {
    ServiceError {
        kind,
        code,
        status: Some(status),
        retry_after_ms: 0.0,
    }
}
