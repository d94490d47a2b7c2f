//! Selects the session that the device uses (rules 1 and 2): a session of a later epoch replaces
//! one of an earlier epoch. Within an epoch, the session that was issued later wins. If two
//! sessions were issued at the same time, the one that the service still accepts wins.

use super::operation::Operation;
use super::{Effect, InFlight, LastSession, Machine, Message, Outcome, Record, Sink, State};

impl<S: Sink> Machine<S> {
    pub(super) fn current_id(&self) -> u32 {
        self.current.map_or(0, |current| current.id)
    }

    /// Replaces the current session.
    pub(super) fn set_current(&mut self, record: Option<&Record>) {
        let before = self.current_id();
        (self.current, self.current_since) = (record.copied(), self.clock.now.mono);
        if let Some(record) = record {
            self.clock.ensure_not_before(record.issued_at);
        }
        self.emit(Effect::Current(self.current_id()));
        if before != self.current_id() {
            self.forget(before);
        }
    }

    /// Drops a session, unless it is the current one or queued for revocation.
    pub(super) fn forget(&mut self, id: u32) {
        let is_needed = id == self.current_id() || self.is_queued(id);
        if id > 0 && !is_needed {
            self.emit(Effect::Forget(id));
        }
    }

    /// Returns whether `session` replaces `other`.
    fn is_later(&self, session: &Record, other: &Record) -> bool {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Latest) {
            return true;
        }
        sort_key(session) > sort_key(other)
    }

    /// Adopts a session from another tab or from storage. Drops it instead if its epoch is over, if
    /// a login replaces its user, or if the current session is later.
    pub(super) fn adopt_if_later(&mut self, record: Option<&Record>) {
        let Some(found) = record else { return };
        let is_over = found.epoch < self.shared.min_epoch;
        #[cfg(not(target_arch = "wasm32"))]
        let is_over = is_over && !self.is_disabled(super::Rule::Epoch);
        // A login must not end with a session of another user.
        let is_foreign = self.login().is_some_and(|login| {
            !found.identity.is_same(login.identity)
                && self
                    .current
                    .is_none_or(|current| !current.identity.is_same(found.identity))
        });
        match self.current {
            Some(current) if current.id == found.id => {}
            _ if is_over || is_foreign => self.forget(found.id),
            Some(current) if !self.is_later(found, &current) => {
                if sort_key(found) == sort_key(&current) {
                    self.raise_discarded_at(current.issued_at);
                }
                self.forget(found.id);
            }
            _ => self.adopt(found),
        }
    }

    fn adopt(&mut self, record: &Record) {
        let before = self.current;
        if before.is_some_and(|current| !current.identity.is_same(record.identity)) {
            self.enter(State::NotLoggedIn);
        }
        self.clock
            .adopt_offset(record.clock_offset, record.issued_at);
        // The record restores shared numbers that storage may have lost.
        self.shared.epoch = self.shared.epoch.max(record.epoch);
        self.shared.record_committed(record.epoch);
        self.shared.sequence = self.shared.sequence.max(record.sequence);
        self.set_current(Some(record));
        if !self.is_due() {
            self.reset_backoff();
        }
        self.enter(State::Established);
        if before.is_some_and(|current| current.epoch == record.epoch) {
            self.emit(Effect::Renewed { by_this_tab: false });
        }
    }

    /// Commits the session that this tab requested. If another tab has committed a session since
    /// the request, first reads storage. Drops the new session if the current one is later.
    pub(super) fn commit(&mut self, record: &Record) {
        if self.is_behind() {
            return self.reload(record);
        }
        if let Some(current) = self.current {
            let record = Record {
                sequence: self.shared.sequence,
                ..*record
            };
            if self.is_later(&current, &record) && !self.is_later(&record, &current) {
                self.forget(record.id);
                return self.succeed();
            }
            if (current.epoch, current.issued_at) == (record.epoch, record.issued_at) {
                self.raise_discarded_at(record.issued_at);
            }
        }
        let is_login = self.login().is_some();
        self.install(*record);
        if !is_login {
            self.emit(Effect::Renewed { by_this_tab: true });
        }
        self.on_committed(record);
    }

    /// Makes this session the device's session.
    pub(super) fn install(&mut self, mut record: Record) {
        self.shared.sequence += 1.0;
        record.sequence = self.shared.sequence;
        self.shared.last = LastSession::Committed {
            epoch: record.epoch,
        };
        if record.epoch == self.shared.epoch {
            // A login ends a visitor's session when the login is committed, not when it starts.
            self.shared.min_epoch = record.epoch;
        }
        if self
            .current
            .is_some_and(|current| !current.identity.is_same(record.identity))
        {
            self.enter(State::NotLoggedIn);
            self.enter(State::Establishing);
        }
        self.set_current(Some(&record));
        self.emit(Effect::Save(record));
    }

    /// Handles a session that arrives after its operation has ended. A login or a logout may have
    /// raised the epoch since the request.
    pub(super) fn on_stale_session(&mut self, record: &Record) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Epoch) {
            self.install(Record {
                epoch: self.shared.epoch,
                ..*record
            });
            return self.enter(State::Established);
        }
        self.discard(record);
    }

    /// Queues the token of a session that no tab may use for revocation. Warns the other tabs,
    /// because the service may have ended the device's session when it created this one.
    pub(super) fn discard(&mut self, record: &Record) {
        self.raise_discarded_at(record.issued_at);
        self.warn_tabs(record.issued_at);
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Revocation) {
            return self.forget(record.id);
        }
        self.queue_revocation(record, 0, false);
    }

    /// Tells the other tabs that the service may have ended every session of this time or earlier.
    pub(super) fn warn_tabs(&mut self, issued_at: f64) {
        self.broadcast(Message::Discarded { issued_at }, 0);
    }

    /// Marks the current token as doubtful, because the service has not confirmed it.
    pub(super) fn mark_current_doubtful(&mut self) {
        if let Some(Record { issued_at, .. }) = self.current {
            self.raise_discarded_at(issued_at);
        }
    }

    /// Marks every token as doubtful that was issued at this time or earlier.
    pub(super) fn raise_discarded_at(&mut self, issued_at: f64) {
        self.discarded_at = self.discarded_at.max(issued_at);
    }

    pub(super) fn on_message(&mut self, message: Message, record: Option<&Record>) {
        match (message, self.current) {
            (Message::Changed { .. }, _) if self.is_obsolete => {
                self.forget(record.map_or(0, |found| found.id));
            }
            (Message::Changed { .. }, _) => {
                let before = self.current_id();
                if !self.on_answer(record) {
                    match record {
                        Some(_) => self.adopt_if_later(record),
                        None => self.reload_if_stale(),
                    }
                }
                let is_other = record.is_some_and(|found| found.id != before);
                if is_other && !self.settings.hands_over {
                    // Storage may lack the later of the two sessions (rule 19).
                    self.emit(Effect::Load { ticket: 0 });
                }
                if let (Some(found), Some(current)) = (record, self.current) {
                    let is_earlier = sort_key(found) < sort_key(&current);
                    if is_earlier && self.corrected != found.issued_at {
                        self.corrected = found.issued_at;
                        self.hand_over();
                    }
                }
                self.retry_claim();
            }
            (Message::RequestSession { is_quiet }, Some(current))
                if self.settings.hands_over && !self.is_obsolete || !self.is_outdated() =>
            {
                let has_answered = is_quiet && self.handed_over == current.id;
                #[cfg(not(target_arch = "wasm32"))]
                let has_answered = has_answered && !self.is_disabled(super::Rule::Quiet);
                if !has_answered {
                    self.hand_over();
                }
            }
            (Message::RequestSession { .. }, _) => {}
            (Message::Discarded { issued_at }, _) => self.raise_discarded_at(issued_at),
        }
    }

    /// Sends the current session to all tabs. A tab that stores sessions saves it if storage lacks
    /// it (rule 19).
    fn hand_over(&mut self) {
        self.handed_over = self.current_id();
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Quiet) {
            if let Some(current) = self.current {
                self.emit(Effect::Save(current));
            }
            return self.broadcast_change(self.handed_over);
        }
        let message = Message::Changed { hands_over: true };
        self.broadcast(message, self.handed_over);
    }

    /// Asks the other tabs for the device's session, once for each session: a further answer would
    /// be the same (rule 18).
    pub(super) fn ask_tabs(&mut self) {
        let has_asked = self.asked == self.shared.sequence;
        #[cfg(not(target_arch = "wasm32"))]
        let has_asked = has_asked && !self.is_disabled(super::Rule::Quiet);
        if !has_asked && !self.is_obsolete {
            let is_quiet = self.asked >= 0.0;
            self.asked = self.shared.sequence;
            self.broadcast(Message::RequestSession { is_quiet }, 0);
        }
    }

    /// Saves the current session, unless `record`, which storage holds, is as late. The tab that
    /// created the current session may use another `storage` or another key of `encrypted` storage,
    /// and a tab that was frozen may have written an earlier session.
    pub(super) fn save_unless_stored(&mut self, record: Option<&Record>) {
        if let Some(current) = self.current.filter(|_| !self.is_outdated()) {
            let is_stored = record.is_some_and(|found| sort_key(found) >= sort_key(&current));
            if !is_stored && !self.is_obsolete && (record.is_some() || self.settings.is_shared) {
                self.emit(Effect::Save(current));
            }
        }
    }

    /// Returns whether the device has a later session than this tab.
    pub(super) fn is_outdated(&self) -> bool {
        self.shared.has_session()
            && self
                .current
                .is_none_or(|current| current.sequence < self.shared.sequence)
    }

    /// Fetches the device's session from storage or from the other tabs if this tab is outdated.
    pub(super) fn reload_if_stale(&mut self) {
        if self.is_outdated() {
            if self.settings.hands_over {
                self.ask_tabs();
            } else {
                self.emit(Effect::Load { ticket: 0 });
            }
        }
    }

    /// Ends what the shared numbers say has ended. Returns the number of the session that other
    /// tabs have ended, or 0. The end of the step drops this session, unless the session has become
    /// current again.
    ///
    /// `sequence` is the latest session that the tab knew which has ended the session.
    pub(super) fn apply_shared(&mut self, sequence: f64) -> u32 {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Epoch) {
            return 0;
        }
        if self.state.is_terminated() && self.termination().is_none() {
            // A logout, or a login that another tab has committed, has replaced the termination.
            self.enter(State::NotLoggedIn);
        }
        let ended = self.end_current_by_epoch(sequence);
        if let (Some(current), None) = (self.current, self.termination()) {
            // The tab that wrote the numbers may not have known this session.
            self.shared.record_committed(current.epoch);
        }
        let is_superseded = self
            .login()
            .is_some_and(|login| login.epoch > 0.0 && login.epoch < self.shared.epoch);
        if is_superseded {
            self.finish(Outcome::Superseded);
            self.roll_back_login();
        }
        if self.state == State::NotLoggedIn && self.login().is_some() {
            self.enter(State::Establishing);
        }
        ended
    }

    /// Ends the current session if its epoch is below the minimum. Returns the number of the
    /// session, or 0.
    fn end_current_by_epoch(&mut self, sequence: f64) -> u32 {
        let min_epoch = self.shared.min_epoch;
        let Some(ended) = self.current.take_if(|current| current.epoch < min_epoch) else {
            return 0;
        };
        self.emit(Effect::Current(0));
        if !self.shared.has_session() && !self.is_obsolete {
            // The tab that has ended the session may not store sessions (rule 19).
            self.emit(Effect::Clear);
        }
        let reason = self.termination();
        // The tab that has ended the session did not have it, and so could not revoke it.
        let is_unknown = self.shared.last == LastSession::EndedUnknown;
        if reason.is_none() && (is_unknown || ended.sequence > sequence) {
            self.queue_revocation(&ended, 0, false);
        }
        if self.is_for_current() {
            let outcome = if reason.is_some() {
                Outcome::Terminated
            } else {
                Outcome::NotLoggedIn
            };
            self.finish(outcome);
        }
        // A login in flight continues, so the tab does not enter `Terminated`.
        let is_login = matches!(
            self.in_flight,
            Some(InFlight {
                operation: Operation::Login(_),
                ..
            })
        );
        let reason = reason.filter(|_| !is_login);
        self.enter(reason.map_or(State::NotLoggedIn, State::Terminated));
        ended.id
    }

    /// Returns why the service has ended the device's session, if it has.
    fn termination(&self) -> Option<super::Reason> {
        match self.shared.last {
            LastSession::Terminated(reason) => Some(reason),
            _ => None,
        }
    }
}

/// Returns the sort key of a session. The session with the greatest key is the device's session.
fn sort_key(record: &Record) -> (f64, f64, f64) {
    (record.epoch, record.issued_at, record.sequence)
}
