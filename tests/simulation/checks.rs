//! The invariants of `contract/session-rules.md`, held to what is true, after every step of a tab.
//!
//! Renewals are accounted for by the token that is renewed. Each may be asked to be renewed once,
//! and once more for each renewal of it that came to nothing (no answer, a refusal, a fault, a
//! credential that was refused) or whose tab died or was frozen meanwhile, or during which the
//! clocks jumped. It must be due, or there must be a reason: the app has asked, the service has
//! refused it, or a longer validity was wanted. Where storage or messages have failed a tab may not
//! know of a renewal: each such fault excuses as many as it can cause, and in the runs without such
//! faults nothing does.

use crate::counts::Kind;
use crate::tab::Call;
use crate::world::World;
use social_plus_auth::session::{
    due, Claim, Effect, Event, Outcome, Reason, Record, Shared, State,
};

/// As often a timer may ring in one moment.
const MOST_RINGS: u32 = 20;
/// How far the service's time, as a tab knows it, may be off in a run whose clocks tell the truth,
/// in milliseconds.
const MOST_ERROR_MS: f64 = 70_000.0;

/// When the claim of this tab expires, if it holds one.
pub(crate) fn claim_of(shared: Shared, tab: u32) -> Option<f64> {
    match shared.claim {
        Claim::Held { owner, expires_at } if owner == tab => Some(expires_at),
        _ => None,
    }
}

