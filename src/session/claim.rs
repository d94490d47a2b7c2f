//! The claim: a tab must hold it before it requests a session (rule 6). The lock only makes taking
//! the claim atomic, and is released at once, so that it is never held around user code or the
//! network. Without locks a tab writes the claim, waits, and checks whether it still stands.

use super::operation::Stage;
use super::{Claim, Effect, Machine, Message, Outcome, Sink};

/// How much longer a claim lasts than the work it is for, in milliseconds, so that its owner
/// releases it before it expires.
const SPARE_MS: f64 = 1_000.0;
/// How long it takes until other tabs see a claim, in milliseconds.
const SETTLE_MS: f64 = 50.0;
/// A claim that lasts longer was made by another clock, in milliseconds.
const MAX_CLAIM_MS: f64 = 600_000.0;
/// A pause that lasts longer was made by another clock, in milliseconds.
const MAX_PAUSE_MS: f64 = 3_600_000.0;

impl<S: Sink> Machine<S> {
    /// Takes the claim, or goes on without it where there are no other tabs.
    pub(super) fn claim(&mut self) {
        #[cfg(not(target_arch = "wasm32"))]
        if self.lacks(super::Rule::Claim) {
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

    /// Returns whether this tab holds the claim.
    pub(super) fn has_claim(&self) -> bool {
        matches!(self.shared.claim, Claim::Held { owner, .. } if owner == self.settings.tab)
    }

    /// Returns how long another tab's claim lasts, in milliseconds; 0 if there is none.
    pub(super) fn claimed_ms(&self) -> f64 {
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

    /// Makes the claim last as long as the work that begins now, unless another tab has taken it.
    pub(super) fn extend_claim(&mut self, ms: f64) {
        if self.settings.is_shared && self.claimed_ms() == 0.0 {
            let expires_at = self.clock.now.wall + ms + SPARE_MS;
            self.shared.claim = Claim::Held {
                owner: self.settings.tab,
                expires_at,
            };
        }
    }

    /// Releases the claim. A request that got no answer may still reach the service: the pause that
    /// has already ended tells the next tab.
    pub(super) fn release_claim(&mut self) {
        if self.has_claim() {
            self.shared.claim = if self.has_lost_request {
                Claim::Cooldown { until: 0.0 }
            } else {
                Claim::Free
            };
            self.broadcast(Message::Changed, 0);
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
        let patience_until = in_flight
            .login()
            .map_or(f64::INFINITY, |login| login.patience_until);
        let mono = self.clock.now.mono;
        let claimed_ms = self.claimed_ms();
        if claimed_ms > 0.0 && mono < patience_until {
            let until = patience_until.min(mono + claimed_ms);
            return self.enter_stage(Stage::WaitForClaim { until });
        }
        if let Claim::Cooldown { until } | Claim::RetryAfter { until } = self.shared.claim {
            let left = until - self.clock.now.wall;
            let is_paused = left > 0.0 && left < MAX_PAUSE_MS && until != self.waived_until;
            #[cfg(not(target_arch = "wasm32"))]
            let is_paused = is_paused && !self.lacks(super::Rule::Cooldown);
            if is_paused && !is_forced {
                self.retry_at = mono + left;
                return self.finish(Outcome::Failed);
            }
        }
        // The tab that had the claim has not released it: its request may still be in flight.
        self.has_lost_request |= !matches!(self.shared.claim, Claim::Free) && !self.has_claim();
        self.shared.claim = Claim::Free;
        self.extend_claim(self.settings.timeout_ms);
        if is_granted {
            self.load();
        } else {
            let until = mono + SETTLE_MS * (1.0 + self.random());
            self.enter_stage(Stage::SettleClaim { until });
        }
    }

    /// Tries again to take the claim if another tab has released it.
    pub(super) fn retry_claim(&mut self) {
        if matches!(self.stage(), Some(Stage::WaitForClaim { .. })) && self.claimed_ms() == 0.0 {
            self.claim();
        }
    }
}
