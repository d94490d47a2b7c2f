//! The state of the model: the tabs with their machines, the storage that they share, the lock, the
//! pending messages and requests, and the service.

use crate::config::{Chance, Config, Storage, CHANCES};
use social_plus_auth::session::{
    Effect, Identity, Machine, Message, Now, Outcome, Record, Settings, Shared,
};
use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

/// The device's clock at the start, in milliseconds.
const START_MS: f64 = 1_000_000_000.0;
/// The lifetime of a token, in milliseconds.
pub(crate) const LIFETIME_MS: f64 = 86_400_000.0;
/// The option `timeoutMs`.
pub(crate) const TIMEOUT_MS: f64 = 10_000.0;

/// A call of the app.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call {
    Resume,
    Login(u32),
    Logout { revoke: bool },
    SecureLogout,
    Renew,
    Token,
    Refusal,
}

/// A call that waits for `Settle`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Waiter {
    pub(crate) number: u32,
    pub(crate) call: Call,
    /// The epoch that a logout has begun; 0 for other calls.
    pub(crate) epoch: f64,
}

/// An access to a slow storage, or a message that waits for one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Access {
    Read(u32),
    Write(Option<Record>),
    Post(Message, Option<Record>),
}

/// A pending event of a tab. Each event does what the ones before it do, and more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pending {
    #[default]
    None,
    /// Another tab has written the shared numbers.
    Numbers,
    /// Another tab has written its session.
    Session,
    /// The tab has thawed.
    Wake,
}

#[derive(Clone, Debug)]
pub(crate) struct Tab {
    pub(crate) machine: Machine,
    pub(crate) is_alive: bool,
    pub(crate) is_frozen: bool,
    pub(crate) timer_at: f64,
    /// The shared numbers that the tab read or wrote last.
    pub(crate) last_shared: Shared,
    /// The state of `localStorage` that the tab still sees, because a write of another tab has not
    /// arrived yet.
    pub(crate) late_view: Option<Disk>,
    /// The event of a write or of a thaw that is pending.
    pub(crate) pending: Pending,
    pub(crate) accesses: VecDeque<Access>,
    pub(crate) waiters: Vec<Waiter>,
    /// The user of the login in flight, or 0.
    pub(crate) login: u32,
    /// The epoch of the latest logout in this tab.
    pub(crate) left_epoch: f64,
    /// Whether the tab must be signed out, because no login has followed its logout.
    pub(crate) is_out: bool,
    pub(crate) effects: VecDeque<Effect>,
    /// The fingerprint of the tab, and when it was computed.
    pub(crate) known: Cell<Option<(f64, u64)>>,
}

/// The state of `localStorage`, which all tabs share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Disk {
    pub(crate) shared: Shared,
    pub(crate) stored: Option<Record>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Lock {
    /// The tab that holds the lock, and its ticket. The ticket is 0 after the tab has learned that
    /// it holds the lock.
    pub(crate) holder: Option<(usize, u32)>,
    /// The tabs that wait, with their tickets and the times at which they stop waiting.
    pub(crate) queue: VecDeque<(usize, u32, f64)>,
}

/// A pending message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mail {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) message: Message,
    pub(crate) shared: Shared,
    pub(crate) record: Option<Record>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Purpose {
    Credential {
        ticket: u32,
    },
    /// `epoch` is that of the login or of the renewed session, whose token is `base`, or 0.
    Create {
        ticket: u32,
        user: u32,
        epoch: f64,
        base: u32,
    },
    Verify {
        ticket: u32,
        token: u32,
    },
    Revoke {
        token: u32,
    },
}

/// The service's answer: the token of a new session, 0 after another success, or an error if the
/// service rejects the token.
pub(crate) type Answer = Result<u32, ()>;

/// A pending request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) tab: usize,
    /// Whether the tab waits for the answer.
    pub(crate) is_awaited: bool,
    /// Whether no tab can know of it: the second copy of a request, or one that was lost before
    /// the latest session.
    pub(crate) is_unknown: bool,
    pub(crate) is_retry: bool,
    pub(crate) purpose: Purpose,
    pub(crate) answer: Option<Answer>,
    /// When the tab stops waiting.
    pub(crate) deadline: f64,
}

/// A token of the service. Its number is its position, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) user: u32,
    pub(crate) epoch: f64,
    pub(crate) issued_at: f64,
    pub(crate) is_valid: bool,
    /// The tabs that have received the token, one bit each.
    pub(crate) receivers: u8,
    /// How many requests have tried to renew the token.
    pub(crate) renewals: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct World<'a> {
    pub(crate) config: &'a Config,
    /// The monotonic time.
    pub(crate) time: f64,
    pub(crate) tabs: Vec<Rc<Tab>>,
    pub(crate) disk: Disk,
    pub(crate) lock: Lock,
    pub(crate) mail: Vec<Mail>,
    pub(crate) requests: Vec<Request>,
    pub(crate) tokens: Vec<Token>,
    /// How often each [`Chance`] may still occur.
    pub(crate) left: [u8; CHANCES],
    /// How many further renewals are allowed, because answers were lost, tabs died and the like.
    pub(crate) excuses: u8,
    /// Whether a tab has died.
    pub(crate) has_died: bool,
    /// The epoch of the latest logout. Sessions of earlier epochs have ended.
    pub(crate) ended_epoch: f64,
    /// The epoch of the latest logout that has reported a revocation.
    pub(crate) revoked_epoch: f64,
    /// The epoch of the latest logout with `revoke: false`.
    pub(crate) kept_epoch: f64,
    /// Whether every tab must be signed out at rest, because no login has followed a logout.
    pub(crate) is_out: bool,
    /// Whether the tab that handles an event does not see the latest login or logout.
    pub(crate) is_unaware: bool,
    /// The broken invariant.
    pub(crate) broken: Option<String>,
    /// The actions, events and effects so far, if the run records them.
    pub(crate) trace: Option<Vec<String>>,
}

