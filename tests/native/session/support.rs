//! A tab for tests. Its lock, storage and backend respond immediately, so a test scripts only the
//! service, other tabs and the passage of time. Tests name a list of effects after the event that
//! caused it, such as `begun` or `closed`.

pub(crate) use crate::effects::*;
pub(crate) use crate::errors::*;
use social_plus_auth::session::{
    Claim, Effect, Event, Identity, Machine, Message, Now, Record, ServiceError, Settings, Shared,
    State,
};

pub(crate) const ADA: Identity = Identity { kind: 0, user: 1 };
pub(crate) const BOB: Identity = Identity { kind: 0, user: 2 };
/// The visitor as a login names it, before the service has assigned a user.
pub(crate) const VISITOR: Identity = Identity { kind: 1, user: 0 };
/// The visitor as a response names it, with the user that the service has assigned.
pub(crate) const KNOWN_VISITOR: Identity = Identity { kind: 1, user: 9 };

/// The shared numbers have changed.
pub(crate) const CHANGED: Message = Message::Changed { hands_over: false };
/// A tab hands its session over.
pub(crate) const HANDED_OVER: Message = Message::Changed { hands_over: true };
/// A tab needs the device's session.
pub(crate) const REQUEST: Message = Message::RequestSession { is_quiet: false };
/// A tab needs the device's session. Tabs that have already handed it over must not answer.
pub(crate) const QUIET_REQUEST: Message = Message::RequestSession { is_quiet: true };

/// The wall time at which every test begins, in milliseconds.
pub(crate) const START: f64 = 1_800_000_000_000.0;
pub(crate) const MINUTE: f64 = 60_000.0;
pub(crate) const DAY: f64 = 1440.0 * MINUTE;
/// How long a session is valid.
pub(crate) const LIFETIME: f64 = 30.0 * DAY;
pub(crate) const TIMEOUT: f64 = 10_000.0;

/// Every tab numbers the sessions for itself. A tab that reads another tab's session from storage
/// adds this offset to the session's number.
const FOREIGN_ID_OFFSET: u32 = 100;

/// The most steps that may follow an event before the machine waits for the service or for time.
const MAX_STEPS: u32 = 100;

/// How the app's backend responds to a request for an auth token.
#[derive(Clone, Copy)]
pub(crate) enum Backend {
    /// No auth token is needed.
    NotNeeded,
    /// The backend returns an auth token.
    Token,
    /// The backend fails.
    Fails,
}

/// A tab with its clocks and with the data that it shares with other tabs.
pub(crate) struct Tab {
    pub(crate) machine: Machine,
    pub(crate) wall: f64,
    pub(crate) mono: f64,
    pub(crate) shared: Shared,
    pub(crate) stored: Option<Record>,
    pub(crate) has_locks: bool,
    pub(crate) backend: Backend,
    /// Whether a tab of a later version has written the shared numbers.
    pub(crate) is_obsolete: bool,
    number: u32,
}

impl Tab {
    pub(crate) fn with_settings(settings: Settings) -> Self {
        let (wall, mono) = (START, 1_000.0);
        Self {
            machine: Machine::new(settings, Now { wall, mono }),
            wall,
            mono,
            shared: Shared::default(),
            stored: None,
            has_locks: true,
            backend: Backend::NotNeeded,
            is_obsolete: false,
            number: settings.tab,
        }
    }

    pub(crate) fn new() -> Self {
        Self::with_settings(settings(1))
    }

    /// Opens another tab of the same device at the same time.
    pub(crate) fn open_sibling(&self, number: u32) -> Self {
        self.open_sibling_with(settings(number))
    }

    /// Opens another tab of the same device, with `memory` storage.
    pub(crate) fn open_memory_sibling(&self, number: u32) -> Self {
        self.open_sibling_with(memory_settings(number))
    }

    fn open_sibling_with(&self, settings: Settings) -> Self {
        let (wall, mono) = (self.wall, self.mono);
        Self {
            machine: Machine::new(settings, Now { wall, mono }),
            wall,
            mono,
            shared: self.shared,
            stored: self.stored,
            ..Self::with_settings(settings)
        }
    }

    /// Returns a tab that signed in with session 1 five minutes ago.
    pub(crate) fn signed_in(identity: Identity) -> Self {
        let mut tab = Self::new();
        tab.sign_in(1, identity);
        tab.advance(5.0 * MINUTE);
        tab
    }

    /// Advances the wall clock and the monotonic clock.
    pub(crate) fn advance(&mut self, ms: f64) {
        self.wall += ms;
        self.mono += ms;
    }

    /// Gives the machine an event, and applies its writes to the shared numbers and to storage.
    /// Returns all effects.
    pub(crate) fn step(&mut self, event: Event) -> Vec<Effect> {
        let now = Now {
            wall: self.wall,
            mono: self.mono,
        };
        let seen = (self.shared, self.is_obsolete);
        let effects = self.machine.step_in(now, seen, event);
        for effect in &effects {
            match effect {
                Effect::WriteShared(numbers) => self.shared = Shared::from_numbers(*numbers),
                Effect::Save(record) => self.stored = Some(*record),
                Effect::Clear => self.stored = None,
                _ => {}
            }
        }
        effects
    }

