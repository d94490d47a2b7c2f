//! Counts the acts of users, the accidents and their consequences, by kind. With enough seeds, a
//! test fails if a kind never happens.

use std::fmt;
use std::ops::AddAssign;

macro_rules! kinds {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A kind of act, accident or consequence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($name),* }
        const NAMES: &[&str] = &[$($text),*];
    };
}

kinds! {
    Login "login",
    SeparateLogin "separate login",
    Visitor "login as a visitor",
    Bot "login as a bot",
    Adopt "login with a session",
    Logout "logout",
    LogoutUnrevoked "logout without a revoke",
    SecureLogout "secure logout",
    Token "access token",
    Fetch "fetch",
    Refused "fetch answered 401",
    Renew "renew",
    Wake "wake",
    Online "online",
    Opened "tab opened",
    ResumedLate "first call aborted, and repeated later",
    Closed "client closed while idle",
    ClosedMidFlight "client closed during an operation",
    ClosedWithClaim "client closed while it held the claim",
    Aborted "only caller of an operation aborted",
    AbortedBesideOthers "one of several callers of an operation aborted",
    SettledWithoutCaller "operation settled after its caller had aborted",
    Died "tab died",
    RenewerDied "tab died during its renewal",
    Frozen "tab frozen",
    RenewerFrozen "tab frozen during its renewal",
    Thawed "tab thawed",
    Hidden "tab hidden",
    Throttled "timer of a hidden tab delayed",
    Cached "page cached",
    RenewerCached "page cached during its renewal",
    MessageMissed "message to a cached page lost",
    AnswerMissed "answer to a cached page lost",
    Deployed "later version deployed",
    Obsolete "tab met a later version",
    Unsupported "call refused in a tab of an earlier version",
    Slept "device slept",
    ClockForward "wall clock set forward",
    ClockBack "wall clock set back",
    Offline "device offline",
    LostBefore "request lost before the service acted",
    LostAfter "answer lost after the service acted",
    SlowUp "request delayed beyond the timeout",
    SlowDown "answer delayed beyond the timeout",
    Overtaken "request overtaken by a later one",
    Failing "answer 5xx",
    Limited "answer 429 with Retry-After",
    Html "answer 401 in HTML",
    OddSession "session with an odd lifetime, none, or that of another visitor",
    OtherVisitor "renewal with the session of another visitor",
    OverOnArrival "session over on arrival",
    CredentialFailed "credential source failed",
    CredentialHung "credential source hung",
    BadCredential "auth token refused",
    ReadFailed "storage read failed",
    WriteDropped "storage write dropped",
    StorageCleared "storage cleared",
    WrittenOver "shared numbers overwritten by older ones",
    SharedCleared "shared numbers cleared",
    SharedJunk "shared numbers overwritten with junk",
    SharedRestored "earlier shared numbers restored",
    SharedChangedMidStep "shared numbers changed between a read and a write",
    StorageEvent "tab woken by a write to storage",
    MessageSlow "message to a tab delayed",
    TimerLate "timer late",
    LockTimedOut "lock not granted in time",
    TakenOver "live claim of another tab overridden",
    RevokedAll "all tokens revoked by an administrator",
    Banned "user banned",
    Unbanned "ban lifted",
    Deleted "user deleted",
    Renewed "session renewed",
    Joined "session of another tab adopted",
    Terminated "session terminated",
    VerifiedAfterLoss "session verified after a lost request",
    RevokedStale "stale session revoked",
    WaitedForPause "renewal delayed by a pause",
    WorkerServed "worker request",
    WorkerResumed "worker resumed its session",
    WorkerRenewed "worker renewed its session",
    WorkerLoggedOut "worker logged out",
    WorkerStopped "worker stopped during a call",
}

/// How often each kind has happened, and the totals.
#[derive(Clone)]
pub(crate) struct Counts {
    by_kind: Vec<u64>,
    pub(crate) events: u64,
    pub(crate) seeds: u64,
    pub(crate) requests: u64,
    /// The number of events in the shortest run.
    pub(crate) min_events: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            by_kind: vec![0; NAMES.len()],
            events: 0,
            seeds: 0,
            requests: 0,
            min_events: u64::MAX,
        }
    }
}

impl Counts {
    pub(crate) fn note(&mut self, kind: Kind) {
        self.by_kind[kind as usize] += 1;
    }

    /// Returns the kinds that never happened.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        NAMES
            .iter()
            .zip(&self.by_kind)
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| *name)
            .collect()
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        self.by_kind
            .iter_mut()
            .zip(&other.by_kind)
            .for_each(|(sum, count)| *sum += count);
        self.events += other.events;
        self.seeds += other.seeds;
        self.requests += other.requests;
        self.min_events = self.min_events.min(other.min_events);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} seeds, {} events (at least {} per seed), {} requests",
            self.seeds, self.events, self.min_events, self.requests
        )?;
        NAMES
            .iter()
            .zip(&self.by_kind)
            .try_for_each(|(name, count)| writeln!(f, "{count:>12}  {name}"))
    }
}
