//! Checks the invariants of `docs/session-rules.md` at every step of a tab. Compares what the tab
//! does with the truth.

use crate::counts::Kind;
use crate::service::Behaviour;
use crate::tab::{device_of, is_worker, Call, Tab, Waiter};
use crate::truth::{is_same, Login};
use crate::world::World;
use social_plus_auth::protocol::Kind as ErrorKind;
use social_plus_auth::session::{
    Claim, Effect, Event, Identity, Outcome, Reason, Record, Shared, State,
};

/// The number of times that a timer may fire while no time passes.
const MAX_TIMER_FIRINGS: u32 = 20;
/// The maximum error of a tab's estimate of the service's time, in milliseconds, in a run whose
/// clocks do not jump.
pub(crate) const MAX_ERROR_MS: f64 = 70_000.0;

/// Returns when the claim of this tab expires, if it holds one.
pub(crate) fn claim_expiry(shared: Shared, tab: u32) -> Option<f64> {
    match shared.claim {
        Claim::Held { owner, expires_at } if owner == tab => Some(expires_at),
        _ => None,
    }
}

impl World<'_> {
    /// Updates the truth after the machine has handled an event, before the effects are carried
    /// out.
    pub(crate) fn update_truth(&mut self, tab: usize, event: Event, effects: &[Effect]) {
        let awaited = self.tabs[tab].session_ticket;
        self.note_session_ticket(tab, effects);
        let held = self.tabs[tab].current_session();
        let begins = |number: u32| effects.contains(&Effect::Wait(number));
        let has_logged_out = effects.iter().any(|effect| match *effect {
            Effect::Settle(number, Outcome::Succeeded) => {
                let is_call = |waiter: &Waiter| {
                    waiter.number == number && matches!(waiter.call, Call::SecureLogout(_))
                };
                self.tabs[tab].waiters.iter().any(is_call)
                    || event == Event::SecureLogout && begins(number)
            }
            _ => false,
        });
        // The app may have signed in again since then.
        let last = self.tabs[tab].last_current.filter(|_| held.is_none());
        let revoked = match event {
            Event::Revoked { session, .. } => self.tabs[tab].token(session),
            _ => None,
        };
        // The step may find a session and end it.
        let found = effects.iter().filter_map(|effect| match *effect {
            Effect::Current(id) => self.tabs[tab].token(id),
            _ => None,
        });
        let found = found.filter(|_| held.is_none());
        let ended: Vec<u32> = last.into_iter().chain(revoked).chain(found).collect();
        for token in ended.into_iter().filter(|_| has_logged_out) {
            self.truth
                .end_login(self.truth.tokens[token as usize].login);
        }
        match event {
            Event::Unauthorized { .. } | Event::Message { .. } => {
                self.tabs[tab].last_accepted = None
            }
            Event::Session { ticket, result, .. } => {
                self.tabs[tab].last_accepted = None;
                self.tabs[tab].was_not_found =
                    result.is_err_and(|error| error.kind == ErrorKind::NotFound);
                let has_lost = result.is_err_and(|error| error.kind == ErrorKind::Timeout);
                self.tabs[tab].has_lost_request |= has_lost && ticket == awaited;
            }
            Event::Verified { result: Ok(()), .. }
                if effects
                    .iter()
                    .any(|effect| matches!(effect, Effect::Settle(_, Outcome::Succeeded))) =>
            {
                self.tabs[tab].last_accepted = held
                    .map(|(token, _)| (token, self.time))
                    .filter(|_| !self.tabs[tab].was_not_found);
            }
            _ if effects.contains(&Effect::Reply(Outcome::Unsupported)) => {
                self.count(Kind::Unsupported)
            }
            Event::Login { identity, .. }
                if !effects.contains(&Effect::Reply(Outcome::Terminated)) =>
            {
                self.truth.challenge_others(identity, device_of(tab));
                // A login ends the renewal in flight.
                self.excuse_renewals(tab);
            }
            Event::AccessToken { min_validity_ms } => {
                if let Some((token, held)) = held {
                    let max = (held.expires_at - held.issued_at) / 2.0;
                    let needed = min_validity_ms.min(max) + MAX_ERROR_MS;
                    self.truth.tokens[token as usize].may_renew_early |=
                        self.service_time() + needed >= held.expires_at;
                }
            }
            Event::Logout { revoke } => {
                if !revoke {
                    self.truth.keep_tokens(device_of(tab));
                }
                self.end_true_logins(tab);
            }
            Event::SecureLogout if effects.contains(&Effect::Reply(Outcome::Succeeded)) => {
                self.end_true_logins(tab)
            }
            Event::Renew => {
                if let Some((token, _)) = held {
                    self.truth.tokens[token as usize].may_renew_early = true;
                }
            }
            Event::Timer => self.count_timer_firings(tab),
            _ => {}
        }
    }

    /// Records which session request the tab's operation waits for.
    fn note_session_ticket(&mut self, tab: usize, effects: &[Effect]) {
        for effect in effects {
            match *effect {
                Effect::CreateSession { ticket, .. } => self.tabs[tab].session_ticket = ticket,
                Effect::Lock { .. } | Effect::Settle(..) => self.tabs[tab].session_ticket = 0,
                _ => {}
            }
        }
    }

    fn count_timer_firings(&mut self, tab: usize) {
        let (at, firings) = self.tabs[tab].fired;
        let firings = if at == self.time { firings + 1 } else { 1 };
        self.tabs[tab].fired = (self.time, firings);
        if firings > MAX_TIMER_FIRINGS {
            self.report(tab, "the timer fires without end while no time passes");
        }
    }

    /// Ends the logins of a tab's device, and the tab's login in flight.
    fn end_true_logins(&mut self, tab: usize) {
        self.truth.end_logins(device_of(tab));
        if let Some((_, login)) = self.tabs[tab].login {
            self.truth.logins[login as usize].has_ended = true;
        }
    }

    pub(crate) fn enter_state(&mut self, tab: usize, state: State) {
        let before = std::mem::replace(&mut self.tabs[tab].state, state);
        let is_official = matches!(
            (before, state),
            (State::NotLoggedIn, State::Establishing)
                | (State::Establishing, State::Established | State::NotLoggedIn)
                | (
                    State::Established,
                    State::TokenExpired | State::Terminated(_) | State::NotLoggedIn
                )
                | (
                    State::TokenExpired,
                    State::Establishing | State::Terminated(_) | State::NotLoggedIn
                )
                | (State::Terminated(_), State::NotLoggedIn)
        );
        if !is_official {
            self.report(
                tab,
                "the state changes by a transition that the rules do not allow",
            );
        }
        if let State::Terminated(reason) = state {
            self.count(Kind::Terminated);
            self.check_termination(tab, reason);
        }
    }

    /// Checks that a session terminates only if the service has ended it.
    fn check_termination(&mut self, tab: usize, reason: Reason) {
        let Some(token) = self.tabs[tab].last_current else {
            return;
        };
        let number = self.truth.tokens[token as usize].login;
        let Login {
            identity: Identity { user, .. },
            has_ended,
            ..
        } = self.truth.logins[number as usize];
        let has_service_ended_it = match reason {
            Reason::GlobalBan => self.truth.banned.contains(&user),
            Reason::UserDeleted => self.truth.deleted.contains(&user),
            Reason::Unauthorized => self.plan.is_secure && self.tabs[tab].refusals >= 2,
        };
        if !has_ended && !has_service_ended_it {
            self.report(
                tab,
                "a session terminates although the service has not ended it",
            );
        }
        // A later login of the same user may have taken effect in another tab.
        self.truth.end_login(number);
    }

    pub(crate) fn record_current(&mut self, tab: usize, id: u32) {
        if id == 0 {
            return;
        }
        let Some(token) = self.tabs[tab].token(id) else {
            return self.report(
                tab,
                "a session becomes current although the tab has forgotten it",
            );
        };
        let login = self.truth.tokens[token as usize].login;
        let epoch = self.tabs[tab]
            .machine
            .current()
            .map_or(0.0, |held| held.epoch);
        let overlap_ms = self.max_unaware_ms(tab);
        self.truth.make_current(tab, login, epoch, overlap_ms);
        let new = &self.truth.tokens[token as usize];
        let is_over = new.expires_at <= new.issued_at;
        if let Some(before) = self.tabs[tab]
            .last_current
            .map(|before| &self.truth.tokens[before as usize])
        {
            if before.login == new.login && new.issued_at < before.issued_at {
                self.report(tab, "an earlier session replaces a later one");
            }
        }
        let is_received = self.tabs[tab].received_tokens.contains(&token);
        if is_over && is_received && !self.tabs[tab].committed_tokens.contains(&token) {
            self.count(Kind::OverOnArrival);
            self.truth.tokens[token as usize].over_on_arrival = Some((self.time, tab));
        }
        if is_received && !self.tabs[tab].committed_tokens.contains(&token) {
            self.truth.last_commit[device_of(tab)] = self.attempts.len() as u32;
        }
        self.tabs[tab].last_current = Some(token);
        self.tabs[tab].committed_tokens.push(token);
    }

    pub(crate) fn forget_session(&mut self, tab: usize, id: u32) {
        if let Some(token) = self.tabs[tab].token(id) {
            self.check_dropped(tab, token);
        }
        self.tabs[tab].records.retain(|(other, _)| *other != id);
        let current = self.tabs[tab].machine.current();
        if current.is_some_and(|held| held.id == id) {
            self.report(tab, "a tab forgets its current session");
        }
    }

    /// Checks that a tab has revoked a session that it received and forgets without having used it.
    /// The tab need not revoke a session that a later one has already ended.
    fn check_dropped(&mut self, tab: usize, token: u32) {
        let Tab {
            received_tokens,
            committed_tokens,
            revoked_tokens,
            ..
        } = &self.tabs[tab];
        if !received_tokens.contains(&token) || committed_tokens.contains(&token) {
            return;
        }
        if revoked_tokens.contains(&token) {
            return self.count(Kind::RevokedStale);
        }
        if self.is_token_valid(token) {
            self.report(tab, "a discarded session is not revoked");
        }
    }

    /// Returns whether the service accepts a token now.
    pub(crate) fn is_token_valid(&mut self, token: u32) -> bool {
        let text = self.truth.tokens[token as usize].text.clone();
        let now = self.service_time();
        self.service.verify(now, Behaviour::Normal, &text).is_ok()
    }

    /// Checks a tab after a step. `before` is the session that was current before the step.
    pub(crate) fn check(&mut self, tab: usize, event: Event, before: Option<(u32, Record)>) {
        let state = self.tabs[tab].machine.state();
        if state != self.tabs[tab].state {
            self.report(tab, "the state changes without an announcement");
        }
        let current = self.tabs[tab].machine.current().copied();
        match (state, current) {
            (State::Established | State::TokenExpired, None) => {
                self.report(tab, "the state is signed in, but there is no session")
            }
            (State::NotLoggedIn | State::Terminated(_), Some(_)) => {
                self.report(tab, "the state is signed out, but there is a session")
            }
            _ => {}
        }
        let held = self.tabs[tab].current_session();
        if current.is_some() && held.is_none() {
            self.report(tab, "a tab has forgotten its current session");
        }
        match (before, held) {
            (_, Some((token, record))) => self.check_current(tab, token, &record),
            (Some((token, record)), None) => self.check_given_up(tab, token, &record, event),
            (None, None) => {}
        }
    }

    /// Checks that the current session belongs to a login that has not ended, and to its user.
    fn check_current(&mut self, tab: usize, token: u32, record: &Record) {
        let login = self.truth.login(token);
        // If a login and a logout were concurrent, the tabs may order them either way.
        let overlap_ms = self.max_unaware_ms(tab);
        let is_disputed = self.time - login.ended_at <= overlap_ms
            || (login.ended_at - login.took_effect_at).abs() <= overlap_ms;
        if login.has_ended && !is_disputed && !self.excuses_lost_numbers(tab) {
            self.report(tab, "the current session belongs to a login that has ended");
        }
        if !is_same(login.identity, record.identity) {
            self.report(tab, "the current token belongs to another user");
        }
    }

    /// Checks that a tab gives up a session only if the session's login has ended or is about to
    /// end.
    fn check_given_up(&mut self, tab: usize, token: u32, record: &Record, event: Event) {
        let login = self.truth.login(token);
        let last_end_at = self.truth.last_end_at[login.device];
        // If a login and a logout were concurrent, the tabs may order them either way.
        let is_disputed = (login.took_effect_at - last_end_at).abs() <= self.max_unaware_ms(tab);
        let has_later_session = record.epoch < login.epoch;
        let may_end = login.has_ended || login.is_challenged || has_later_session || is_disputed;
        if !may_end && !self.excuses_lost_numbers(tab) {
            let what = format!("a tab gives up its session without a reason, at {event:?}");
            self.report(tab, &what);
        }
    }

    /// Returns whether an ended session may come back in this tab, because the shared numbers were
    /// lost.
    fn excuses_lost_numbers(&self, tab: usize) -> bool {
        self.truth.has_lost_numbers && !is_worker(tab)
    }
}
