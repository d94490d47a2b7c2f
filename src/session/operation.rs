//! Runs the tab's single in-flight operation. Each of its stages waits for a deadline or for the
//! outcome of one effect, which a ticket identifies. (`Commit` is a stage within one step.)
//!
//! ```text
//! Lock → [WaitForClaim, SettleClaim] → Load → [AskTabs] → Credential → CreateSession → [Reload]
//!      → [Verify]
//! ```
//!
//! A login or a renewal first takes the claim (rule 6), atomically if locks are available. It then
//! checks whether another tab has already done the work, and only then sends a request to the
//! service. A resume begins with `Load`, and a verification with `Verify`.

use super::{Effect, Identity, Machine, Message, Outcome, Record, Sink};

/// An operation, by its purpose.
#[derive(Clone, Copy, Debug)]
// In wasm, checking a separate tag takes less code than checking the niche of a field.
#[repr(u32)]
pub(super) enum Operation {
    /// Restores the device's session.
    Resume,
    /// Signs a user in.
    Login(Login),
    /// Renews the current session.
    Renew(Renewal),
    /// Checks whether the service still accepts the token.
    Verify {
        /// Whether the app has requested a renewal during the verification.
        renewal_requested: bool,
    },
}

/// A login.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login {
    /// The user to sign in.
    pub identity: Identity,
    /// Whether the login must send a request even if a valid session exists.
    pub needs_request: bool,
    /// The epoch of the login; 0 until the login has raised the epoch.
    pub epoch: f64,
    /// When the login stops waiting for another tab's claim, in monotonic time.
    pub claim_wait_until: f64,
}

/// A renewal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renewal {
    /// Whether the app has called `renew`. No shared pause delays such a renewal.
    pub is_forced: bool,
    /// Whether the service has rejected the first credential.
    pub is_retry: bool,
}

/// The stage of an operation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    /// Waits for the lock.
    Lock { ticket: u32 },
    /// Waits for the end of another tab's claim.
    WaitForClaim { until: f64 },
    /// Waits until other tabs can see a claim that was written without a lock.
    SettleClaim { until: f64 },
    /// Reads storage.
    Load { ticket: u32 },
    /// Waits for another tab's answer.
    AskTabs { until: f64 },
    /// Waits for a credential, for example an auth token of the app's backend. `sequence` is the
    /// shared sequence at the start of the stage.
    Credential { ticket: u32, sequence: f64 },
    /// Waits for the service to create a session. `sequence` is the shared sequence at the start of
    /// the stage.
    CreateSession {
        ticket: u32,
        sequence: f64,
        has_credential: bool,
    },
    /// Reads storage again, because another tab committed a session while this tab's request was in
    /// flight. `answer` is the session that the service has created for the request.
    Reload { ticket: u32, answer: Record },
    /// Commits the new session, within the same step.
    Commit,
    /// Verifies a token. `not_found`: whether the verification follows a session request that
    /// failed with NotFound.
    Verify { ticket: u32, not_found: bool },
}

