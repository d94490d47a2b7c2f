//! Checks what a logout promises (rule 17): after a logout that reports a revocation, the service
//! honours no session that a living tab or storage had received, and no request that was in flight
//! may create another one.

use crate::network::Purpose;
use crate::queue::Task;
use crate::tab::device_of;
use crate::world::World;

impl World<'_> {
    /// Checks that a logout of a tab may report a revocation now, and records the tokens that the
    /// service must reject from then on, once the device is at rest.
    pub(crate) fn check_revoked(&mut self, tab: usize, is_secure: bool) {
        let device = device_of(tab);
        if !is_secure && self.may_create_session(tab) {
            self.report(
                tab,
                "a logout reports a revocation although a session request may still arrive",
            );
        }
        let received = self
            .tabs
            .iter()
            .enumerate()
            .filter(|(place, tab)| tab.alive && device_of(*place) == device)
            .flat_map(|(_, tab)| {
                let records = tab.records.iter().map(|(_, token)| *token);
                tab.received_tokens.iter().copied().chain(records)
            });
        let stored = match device {
            0 => self.stored,
            device => self.worker_storage[device - 1],
        };
        let mut tokens: Vec<u32> = received.chain(stored.map(|(token, _)| token)).collect();
        // A login that is still in flight, or that has begun since then, has its own session. The
        // tabs need not revoke a token that is over, as far as they know, or that an earlier logout
        // has kept, unless this tab has revoked it. If the login and the logout were concurrent
        // in two tabs, the tabs may order them either way.
        let now = self.service_time();
        let overlap_ms = self.max_unaware_ms(tab);
        let revoked = &self.tabs[tab].revoked_tokens;
        tokens.retain(|token| {
            let expires_at = self.truth.tokens[*token as usize].expires_at;
            let login = self.truth.login(*token);
            // The token of a banned user is valid again once the ban is lifted.
            let was_banned = self.truth.banned.contains(&login.identity.user);
            let is_kept = login.keeps_tokens && !revoked.contains(token);
            let is_disputed = login.first_tab != tab
                && (login.ended_at - login.took_effect_at).abs() <= overlap_ms;
            login.has_ended && expires_at > now && !was_banned && !is_kept && !is_disputed
        });
        self.truth.must_be_dead.extend(tokens);
    }

    /// Returns whether a session request of a living tab, sent for a login that has ended, may
    /// still reach the service.
    fn may_create_session(&self, tab: usize) -> bool {
        let device = device_of(tab);
        // Another tab may begin a renewal before it learns of the logout.
        if self.plan.shared_is_late {
            return false;
        }
        self.queue.iter().any(|item| {
            let Task::DeliverRequest(number) = item.task else {
                return false;
            };
            let attempt = &self.attempts[number as usize];
            let Purpose::Session { login, .. } = attempt.purpose else {
                return false;
            };
            let is_of_life = self.tabs[attempt.tab].life == attempt.life;
            // A logout says nothing about a login that begins after it.
            let login = &self.truth.logins[login as usize];
            let is_over = login.is_replaced && login.begun_at < self.truth.last_end_at[device];
            device_of(attempt.tab) == device
                && is_of_life
                && number >= self.truth.last_commit[device]
                && (login.has_ended || is_over)
        })
    }

    /// Checks at rest that the service rejects every token whose revocation a logout has reported.
    pub(crate) fn check_dead_tokens(&mut self) {
        let mut tokens = std::mem::take(&mut self.truth.must_be_dead);
        tokens.sort_unstable();
        tokens.dedup();
        for token in tokens {
            let is_excused = self.excuses_revocation(token);
            if self.is_token_valid(token) && !is_excused {
                let what = format!(
                    "the service honours token {token} although a logout reported its revocation"
                );
                self.report(0, &what);
            }
        }
    }

    /// Returns whether a fault may have hidden a session of this token's device from its tabs.
    fn excuses_revocation(&self, token: u32) -> bool {
        let is_of_tabs = self.truth.login(token).device == 0;
        is_of_tabs && (self.plan.shared_may_be_lost || self.plan.storage_fails)
    }
}
