//! Checks the invariants of renewals.
//!
//! Tabs may renew a token once. They may renew it once more for each of its renewals that failed or
//! was interrupted: its tab died, froze, was closed or began a login, another tab took its claim,
//! or the clocks jumped. A renewal must be due or have another reason: the app has requested it,
//! the service has rejected the token, or a caller needs a longer validity. If storage or messages
//! fail, a tab may not learn of a renewal. Each such fault excuses as many needless renewals as it
//! can cause.

use crate::checks::{claim_expiry, MAX_ERROR_MS};
use crate::counts::Kind;
use crate::tab::{device_of, is_worker, Call, Waiter, DEVICE};
use crate::world::World;
use social_plus_auth::session::{due, Claim, Effect, Event, Now, Record, Shared, MAX_DRIFT_MS};

/// The shortest pause before the renewal of a session that was over on arrival, in milliseconds.
const MIN_PAUSE_MS: f64 = 100.0;
/// The maximum length of a pause, in milliseconds. A longer one comes from a clock that was wrong.
const MAX_PAUSE_MS: f64 = 3_600_000.0;

impl World<'_> {
    /// Checks that no tab begins to renew during a pause, unless its app has requested a renewal or
    /// a login, or going online has waived the cooldown.
    pub(crate) fn check_pause(
        &mut self,
        tab: usize,
        event: Event,
        (now, known_claim, shared): (Now, Claim, Shared),
        effects: &[Effect],
    ) {
        let before = std::mem::replace(&mut self.tabs[tab].last_now, now);
        let drift = (now.wall - before.wall) - (now.mono - before.mono);
        if drift.abs() > MAX_DRIFT_MS {
            self.waive_pause(tab, known_claim);
        }
        let has_gone_online = event == (Event::Wake { is_online: true });
        if has_gone_online && !matches!(shared.claim, Claim::RetryAfter { .. }) {
            // This ends the tab's own pause even if storage does not show the cooldown yet.
            self.tabs[tab].waived_at = self.time;
            self.waive_pause(tab, shared.claim);
        }
        let (Claim::Cooldown { until } | Claim::RetryAfter { until }) = shared.claim else {
            return;
        };
        let left = until - now.wall;
        let is_paused = left > 0.0 && left < MAX_PAUSE_MS && until != self.tabs[tab].waived_until;
        if !matches!(event, Event::Locked { .. }) || !is_paused || self.is_renewal_forced(tab) {
            return;
        }
        let number = self.tabs[tab].number;
        let is_claim = |effect: &Effect| match effect {
            Effect::WriteShared(numbers) => {
                claim_expiry(Shared::from_numbers(*numbers), number).is_some()
            }
            _ => false,
        };
        if effects.iter().any(is_claim) {
            self.report(tab, "a tab renews during a pause");
        } else {
            self.count(Kind::WaitedForPause);
        }
    }

    /// Checks that a tab verifies a session that it commits, if an earlier request of this tab may
    /// still reach the service.
    pub(crate) fn check_trust(&mut self, tab: usize, effects: &[Effect]) {
        for effect in effects {
            let Effect::Current(id) = *effect else {
                continue;
            };
            let is_new = |token: &u32| {
                let tab = &self.tabs[tab];
                tab.received_tokens.contains(token) && !tab.committed_tokens.contains(token)
            };
            if !self.tabs[tab].token(id).is_some_and(|token| is_new(&token)) {
                continue;
            }
            if !std::mem::take(&mut self.tabs[tab].has_lost_request) {
                continue;
            }
            let verifies = |effect: &Effect| match effect {
                Effect::Verify { session, .. } => *session == id,
                _ => false,
            };
            if effects.iter().any(verifies) {
                self.count(Kind::VerifiedAfterLoss);
            } else {
                self.report(
                    tab,
                    "a tab trusts a session although an earlier request may still reach the \
                     service",
                );
            }
        }
    }

    /// Records that a tab may ignore a pause from now on.
    fn waive_pause(&mut self, tab: usize, claim: Claim) {
        if let Claim::Cooldown { until } | Claim::RetryAfter { until } = claim {
            (self.tabs[tab].waived_until, self.tabs[tab].waived_at) = (until, self.time);
        }
    }

    /// Checks that no tab renews a session that was over on arrival without a pause, unless its app
    /// has requested the renewal.
    fn check_pause_after_arrival(&mut self, tab: usize, token: u32) {
        let Some((at, committer)) = self.truth.tokens[token as usize].over_on_arrival else {
            return;
        };
        // Another tab may not have seen the pause yet, or a requested renewal may have ended it.
        let is_other = tab != committer;
        let is_forced = self.is_renewal_forced(tab) || self.plan.clocks_jump || is_other;
        let is_forced = is_forced || self.tabs[tab].waived_at >= at;
        if self.time - at < MIN_PAUSE_MS && !is_forced {
            self.report(
                tab,
                "a tab renews a session that was over on arrival without a pause",
            );
        }
    }

    /// Returns whether the app of a tab has requested a renewal or a login.
    fn is_renewal_forced(&self, tab: usize) -> bool {
        let is_forcing = |waiter: &Waiter| matches!(waiter.call, Call::Login(..) | Call::Renew);
        self.tabs[tab].login.is_some() || self.tabs[tab].waiters.iter().any(is_forcing)
    }

    /// Counts a tab's request to renew a token, and checks that the tab may renew it.
    pub(crate) fn account_for_renewal(&mut self, tab: usize, token: u32, held: &Record) {
        self.check_pause_after_arrival(tab, token);
        let time = self.service_time();
        let jumps = self.plan.clocks_jump;
        // Another tab has renewed the token, but this tab cannot find the new session.
        let is_outdated = self.tabs[tab].last_shared.sequence > held.sequence;
        let requested = &mut self.truth.tokens[token as usize];
        requested.renewal_requests += 1;
        let is_one_too_many = requested.renewal_requests > 1 + requested.excused_requests;
        let is_due = time + MAX_ERROR_MS
            >= due(
                held.issued_at,
                held.expires_at,
                DEVICE + device_of(tab) as u32,
                held.sequence,
                0.0,
            );
        let has_reason = requested.may_renew_early || is_due || jumps || is_outdated;
        // A worker cannot lose shared numbers, because it has none, but its clock may be wrong.
        let has_excuse = self.truth.excused_renewals > 0 && (jumps || !is_worker(tab));
        let is_hidden = is_outdated && self.tabs[tab].has_asked_in_vain;
        if is_one_too_many && !has_excuse && !is_hidden {
            self.report(tab, "a tab renews a token that needs no renewal");
        } else if is_one_too_many {
            self.truth.excused_renewals -= u32::from(has_excuse);
            self.truth.tokens[token as usize].excused_requests += 1;
        }
        if !has_reason {
            self.report(
                tab,
                "a tab renews a token although the renewal is neither due nor requested",
            );
        }
    }

    /// Checks that a write does not replace another tab's live claim by a claim of this tab, unless
    /// the tab has a login in flight or a fault can hide the other claim.
    pub(crate) fn check_claim_taken(&mut self, tab: usize, shared: Shared) {
        let Some(before) = self.shared.numbers else {
            return;
        };
        if let (true, Some((identity, _))) =
            (shared.min_epoch > before.min_epoch, self.tabs[tab].login)
        {
            // The tab's login signs out a user who signed in while the login was in flight.
            self.truth.challenge_others(identity, device_of(tab));
        }
        let own = self.tabs[tab].number;
        let Claim::Held { owner, expires_at } = before.claim else {
            return;
        };
        let is_taken = matches!(shared.claim, Claim::Held { owner, .. } if owner == own);
        if !is_taken || owner == own || expires_at <= self.now(tab).wall {
            return;
        }
        let Some(other) = self
            .tabs
            .iter()
            .position(|tab| tab.alive && tab.number == owner)
        else {
            return;
        };
        if self.tabs[tab].login.is_none()
            && !self.plan.clocks_jump
            && !self.plan.shared_may_be_lost
            && !self.plan.shared_is_late
        {
            return self.report(tab, "a tab takes a live claim from another tab");
        }
        self.count(Kind::TakenOver);
        self.excuse_renewals(other);
    }

    /// Ends a renewal. A failed renewal excuses one more renewal of the token.
    pub(crate) fn end_renewal(&mut self, tab: usize, ticket: u32, has_failed: bool) {
        let Some(index) = self.tabs[tab]
            .renewals
            .iter()
            .position(|renewal| renewal.ticket == ticket)
        else {
            return;
        };
        let renewal = self.tabs[tab].renewals.swap_remove(index);
        if has_failed && !renewal.excuses_another {
            self.truth.tokens[renewal.token as usize].excused_requests += 1;
        }
    }

    /// Excuses one more renewal for each renewal that the tab has in flight, because something
    /// interrupts them, or one needless renewal if the tab only holds the claim. Returns whether
    /// the tab was renewing or about to renew.
    pub(crate) fn excuse_renewals(&mut self, tab: usize) -> bool {
        let renewals = &mut self.tabs[tab].renewals;
        for renewal in renewals
            .iter_mut()
            .filter(|renewal| !renewal.excuses_another)
        {
            renewal.excuses_another = true;
            self.truth.tokens[renewal.token as usize].excused_requests += 1;
        }
        // A tab that holds the claim may be about to renew.
        let is_about_to = self.tabs[tab].renewals.is_empty()
            && self
                .shared
                .numbers
                .is_some_and(|shared| claim_expiry(shared, self.tabs[tab].number).is_some());
        self.truth.excused_renewals += u32::from(is_about_to);
        is_about_to || !self.tabs[tab].renewals.is_empty()
    }
}
