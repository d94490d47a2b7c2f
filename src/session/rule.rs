//! Disables single rules of the machine, so that the simulation and the model can prove that the
//! rules are necessary.

use super::{Machine, Sink};

/// A rule that a test can disable, to prove that the rule is necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Results of an earlier epoch are discarded.
    Epoch,
    /// A tab must hold the claim before it requests a session.
    Claim,
    /// The session that was issued later counts, even if it arrived earlier.
    Latest,
    /// A session that an earlier request may have ended is verified before it is trusted.
    Verify,
    /// During the pause after a failed renewal, no tab renews unless the app calls `renew`.
    Cooldown,
    /// A discarded session is revoked.
    Revocation,
    /// A logout covers the whole device, including a later session of another tab and requests in
    /// flight.
    Device,
    /// A `secureLogout` waits for the operation in flight.
    Waiting,
    /// A tab that meets a later version of the shared state only uses its token (rule 20).
    Version,
    /// A tab asks once for each session and answers quiet requests once, and an answer includes the
    /// session (rules 18 and 19).
    Quiet,
}

impl<S: Sink> Machine<S> {
    /// Disables a rule, for a test that must then find a violation.
    pub fn without(mut self, rule: Rule) -> Self {
        self.without = Some(rule);
        self
    }

    /// Replaces each random number by `draw`, from 0 to 1, so that a model of the tabs is finite.
    pub fn with_fixed_draws(mut self, draw: f64) -> Self {
        self.fixed_draw = Some(draw);
        self
    }

    pub(super) fn is_disabled(&self, rule: Rule) -> bool {
        self.without == Some(rule)
    }
}
