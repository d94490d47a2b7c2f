//! Checks the invariants of `docs/session-rules.md`: at every step, when a call settles, and at
//! rest.

use crate::world::{has_succeeded, Call, Purpose, Waiter, World};
use social_plus_auth::session::{Claim, Outcome, State};

/// The maximum number of jumps in time until a session is due and renewed. The tabs may wait for
/// each other first.
const MAX_JUMPS: usize = 6;

impl World<'_> {
    /// Updates what the checks expect, before a call of the app.
    pub(crate) fn before_call(&mut self, tab: usize, call: Call) {
        match call {
            Call::Login(user) => {
                // A login ends the renewal in flight, and a further one may follow.
                self.excuses += 1;
                self.is_out = false;
                for other in 0..self.tabs.len() {
                    self.tab_mut(other).is_out = false;
                }
                self.tab_mut(tab).login = user;
            }
            Call::Renew | Call::Refusal => self.excuses += 1,
            _ => {}
        }
    }

    /// Notes that a logout has ended the sessions of earlier epochs. Returns the new epoch, or 0 if
    /// the call is not `logout`.
    pub(crate) fn begin_logout(&mut self, tab: usize, call: Call) -> f64 {
        let Call::Logout { revoke } = call else {
            return 0.0;
        };
        let epoch = self.end_epochs(tab);
        if !revoke {
            self.kept_epoch = self.kept_epoch.max(epoch);
        }
        epoch
    }

    fn end_epochs(&mut self, tab: usize) -> f64 {
        let epoch = self.tabs[tab].machine.shared().epoch;
        self.ended_epoch = self.ended_epoch.max(epoch);
        // The tabs may order a logout and a login either way, if the login is in flight in another
        // tab or this tab cannot see it yet.
        let is_in_flight = self
            .living()
            .any(|(other, this)| other != tab && this.login > 0);
        let is_disputed = is_in_flight || self.is_unaware;
        let this = self.tab_mut(tab);
        (this.left_epoch, this.is_out) = (epoch, !is_disputed);
        self.is_out = !is_disputed;
        epoch
    }

    /// Settles a call of the app, and checks what the outcome promises.
    pub(crate) fn settle(&mut self, tab: usize, waiter: Waiter, outcome: Outcome) {
        let succeeds = has_succeeded(outcome);
        let current = self.tabs[tab].machine.current().copied();
        match waiter.call {
            Call::Login(user) => {
                let is_same = |other: &Waiter| other.call == waiter.call;
                let this = self.tab_mut(tab);
                if this.login == user && !this.waiters.iter().any(is_same) {
                    this.login = 0;
                }
                let is_signed_in = current.is_some_and(|held| held.identity.user == user);
                if succeeds && !is_signed_in {
                    self.report("a login succeeds, but another user or none is signed in");
                }
            }
            Call::Logout { revoke: true } if succeeds => {
                self.check_revoked(waiter.epoch, false);
            }
            // A login after the call may have signed a user in.
            Call::SecureLogout if succeeds && current.is_none() && self.tabs[tab].login == 0 => {
                let epoch = self.end_epochs(tab);
                self.check_revoked(epoch, true);
            }
            Call::Token if succeeds && current.is_none() => {
                self.report("a call returns a token, but no user is signed in");
            }
            _ => {}
        }
    }

    /// Checks that a logout may report a revocation now (rule 17). A `secureLogout` may report one
    /// although a lost request may still arrive.
    fn check_revoked(&mut self, epoch: f64, is_secure: bool) {
        self.revoked_epoch = self.revoked_epoch.max(epoch);
        let may_arrive = self.requests.iter().any(|request| {
            let Purpose::Create { epoch: other, .. } = request.purpose else {
                return false;
            };
            let is_known = !request.is_unknown && (!is_secure || self.is_pending(request));
            request.answer.is_none() && is_known && other < epoch
        });
        // With late storage, another tab may begin a renewal before it sees the logout.
        if may_arrive && !self.config.is_late {
            self.report(
                "a logout reports a revocation although a session request may still arrive",
            );
        }
    }

    /// Counts a request to renew a token.
    pub(crate) fn count_renewal(&mut self, base: u32) {
        let max = 1 + self.excuses;
        let token = self.token(base);
        token.renewals += 1;
        if token.renewals > max {
            self.report("the tabs renew a session more often than accidents explain");
        }
    }

    /// Checks a tab after a step.
    pub(crate) fn check_step(&mut self, tab: usize) {
        let this = &self.tabs[tab];
        let Some(current) = this.machine.current().copied() else {
            return;
        };
        let token = self.tokens[current.id as usize - 1];
        let (epoch, left_epoch, is_out) = (current.epoch, this.left_epoch, this.is_out);
        if epoch != token.epoch {
            self.report("a session counts in an epoch in which it was not requested");
        }
        if token.user != current.identity.user {
            self.report("a tab has a token of another user");
        }
        if epoch < left_epoch || is_out {
            self.report("a tab is signed in after its logout");
        }
    }

    /// Checks the device at rest.
    pub(crate) fn check_rest(&mut self) {
        for tab in 0..self.tabs.len() {
            let this = self.tabs[tab].clone();
            if !this.is_alive {
                continue;
            }
            if !this.waiters.is_empty() || this.login > 0 {
                self.report("a call never settles");
            }
            if this.machine.stage_name() != "idle" {
                self.report("an operation never ends");
            }
            let current = this.machine.current();
            if current.is_some_and(|held| held.epoch < self.ended_epoch || self.is_out) {
                self.report("a tab is signed in at rest after a logout");
            }
            let is_expected = match this.machine.state() {
                State::Established | State::TokenExpired => current.is_some(),
                _ => current.is_none(),
            };
            if !is_expected {
                self.report("the state at rest does not fit the session");
            }
        }
        self.check_claim();
        self.check_tokens();
    }

    /// Checks that no living tab holds the claim.
    fn check_claim(&mut self) {
        let Claim::Held { owner, .. } = self.disk.shared.claim else {
            return;
        };
        let is_living = self
            .living()
            .any(|(tab, _)| crate::world::number_of(tab) == owner);
        if is_living && !self.config.is_late {
            self.report("a claim is not released");
        }
    }

    /// Checks the valid tokens that no living tab uses. If a logout has reported a token as
    /// revoked, the token must be neither in storage nor received by a living tab. Unless a tab has
    /// died, no living tab may have received another such token. `revoke: false` exempts its
    /// tokens.
    fn check_tokens(&mut self) {
        let is_stored = |token: u32| {
            let stored = self.disk.stored;
            stored.is_some_and(|stored| stored.id == token)
        };
        let is_current = |token: u32| self.living().any(|(_, tab)| tab.token() == token);
        let mut broken = None;
        for (token, number) in self.tokens.iter().zip(1..) {
            let is_received = token.receivers > 0 || is_stored(number);
            if !token.is_valid || !is_received || is_current(number) {
                continue;
            }
            if token.epoch < self.kept_epoch {
                continue;
            }
            if token.epoch < self.revoked_epoch {
                broken = Some(
                    "the service honours a token although a logout has reported its revocation",
                );
            } else if token.receivers > 0 && !self.has_died {
                broken = Some("the service honours a token that the tabs have dropped");
            }
        }
        if let Some(what) = broken {
            self.report(what);
        }
    }

    /// Checks from a state of rest that the app can continue: each tab uses its token, and then no
    /// tab keeps that token when the session is due (rules 5, 6 and 11).
    pub(crate) fn check_future(&mut self) {
        self.note(|| "the app uses its tokens".to_owned());
        for _ in 0..2 {
            for tab in 0..self.tabs.len() {
                let token = self.tabs[tab].token();
                if self.tabs[tab].is_alive {
                    let is_valid = token == 0 || self.tokens[token as usize - 1].is_valid;
                    self.call(tab, if is_valid { Call::Token } else { Call::Refusal });
                    self.settle_down();
                }
            }
        }
        self.check_rest();
        let Some(token) = self.living().map(|(_, tab)| tab.token()).next() else {
            return;
        };
        if self.living().any(|(_, tab)| tab.token() != token) {
            return self.report("the tabs have different sessions after they have used them");
        }
        if token == 0 || self.broken.is_some() {
            return;
        }
        if !self.tokens[token as usize - 1].is_valid {
            return self.report("the service rejects the token of the tabs at rest");
        }
        self.note(|| "the session is due".to_owned());
        self.excuses = 0;
        self.tokens.iter_mut().for_each(|token| token.renewals = 0);
        for _ in 0..MAX_JUMPS {
            self.act(crate::actions::Action::Advance);
            self.settle_down();
            if self.living().all(|(_, tab)| tab.token() != token) {
                return self.check_renewed();
            }
        }
        self.report("a session that is due is never renewed");
    }

    /// Checks that all tabs use one new session after a renewal.
    fn check_renewed(&mut self) {
        let tokens: Vec<u32> = self.living().map(|(_, tab)| tab.token()).collect();
        if tokens.contains(&0) {
            return self.report("a tab is signed out when its session is due");
        }
        if tokens.iter().any(|token| *token != tokens[0]) {
            return self.report("the tabs have different sessions after a renewal");
        }
        self.check_rest();
    }
}
