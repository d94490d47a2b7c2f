//! Carries out accidents of the device (frozen tabs, sleep, wrong clocks, a lost network, cleared
//! storage) and the acts of administrators.

use crate::counts::Kind;
use crate::queue::Task;
use crate::script::Detail;
use crate::world::{World, MAX_TABS, PLACES};
use social_plus_auth::session::Event;

impl World<'_> {
    pub(crate) fn freeze_tab(&mut self, tab: usize, ms: f64) {
        let was_renewing = self.excuse_renewals(tab);
        // If a write to storage is pending, the freeze delays it. Another tab may then not see the
        // new session and renew needlessly, so excuse one renewal.
        self.truth.excused_renewals += u32::from(self.tabs[tab].storage_free_at >= self.time);
        self.count(if was_renewing {
            Kind::RenewerFrozen
        } else {
            Kind::Frozen
        });
        self.note(|| format!("tab {tab} is frozen"));
        self.tabs[tab].frozen = true;
        // The queue holds back the tasks of a frozen tab, so this task belongs to no tab.
        self.push(ms, Task::Thaw(tab, self.tabs[tab].life));
    }

    pub(crate) fn thaw(&mut self, tab: usize, life: u32) {
        if self.tabs[tab].life != life || !std::mem::take(&mut self.tabs[tab].frozen) {
            return;
        }
        if std::mem::take(&mut self.tabs[tab].is_cached) {
            return self.restore_page(tab);
        }
        self.count(Kind::Thawed);
        self.note(|| format!("tab {tab} is thawed"));
        for task in std::mem::take(&mut self.tabs[tab].held_back) {
            self.push_to(tab, 0.0, task);
        }
        let after = self.decide_delay(Detail::WakeTakes, tab, 0.0, 20.0);
        self.push_to(
            tab,
            after,
            Task::DeliverEvent(Event::Wake { is_online: false }),
        );
    }

    /// Excuses the renewals that an accident may cause: one more for each renewal in flight, and
    /// one needless renewal per tab. Also forgets which token each tab last used successfully.
    fn excuse_all_renewals(&mut self) {
        for tab in 0..PLACES {
            self.excuse_renewals(tab);
            self.tabs[tab].last_accepted = None;
        }
        self.truth.excused_renewals += MAX_TABS as u32;
    }

    pub(crate) fn sleep_for(&mut self, ms: f64) {
        self.count(Kind::Slept);
        self.note(|| format!("asleep for {ms} ms"));
        self.excuse_all_renewals();
        self.asleep_until = self.time + ms;
        self.slept += ms;
        for tab in (0..MAX_TABS)
            .filter(|tab| self.tabs[*tab].alive)
            .collect::<Vec<_>>()
        {
            let after = ms + self.decide_delay(Detail::WakeTakes, tab, 0.0, 50.0);
            self.push_to(
                tab,
                after,
                Task::DeliverEvent(Event::Wake { is_online: false }),
            );
        }
    }

    pub(crate) fn shift_clock(&mut self, ms: f64) {
        self.count(if ms < 0.0 {
            Kind::ClockBack
        } else {
            Kind::ClockForward
        });
        self.note(|| format!("the wall clock is moved by {ms} ms"));
        self.excuse_all_renewals();
        self.wall_shift += ms;
    }

    pub(crate) fn go_offline_for(&mut self, ms: f64) {
        self.count(Kind::Offline);
        self.note(|| format!("offline for {ms} ms"));
        self.offline_until = self.time + ms;
        self.push(ms, Task::ComeOnline);
    }

    pub(crate) fn come_online(&mut self) {
        if self.time >= self.offline_until {
            for tab in (0..MAX_TABS)
                .filter(|tab| self.tabs[*tab].alive)
                .collect::<Vec<_>>()
            {
                self.push_to(
                    tab,
                    0.0,
                    Task::DeliverEvent(Event::Wake { is_online: true }),
                );
            }
        }
    }

    pub(crate) fn clear_storage(&mut self) {
        self.count(Kind::StorageCleared);
        self.truth.excused_renewals += MAX_TABS as u32;
        self.note(|| "storage is cleared".into());
        self.stored = None;
    }

    pub(crate) fn revoke_all_tokens(&mut self, user: u32) {
        self.count(Kind::RevokedAll);
        self.note(|| format!("all tokens of user {user} are revoked"));
        self.service
            .revoke_all(self.service_time(), &format!("user-{user}"));
    }

    pub(crate) fn ban_user(&mut self, user: u32, ms: f64) {
        if self.service.set_banned(&format!("user-{user}"), true) {
            self.count(Kind::Banned);
            self.note(|| format!("user {user} is banned"));
            self.truth.banned.push(user);
            self.push(ms, Task::Unban(user));
        }
    }

    pub(crate) fn unban(&mut self, user: u32) {
        if self.service.set_banned(&format!("user-{user}"), false) {
            self.count(Kind::Unbanned);
            self.note(|| format!("user {user} is no longer banned"));
        }
    }

    pub(crate) fn delete_user(&mut self, user: u32) {
        if self.service.delete(&format!("user-{user}")) {
            self.count(Kind::Deleted);
            self.note(|| format!("user {user} is deleted"));
            self.truth.deleted.push(user);
            // A new user replaces the deleted user, because the service does not reuse user ids.
            self.truth.last_user += 1;
            let next = self.truth.last_user;
            let is_user = |other: &&mut u32| **other == user;
            self.truth
                .users
                .iter_mut()
                .find(is_user)
                .into_iter()
                .for_each(|slot| *slot = next);
        }
    }
}
