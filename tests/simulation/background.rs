//! Tabs in the background. Browsers let the timers of a hidden tab fire only once a minute. A page
//! in the back/forward cache is frozen without an event, and messages, events and answers do not
//! reach it; when the user returns to it, it gets `pageshow`.

use crate::counts::Kind;
use crate::queue::Task;
use crate::world::World;
use social_plus_auth::session::Event;

/// The timers of a hidden tab fire at multiples of this time, in milliseconds.
const THROTTLED_MS: f64 = 60_000.0;

impl World<'_> {
    /// Hides a tab. It gets `visibilitychange` now, and again when it is shown.
    pub(crate) fn hide_tab(&mut self, tab: usize, ms: f64) {
        self.count(Kind::Hidden);
        self.note(|| format!("tab {tab} is hidden"));
        self.tabs[tab].hidden_until = self.time + ms;
        self.push(ms, Task::Show(tab, self.tabs[tab].life));
        self.step(tab, Event::Wake { is_online: false }, None);
    }

    /// Shows a hidden tab, unless this life of the tab has ended, or it has been hidden again.
    pub(crate) fn show_tab(&mut self, tab: usize, life: u32) {
        if self.tabs[tab].life == life && self.tabs[tab].hidden_until <= self.time {
            self.note(|| format!("tab {tab} is shown"));
            let wake = Event::Wake { is_online: false };
            self.push_to(tab, 0.0, Task::DeliverEvent(wake));
        }
    }

    /// Returns when a hidden tab carries out a task that waits for a timer, unless it may do so
    /// now.
    pub(crate) fn delay_timer(&mut self, tab: usize, task: &Task) -> Option<f64> {
        let is_retry = |number: u32| self.attempts[number as usize].attempt > 1;
        let is_timer = match *task {
            Task::FireTimer(_)
            | Task::TimeOutLock(..)
            | Task::TimeOutAttempt(..)
            | Task::ReleaseLock => true,
            Task::StartAttempt(number) => is_retry(number),
            _ => false,
        };
        let hidden_until = self.tabs[tab].hidden_until;
        if !is_timer || self.time >= hidden_until || self.time % THROTTLED_MS == 0.0 {
            return None;
        }
        self.count(Kind::Throttled);
        // Meanwhile, the claim of the tab may expire.
        self.excuse_renewals(tab);
        let next = (self.time / THROTTLED_MS).ceil() * THROTTLED_MS;
        Some(next.min(hidden_until))
    }

    /// Puts a page into the back/forward cache.
    pub(crate) fn cache_page(&mut self, tab: usize, ms: f64) {
        let was_renewing = self.excuse_renewals(tab);
        // Other tabs may miss a renewal, because the page's last write to storage is late.
        self.truth.excused_renewals += u32::from(self.tabs[tab].storage_free_at >= self.time);
        self.count(if was_renewing {
            Kind::RenewerCached
        } else {
            Kind::Cached
        });
        self.note(|| format!("tab {tab} is cached"));
        (self.tabs[tab].frozen, self.tabs[tab].is_cached) = (true, true);
        self.push(ms, Task::Thaw(tab, self.tabs[tab].life));
    }

    /// Keeps a task of a frozen tab until it thaws. Messages, events and answers do not reach a
    /// page in the cache.
    pub(crate) fn hold_back(&mut self, tab: usize, task: Task) {
        let task = match task {
            Task::ReceiveMessage(..) if self.tabs[tab].is_cached => {
                self.truth.excused_renewals += 1;
                return self.count(Kind::MessageMissed);
            }
            Task::DeliverEvent(_) if self.tabs[tab].is_cached => return,
            Task::ReceiveAnswer(number) if self.tabs[tab].is_cached => {
                self.count(Kind::AnswerMissed);
                Task::BreakAttempt(number)
            }
            task => task,
        };
        self.tabs[tab].held_back.push(task);
    }

    /// Restores a page from the cache. It gets `pageshow` before its timers fire.
    pub(crate) fn restore_page(&mut self, tab: usize) {
        self.note(|| format!("tab {tab} is restored"));
        let wake = Event::Wake { is_online: false };
        self.push_to(tab, 0.0, Task::DeliverEvent(wake));
        for task in std::mem::take(&mut self.tabs[tab].held_back) {
            self.push_to(tab, 0.0, task);
        }
    }
}
