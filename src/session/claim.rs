//! Manages the claim, which a tab must hold before it requests a session (rule 6). A lock makes
//! taking the claim atomic. The host soon releases the lock, without waiting for a request
//! or for the app's code. Without locks, a tab writes the claim, waits, and checks whether it still
//! holds the claim.

use super::operation::Stage;
use super::{Claim, Effect, Machine, Outcome, Sink};

/// How much longer than the timeout of the owner's work a claim lasts, in milliseconds. In this
/// time, the owner can release the claim before it expires.
const EXTRA_CLAIM_MS: f64 = 1_000.0;
/// The minimum wait before a tab without locks trusts its claim, in milliseconds, so that other
/// tabs see the claim. The maximum is twice as long.
const MIN_SETTLE_MS: f64 = 50.0;
/// The longest plausible claim, in milliseconds. The machine ignores a longer one, because it was
/// written before a clock change.
const MAX_CLAIM_MS: f64 = 600_000.0;
/// The longest plausible pause, in milliseconds. The machine never pauses for longer, and ignores a
/// longer pause, because it was written before a clock change.
pub(super) const MAX_PAUSE_MS: f64 = 3_600_000.0;

impl<S: Sink> Machine<S> {
    /// Requests the claim. Continues without the claim if the tab shares no session.
    pub(super) fn claim(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.is_disabled(super::Rule::Claim) {
            return self.load();
        }
        if self.settings.is_shared {
            let ticket = self.next_id();
            self.enter_stage(Stage::Lock { ticket });
            self.emit(Effect::Lock { ticket });
        } else {
            self.load();
        }
    }

    /// Returns whether this tab holds the claim, even if the claim has expired.
    pub(super) fn has_claim(&self) -> bool {
        matches!(self.shared.claim, Claim::Held { owner, .. } if owner == self.settings.tab)
    }

    /// Returns the remaining time of another tab's claim in milliseconds. Returns 0 if no other tab
    /// holds the claim, or if the time is implausible.
    pub(super) fn remaining_claim_ms(&self) -> f64 {
        match self.shared.claim {
            Claim::Held { owner, expires_at } if owner != self.settings.tab => {
                let left = expires_at - self.clock.now.wall;
                if (0.0..MAX_CLAIM_MS).contains(&left) {
                    left
                } else {
                    0.0
                }
            }
            _ => 0.0,
        }
    }

    /// Takes or extends the claim so that it covers work with this timeout, unless another tab's
    /// claim has time left.
    pub(super) fn take_or_extend_claim(&mut self, ms: f64) {
        if self.settings.is_shared && self.remaining_claim_ms() == 0.0 {
            let expires_at = self.clock.now.wall + ms + EXTRA_CLAIM_MS;
            self.shared.claim = Claim::Held {
                owner: self.settings.tab,
                expires_at,
            };
        }
    }

    /// Releases the claim, if this tab holds it. After a lost request, replaces the claim by an
    /// expired cooldown, which tells the next tab that the request may still reach the service.
    pub(super) fn release_claim(&mut self) {
        if self.has_claim() {
            self.shared.claim = if self.has_lost_request {
                Claim::Cooldown { until: 0.0 }
            } else {
                Claim::Free
            };
            self.broadcast_change(0);
        }
    }

    /// Ignores the pause that the tab knows, in this tab only. If every tab removed it
    /// from the shared numbers, such a write could overwrite the claim of another tab.
    pub(super) fn waive_pause(&mut self) {
        self.retry_at = f64::NEG_INFINITY;
        if let Claim::Cooldown { until } | Claim::RetryAfter { until } = self.shared.claim {
            self.waived_until = until;
        }
    }

    pub(super) fn on_locked(&mut self, ticket: u32, is_granted: bool) {
        if !self.awaits(ticket) {
            return;
        }
        let Some(in_flight) = &self.in_flight else {
            return;
        };
        let is_forced = in_flight.is_forced();
        let claim_wait_until = in_flight
            .login()
            .map_or(f64::INFINITY, |login| login.claim_wait_until);
        let mono = self.clock.now.mono;
        let claimed_ms = self.remaining_claim_ms();
        if claimed_ms > 0.0 && mono < claim_wait_until {
            let until = claim_wait_until.min(mono + claimed_ms);
            return self.enter_stage(Stage::WaitForClaim { until });
        }
        if let Claim::Cooldown { until } | Claim::RetryAfter { until } = self.shared.claim {
            let left = until - self.clock.now.wall;
            let is_paused = left > 0.0 && left <= MAX_PAUSE_MS && until != self.waived_until;
            #[cfg(not(target_arch = "wasm32"))]
            let is_paused = is_paused && !self.is_disabled(super::Rule::Cooldown);
            if is_paused && !is_forced {
                self.retry_at = mono + left;
                return self.finish(Outcome::Failed);
            }
        }
        // A claim that is neither free nor this tab's own is a pause after a failure, or the claim
        // of another tab, which has expired or for which a login waits no longer. In each case an
        // earlier request may still reach the service.
        self.has_lost_request |= !matches!(self.shared.claim, Claim::Free) && !self.has_claim();
        self.shared.claim = Claim::Free;
        self.take_or_extend_claim(self.settings.timeout_ms);
        if is_granted {
            self.load();
        } else {
            let until = mono + MIN_SETTLE_MS * (1.0 + self.random());
            self.enter_stage(Stage::SettleClaim { until });
        }
    }

    /// Requests the claim again if the operation waits for another tab's claim and that claim has
    /// ended.
    pub(super) fn retry_claim(&mut self) {
        if matches!(self.stage(), Some(Stage::WaitForClaim { .. }))
            && self.remaining_claim_ms() == 0.0
        {
            self.claim();
        }
    }
}
