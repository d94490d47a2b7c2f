//! Checks the invariants of a device at rest. Accidents stop, every tab is awake and online, and
//! the longest possible wait passes. Then the app uses its tokens. A delayed request, for which no
//! tab waits any longer, may have ended a token, and a tab learns of that only when it uses the
//! token.

use crate::checks::claim_expiry;
use crate::queue::{Item, Task, NO_TAB};
use crate::tab::{Call, Tab};
use crate::truth::Login;
use crate::world::{World, MAX_TABS, PLACES};
use social_plus_auth::session::{Event, State};

/// How long a device rests, in milliseconds: longer than any cooldown, claim, backoff and delay.
const REST_MS: f64 = 15.0 * 60_000.0;
/// The maximum length of a claim, in milliseconds, unless the clock is set back.
const MAX_CLAIM_MS: f64 = 20_000.0;
/// The interval of the checks whether the device is at rest, in milliseconds.
const REST_CHECK_MS: f64 = 500.0;

impl World<'_> {
    fn living_tabs(&self) -> Vec<usize> {
        (0..MAX_TABS).filter(|tab| self.tabs[*tab].alive).collect()
    }

    /// Returns the living tabs that have met no later version.
    fn current_tabs(&self) -> Vec<usize> {
        let mut tabs = self.living_tabs();
        tabs.retain(|tab| !self.tabs[*tab].is_obsolete());
        tabs
    }

    /// Advances the time by `ms`, and then further until nothing is in flight.
    fn pass_time(&mut self, ms: f64) {
        self.run_until(self.time + ms);
        let may_remain = |task: &Task| {
            matches!(
                task,
                Task::FireTimer(_)
                    | Task::ComeOnline
                    | Task::TimeOutLock(..)
                    | Task::TimeOutAttempt(..)
                    | Task::Thaw(..)
                    | Task::Show(..)
                    | Task::Unban(_)
            )
        };
        for _ in 0..200 {
            let is_in_flight = |item: &Item| {
                !may_remain(&item.task) && self.is_for_living_tab(item.tab, item.life)
            };
            let is_at_rest =
                !self.is_waited_for() && !self.is_claimed() && !self.queue.iter().any(is_in_flight);
            if is_at_rest || self.failure.is_some() {
                return;
            }
            self.run_until(self.time + REST_CHECK_MS);
        }
        self.report(0, "the device does not come to rest");
    }

    fn is_waited_for(&self) -> bool {
        self.tabs.iter().any(Tab::is_waited_for)
    }

    /// Returns whether a living tab holds a claim. Ignores claims that are too long, because a
    /// wrong clock has caused them.
    fn is_claimed(&self) -> bool {
        self.living_tabs().into_iter().any(|tab| {
            let left = self
                .claim_expiry(tab)
                .map(|expires_at| expires_at - self.now(tab).wall);
            left.is_some_and(|left| (0.0..MAX_CLAIM_MS).contains(&left))
        })
    }

    fn claim_expiry(&self, tab: usize) -> Option<f64> {
        claim_expiry(self.shared.numbers?, self.tabs[tab].number)
    }

    fn is_for_living_tab(&self, tab: u8, life: u32) -> bool {
        tab == NO_TAB || self.tabs[usize::from(tab)].life == life
    }

    /// Stops all accidents, and wakes every tab.
    fn stop_accidents(&mut self) {
        self.is_resting = true;
        self.queue
            .retain(|item| !matches!(item.task, Task::NextAct));
        self.note(|| "the device comes to rest".into());
        self.offline_until = self.time;
        self.run_until(self.asleep_until);
        if self.current_tabs().is_empty() {
            self.reload(0);
        }
        for tab in self.living_tabs() {
            self.tabs[tab].hidden_until = self.time;
            self.thaw(tab, self.tabs[tab].life);
            self.push_to(
                tab,
                50.0,
                Task::DeliverEvent(Event::Wake { is_online: true }),
            );
        }
        for user in self.truth.banned.clone() {
            self.unban(user);
        }
        self.pass_time(REST_MS);
    }

    /// Lets the device come to rest, and checks the invariants of a device at rest.
    pub(crate) fn rest(&mut self) {
        self.stop_accidents();
        for _ in 0..2 {
            for tab in self.living_tabs() {
                self.fetch(tab, false);
            }
            self.pass_time(REST_MS);
        }
        let may_lose_sessions = self.plan.storage_fails || self.plan.shared_may_be_lost;
        if may_lose_sessions && !self.has_one_session() {
            // A fault may have hidden a session from a tab. Another renewal reaches every tab.
            if let Some(tab) = self
                .current_tabs()
                .into_iter()
                .find(|tab| self.tabs[*tab].machine.current().is_some())
            {
                self.step(tab, Event::Renew, Some(Call::Renew));
            }
            self.pass_time(REST_MS);
        }
        // A tab whose clock is wrong may learn only from a request that its token has expired.
        for tab in self.living_tabs() {
            self.fetch(tab, false);
        }
        self.pass_time(MAX_CLAIM_MS);
        self.check_rest();
        self.check_dead_tokens();
        // All tabs have the same session again, so earlier losses no longer excuse a failure.
        if !self.plan.shared_may_be_lost {
            self.truth.has_lost_numbers = false;
        }
    }

    fn has_one_session(&self) -> bool {
        let mut tokens = self
            .current_tabs()
            .into_iter()
            .map(|tab| self.tabs[tab].current_session().map(|(token, _)| token));
        let first = tokens.next().flatten();
        tokens.all(|token| token == first)
    }

    fn check_rest(&mut self) {
        for tab in self.living_tabs() {
            self.check_settled(tab);
        }
        for worker in MAX_TABS..PLACES {
            if self.tabs[worker].alive {
                self.report(worker, "a worker does not finish");
            }
        }
        // Some tabs may keep a deleted user's session until it expires.
        let has_deleted_user = |tab: usize| {
            self.tabs[tab]
                .machine
                .current()
                .is_some_and(|held| self.truth.deleted.contains(&held.identity.user))
        };
        if !self.has_one_session() && !self.living_tabs().into_iter().any(has_deleted_user) {
            return self.report(0, "tabs have different sessions at rest");
        }
        let Some((tab, token)) = self
            .current_tabs()
            .first()
            .and_then(|tab| Some((*tab, self.tabs[*tab].current_session()?.0)))
        else {
            return;
        };
        let Login { identity, .. } = self.truth.login(token);
        if self.truth.deleted.contains(&identity.user) {
            return;
        }
        for tab in self.current_tabs() {
            if self.tabs[tab].state != State::Established {
                self.report(
                    tab,
                    "a user is signed in at rest, but the state is not established",
                );
            }
        }
        if !self.is_token_valid(token) {
            self.report(
                tab,
                "the service rejects the common token of the tabs at rest",
            );
        }
    }

    /// Checks that a tab has no waiting caller, no login in flight, no session besides its current
    /// one and no claim.
    fn check_settled(&mut self, tab: usize) {
        if !self.tabs[tab].waiters.is_empty() {
            let what = format!("a caller waits forever: {:?}", self.tabs[tab].waiters);
            self.report(tab, &what);
        }
        if self.tabs[tab].state == State::Establishing {
            self.report(tab, "a tab is establishing forever");
        }
        let held = self.tabs[tab].machine.current().map(|held| held.id);
        let others: Vec<u32> = self.tabs[tab]
            .records
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| Some(*id) != held)
            .collect();
        if !others.is_empty() {
            let what = format!("sessions are neither current nor forgotten: {others:?}");
            self.report(tab, &what);
        }
        let left = self
            .claim_expiry(tab)
            .map(|expires_at| expires_at - self.now(tab).wall);
        // A late write may restore an old claim, which then remains until it expires.
        let may_come_back = self.plan.shared_may_be_lost
            || self.plan.shared_is_late
            || self.tabs[tab].is_obsolete();
        if left.is_some_and(|left| (0.0..MAX_CLAIM_MS).contains(&left) || !may_come_back) {
            self.report(tab, "a claim is not released");
        }
    }

    /// Allows acts and accidents again.
    pub(crate) fn resume_acts(&mut self) {
        self.is_resting = false;
        self.push(0.0, Task::NextAct);
    }

    /// Ends the run: logs out, and checks that no session, timer or valid token remains.
    pub(crate) fn end_run(&mut self) {
        let Some(tab) = self.current_tabs().first().copied() else {
            return;
        };
        let held = self.tabs[tab].current_session();
        self.log_out_tab(tab, true);
        self.pass_time(REST_MS);
        self.check_dead_tokens();
        for tab in self.living_tabs() {
            self.check_settled(tab);
            // A tab that has met a later version does not restore numbers that storage has lost.
            let may_miss = self.tabs[tab].is_obsolete() && self.plan.shared_may_be_lost;
            if self.tabs[tab].machine.current().is_some() && !may_miss {
                self.report(tab, "a tab is signed in after the logout");
            }
            let timer_at = self.tabs[tab].timer_at;
            if timer_at < f64::INFINITY && timer_at > self.mono(tab) {
                self.report(tab, "a timer is still set after the logout");
            }
        }
        if held.is_some_and(|(token, _)| self.is_token_valid(token)) {
            self.report(tab, "the service still accepts the token after the logout");
        }
    }
}
