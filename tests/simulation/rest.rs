//! What holds once everything has come to rest: nothing goes wrong any more, every tab is awake and
//! online, and the minutes pass that the longest of all waits takes. Then the app uses what it has,
//! once, because a token that a request ended which had been given up for lost is only seen in use.

use crate::checks::claim_of;
use crate::service::Weather;
use crate::tab::Call;
use crate::truth::Login;
use crate::world::{What, World, TABS};
use social_plus_auth::session::{Event, State};

/// Longer than a cooldown, a claim, a backoff and any delay, in milliseconds.
const REST_MS: f64 = 15.0 * 60_000.0;
/// No claim is made for longer, in milliseconds; only a clock that was set back makes it longer.
const CLAIM_MS: f64 = 20_000.0;
/// What is then still under way has come to its end after this, in milliseconds.
const MORE_MS: f64 = 500.0;

impl World<'_> {
    fn living(&self) -> Vec<usize> {
        (0..TABS).filter(|tab| self.tabs[*tab].alive).collect()
    }

    /// Time goes by without anything going wrong, until nothing is under way.
    fn pass(&mut self, ms: f64) {
        self.run_until(self.time + ms);
        let waits = |what: &What| {
            matches!(
                what,
                What::Rings(_)
                    | What::Online
                    | What::LockEnds(..)
                    | What::TimesOut(..)
                    | What::Thaws(..)
                    | What::Unbans(_)
            )
        };
        for _ in 0..200 {
            let claims = |tab: usize| {
                let wall = self.now(tab).wall;
                self.meta
                    .and_then(|meta| claim_of(meta, self.tabs[tab].number))
                    .is_some_and(|until| (0.0..CLAIM_MS).contains(&(until - wall)))
            };
            let is_claimed = self.living().into_iter().any(claims);
            let is_waited_for = self
                .living()
                .into_iter()
                .any(|tab| !self.tabs[tab].waits.is_empty());
            let is_under_way = is_waited_for
                || is_claimed
                || self
                    .queue
                    .iter()
                    .any(|item| !waits(&item.what) && self.is_for_the_living(item.tab, item.life));
            if !is_under_way || self.failure.is_some() {
                return;
            }
            self.run_until(self.time + MORE_MS);
        }
        self.broken(0, "it never comes to rest");
    }

    fn is_for_the_living(&self, tab: u8, life: u32) -> bool {
        tab == u8::MAX || self.tabs[usize::from(tab)].life == life
    }

    fn soothe(&mut self) {
        self.calm = true;
        self.queue.retain(|item| !matches!(item.what, What::Acts));
        self.note(|| "everything is calm".into());
        self.offline_until = self.time;
        if self.living().is_empty() {
            self.open(0);
        }
        self.run_until(self.asleep_until);
        for tab in self.living() {
            self.thaw(tab, self.tabs[tab].life);
            self.push_to(tab, 50.0, What::Happens(Event::Wake { is_online: true }));
        }
        for user in self.truth.banned.clone() {
            self.unban(user);
        }
        self.pass(REST_MS);
    }

    /// Everything comes to rest, and is looked at.
    pub(crate) fn rest(&mut self) {
        self.soothe();
        for _ in 0..2 {
            for tab in self.living() {
                self.fetch(tab, false);
            }
            self.pass(REST_MS);
        }
        let is_forgetful = self.plan.storage_fails || self.plan.meta_fails;
        if is_forgetful && !self.is_of_one_mind() {
            // Whoever was not told through storage hears of the next one.
            if let Some(tab) = self
                .living()
                .into_iter()
                .find(|tab| self.tabs[*tab].machine.current().is_some())
            {
                self.step(tab, Event::Renew, Some(Call::Renew));
            }
            self.pass(REST_MS);
        }
        // A clock that nobody has measured may be late for the end.
        for tab in self.living() {
            self.fetch(tab, false);
        }
        self.pass(CLAIM_MS);
        self.looks_good();
        // Whoever is still there is there for good, whatever was forgotten.
        if !self.plan.meta_fails {
            self.truth.amnesia = false;
        }
    }

    fn is_of_one_mind(&self) -> bool {
        let mut tokens = self
            .living()
            .into_iter()
            .map(|tab| self.tabs[tab].held().map(|(token, _)| token));
        let first = tokens.next().flatten();
        tokens.all(|token| token == first)
    }

    fn looks_good(&mut self) {
        for tab in self.living() {
            self.is_settled(tab);
        }
        // One of a user who was deleted may be left to expire: not every tab has been told.
        let is_gone = |tab: usize| {
            self.tabs[tab]
                .machine
                .current()
                .is_some_and(|held| self.truth.deleted.contains(&held.identity.user))
        };
        if !self.is_of_one_mind() && !self.living().into_iter().any(is_gone) {
            return self.broken(0, "tabs believe in different sessions");
        }
        let Some((tab, token)) = self
            .living()
            .first()
            .and_then(|tab| Some((*tab, self.tabs[*tab].held()?.0)))
        else {
            return;
        };
        let Login { identity, .. } = self.truth.login(token);
        if self.truth.deleted.contains(&identity.user) {
            return;
        }
        for tab in self.living() {
            if self.tabs[tab].state != State::Established {
                self.broken(tab, "somebody is signed in, and it is not established");
            }
        }
        let text = self.truth.tokens[token as usize].text.clone();
        if self
            .service
            .verify(self.service_time(), Weather::Fine, &text)
            .is_err()
        {
            self.broken(
                tab,
                "the service does not honour the token that all believe in",
            );
        }
    }

    /// Nothing of a tab is left unaccounted for.
    fn is_settled(&mut self, tab: usize) {
        if !self.tabs[tab].waits.is_empty() {
            let what = format!("somebody waits for ever: {:?}", self.tabs[tab].waits);
            self.broken(tab, &what);
        }
        if self.tabs[tab].state == State::Establishing {
            self.broken(tab, "establishing for ever");
        }
        let held = self.tabs[tab].machine.current().map(|held| held.id);
        let left: Vec<u32> = self.tabs[tab]
            .records
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| Some(*id) != held)
            .collect();
        if !left.is_empty() {
            let what = format!("sessions are neither held nor forgotten: {left:?}");
            self.broken(tab, &what);
        }
        // One that has come back with what was lost, or written over, ends by itself.
        let (number, wall) = (self.tabs[tab].number, self.now(tab).wall);
        let claim = self.meta.and_then(|meta| claim_of(meta, number));
        if claim.is_some_and(|until| {
            (0.0..CLAIM_MS).contains(&(until - wall)) || !self.plan.meta_fails && !self.plan.late
        }) {
            self.broken(tab, "a claim that nobody has given back");
        }
    }

    /// Life goes on.
    pub(crate) fn stir(&mut self) {
        self.calm = false;
        self.push(0.0, What::Acts);
    }

    /// Everybody leaves, and nothing is left.
    pub(crate) fn end(&mut self) {
        let Some(tab) = self.living().first().copied() else {
            return;
        };
        let held = self.tabs[tab].held();
        self.logout_of(tab, true);
        self.pass(REST_MS);
        for tab in self.living() {
            self.is_settled(tab);
            if self.tabs[tab].machine.current().is_some() {
                self.broken(tab, "signed in after everybody has left");
            }
            if self.tabs[tab].timer_at < f64::INFINITY && self.tabs[tab].timer_at > self.mono(tab) {
                self.broken(tab, "a timer is left");
            }
        }
        if let Some((token, _)) = held {
            let text = self.truth.tokens[token as usize].text.clone();
            if self
                .service
                .verify(self.service_time(), Weather::Fine, &text)
                .is_ok()
            {
                self.broken(tab, "the token is honoured after everybody has left");
            }
        }
    }
}
