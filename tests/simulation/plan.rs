//! The kind of run that a seed stands for: how the tabs share, how long tokens live, and what may
//! go wrong. Each run allows only some faults, so that the invariants can be strict about the
//! others.

use crate::random::Random;
use social_plus_auth::session::Rule;

/// The timeout of one attempt, in milliseconds.
pub(crate) const TIMEOUT_MS: f64 = 10_000.0;

const MINUTE: f64 = 60_000.0;
/// How long tokens live, in milliseconds.
pub(crate) const LIFETIMES: [f64; 4] = [
    10.0 * MINUTE,
    60.0 * MINUTE,
    1440.0 * MINUTE,
    43_200.0 * MINUTE,
];

/// The kind of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Tabs hand the session over in messages, so that it is not in storage.
    pub(crate) memory: bool,
    pub(crate) locks: bool,
    /// Secure mode: a session needs an auth token.
    pub(crate) secure: bool,
    /// The position of the tokens' lifetime in [`LIFETIMES`].
    pub(crate) lifetime: usize,
    pub(crate) tabs: usize,
    /// The share of requests that something happens to.
    pub(crate) trouble: f64,
    pub(crate) tabs_die: bool,
    pub(crate) tabs_freeze: bool,
    pub(crate) clocks_lie: bool,
    pub(crate) storage_fails: bool,
    pub(crate) shared_may_be_lost: bool,
    /// The shared numbers reach the other tabs late.
    pub(crate) late: bool,
    /// Messages and timers are late.
    pub(crate) slow: bool,
    /// The service's `Date` header is readable.
    pub(crate) dates: bool,
    pub(crate) clients_close: bool,
    pub(crate) callers_abort: bool,
    pub(crate) workers_run: bool,
    /// The invariants do not excuse known faults.
    pub(crate) strict: bool,
    pub(crate) without: Option<Rule>,
}

impl Plan {
    pub(crate) fn new(seed: u64, without: Option<Rule>) -> Self {
        let mut random = Random::new(seed ^ 0x5eed_0f91_a25e_ed00);
        Self {
            memory: random.chance(0.5),
            locks: random.chance(0.65),
            secure: random.chance(0.5),
            lifetime: random.below(LIFETIMES.len()),
            tabs: 2 + random.below(7),
            trouble: [0.0, 0.05, 0.15, 0.35][random.below(4)],
            tabs_die: random.chance(0.6),
            tabs_freeze: random.chance(0.6),
            clocks_lie: random.chance(0.5),
            storage_fails: random.chance(0.3),
            shared_may_be_lost: random.chance(0.1),
            late: random.chance(0.3),
            slow: random.chance(0.4),
            dates: random.chance(0.5),
            clients_close: random.chance(0.6),
            callers_abort: random.chance(0.6),
            workers_run: random.chance(0.4),
            strict: false,
            without,
        }
    }

    /// Returns a run in which nothing may go wrong, for a trace to say what may.
    pub(crate) fn plain() -> Self {
        Self {
            memory: false,
            locks: false,
            secure: false,
            lifetime: 0,
            tabs: crate::world::TABS,
            trouble: 0.0,
            tabs_die: false,
            tabs_freeze: false,
            clocks_lie: false,
            storage_fails: false,
            shared_may_be_lost: false,
            late: false,
            slow: false,
            dates: false,
            clients_close: false,
            callers_abort: false,
            workers_run: false,
            strict: false,
            without: None,
        }
    }

    pub(crate) fn lifetime_ms(&self) -> f64 {
        LIFETIMES[self.lifetime]
    }
}
