//! Draws the next act of users or fate. Many acts may happen at the same time, and none may happen
//! for a large part of a token's lifetime.

use crate::queue::{Interruption, What};
use crate::script::Act;
use crate::shared::SNAPSHOTS;
use crate::tab::Tab;
use crate::world::{World, MAX_TABS, MAX_WORKERS};
use social_plus_auth::session::State;

impl World<'_> {
    /// Returns a random tab that is neither frozen nor dead.
    fn some_tab(&mut self) -> Option<usize> {
        let awake: Vec<usize> = (0..MAX_TABS)
            .filter(|tab| self.tabs[*tab].alive && !self.tabs[*tab].frozen)
            .collect();
        if awake.is_empty() {
            return None;
        }
        let place = self.random().below(awake.len());
        Some(awake[place])
    }

    /// Returns a tab that is renewing, if there is one.
    fn renewing_tab(&self) -> Option<usize> {
        self.tabs[..MAX_TABS]
            .iter()
            .position(|tab| tab.alive && !tab.frozen && !tab.renewals.is_empty())
    }

    fn ready_tab(&mut self) -> Option<usize> {
        self.some_tab().filter(|tab| self.tabs[*tab].ready)
    }

    /// Draws how long it takes until the next act.
    fn pause(&mut self) -> f64 {
        let lifetime = self.plan.lifetime_ms();
        match self.random().below(100) {
            // Close to the time at which the next timer is due.
            0..=14 => {
                let due = (0..MAX_TABS)
                    .filter(|tab| self.tabs[*tab].alive)
                    .map(|tab| self.until(tab, self.tabs[tab].timer_at))
                    .fold(lifetime, f64::min);
                (due + self.random().between(-200.0, 500.0)).max(0.0)
            }
            15..=59 => self.random().between(0.0, 400.0),
            60..=79 => self.random().between(400.0, 15_000.0),
            80..=91 => self.random().between(15_000.0, 0.02 * lifetime + 120_000.0),
            _ => self.random().between(0.02 * lifetime, 0.6 * lifetime),
        }
    }

    /// Performs an act, and plans the next one.
    pub(crate) fn act(&mut self) {
        if self.is_scripted() {
            return self.act_by_script();
        }
        let pause = self.pause();
        self.push(pause, What::Acts);
        let plan = self.plan;
        let is_anybody = self.tabs[..MAX_TABS]
            .iter()
            .any(|tab| tab.alive && tab.machine.current().is_some());
        if !is_anybody && self.random().chance(0.4) {
            return self.log_in();
        }
        match self.random().below(1000) {
            0..=79 => self.log_in(),
            80..=109 => self.log_in_as(None),
            110..=129 => self.adopt(),
            130..=154 => self.log_out(),
            155..=169 => self.on_ready_tab(|tab| Act::LogOutSecurely { tab }),
            170..=344 => self.ask_for_token(),
            345..=479 => self.on_ready_tab(|tab| Act::Fetch { tab }),
            480..=489 if plan.callers_abort => self.call_and_interrupt(Interruption::Abort),
            490..=529 => self.perform(Act::FetchEverywhere {}),
            530..=569 => self.on_ready_tab(|tab| Act::Renew { tab }),
            570..=619 => self.wake(),
            620..=719 => self.open_somewhere(),
            720..=769 if plan.tabs_die => self.die(),
            770..=829 if plan.tabs_freeze => self.freeze(),
            830..=849 if plan.clocks_lie => self.sleep(),
            850..=869 if plan.clocks_lie => self.set_clock(),
            870..=899 if plan.trouble > 0.0 => self.go_offline(),
            900..=909 if plan.storage_fails => self.perform(Act::ClearStorage {}),
            910..=919 if plan.shared_may_be_lost => self.change_shared_somehow(),
            920..=944 => self.revoke_all(),
            945..=952 => self.ban(),
            953..=956 => self.delete(),
            957..=966 => self.log_in_as_bot(),
            967..=974 if plan.clients_close => self.call_and_interrupt(Interruption::Close),
            975..=984 if plan.callers_abort => self.call_and_interrupt(Interruption::Abort),
            985..=999 if plan.workers_run => self.serve_somebody(),
            _ => self.on_ready_tab(|tab| Act::Fetch { tab }),
        }
    }

    /// Performs all acts that the script plans for this moment.
    fn act_by_script(&mut self) {
        let at = self.script_next_at();
        while let Some(act) = self.script_next_act(at) {
            self.perform(act);
            if self.rest_is_due {
                return;
            }
        }
        self.plan_script();
    }

    /// Plans the next act of the script.
    pub(crate) fn plan_script(&mut self) {
        if let Some(at) = self.script_next_at() {
            let after = (at - self.time).max(0.0);
            self.push(after, What::Acts);
        }
    }

    fn on_ready_tab(&mut self, act: impl FnOnce(usize) -> Act) {
        if let Some(tab) = self.ready_tab() {
            self.perform(act(tab));
        }
    }

    fn some_user(&mut self) -> u32 {
        let slots = self.truth.users.len();
        let slot = self.random().below(slots);
        self.truth.users[slot]
    }

    fn log_in(&mut self) {
        let user = self.some_user();
        self.log_in_as(Some(user));
    }

    /// Logs in as a user, or as a visitor.
    fn log_in_as(&mut self, user: Option<u32>) {
        let Some(tab) = self.some_tab() else { return };
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
        if let Some(tab) = self.some_tab() {
            self.perform(Act::LogInAsBot { tab });
        }
    }

    /// Makes a call of the app and plans its interruption.
    fn call_and_interrupt(&mut self, interruption: Interruption) {
        let Some(tab) = self.some_tab() else { return };
        match self.random().below(6) {
            0 => {
                let user = self.some_user();
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
            What::Interrupts(tab, self.tabs[tab].life, interruption),
        );
    }

    pub(crate) fn interrupt(&mut self, tab: usize, life: u32, interruption: Interruption) {
        let Tab {
            life: now, alive, ..
        } = self.tabs[tab];
        if self.calm || !alive || now != life || self.time < self.asleep_until {
            return;
        }
        self.perform(match interruption {
            Interruption::Close => Act::Close { tab },
            Interruption::Abort => Act::Abort { tab },
        });
    }

    fn serve_somebody(&mut self) {
        let worker = MAX_TABS + self.random().below(MAX_WORKERS);
        let act = match self.random().below(10) {
            0..=2 => {
                let user = self.some_user();
                Act::ServeUser { worker, user }
            }
            3 => Act::ServeBot { worker },
            4 => Act::ServeLogOut { worker },
            _ => Act::ServeAgain { worker },
        };
        self.perform(act);
    }

    fn change_shared_somehow(&mut self) {
        let act = match self.random().below(3) {
            0 => Act::ClearShared {},
            1 => Act::JunkShared {},
            _ => {
                let ago = 1 + self.random().below(SNAPSHOTS);
                Act::RestoreShared { ago }
            }
        };
        self.perform(act);
    }

    fn adopt(&mut self) {
        if let Some(tab) = self.ready_tab() {
            let user = self.some_user();
            self.perform(Act::Adopt { tab, user });
        }
    }

    fn log_out(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
        let revokes = self.random().chance(0.7);
        self.perform(if revokes {
            Act::LogOut { tab }
        } else {
            Act::LogOutUnrevoked { tab }
        });
    }

    fn ask_for_token(&mut self) {
        let Some(tab) = self.ready_tab() else { return };
        let ms = if self.random().chance(0.1) {
            self.plan.lifetime_ms() / 2.0
        } else {
            60_000.0
        };
        self.perform(Act::AskForToken { tab, ms });
    }

    fn wake(&mut self) {
        let Some(tab) = self.some_tab() else { return };
        let is_online = self.random().chance(0.3);
        self.perform(if is_online {
            Act::WakeOnline { tab }
        } else {
            Act::Wake { tab }
        });
    }

    fn open_somewhere(&mut self) {
        if let Some(tab) = (0..self.plan.tabs).find(|tab| !self.tabs[*tab].alive) {
            self.perform(Act::Open { tab });
        }
    }

    fn die(&mut self) {
        let tabs = self.plan.tabs;
        let tab = self
            .renewing_tab()
            .unwrap_or_else(|| self.random().below(tabs));
        self.perform(Act::Die { tab });
    }

    fn freeze(&mut self) {
        let Some(tab) = self.renewing_tab().or_else(|| self.some_tab()) else {
            return;
        };
        let most = [5_000.0, 120_000.0, self.plan.lifetime_ms()][self.random().below(3)];
        let ms = self.random().between(100.0, most);
        self.perform(Act::Freeze { tab, ms });
    }

    fn sleep(&mut self) {
        let most = [60_000.0, 3_600_000.0, self.plan.lifetime_ms()][self.random().below(3)];
        let ms = self.random().between(1_000.0, most);
        self.perform(Act::Sleep { ms });
    }

    fn set_clock(&mut self) {
        let most = [5_000.0, 600_000.0, 86_400_000.0, 3_000_000_000.0][self.random().below(4)];
        let ms = self.random().between(-most, most);
        self.perform(Act::SetClock { ms });
    }

    fn go_offline(&mut self) {
        let ms = self.random().between(500.0, 120_000.0);
        self.perform(Act::GoOffline { ms });
    }

    fn revoke_all(&mut self) {
        let user = self.some_user();
        self.perform(Act::RevokeAll { user });
    }

    fn ban(&mut self) {
        let user = self.some_user();
        if self.service.set_banned(&format!("user-{user}"), true) {
            let ms = self.random().between(1_000.0, 600_000.0);
            self.perform(Act::Ban { user, ms });
        }
    }

    fn delete(&mut self) {
        let user = self.some_user();
        self.perform(Act::Delete { user });
    }
}
