//! Limits a tab that has met a later version of the shared state (rule 20). Such a tab is obsolete:
//! it uses its token until the token expires or the service rejects it. It takes no claim, writes
//! nothing and requests no session. The epoch, the minimum epoch and the sequence mean the same in
//! every version, so a logout in a tab of a later version still signs out an obsolete tab.

use super::{Claim, Machine, Outcome, Shared, Sink, State};

impl<S: Sink> Machine<S> {
    /// Makes the tab obsolete for the rest of its life, and ends its operation in flight. If the
    /// operation's request creates a session nevertheless, the tab revokes that session.
    pub(super) fn become_obsolete(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Version) {
            return;
        }
        self.is_obsolete = true;
        self.clock.end_suspicion();
        self.reset_backoff();
        // The claim that the tab may hold expires in storage.
        self.shared.claim = Claim::Free;
        if !self.is_idle() {
            self.finish(Outcome::Unsupported);
            self.roll_back_login();
        }
    }

    /// Ends the use of a token that this tab has revoked. The user stays signed in, because the tab
    /// cannot sign the other tabs out.
    pub(super) fn lose_token(&mut self, session: u32) {
        if let Some(current) = self.current.filter(|current| current.id == session) {
            self.enter(State::TokenExpired);
            self.warn_tabs(current.issued_at);
        }
    }

    /// Returns the shared numbers that this tab last knew, but with the three numbers of `seen`
    /// that mean the same in every version.
    pub(super) fn stable_part_of(&self, seen: Shared) -> Shared {
        Shared {
            epoch: seen.epoch,
            min_epoch: seen.min_epoch,
            sequence: seen.sequence,
            ..self.shared
        }
    }
}
