//! Plays the Web Lock of the tabs.

use crate::counts::Kind;
use crate::plan::TIMEOUT_MS;
use crate::queue::Task;
use crate::script::Detail;
use crate::world::World;
use social_plus_auth::session::wire::LOCK_HOLD_MS;
use social_plus_auth::session::Event;

impl World<'_> {
    pub(crate) fn request_lock(&mut self, tab: usize, ticket: u32) {
        if !self.plan.has_locks {
            return self.step(
                tab,
                Event::Locked {
                    ticket,
                    is_granted: false,
                },
                None,
            );
        }
        self.lock
            .queue
            .push_back((tab, self.tabs[tab].life, ticket));
        let end = self.mono(tab) + TIMEOUT_MS;
        self.push_to(tab, TIMEOUT_MS, Task::TimeOutLock(ticket, end));
        self.grant_lock();
    }

    /// Grants the lock to the tab that has waited longest.
    pub(crate) fn grant_lock(&mut self) {
        if self.lock.holder.is_none() {
            if let Some((tab, life, ticket)) = self.lock.queue.pop_front() {
                self.lock.holder = Some((tab, life));
                let after = self.decide_delay(Detail::LockTakes, tab, 0.0, 3.0);
                self.push_to(tab, after, Task::TakeLock(ticket));
            }
        }
    }

    pub(crate) fn take_lock(&mut self, tab: usize, ticket: u32) {
        self.lock.has_written = false;
        self.step(
            tab,
            Event::Locked {
                ticket,
                is_granted: true,
            },
            None,
        );
        let after = if self.lock.has_written {
            LOCK_HOLD_MS
        } else {
            0.0
        };
        self.push_to(tab, after, Task::ReleaseLock);
    }

    pub(crate) fn time_out_lock(&mut self, tab: usize, ticket: u32) {
        let life = self.tabs[tab].life;
        let waiting = self.lock.queue.len();
        let entry = (tab, life, ticket);
        self.lock.queue.retain(|other| *other != entry);
        if self.lock.queue.len() < waiting {
            self.count(Kind::LockTimedOut);
            self.step(
                tab,
                Event::Locked {
                    ticket,
                    is_granted: false,
                },
                None,
            );
        }
    }

    pub(crate) fn release_lock(&mut self) {
        self.lock.holder = None;
        self.grant_lock();
    }
}
