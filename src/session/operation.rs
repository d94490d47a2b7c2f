//! The tab's single in-flight operation. It goes from stage to stage, and each stage waits for the
//! outcome of one effect, named by its ticket, or for a deadline:
//!
//! ```text
//! Lock → [WaitForClaim, SettleClaim] → Load → [AskTabs] → Credential → CreateSession → [Reload]
//!      → [Verify]
//! ```
//!
//! The tab first claims the device (rule 6), atomically where there are locks. It then checks
//! whether another tab has already done the work, and only then asks the service.

use super::{Effect, Identity, Machine, Message, Outcome, Record, Sink, State};

/// What an operation is for.
#[derive(Clone, Copy, Debug)]
// In wasm, a tag of its own is shorter to check than one in the niche of a field.
#[repr(u32)]
pub(super) enum Operation {
    /// Restores the session that the device has.
    Resume,
    /// Signs a user in.
    Login(Login),
    /// Renews the current session.
    Renew(Renewal),
    /// Asks the service whether it still honours the token.
    Verify {
        /// Whether the app has asked for a renewal in the meantime.
        renewal_requested: bool,
    },
}

/// A login.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login {
    /// Who signs in.
    pub identity: Identity,
    /// Whether an existing session will not do.
    pub needs_request: bool,
    /// The login epoch; 0 until the login has raised it.
    pub epoch: f64,
    /// When the login stops waiting for another tab's claim, in monotonic time.
    pub patience_until: f64,
}

/// A renewal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renewal {
    /// Whether the app has asked for it, so that no cooldown delays it.
    pub is_forced: bool,
    /// Whether the service has refused the first credential.
    pub is_retry: bool,
}

/// What an operation waits for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// The lock.
    Lock { ticket: u32 },
    /// The end of another tab's claim.
    WaitForClaim { until: f64 },
    /// Whether a claim that was made without a lock stands.
    SettleClaim { until: f64 },
    /// Storage.
    Load { ticket: u32 },
    /// Another tab's answer.
    AskTabs { until: f64 },
    /// The app's backend. `sequence` counts the sessions that the device had committed before.
    Credential { ticket: u32, sequence: f64 },
    /// The service.
    CreateSession {
        ticket: u32,
        sequence: f64,
        has_credential: bool,
    },
    /// Storage again: the device has committed a session since `answer` was requested.
    Reload { ticket: u32, answer: Record },
    /// Nothing: the answer is being committed.
    Commit,
    /// The service's word on a token. `not_found`: it did not know something when the tab requested
    /// a session.
    Verify { ticket: u32, not_found: bool },
}

impl Stage {
    fn ticket(&self) -> u32 {
        match *self {
            Stage::Lock { ticket }
            | Stage::Load { ticket }
            | Stage::Credential { ticket, .. }
            | Stage::CreateSession { ticket, .. }
            | Stage::Reload { ticket, .. }
            | Stage::Verify { ticket, .. } => ticket,
            Stage::WaitForClaim { .. }
            | Stage::SettleClaim { .. }
            | Stage::AskTabs { .. }
            | Stage::Commit => 0,
        }
    }

    /// When the stage ends, in monotonic time.
    fn deadline(&self) -> f64 {
        match *self {
            Stage::WaitForClaim { until }
            | Stage::SettleClaim { until }
            | Stage::AskTabs { until } => until,
            _ => f64::INFINITY,
        }
    }

    /// Returns whether the service has not been asked yet.
    fn is_early(&self) -> bool {
        !matches!(
            self,
            Stage::CreateSession { .. }
                | Stage::Reload { .. }
                | Stage::Commit
                | Stage::Verify { .. }
        )
    }
}

/// An operation in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    /// The number that callers wait for.
    pub wait: u32,
    /// What the operation is for.
    pub operation: Operation,
    /// What the operation waits for.
    pub stage: Stage,
    /// The session at the start of the operation; 0 for none.
    pub session_before: u32,
    /// How often the service has rejected a session that it had just created.
    pub rejections: u8,
    /// Whether a session was committed that is still to be verified.
    pub is_committed: bool,
}