impl Stage {
    pub(super) fn ticket(&self) -> u32 {
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

    /// Returns when the stage ends, in monotonic time.
    fn deadline(&self) -> f64 {
        match *self {
            Stage::WaitForClaim { until }
            | Stage::SettleClaim { until }
            | Stage::AskTabs { until } => until,
            _ => f64::INFINITY,
        }
    }

    /// Returns whether the stage precedes the request to the service.
    fn is_before_request(&self) -> bool {
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
    /// The purpose of the operation.
    pub operation: Operation,
    /// The present stage.
    pub stage: Stage,
    /// The current session at the start of the operation, or of its last verification or renewal; 0
    /// for none.
    pub session_before: u32,
    /// The number of verifications in which the service has rejected the token.
    pub rejections: u8,
    /// Whether the operation has committed a session that is not verified yet.
    pub is_committed: bool,
}

impl InFlight {
    pub(super) fn login(&self) -> Option<&Login> {
        match &self.operation {
            Operation::Login(login) => Some(login),
            _ => None,
        }
    }

    /// Returns whether the operation concerns the signed-in user.
    pub(super) fn is_for_current(&self) -> bool {
        self.is_committed || self.login().is_none()
    }

    /// Returns whether the operation ignores a pause that the tabs share.
    pub(super) fn is_forced(&self) -> bool {
        match self.operation {
            Operation::Login(_) => true,
            Operation::Renew(Renewal { is_forced, .. }) => is_forced,
            Operation::Verify { renewal_requested } => renewal_requested,
            Operation::Resume => false,
        }
    }
}

/// How long to wait for another tab's answer, in milliseconds.
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
    pub(super) fn stage_awaiting(&self, ticket: u32) -> Option<&Stage> {
        let in_flight = self.in_flight.as_ref()?;
        (ticket > 0 && in_flight.stage.ticket() == ticket).then_some(&in_flight.stage)
    }

    /// Returns whether the operation waits for this ticket.
    pub(super) fn awaits(&self, ticket: u32) -> bool {
        self.stage_awaiting(ticket).is_some()
    }

    /// Returns when the stage in flight ends, in monotonic time.
    pub(super) fn deadline(&self) -> f64 {
        self.stage().map_or(f64::INFINITY, Stage::deadline)
    }

    /// Returns whether the operation concerns the signed-in user.
    pub(super) fn is_for_current(&self) -> bool {
        self.in_flight
            .as_ref()
            .is_some_and(InFlight::is_for_current)
    }

    /// Starts an operation, unless the tab is obsolete.
    pub(super) fn begin(&mut self, operation: Operation) {
        if self.is_obsolete {
            return;
        }
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

    /// Ends the operation with success if another tab has done the same work.
    pub(super) fn succeed_if_done(&mut self) {
        let current = self.current_id();
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        let is_done = match in_flight.stage {
            // A newer session makes the verification of the previous one irrelevant.
            Stage::Verify { .. } => true,
            _ => {
                in_flight.stage.is_before_request()
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
            Some(Stage::AskTabs { .. }) => self.request_or_finish(),
            _ => {}
        }
    }

    pub(super) fn load(&mut self) {
        let ticket = self.next_id();
        self.enter_stage(Stage::Load { ticket });
        self.emit(Effect::Load { ticket });
    }

    pub(super) fn on_loaded(&mut self, ticket: u32, record: Option<&Record>) {
        if self.on_searched(ticket, record) {
            return;
        }
        match self.stage_awaiting(ticket) {
            Some(&Stage::Reload { answer, .. }) => {
                self.enter_stage(Stage::Commit);
                self.adopt_if_later(record);
                self.commit(&answer);
            }
            Some(Stage::Load { .. }) => {
                let is_latest = record.is_some_and(|found| found.sequence >= self.shared.sequence);
                self.use_session(record);
                self.save_unless_stored(record);
                if self.settings.is_shared && !is_latest && self.is_outdated() {
                    let until = self.clock.now.mono + ASK_TABS_MS;
                    self.enter_stage(Stage::AskTabs { until });
                    self.broadcast(Message::RequestSession { is_quiet: false }, 0);
                } else {
                    self.request_or_finish();
                }
            }
            _ => {
                self.adopt_if_later(record);
                self.save_unless_stored(record);
                if self.is_outdated() {
                    self.ask_tabs();
                }
            }
        }
    }

    /// Uses a session from storage or from another tab's answer. Ends the session instead if a
    /// login replaces its user.
    fn use_session(&mut self, record: Option<&Record>) {
        let login = self.login().copied();
        match (record, login) {
            (Some(found), Some(login)) if !found.identity.is_same(login.identity) => {
                self.end_stored_session(found);
            }
            _ => self.adopt_if_later(record),
        }
    }

    /// Uses another tab's answer. Returns whether the operation was waiting for an answer.
    pub(super) fn on_answer(&mut self, record: Option<&Record>) -> bool {
        let (Some(Stage::AskTabs { .. }), Some(found)) = (self.stage(), record) else {
            return false;
        };
        self.use_session(record);
        // If the answer came from a tab with an outdated session, wait for another answer.
        if found.sequence >= self.shared.sequence {
            self.request_or_finish();
        }
        true
    }

    /// Ends the operation if its work is already done. Otherwise continues with a request.
    fn request_or_finish(&mut self) {
        let current = self.current_id();
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        match in_flight.operation {
            Operation::Resume if current == 0 => self.finish(Outcome::NotLoggedIn),
            Operation::Resume => self.succeed(),
            Operation::Login(login) => {
                if !login.needs_request && self.has_usable_session_of(login.identity) {
                    return self.succeed();
                }
                let epoch = self.raise_epoch();
                if let Some(login) = self.login_mut() {
                    login.epoch = epoch;
                }
                self.broadcast_change(0);
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