impl<'a> World<'a> {
    /// Returns the device at rest after all tabs have opened.
    pub(crate) fn new(config: &'a Config, is_recorded: bool) -> Self {
        let tabs = (0..config.tabs)
            .map(|tab| Rc::new(Tab::new(config, tab, Now::default(), false)))
            .collect();
        let mut world = World {
            config,
            time: 0.0,
            tabs,
            disk: Disk::default(),
            lock: Lock::default(),
            mail: Vec::new(),
            requests: Vec::new(),
            tokens: Vec::new(),
            left: [0; CHANCES],
            excuses: 0,
            has_died: false,
            ended_epoch: 0.0,
            revoked_epoch: 0.0,
            kept_epoch: 0.0,
            is_out: false,
            is_unaware: false,
            broken: None,
            trace: is_recorded.then(Vec::new),
        };
        world.open(0);
        world.settle_down();
        if config.is_signed_in {
            world.call(0, Call::Login(1));
            world.settle_down();
        }
        for tab in 1..config.tabs {
            world.open(tab);
            world.settle_down();
        }
        world.left = config.chances;
        (world.excuses, world.is_out) = (0, false);
        world
    }

    /// Opens a tab.
    pub(crate) fn open(&mut self, tab: usize) {
        self.tabs[tab] = Rc::new(Tab::new(self.config, tab, self.now(), true));
        self.call(tab, Call::Resume);
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            wall: START_MS + self.time,
            mono: self.time,
        }
    }

    pub(crate) fn tab_mut(&mut self, tab: usize) -> &mut Tab {
        let tab = Rc::make_mut(&mut self.tabs[tab]);
        tab.known.set(None);
        tab
    }

    pub(crate) fn token(&mut self, token: u32) -> &mut Token {
        &mut self.tokens[token as usize - 1]
    }

    pub(crate) fn has_left(&self, chance: Chance) -> bool {
        self.left[chance as usize] > 0
    }

    /// Returns the tabs that are alive and not frozen.
    pub(crate) fn awake(&self) -> impl Iterator<Item = (usize, &Tab)> + '_ {
        self.living().filter(|(_, tab)| !tab.is_frozen)
    }

    pub(crate) fn living(&self) -> impl Iterator<Item = (usize, &Tab)> + '_ {
        self.tabs
            .iter()
            .map(Rc::as_ref)
            .enumerate()
            .filter(|(_, tab)| tab.is_alive)
    }

    pub(crate) fn is_awake(&self, tab: usize) -> bool {
        self.tabs[tab].is_alive && !self.tabs[tab].is_frozen
    }

    pub(crate) fn storage(&self, tab: usize) -> Storage {
        self.config.storage[tab]
    }

    /// Records a broken invariant, unless one is known.
    pub(crate) fn report(&mut self, what: &str) {
        if self.broken.is_none() {
            self.broken = Some(what.to_owned());
        }
    }

    pub(crate) fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>12.3} s  {}", self.time / 1000.0, what()));
        }
    }

    /// Creates a session, and ends the earlier ones of the device.
    pub(crate) fn create_session(&mut self, user: u32, epoch: f64) -> u32 {
        for token in &mut self.tokens {
            token.is_valid = false;
        }
        // Even sessions that are created at the same moment get increasing times of issue.
        let issued_at = self.now().wall - 1000.0 + self.tokens.len() as f64;
        self.tokens.push(Token {
            user,
            epoch,
            issued_at,
            is_valid: true,
            receivers: 0,
            renewals: 0,
        });
        self.tokens.len() as u32
    }

    /// Returns a new session as the client passes it to the machine.
    pub(crate) fn new_record(&self, token: u32) -> Record {
        let Token {
            user, issued_at, ..
        } = self.tokens[token as usize - 1];
        Record {
            id: token,
            epoch: 0.0,
            sequence: 0.0,
            issued_at,
            expires_at: issued_at + LIFETIME_MS,
            identity: identity(user),
            clock_offset: 0.0,
        }
    }
}

impl Tab {
    fn new(config: &Config, tab: usize, now: Now, is_alive: bool) -> Self {
        let settings = Settings {
            tab: number_of(tab),
            device: 77,
            timeout_ms: TIMEOUT_MS,
            is_shared: true,
            hands_over: config.storage[tab] == Storage::Memory,
            has_background: true,
        };
        // The draws of two tabs differ, so that they choose different epochs at the same time.
        let machine = Machine::new(settings, now).with_fixed_draws(0.2 + 0.3 * tab as f64);
        Tab {
            machine: match config.without {
                Some(rule) => machine.without(rule),
                None => machine,
            },
            is_alive,
            is_frozen: false,
            timer_at: f64::INFINITY,
            last_shared: Shared::default(),
            late_view: None,
            pending: Pending::None,
            accesses: VecDeque::new(),
            waiters: Vec::new(),
            login: 0,
            left_epoch: 0.0,
            is_out: false,
            effects: VecDeque::new(),
            known: Cell::new(None),
        }
    }

    /// Returns the current token, or 0.
    pub(crate) fn token(&self) -> u32 {
        self.machine.current().map_or(0, |current| current.id)
    }
}

/// Returns the number that a tab writes into its claim.
pub(crate) const fn number_of(tab: usize) -> u32 {
    1001 * (tab as u32 + 1)
}

pub(crate) const fn identity(user: u32) -> Identity {
    Identity { kind: 0, user }
}

/// Returns whether a call has succeeded.
pub(crate) fn has_succeeded(outcome: Outcome) -> bool {
    outcome == Outcome::Succeeded
}
