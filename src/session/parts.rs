//! What goes into the machine and what comes out of it. Numbers only: sessions are known by a number that their keeper gave them, users likewise, so no
//! token and no name is ever in here.

use super::wire::Outcome;

/// The official names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody is signed in.
    NotLoggedIn,
    /// A login is on its way.
    Establishing,
    /// Signed in.
    Established,
    /// Signed in, with a token past its end.
    TokenExpired,
    /// The service has ended the session.
    Terminated(Reason),
}

/// Why the service has ended a session; the official names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The service no longer takes the user's word.
    Unauthorized = 1,
    /// The user is banned from the network.
    GlobalBan = 2,
    /// The user has been deleted.
    UserDeleted = 3,
}

/// Who a session is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Person {
    /// 0 a user, 1 a visitor, 2 a bot.
    pub kind: u8,
    /// The same number for the same user id; of a visitor or a bot that has no session yet, 0.
    pub user: u32,
}

impl Person {
    /// A device has one visitor, and one bot.
    pub(super) fn is(self, other: Person) -> bool {
        self.kind == other.kind && (self.kind > 0 || self.user == other.user)
    }
}

/// A session as the machine knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Its number with the keeper; never 0.
    pub id: u32,
    /// The login epoch that it belongs to; 0 of one that has just come from the service.
    pub epoch: f64,
    /// The number of commits of the device, this one included; 0 likewise.
    pub number: f64,
    /// Milliseconds since the epoch, by the service.
    pub issued_at: f64,
    /// Milliseconds since the epoch, by the service.
    pub expires_at: f64,
    /// Who it is for.
    pub person: Person,
    /// The service's time less wall time, as its maker has measured it, in milliseconds.
    pub offset: f64,
}

/// What all tabs of a device share (rule 4): no secrets. It is read anew before every step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shared {
    /// Raised by every login and every logout. The last ten bits are random, so that no two tabs raise it to the same.
    pub epoch: f64,
    /// A session of an earlier epoch is over.
    pub floor: f64,
    /// How many sessions were committed.
    pub number: f64,
    /// The epoch of the session that was committed last; 0 if that was ended since, less than 0 (a `Reason`) if by the service.
    pub committed: f64,
    /// Until when, by wall time, the claim below holds.
    pub until: f64,
    /// The tab that is about to ask for a session; `COOLDOWN` or `WISHED` while nobody may; 0 nobody.
    pub by: f64,
}

/// Nobody may renew for a while: a renewal has failed.
pub const COOLDOWN: f64 = -1.0;
/// The same, by wish of the service (`Retry-After`): the network's return does not end it.
pub const WISHED: f64 = -2.0;

/// How a request for a session failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// The service's own word (rule 10).
    Definite(Reason),
    /// Whatever may pass, with what the service wishes in milliseconds, 0 without a wish.
    Transient(f64),
    /// The service does not know something, maybe the user: a look at the token tells.
    NotFound,
}

/// What the service says of a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// It honours it.
    Valid,
    /// It does not: a renewal will tell why.
    Refused,
    /// It will not again.
    Over(Reason),
    /// It could not be asked; what it wishes, in milliseconds.
    Unknown(f64),
}

/// What tabs say to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// What is shared has changed. Under `memory` storage it comes with the session.
    Changed,
    /// Who has the session? (`memory` storage.)
    Ask,
    /// A session that was issued then was thrown away; tokens that are not younger may be dead.
    Overtaken(f64),
}

/// What has happened. A `ticket` names the effect that it is the outcome of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// `resume()`.
    Resume,
    /// `login()`; `afresh`: with a name or an auth token, so that only a request will do.
    Login(Person, bool),
    /// `loginWithSession()`.
    Adopt(Record),
    /// `accessToken()` wants one that is good for so many milliseconds.
    Need(f64),
    /// `renew()`.
    Renew,
    /// The service has answered 401 to a request with this token.
    Refused(u32),
    /// `logout()`, with a revoke or without.
    Logout(bool),
    /// `secureLogout()`.
    SecureLogout,
    /// The page is shown, thawed, or online (`true`) again.
    Wake(bool),
    /// The timer.
    Tick,
    /// Whether the lock was granted.
    Locked(u32, bool),
    /// What storage holds; ticket 0: a look outside of a flight.
    Found(u32, Option<Record>),
    /// From another tab.
    Heard(Message, Option<Record>),
    /// What a session is asked for with is at hand, and whether there is anything; or the app's backend could not be asked, with its wish in milliseconds,
    /// 0 without one.
    Credential(u32, Result<bool, f64>),
    /// The answer may take so long, in milliseconds: an attempt, or a pause before one. `true`: an earlier one has got no answer.
    Attempt(u32, f64, bool),
    /// The answer to a request for a session, and how long it took in milliseconds.
    Session(u32, Result<Record, Failure>, f64),
    /// The answer about a token.
    Verified(u32, Verdict),
    /// Whether a token is revoked, or as good as that.
    Revoked(u32, bool),
    /// The `Date` of an answer that took so many milliseconds.
    Date(f64, f64),
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// The state is now.
    State(State),
    /// The session is now; 0: none.
    Hold(u32),
    /// The token may be handed out without a step until then, ends then (both in monotonic time), and its end is only suspected.
    Fresh(f64, f64, bool),
    /// The only timer, in monotonic time.
    Timer(f64),
    /// Write what is shared.
    Share(Shared),
    /// Ask for the lock, no longer than `timeoutMs`, and give it back at once: `Locked`.
    Lock(u32),
    /// Read storage: `Found`.
    Find(u32),
    /// Write this session to storage, with its epoch, number and offset, which count from now on.
    Save(Record),
    /// Remove what is in storage.
    Clear,
    /// Say it to the other tabs; a session goes along only under `memory` storage.
    Tell(Message, u32),
    /// Get an auth token or a visitor's signature: `Credential`. A fresh one, if the first flag says so; for whom the login says, or (the second flag) for
    /// whose session it is.
    Credential(u32, bool, bool),
    /// Ask the service for a session, for whom the login says or (`true`) whose it is: `Attempt`, `Session`.
    Session(u32, bool),
    /// Ask the service about a token: `Verified`.
    Verify(u32, u32),
    /// Revoke a token: `Revoked`.
    Revoke(u32),
    /// Nobody will ask for this token again.
    Forget(u32),
    /// Who has called waits for this.
    Wait(u32),
    /// Who has called gets this at once.
    Now(Outcome),
    /// What was waited for has ended.
    Done(u32, Outcome),
    /// There is a new token, by this tab or (`false`) by another.
    Renewed(bool),
    /// A renewal has failed; the next try, by wall time.
    Failed(f64),
}