impl InFlight {
    pub(super) fn login(&self) -> Option<&Login> {
        match &self.operation {
            Operation::Login(login) => Some(login),
            _ => None,
        }
    }

    /// Returns whether the operation is for the user who is signed in.
    pub(super) fn is_for_current(&self) -> bool {
        self.is_committed || self.login().is_none()
    }

    /// Returns whether no pause delays the operation.
    pub(super) fn is_forced(&self) -> bool {
        match self.operation {
            Operation::Login(_) => true,
            Operation::Renew(Renewal { is_forced, .. }) => is_forced,
            Operation::Verify { renewal_requested } => renewal_requested,
            Operation::Resume => false,
        }
    }
}

/// How long the other tabs have for an answer, in milliseconds.
const ASK_TABS_MS: f64 = 200.0;

impl<S: Sink> Machine<S> {
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_none()
    }

    pub(super) fn stage(&self) -> Option<&Stage> {
        self.in_flight.as_ref().map(|in_flight| &in_flight.stage)
    }

    /// Returns the login that is in flight.
    pub(super) fn login(&self) -> Option<&Login> {
        self.in_flight.as_ref().and_then(InFlight::login)
    }

    /// Returns the stage if it waits for this ticket. Any other ticket is stale.
    pub(super) fn stage_of(&self, ticket: u32) -> Option<&Stage> {
        let in_flight = self.in_flight.as_ref()?;
        (ticket > 0 && in_flight.stage.ticket() == ticket).then_some(&in_flight.stage)
    }

    /// Returns whether the operation waits for this ticket.
    pub(super) fn awaits(&self, ticket: u32) -> bool {
        self.stage_of(ticket).is_some()
    }

    /// Returns when the stage in flight ends, in monotonic time.
    pub(super) fn deadline(&self) -> f64 {
        self.stage().map_or(f64::INFINITY, Stage::deadline)
    }

    /// Returns whether the operation is for the user who is signed in.
    pub(super) fn is_for_current(&self) -> bool {
        self.in_flight
            .as_ref()
            .is_some_and(InFlight::is_for_current)
    }

    /// Starts an operation.
    pub(super) fn begin(&mut self, operation: Operation) {
        let wait = self.next_id();
        let session_before = self.current_id();
        let stage = Stage::Lock { ticket: 0 };
        self.in_flight = Some(InFlight {
            wait,
            operation,
            stage,
            session_before,
            rejections: 0,
            is_committed: false,
        });
        match operation {
            Operation::Resume => self.load(),
            Operation::Verify { .. } => self.verify(false),
            Operation::Login(_) | Operation::Renew(_) => self.claim(),
        }
    }

    /// Enters the next stage. The outcomes of earlier stages are stale from now on.
    pub(super) fn enter_stage(&mut self, stage: Stage) {
        if let Some(in_flight) = &mut self.in_flight {
            in_flight.stage = stage;
        }
    }

    /// Ends the operation.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        self.abandon(outcome);
        let Some(&InFlight { wait, .. }) = self.in_flight.as_ref() else {
            return;
        };
        self.in_flight = None;
        self.release_claim();
        self.emit(Effect::Settle(wait, outcome));
    }

    /// Records the side effects of an operation that ends before its answer.
    pub(super) fn abandon(&mut self, outcome: Outcome) {
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        let is_overtaken = matches!(outcome, Outcome::Superseded | Outcome::NotLoggedIn);
        match in_flight.stage {
            Stage::Reload { answer, .. } => self.discard(&answer),
            // The request may still reach the service.
            Stage::CreateSession { .. } if is_overtaken => self.has_lost_request = true,
            // The service has not yet confirmed the session.
            Stage::Verify { .. } if is_overtaken && in_flight.is_committed => {
                self.doubt_current();
            }
            _ => {}
        }
    }

    /// Restores the state from before a login that has failed.
    pub(super) fn roll_back_login(&mut self) {
        if self.current.is_none() {
            self.enter(State::NotLoggedIn);
        } else if self.state == State::Establishing {
            self.enter(State::Established);
        }
    }

    /// Ends the operation with a session that nothing speaks against.
    pub(super) fn succeed(&mut self) {
        self.reset_backoff();
        self.finish(Outcome::Fine);
        if self.current.is_some() {
            self.enter(State::Established);
        }
    }

    /// Ends the operation if another tab has done its work.
    pub(super) fn succeed_if_done(&mut self) {
        let current = self.current_id();
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        let is_done = match in_flight.stage {
            // The verdict on the session before no longer matters.
            Stage::Verify { .. } => current > 0,
            _ => {
                in_flight.stage.is_early()
                    && !in_flight.is_committed
                    && matches!(in_flight.operation, Operation::Renew(_))
            }
        };
        if is_done && current != in_flight.session_before {
            self.succeed();
        }
    }

    pub(super) fn on_deadline(&mut self) {
        match self.stage() {
            Some(Stage::SettleClaim { .. }) if self.has_claim() => self.load(),
            Some(Stage::WaitForClaim { .. } | Stage::SettleClaim { .. }) => self.claim(),
            Some(Stage::AskTabs { .. }) => self.decide(),
            _ => {}
        }
    }

    pub(super) fn load(&mut self) {
        let ticket = self.next_id();
        self.enter_stage(Stage::Load { ticket });
        self.emit(Effect::Load { ticket });
    }

    pub(super) fn on_loaded(&mut self, ticket: u32, record: Option<&Record>) {
        match self.stage_of(ticket) {
            Some(&Stage::Reload { answer, .. }) => {
                self.enter_stage(Stage::Commit);
                self.consider(record);
                self.commit(&answer);
            }
            Some(Stage::Load { .. }) => {
                let is_latest = record.is_some_and(|found| found.sequence >= self.shared.sequence);
                self.take(record);
                if self.settings.is_shared && !is_latest && self.is_outdated() {
                    let until = self.clock.now.mono + ASK_TABS_MS;
                    self.enter_stage(Stage::AskTabs { until });
                    self.broadcast(Message::RequestSession, 0);
                } else {
                    self.decide();
                }
            }
            _ => self.consider(record),
        }
    }

    /// Takes a session from storage or from another tab's answer.
    fn take(&mut self, record: Option<&Record>) {
        let login = self.login().copied();
        match (record, login) {
            (Some(found), Some(login)) if !found.identity.is_same(login.identity) => {
                self.displace(found);
            }
            _ => self.consider(record),
        }
    }

    /// Takes another tab's answer. Returns whether the operation was waiting for one.
    pub(super) fn on_answer(&mut self, record: Option<&Record>) -> bool {
        let (Some(Stage::AskTabs { .. }), Some(found)) = (self.stage(), record) else {
            return false;
        };
        self.take(record);
        // A tab that has not heard of the latest session answers too.
        if found.sequence >= self.shared.sequence {
            self.decide();
        }
        true
    }

    /// Decides, with everything known, whether to ask the service.
    fn decide(&mut self) {
        let current = self.current_id();
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        match in_flight.operation {
            Operation::Resume if current == 0 => self.finish(Outcome::NotLoggedIn),
            Operation::Resume => self.succeed(),
            Operation::Login(login) => {
                if !login.needs_request && self.has_good_session_of(login.identity) {
                    return self.succeed();
                }
                let epoch = self.raise_epoch();
                if let Some(login) = self.login_mut() {
                    login.epoch = epoch;
                }
                self.broadcast(Message::Changed, 0);
                self.request_credential();
            }
            Operation::Renew(_) | Operation::Verify { .. } if current == 0 => {
                self.finish(Outcome::NotLoggedIn);
            }
            _ if current == in_flight.session_before => self.request_credential(),
            _ => self.succeed(),
        }
    }

    fn login_mut(&mut self) -> Option<&mut Login> {
        match &mut self.in_flight {
            Some(InFlight {
                operation: Operation::Login(login),
                ..
            }) => Some(login),
            _ => None,
        }
    }
}
