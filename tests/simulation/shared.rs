//! The numbers that all tabs share, as `localStorage` shows them to each tab. If each tab has its
//! own process (`shared_is_late`), a write reaches the other tabs with a delay, and the last of two
//! concurrent writes wins. While a tab's write is on its way to the common storage, the tab reads
//! the numbers that it wrote.

use crate::counts::Kind;
use crate::queue::{Task, Versioned};
use crate::script::Detail;
use crate::tab::is_worker;
use crate::world::{World, MAX_TABS};
use social_plus_auth::session::Shared;
use std::collections::VecDeque;

/// The maximum time that a write takes from a tab to the common storage, in milliseconds. The same
/// maximum applies to the way from there to any other tab.
pub(crate) const MAX_SHARED_DELAY_MS: f64 = 45.0;
/// The maximum number of earlier values of the numbers that a run keeps.
pub(crate) const MAX_SNAPSHOTS: usize = 8;
/// The share of steps in which the numbers change between the read and the write, in runs that may
/// lose them.
const CHANGE_SHARE: f64 = 0.002;

/// The common storage of the numbers.
#[derive(Default)]
pub(crate) struct SharedStorage {
    pub(crate) numbers: Option<Shared>,
    /// The package version of the tab that wrote the numbers.
    pub(crate) version: u32,
    /// Earlier values of the numbers, the latest first.
    earlier: VecDeque<Shared>,
}

impl SharedStorage {
    fn set(&mut self, (shared, version): Versioned) {
        self.version = version;
        if let Some(before) = self.numbers.replace(shared) {
            self.earlier.truncate(MAX_SNAPSHOTS - 1);
            self.earlier.push_front(before);
        }
    }
}

/// A change of the shared numbers that no tab of the app makes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// The entry is removed.
    Clear,
    /// Foreign data replaces the entry. It decodes to zeros.
    Junk,
    /// The numbers from this many writes ago replace the entry.
    Restore(usize),
}

impl Change {
    fn from_code(code: f64) -> Option<Self> {
        match code as usize {
            0 => None,
            1 => Some(Self::Clear),
            2 => Some(Self::Junk),
            code => Some(Self::Restore(code - 2)),
        }
    }
}

impl World<'_> {
    /// Returns the shared numbers as a tab reads them. If they are missing, the tab writes the
    /// numbers that it read or wrote last, unless it is obsolete. A worker reads its own numbers,
    /// because it shares none.
    pub(crate) fn read(&mut self, tab: usize) -> Shared {
        let last = self.tabs[tab].last_shared;
        if is_worker(tab) {
            return last;
        }
        let (found, version) = if self.plan.shared_is_late {
            let tab = &self.tabs[tab];
            (tab.received_shared, tab.received_version)
        } else {
            (self.shared.numbers, self.shared.version)
        };
        if found.is_some() {
            self.meet_version(tab, version);
            self.tabs[tab].read_version = version;
        } else if !self.tabs[tab].is_obsolete() {
            self.write(tab, last);
        }
        self.tabs[tab].last_shared = found.unwrap_or(last);
        self.tabs[tab].last_shared
    }

    pub(crate) fn write(&mut self, tab: usize, shared: Shared) {
        if is_worker(tab) {
            self.tabs[tab].last_shared = shared;
            return;
        }
        self.lock.has_written = true;
        self.check_claim_taken(tab, shared);
        self.tabs[tab].last_shared = shared;
        let version = self.tabs[tab].version;
        if !self.plan.shared_is_late {
            self.shared.set((shared, version));
            return self.send_storage_events(tab, false);
        }
        let after = self.decide_delay(Detail::SharedGoesOut, tab, 0.0, MAX_SHARED_DELAY_MS);
        let sender = &mut self.tabs[tab];
        sender.received_shared = Some(shared);
        sender.received_version = version;
        sender.writes_in_flight += 1;
        sender.last_write_at = sender.last_write_at.max(self.time + after);
        let after = sender.last_write_at - self.time;
        self.push(
            after,
            Task::CommitShared(tab, self.tabs[tab].life, (shared, version)),
        );
    }

    /// Delivers a write to the common storage.
    pub(crate) fn commit_shared(&mut self, sender: usize, life: u32, shared: Versioned) {
        if self
            .shared
            .numbers
            .is_some_and(|before| before.epoch > shared.0.epoch)
        {
            self.count(Kind::WrittenOver);
        }
        self.shared.set(shared);
        for tab in 0..MAX_TABS {
            if self.tabs[tab].alive {
                let is_own = (tab, self.tabs[tab].life) == (sender, life);
                let after = self.decide_delay(Detail::SharedComesIn, tab, 0.0, MAX_SHARED_DELAY_MS);
                let receiver = &mut self.tabs[tab];
                receiver.last_receipt_at = receiver.last_receipt_at.max(self.time + after);
                let (after, life) = (receiver.last_receipt_at - self.time, receiver.life);
                self.push(after, Task::DeliverShared(tab, life, shared, is_own));
            }
        }
    }

    /// Delivers a write from the common storage to a tab.
    pub(crate) fn deliver_shared(
        &mut self,
        place: usize,
        life: u32,
        (shared, version): Versioned,
        is_own: bool,
    ) {
        let tab = &mut self.tabs[place];
        if tab.life != life {
            return;
        }
        if is_own {
            tab.writes_in_flight -= 1;
        } else if tab.writes_in_flight == 0 {
            tab.received_shared = Some(shared);
            tab.received_version = version;
            self.send_storage_event(place, false);
        }
    }

    /// Changes the shared numbers, as another program or the user might.
    pub(crate) fn change_shared(&mut self, change: Change) {
        let numbers = match change {
            Change::Clear => {
                self.count(Kind::SharedCleared);
                None
            }
            Change::Junk => {
                self.count(Kind::SharedJunk);
                Some(Shared::default())
            }
            Change::Restore(ago) => {
                let Some(earlier) = self.shared.earlier.get(ago - 1).copied() else {
                    return;
                };
                self.count(Kind::SharedRestored);
                Some(earlier)
            }
        };
        self.note(|| format!("the shared numbers change to {numbers:?}"));
        self.truth.excused_renewals += MAX_TABS as u32;
        self.truth.has_lost_numbers = true;
        self.shared.numbers = numbers;
        self.tabs
            .iter_mut()
            .for_each(|tab| tab.received_shared = numbers);
    }

    /// May change the shared numbers after a tab has read them and before it writes them.
    pub(crate) fn change_shared_mid_step(&mut self, tab: usize) {
        if !self.plan.shared_may_be_lost || is_worker(tab) {
            return;
        }
        let code = if self.is_scripted() {
            self.take_scripted(Detail::SharedChanges, tab, 0)
                .unwrap_or(0.0)
        } else if self.draw_accident(CHANGE_SHARE) {
            let code = 1.0 + self.random().below(2 + MAX_SNAPSHOTS) as f64;
            self.record_detail(Detail::SharedChanges, (tab, 0), code);
            code
        } else {
            0.0
        };
        if let Some(change) = Change::from_code(code) {
            self.count(Kind::SharedChangedMidStep);
            self.change_shared(change);
        }
    }

    /// Returns how long a tab may be unaware of another tab's act, in milliseconds. A negative
    /// number means that the tab is never unaware of it.
    pub(crate) fn max_unaware_ms(&self, tab: usize) -> f64 {
        match (self.plan.shared_is_late, self.plan.messages_are_late) {
            _ if is_worker(tab) => -1.0,
            (false, _) => -1.0,
            (true, false) => 100.0,
            (true, true) => 3_100.0,
        }
    }
}
