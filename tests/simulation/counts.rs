//! Counts everything that users and fate do, so that a kind that never happens is noticed.

use std::fmt;
use std::ops::AddAssign;

macro_rules! kinds {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A kind of act or accident, or of its consequence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($name),* }
        const NAMES: &[&str] = &[$($text),*];
    };
}

kinds! {
    Login "login",
    LoginAfresh "login afresh",
    Visitor "login as a visitor",
    Bot "login as a bot",
    Adopt "login with a session",
    Logout "logout",
    LogoutUnrevoked "logout without a revoke",
    SecureLogout "secure logout",
    Token "access token",
    Fetch "fetch",
    Refused "fetch refused",
    Renew "renew",
    Wake "wake",
    Online "online",
    Opened "tab opened",
    Closed "client closed at rest",
    ClosedMidFlight "client closed in mid-flight",
    ClosedWithClaim "client closed while it held the claim",
    Aborted "only caller of an operation gave up",
    AbortedBesideOthers "one of several callers gave up",
    SettledWithoutCaller "operation ended after its caller had given up",
    Died "tab died",
    RenewerDied "tab died while it renewed",
    Frozen "tab frozen",
    RenewerFrozen "tab frozen while it renewed",
    Thawed "tab thawed",
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
    MessageSlow "message to a tab delayed",
    TimerLate "timer late",
    LockTimedOut "lock not granted in time",
    TakenOver "another tab's claim taken over by a login",
    RevokedAll "all tokens revoked by an administrator",
    Banned "user banned",
    Unbanned "ban lifted",
    Deleted "user deleted",
    Renewed "session renewed",
    Joined "another tab's session taken over",
    Terminated "session terminated",
    VerifiedAfterLoss "session verified after a lost request",
    RevokedStale "stale session revoked",
    WaitedForPause "renewal put off by a pause",
    WorkerServed "worker request",
    WorkerResumed "worker resumed its session",
    WorkerRenewed "worker renewed its session",
    WorkerLoggedOut "worker logged out",
}

/// How often each kind has happened, and the sums of a run.
#[derive(Clone)]
pub(crate) struct Counts {
    pub(crate) of: Vec<u64>,
    pub(crate) events: u64,
    pub(crate) seeds: u64,
    pub(crate) requests: u64,
    /// The fewest events of a run.
    pub(crate) fewest: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            of: vec![0; NAMES.len()],
            events: 0,
            seeds: 0,
            requests: 0,
            fewest: u64::MAX,
        }
    }
}

impl Counts {
    pub(crate) fn note(&mut self, kind: Kind) {
        self.of[kind as usize] += 1;
    }

    /// Returns the kinds that never happened.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        NAMES
            .iter()
            .zip(&self.of)
            .filter(|(_, count)| **count == 0)
            .map(|(name, _)| *name)
            .collect()
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, other: &Counts) {
        self.of
            .iter_mut()
            .zip(&other.of)
            .for_each(|(sum, count)| *sum += count);
        self.events += other.events;
        self.seeds += other.seeds;
        self.requests += other.requests;
        self.fewest = self.fewest.min(other.fewest);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} seeds, {} events (at least {} each), {} requests",
            self.seeds, self.events, self.fewest, self.requests
        )?;
        NAMES
            .iter()
            .zip(&self.of)
            .try_for_each(|(name, count)| writeln!(f, "{count:>12}  {name}"))
    }
}