impl World<'_> {
    /// What an event and its effects mean for what is true, before they are carried out.
    pub(crate) fn foresee(
        &mut self,
        tab: usize,
        event: Event,
        call: Option<Call>,
        effects: &[Effect],
    ) {
        let held = self.tabs[tab].held();
        if matches!(
            event,
            Event::Unauthorized { .. } | Event::Message { .. } | Event::Session { .. }
        ) {
            self.tabs[tab].assured = None;
        }
        if matches!(event, Event::Verified { result: Ok(()), .. })
            && effects
                .iter()
                .any(|effect| matches!(effect, Effect::Settle(_, Outcome::Fine)))
        {
            self.tabs[tab].assured = held.map(|(token, _)| (token, self.time));
        }
        match (event, call) {
            (Event::Login { identity, .. }, _)
                if !effects.contains(&Effect::Reply(Outcome::Terminated)) =>
            {
                self.truth.challenge(identity);
                // What it was about is no longer.
                self.excuse(tab);
            }
            (
                Event::AccessToken {
                    min_validity_ms: ms,
                },
                _,
            ) => {
                if let Some((token, held)) = held {
                    let least = ms.min((held.expires_at - held.issued_at) / 2.0) + MOST_ERROR_MS;
                    self.truth.tokens[token as usize].wanted |=
                        self.service_time() + least >= held.expires_at;
                }
            }
            (Event::Logout { .. }, _) => self.leaves(tab),
            (Event::SecureLogout, _) if effects.contains(&Effect::Reply(Outcome::Fine)) => {
                self.leaves(tab)
            }
            (Event::Revoked { .. }, _) => {
                for (number, call) in &self.tabs[tab].waits {
                    if let (Call::SecureLogout(Some(login)), true) = (
                        call,
                        effects.contains(&Effect::Settle(*number, Outcome::Fine)),
                    ) {
                        let login = &mut self.truth.logins[*login as usize];
                        (login.is_over, login.over_at) = (true, self.time);
                    }
                }
            }
            (Event::Renew, _) => {
                if let Some((token, _)) = held {
                    self.truth.tokens[token as usize].wanted = true;
                }
            }
            (Event::Timer, _) => {
                let rung = self.tabs[tab].rung;
                self.tabs[tab].rung = if rung.0 == self.time {
                    (rung.0, rung.1 + 1)
                } else {
                    (self.time, 1)
                };
                if self.tabs[tab].rung.1 > MOST_RINGS {
                    self.broken(tab, "the timer rings without end");
                }
            }
            _ => {}
        }
    }

    /// Whoever was signed in has left, and who is about to sign in here is not.
    fn leaves(&mut self, tab: usize) {
        self.truth.end();
        if let Some((_, login)) = self.tabs[tab].login {
            self.truth.logins[login as usize].is_over = true;
        }
    }

    pub(crate) fn enters(&mut self, tab: usize, state: State) {
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
            self.broken(tab, "a transition that is none of the official ones");
        }
        if let State::Terminated(reason) = state {
            self.count(Kind::Terminated);
            self.is_terminated(tab, reason);
        }
    }

    /// Nobody but the service ends a session.
    fn is_terminated(&mut self, tab: usize, reason: Reason) {
        let Some(identity) = self.tabs[tab].believed else {
            return;
        };
        let current = self
            .truth
            .logins
            .iter()
            .filter(|login| login.has_taken_effect && !login.is_over)
            .any(|login| login.identity == identity);
        let was_said = match reason {
            Reason::GlobalBan => self.truth.banned.contains(&identity.user),
            Reason::UserDeleted => self.truth.deleted.contains(&identity.user),
            Reason::Unauthorized => self.plan.secure && self.tabs[tab].refusals >= 2,
        };
        if current && !was_said {
            self.broken(tab, "a session is given up that the service has not ended");
        }
        self.truth.end();
    }

    pub(crate) fn holds(&mut self, tab: usize, id: u32) {
        if id == 0 {
            return;
        }
        let Some(token) = self.tabs[tab].token(id) else {
            return self.broken(tab, "a session is held that was forgotten");
        };
        let login = self.truth.tokens[token as usize].login;
        let epoch = self.tabs[tab]
            .machine
            .current()
            .map_or(0.0, |held| held.epoch);
        let within = self.hand_over_ms();
        self.truth.takes_effect(login, epoch, within);
        let now = &self.truth.tokens[token as usize];
        if let Some(before) = self.tabs[tab]
            .last_held
            .map(|before| &self.truth.tokens[before as usize])
        {
            if before.login == now.login && now.issued_at < before.issued_at {
                self.broken(tab, "an earlier session in the place of a later one");
            }
        }
        self.tabs[tab].last_held = Some(token);
        self.tabs[tab].believed = Some(self.truth.logins[login as usize].identity);
    }

    pub(crate) fn forgets(&mut self, tab: usize, id: u32) {
        self.tabs[tab].records.retain(|(other, _)| *other != id);
        if self.tabs[tab]
            .machine
            .current()
            .is_some_and(|held| held.id == id)
        {
            self.broken(tab, "the session that is held is forgotten");
        }
    }

    /// After every step.
    pub(crate) fn check(&mut self, tab: usize, event: Event, before: Option<(u32, Record)>) {
        let state = self.tabs[tab].machine.state();
        if state != self.tabs[tab].state {
            self.broken(tab, "a state that nobody was told of");
        }
        let held = self.tabs[tab].machine.current().copied();
        let token = held.and_then(|held| self.tabs[tab].token(held.id));
        match (state, held) {
            (State::Established | State::TokenExpired, None) => {
                self.broken(tab, "signed in without a session")
            }
            (State::NotLoggedIn | State::Terminated(_), Some(_)) => {
                self.broken(tab, "a session, and nobody signed in")
            }
            _ => {}
        }
        if held.is_some() && token.is_none() {
            self.broken(tab, "the session that is held was forgotten");
        }
        if let (Some(held), Some(token)) = (held, token) {
            let login = self.truth.login(token);
            // What has come together with a logout may be the later.
            let within = self.hand_over_ms();
            let is_disputed = self.time - login.over_at <= within
                || (login.over_at - login.effect_at).abs() <= within;
            if login.is_over && !is_disputed && !self.truth.amnesia {
                self.broken(
                    tab,
                    "somebody is signed in who has left, or whom somebody else has followed",
                );
            }
            if !crate::truth::same(login.identity, held.identity) {
                self.broken(tab, "a token of another user");
            }
        }
        if let (Some((token, record)), None) = (before, held) {
            let login = self.truth.login(token);
            // It has come together with a logout, and either may be the later.
            let is_disputed = (login.effect_at - self.truth.left_at).abs() <= self.hand_over_ms();
            let is_followed = record.epoch < login.epoch;
            if !login.is_over
                && !login.is_challenged
                && !is_followed
                && !is_disputed
                && !self.truth.amnesia
            {
                let what = format!("a session is given up for no reason, at {event:?}");
                self.broken(tab, &what);
            }
        }
    }

    /// A renewal is asked for.
    pub(crate) fn account(&mut self, tab: usize, token: u32, held: &Record) {
        let time = self.service_time();
        let jumps = self.plan.clocks_lie;
        // Another tab has renewed it, and nobody knows what came of that.
        let is_outdated = self.tabs[tab].own.sequence > held.sequence;
        let own = &mut self.truth.tokens[token as usize];
        own.asked += 1;
        let is_one_too_many = own.asked > 1 + own.excused;
        let is_due = time + MOST_ERROR_MS
            >= due(
                held.issued_at,
                held.expires_at,
                crate::tab::DEVICE,
                held.sequence,
                0.0,
            );
        let has_reason = own.wanted || is_due || jumps || is_outdated;
        if is_one_too_many && self.truth.slack == 0 {
            self.broken(tab, "a renewal too many");
        } else if is_one_too_many {
            self.truth.slack -= 1;
            self.truth.tokens[token as usize].excused += 1;
        }
        if !has_reason {
            self.broken(tab, "a renewal that is not due, and that nobody wants");
        }
    }

    /// A claim that holds is taken from nobody; but a login does not wait for it longer than
    /// `timeoutMs`.
    pub(crate) fn is_taken_over(&mut self, tab: usize, shared: Shared) {
        let Some(before) = self.meta else { return };
        if let (true, Some((identity, _))) =
            (shared.min_epoch > before.min_epoch, self.tabs[tab].login)
        {
            // Who signs in signs somebody else out who came in between.
            self.truth.challenge(identity);
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
            && !self.plan.clocks_lie
            && !self.plan.meta_fails
            && !self.plan.late
        {
            return self.broken(tab, "a claim is taken from who holds it");
        }
        self.count(Kind::TakenOver);
        self.excuse(other);
    }

    /// A renewal has come to an end; if to nothing, there may be another one.
    pub(crate) fn renewal_ends(&mut self, tab: usize, ticket: u32, in_vain: bool) {
        let Some(place) = self.tabs[tab]
            .renewals
            .iter()
            .position(|renewal| renewal.ticket == ticket)
        else {
            return;
        };
        let renewal = self.tabs[tab].renewals.swap_remove(place);
        if in_vain && !renewal.excused {
            self.truth.tokens[renewal.token as usize].excused += 1;
        }
    }

    /// Something comes between a tab and its renewals. Returns whether there were any.
    pub(crate) fn excuse(&mut self, tab: usize) -> bool {
        let renewals = &mut self.tabs[tab].renewals;
        for renewal in renewals.iter_mut().filter(|renewal| !renewal.excused) {
            renewal.excused = true;
            self.truth.tokens[renewal.token as usize].excused += 1;
        }
        // Who has the claim may be about to ask.
        let is_about_to = self.tabs[tab].renewals.is_empty()
            && self
                .meta
                .is_some_and(|meta| claim_of(meta, self.tabs[tab].number).is_some());
        self.truth.slack += u32::from(is_about_to);
        is_about_to || !self.tabs[tab].renewals.is_empty()
    }
}