    /// Gives the machine an event, and then the responses of the lock, storage and backend that the
    /// effects request. Returns the effects of all steps, except writes of the shared numbers,
    /// timers and validities.
    pub(crate) fn run(&mut self, event: Event) -> Vec<Effect> {
        let mut events = vec![event];
        let mut all = Vec::new();
        let mut steps = 0;
        while let Some(event) = events.pop() {
            steps += 1;
            assert!(
                steps < MAX_STEPS,
                "no end after {MAX_STEPS} steps, the last event is {event:?}"
            );
            for effect in self.step(event) {
                events.extend(self.response_to(&effect));
                let is_omitted = matches!(
                    effect,
                    Effect::Validity { .. } | Effect::Timer(_) | Effect::WriteShared(_)
                );
                if !is_omitted {
                    all.push(effect);
                }
            }
        }
        all
    }

    /// Returns the response of the lock, storage or backend, if the effect requests one.
    fn response_to(&self, effect: &Effect) -> Option<Event> {
        match *effect {
            Effect::Lock { ticket } => Some(Event::Locked {
                ticket,
                is_granted: self.has_locks,
            }),
            Effect::Load { ticket } => Some(Event::Loaded {
                ticket,
                record: self.read_storage(),
            }),
            Effect::Credential { ticket, .. } => Some(Event::Credential {
                ticket,
                result: match self.backend {
                    Backend::NotNeeded => Ok(false),
                    Backend::Token => Ok(true),
                    Backend::Fails => Err(0.0),
                },
            }),
            _ => None,
        }
    }

    /// Reads storage. Adds the offset to the number of a session that another tab stored.
    fn read_storage(&self) -> Option<Record> {
        let current = self.machine.current();
        let is_current = |record: &Record| {
            current.is_some_and(|current| {
                (current.id, current.issued_at) == (record.id, record.issued_at)
            })
        };
        self.stored.map(|record| match is_current(&record) {
            true => record,
            false => Record {
                id: record.id + FOREIGN_ID_OFFSET,
                ..record
            },
        })
    }

    pub(crate) fn log_in(&mut self, identity: Identity) -> Vec<Effect> {
        self.run(Event::Login {
            identity,
            needs_request: false,
        })
    }

    pub(crate) fn request_token(&mut self, min_validity_ms: f64) -> Vec<Effect> {
        self.run(Event::AccessToken { min_validity_ms })
    }

    /// Receives another tab's message, which contains no newer shared numbers.
    pub(crate) fn receive_message(
        &mut self,
        message: Message,
        record: Option<Record>,
    ) -> Vec<Effect> {
        let shared = Shared::default();
        self.run(Event::Message {
            message,
            shared,
            record,
        })
    }

    /// Receives a new session from the service in response to a request.
    pub(crate) fn receive_session(
        &mut self,
        ticket: u32,
        id: u32,
        identity: Identity,
    ) -> Vec<Effect> {
        let record = self.record(id, identity);
        self.run(Event::Session {
            ticket,
            result: Ok(record),
            took_ms: 0.0,
        })
    }

    /// Receives an error in response to a request for a session.
    pub(crate) fn fail(&mut self, ticket: u32, error: ServiceError) -> Vec<Effect> {
        self.run(Event::Session {
            ticket,
            result: Err(error),
            took_ms: 0.0,
        })
    }

    /// Reports that one attempt of a request got no response and that the next attempt begins.
    pub(crate) fn lose_attempt(&mut self, ticket: u32) {
        self.run(Event::Attempt {
            ticket,
            timeout_ms: 11_500.0,
            has_lost_request: true,
        });
    }

    /// Receives the result of a verification.
    pub(crate) fn finish_verification(
        &mut self,
        ticket: u32,
        result: Result<(), ServiceError>,
    ) -> Vec<Effect> {
        self.run(Event::Verified { ticket, result })
    }

    /// Receives the result of a revocation: success or a transient error.
    pub(crate) fn finish_revocation(&mut self, session: u32, is_revoked: bool) -> Vec<Effect> {
        let result = revocation_result(is_revoked);
        self.run(Event::Revoked { session, result })
    }

    /// Returns a session that the service issues now.
    pub(crate) fn record(&self, id: u32, identity: Identity) -> Record {
        let identity = if identity == VISITOR {
            KNOWN_VISITOR
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

    /// Returns the session that another tab would receive if it renewed now.
    pub(crate) fn renewed_elsewhere(&self) -> Record {
        let current = self.machine.current().unwrap();
        Record {
            id: 2,
            issued_at: self.wall,
            expires_at: self.wall + LIFETIME,
            sequence: current.sequence + 1.0,
            ..*current
        }
    }

    pub(crate) fn sign_in(&mut self, id: u32, identity: Identity) {
        let begun = self.log_in(identity);
        self.receive_session(request_of(&begun), id, identity);
        assert_eq!(self.state(), State::Established);
        assert_eq!(self.session(), id);
    }

    pub(crate) fn state(&self) -> State {
        self.machine.state()
    }

    /// Returns the number of the current session, or 0 without a session.
    pub(crate) fn session(&self) -> u32 {
        self.machine.current().map_or(0, |current| current.id)
    }

    /// Wakes the tab, and returns the monotonic time at which its timer is due.
    pub(crate) fn timer(&mut self) -> f64 {
        timer_of(&self.step(Event::Wake { is_online: false }))
    }

    pub(crate) fn has_claim(&self) -> bool {
        matches!(
            self.shared.claim,
            Claim::Held { owner, expires_at } if owner == self.number && expires_at > self.wall
        )
    }

    /// Lets another tab take the claim for this time.
    pub(crate) fn claim_elsewhere(&mut self, ms: f64) {
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

/// Returns the settings of a tab with `memory` storage.
pub(crate) fn memory_settings(tab: u32) -> Settings {
    Settings {
        hands_over: true,
        ..settings(tab)
    }
}
