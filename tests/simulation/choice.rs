//! Draws the next act at random: an act of a user, or an accident such as the death of a tab.
//! Several acts may happen at the same time. Between two acts, a large part of a token's lifetime
//! may pass.

use crate::queue::{Interruption, Task};
use crate::script::Act;
use crate::shared::MAX_SNAPSHOTS;
use crate::tab::Tab;
use crate::world::{World, MAX_TABS, MAX_WORKERS};
use social_plus_auth::session::State;

impl World<'_> {
    /// Returns a random tab that is neither frozen nor dead.
    fn draw_tab(&mut self) -> Option<usize> {
        let awake: Vec<usize> = (0..MAX_TABS)
            .filter(|tab| self.tabs[*tab].alive && !self.tabs[*tab].frozen)
            .collect();
        if awake.is_empty() {
            return None;
        }
        let index = self.random().below(awake.len());
        Some(awake[index])
    }

    /// Returns the first awake tab that is renewing, if there is one.
    fn find_renewing_tab(&self) -> Option<usize> {
        self.tabs[..MAX_TABS]
            .iter()
            .position(|tab| tab.alive && !tab.frozen && !tab.renewals.is_empty())
    }

    fn draw_ready_tab(&mut self) -> Option<usize> {
        self.draw_tab().filter(|tab| self.tabs[*tab].ready)
    }

    /// Draws how long it takes until the next act, in milliseconds.
    fn draw_pause(&mut self) -> f64 {
        let lifetime = self.plan.lifetime_ms();
        match self.random().below(100) {
            // The next act happens close to the time at which the next timer is due.
            0..=14 => {
                let due = (0..MAX_TABS)
                    .filter(|tab| self.tabs[*tab].alive)
                    .map(|tab| self.ms_until(tab, self.tabs[tab].timer_at))
                    .fold(lifetime, f64::min);
                (due + self.random().between(-200.0, 500.0)).max(0.0)
            }
            15..=59 => self.random().between(0.0, 400.0),
            60..=79 => self.random().between(400.0, 15_000.0),
            80..=91 => self.random().between(15_000.0, 0.02 * lifetime + 120_000.0),
            _ => self.random().between(0.02 * lifetime, 0.6 * lifetime),
        }
    }

    /// Performs the next act, and plans the act after it.
    pub(crate) fn perform_next_act(&mut self) {
        if self.is_scripted() {
            return self.perform_scripted_acts();
        }
        let pause = self.draw_pause();
        self.push(pause, Task::NextAct);
        let plan = self.plan;
        let is_signed_in = self.tabs[..MAX_TABS]
            .iter()
            .any(|tab| tab.alive && tab.machine.current().is_some());
        if !is_signed_in && self.random().chance(0.4) {
            return self.log_in();
        }
        match self.random().below(1000) {
            0..=79 => self.log_in(),
            80..=109 => self.log_in_as(None),
            110..=129 => self.adopt(),
            130..=154 => self.log_out(),
            155..=169 => self.perform_in_ready_tab(|tab| Act::LogOutSecurely { tab }),
            170..=344 => self.ask_for_token(),
            345..=479 => self.perform_in_ready_tab(|tab| Act::Fetch { tab }),
            480..=489 if plan.callers_abort => self.call_and_interrupt(Interruption::Abort),
            490..=529 => self.perform(Act::FetchEverywhere {}),
            530..=569 => self.perform_in_ready_tab(|tab| Act::Renew { tab }),
            570..=584 if plan.versions_differ => self.perform(Act::Deploy {}),
            585..=599 if plan.versions_differ => self.reload_obsolete_tab(),
            600..=609 if plan.tabs_hide => self.hide(),
            610..=619 if plan.pages_are_cached => self.cache(),
            570..=619 => self.wake(),
            620..=719 => self.open_tab(),
            720..=769 if plan.tabs_die => self.die(),
            770..=829 if plan.tabs_freeze => self.freeze(),
            830..=849 if plan.clocks_jump => self.sleep(),
            850..=869 if plan.clocks_jump => self.set_clock(),
            870..=899 if plan.fault_share > 0.0 => self.go_offline(),
            900..=909 if plan.storage_fails => self.perform(Act::ClearStorage {}),
            910..=919 if plan.shared_may_be_lost => self.draw_shared_change(),
            920..=944 => self.revoke_all(),
            945..=952 => self.ban(),
            953..=956 => self.delete(),
            957..=966 => self.log_in_as_bot(),
            967..=974 if plan.clients_close => self.call_and_interrupt(Interruption::Close),
            975..=984 if plan.callers_abort => self.call_and_interrupt(Interruption::Abort),
            985..=999 if plan.workers_run => self.serve_worker_request(),
            _ => self.perform_in_ready_tab(|tab| Act::Fetch { tab }),
        }
    }

    /// Performs all acts that the script plans for this time.
    fn perform_scripted_acts(&mut self) {
        let at = self.next_act_at();
        while let Some(act) = self.take_next_act(at) {
            self.perform(act);
            // The act was `Rest`: the runner checks the device at rest before it goes on.
            if self.rest_is_due {
                return;
            }
        }
        self.plan_script();
    }

    /// Plans the next act of the script.
    pub(crate) fn plan_script(&mut self) {
        if let Some(at) = self.next_act_at() {
            let after = (at - self.time).max(0.0);
            self.push(after, Task::NextAct);
        }
    }

    fn perform_in_ready_tab(&mut self, act: impl FnOnce(usize) -> Act) {
        if let Some(tab) = self.draw_ready_tab() {
            self.perform(act(tab));
        }
    }

    fn draw_user(&mut self) -> u32 {
        let slots = self.truth.users.len();
        let slot = self.random().below(slots);
        self.truth.users[slot]
    }

    fn log_in(&mut self) {
        let user = self.draw_user();
        self.log_in_as(Some(user));
    }

    /// Logs in as a user, or as a visitor.
    fn log_in_as(&mut self, user: Option<u32>) {
        let Some(tab) = self.draw_tab() else { return };
        if matches!(self.tabs[tab].state, State::Terminated(_)) && self.random().chance(0.8) {
            self.perform(Act::LogOut { tab });
        }
        let act = match user {
            Some(user) if self.random().chance(0.2) => Act::LogInSeparately { tab, user },
            Some(user) => Act::LogIn { tab, user },
            None => Act::LogInAsVisitor { tab },
        };
        self.perform(act);
    }

    fn log_in_as_bot(&mut self) {
        if let Some(tab) = self.draw_tab() {
            self.perform(Act::LogInAsBot { tab });
        }
    }

    /// Makes a call of the app, and plans the interruption of a tab. Sometimes makes no call, or a
    /// call in another tab, so that the interruption meets an earlier call or an idle client.
    fn call_and_interrupt(&mut self, interruption: Interruption) {
        let Some(tab) = self.draw_tab() else { return };
        match self.random().below(6) {
            0 => {
                let user = self.draw_user();
                self.perform(Act::LogIn { tab, user });
            }
            1 => self.perform(Act::Renew { tab }),
            2 => self.ask_for_token(),
            3 => self.perform(Act::LogOut { tab }),
            4 => self.perform(Act::LogOutSecurely { tab }),
            _ => {}
        }
        let after = self.random().between(0.0, 500.0);
        self.push(
            after,
            Task::Interrupt(tab, self.tabs[tab].life, interruption),
        );
    }

    pub(crate) fn interrupt(&mut self, tab: usize, life: u32, interruption: Interruption) {
        let Tab {
            life: current_life,
            alive,
            ..
        } = self.tabs[tab];
        if self.is_resting || !alive || current_life != life || self.time < self.asleep_until {
            return;
        }
        self.perform(match interruption {
            Interruption::Close => Act::Close { tab },
            Interruption::Abort => Act::Abort { tab },
            Interruption::Stop => Act::StopWorker { worker: tab },
        });
    }

    fn serve_worker_request(&mut self) {
        let worker = MAX_TABS + self.random().below(MAX_WORKERS);
        let act = match self.random().below(10) {
            0..=2 => {
                let user = self.draw_user();
                Act::ServeUser { worker, user }
            }
            3 => Act::ServeBot { worker },
            4 => Act::ServeLogOut { worker },
            _ => Act::ServeAgain { worker },
        };
        self.perform(act);
        if self.plan.tabs_die && self.random().chance(0.25) {
            let after = self.random().between(0.0, 500.0);
            let life = self.tabs[worker].life;
            self.push(after, Task::Interrupt(worker, life, Interruption::Stop));
        }
    }

    fn draw_shared_change(&mut self) {
        let act = match self.random().below(3) {
            0 => Act::ClearShared {},
            1 => Act::JunkShared {},
            _ => {
                let ago = 1 + self.random().below(MAX_SNAPSHOTS);
                Act::RestoreShared { ago }
            }
        };
        self.perform(act);
    }

    fn adopt(&mut self) {
        if let Some(tab) = self.draw_ready_tab() {
            let user = self.draw_user();
            self.perform(Act::Adopt { tab, user });
        }
    }

    fn log_out(&mut self) {
        let Some(tab) = self.draw_ready_tab() else {
            return;
        };
        let revokes = self.random().chance(0.7);
        self.perform(if revokes {
            Act::LogOut { tab }
        } else {
            Act::LogOutUnrevoked { tab }
        });
    }

    fn ask_for_token(&mut self) {
        let Some(tab) = self.draw_ready_tab() else {
            return;
        };
        let ms = if self.random().chance(0.1) {
            self.plan.lifetime_ms() / 2.0
        } else {
            60_000.0
        };
        self.perform(Act::AskForToken { tab, ms });
    }

    fn wake(&mut self) {
        let Some(tab) = self.draw_tab() else { return };
        let is_online = self.random().chance(0.3);
        self.perform(if is_online {
            Act::WakeOnline { tab }
        } else {
            Act::Wake { tab }
        });
    }

    fn open_tab(&mut self) {
        if let Some(tab) = (0..self.plan.tabs).find(|tab| !self.tabs[*tab].alive) {
            self.perform(Act::Open { tab });
        }
    }

    fn die(&mut self) {
        let tabs = self.plan.tabs;
        let tab = self
            .find_renewing_tab()
            .unwrap_or_else(|| self.random().below(tabs));
        self.perform(Act::Die { tab });
    }

    fn freeze(&mut self) {
        let Some(tab) = self.find_renewing_tab().or_else(|| self.draw_tab()) else {
            return;
        };
        let max_ms = [5_000.0, 120_000.0, self.plan.lifetime_ms()][self.random().below(3)];
        let ms = self.random().between(100.0, max_ms);
        self.perform(Act::Freeze { tab, ms });
    }

    fn hide(&mut self) {
        let Some(tab) = self.draw_tab() else { return };
        let max_ms = [120_000.0, 600_000.0, self.plan.lifetime_ms()][self.random().below(3)];
        let ms = self.random().between(1_000.0, max_ms);
        self.perform(Act::Hide { tab, ms });
    }

    fn cache(&mut self) {
        let Some(tab) = self.find_renewing_tab().or_else(|| self.draw_tab()) else {
            return;
        };
        let max_ms = [5_000.0, 120_000.0, self.plan.lifetime_ms()][self.random().below(3)];
        let ms = self.random().between(100.0, max_ms);
        self.perform(Act::Cache { tab, ms });
    }

    fn sleep(&mut self) {
        let max_ms = [60_000.0, 3_600_000.0, self.plan.lifetime_ms()][self.random().below(3)];
        let ms = self.random().between(1_000.0, max_ms);
        self.perform(Act::Sleep { ms });
    }

    fn set_clock(&mut self) {
        let max_ms = [5_000.0, 600_000.0, 86_400_000.0, 3_000_000_000.0][self.random().below(4)];
        let ms = self.random().between(-max_ms, max_ms);
        self.perform(Act::SetClock { ms });
    }

    fn go_offline(&mut self) {
        let ms = self.random().between(500.0, 120_000.0);
        self.perform(Act::GoOffline { ms });
    }

    fn revoke_all(&mut self) {
        let user = self.draw_user();
        self.perform(Act::RevokeAll { user });
    }

    fn ban(&mut self) {
        let user = self.draw_user();
        if self.service.set_banned(&format!("user-{user}"), true) {
            let ms = self.random().between(1_000.0, 600_000.0);
            self.perform(Act::Ban { user, ms });
        }
    }

    fn delete(&mut self) {
        let user = self.draw_user();
        self.perform(Act::Delete { user });
    }
}
