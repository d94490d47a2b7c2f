//! Limits a tab that has met a later version of the shared state (rule 20). Such a tab is obsolete:
//! it uses its token until the token ends, takes no claim, writes nothing and requests no session.
//! A later version may have changed every format except the epochs and the sequence, so a logout
//! there still ends this tab's session.

use super::{Claim, Machine, Outcome, Shared, Sink};

impl<S: Sink> Machine<S> {
    /// Ends the operation in flight, for good. A session that its request creates is revoked.
    pub(super) fn become_obsolete(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Version) {
            return;
        }
        self.is_obsolete = true;
        self.reset_backoff();
        // The claim that the tab may hold expires in storage.
        self.shared.claim = Claim::Free;
        if !self.is_idle() {
            self.finish(Outcome::Unsupported);
            self.roll_back_login();
        }
    }

    /// Returns what this tab knows, with the numbers that it understands in every version.
    pub(super) fn stable_part_of(&self, seen: Shared) -> Shared {
        Shared {
            epoch: seen.epoch,
            min_epoch: seen.min_epoch,
            sequence: seen.sequence,
            ..self.shared
        }
    }
}
