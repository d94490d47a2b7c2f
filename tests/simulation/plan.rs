//! The plan of a run, which follows from its seed: how tabs share the session, how long tokens
//! live, and which faults may happen. Each run allows only some faults, so that the invariants can
//! be strict about the others.

use crate::random::Random;
use social_plus_auth::session::Rule;

/// The timeout of one attempt, in milliseconds.
pub(crate) const TIMEOUT_MS: f64 = 10_000.0;

const MINUTE_MS: f64 = 60_000.0;
/// The possible lifetimes of tokens, in milliseconds.
pub(crate) const LIFETIMES: [f64; 4] = [
    10.0 * MINUTE_MS,
    60.0 * MINUTE_MS,
    1440.0 * MINUTE_MS,
    43_200.0 * MINUTE_MS,
];

/// The plan of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Whether tabs send the session in messages instead of storing it.
    pub(crate) uses_memory: bool,
    /// Whether each tab decides for itself whether to store the session.
    pub(crate) mixes_storage: bool,
    /// Whether some tabs encrypt with another key, because the user has deleted the first key.
    pub(crate) keys_differ: bool,
    /// Whether a write to storage wakes the other tabs, as the `storage` event does.
    pub(crate) has_storage_events: bool,
    /// Whether the tabs have Web Locks.
    pub(crate) has_locks: bool,
    /// Whether the network is in secure mode, so that a session requires an auth token.
    pub(crate) is_secure: bool,
    /// The index of the tokens' lifetime in [`LIFETIMES`].
    pub(crate) lifetime: usize,
    pub(crate) tabs: usize,
    /// The share of attempts that a fault affects.
    pub(crate) fault_share: f64,
    pub(crate) tabs_die: bool,
    pub(crate) tabs_freeze: bool,
    pub(crate) clocks_jump: bool,
    pub(crate) storage_fails: bool,
    pub(crate) shared_may_be_lost: bool,
    /// Whether the shared numbers reach the other tabs with a delay.
    pub(crate) shared_is_late: bool,
    /// Whether messages and timers may be late.
    pub(crate) messages_are_late: bool,
    /// Whether clients can read the service's `Date` header.
    pub(crate) dates_are_readable: bool,
    pub(crate) clients_close: bool,
    pub(crate) callers_abort: bool,
    pub(crate) workers_run: bool,
    /// Whether deployments raise the version of the tabs that open after them.
    pub(crate) versions_differ: bool,
    /// Whether tabs may be hidden, so that their timers fire only once a minute.
    pub(crate) tabs_hide: bool,
    /// Whether pages may go to the back/forward cache.
    pub(crate) pages_are_cached: bool,
    /// The rule that the machine does without.
    pub(crate) disabled_rule: Option<Rule>,
}

impl Plan {
    pub(crate) fn new(seed: u64, without: Option<Rule>) -> Self {
        let mut random = Random::new(seed ^ 0x5eed_0f91_a25e_ed00);
        Self {
            uses_memory: random.chance(0.5),
            has_locks: random.chance(0.65),
            is_secure: random.chance(0.5),
            lifetime: random.below(LIFETIMES.len()),
            tabs: 2 + random.below(7),
            fault_share: [0.0, 0.05, 0.15, 0.35][random.below(4)],
            tabs_die: random.chance(0.6),
            tabs_freeze: random.chance(0.6),
            clocks_jump: random.chance(0.5),
            storage_fails: random.chance(0.3),
            shared_may_be_lost: random.chance(0.1),
            shared_is_late: random.chance(0.3),
            messages_are_late: random.chance(0.4),
            dates_are_readable: random.chance(0.5),
            clients_close: random.chance(0.6),
            callers_abort: random.chance(0.6),
            workers_run: random.chance(0.4),
            mixes_storage: random.chance(0.2),
            has_storage_events: random.chance(0.4),
            keys_differ: random.chance(0.1),
            versions_differ: random.chance(0.15),
            tabs_hide: random.chance(0.3),
            pages_are_cached: random.chance(0.3),
            disabled_rule: without,
        }
    }

    /// Returns a plan without faults. A trace enables the faults that it needs.
    pub(crate) fn without_faults() -> Self {
        Self {
            uses_memory: false,
            mixes_storage: false,
            has_storage_events: false,
            keys_differ: false,
            has_locks: false,
            is_secure: false,
            lifetime: 0,
            tabs: crate::world::MAX_TABS,
            fault_share: 0.0,
            tabs_die: false,
            tabs_freeze: false,
            clocks_jump: false,
            storage_fails: false,
            shared_may_be_lost: false,
            shared_is_late: false,
            messages_are_late: false,
            dates_are_readable: false,
            clients_close: false,
            callers_abort: false,
            workers_run: false,
            versions_differ: false,
            tabs_hide: false,
            pages_are_cached: false,
            disabled_rule: None,
        }
    }

    pub(crate) fn lifetime_ms(&self) -> f64 {
        LIFETIMES[self.lifetime]
    }
}
