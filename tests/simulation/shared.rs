//! What all tabs share, as `localStorage` gives it to them. Where each tab is a process of its own
//! (`late`) a write reaches the others a little later, and of two that are written at once the one
//! that comes last stays: whoever has written meanwhile sees its own until it has come through.

use crate::counts::Kind;
use crate::script::Detail;
use crate::world::{What, World};
use social_plus_auth::session::Shared;

/// How long a write takes at most, from a tab to what is common to all and from there to each of
/// the others, in milliseconds.
const HALF_WAY_MS: f64 = 10.0;

impl World<'_> {
    /// What is shared, as a tab reads it. Where it was lost, what the tab knew counts.
    pub(crate) fn read(&mut self, tab: usize) -> Shared {
        let seen = if self.plan.late {
            self.tabs[tab].seen
        } else {
            self.meta
        };
        let own = self.tabs[tab].own;
        if seen.is_none() {
            self.write(tab, own);
        }
        self.tabs[tab].own = seen.unwrap_or(own);
        self.tabs[tab].own
    }

    pub(crate) fn write(&mut self, tab: usize, shared: Shared) {
        self.is_taken_over(tab, shared);
        self.tabs[tab].own = shared;
        if !self.plan.late {
            self.meta = Some(shared);
            return;
        }
        let after = self.delay(Detail::SharedGoesOut, tab, 0.0, HALF_WAY_MS);
        let sender = &mut self.tabs[tab];
        sender.seen = Some(shared);
        sender.on_the_way += 1;
        sender.written = sender.written.max(self.time + after);
        let after = sender.written - self.time;
        self.push(after, What::Commits(tab, self.tabs[tab].life, shared));
    }

    /// A write has come to what is common to all.
    pub(crate) fn commits(&mut self, sender: usize, life: u32, shared: Shared) {
        if self.meta.is_some_and(|meta| meta.epoch > shared.epoch) {
            self.count(Kind::WrittenOver);
        }
        self.meta = Some(shared);
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].alive {
                let is_own = (tab, self.tabs[tab].life) == (sender, life);
                let after = self.delay(Detail::SharedComesIn, tab, 0.0, HALF_WAY_MS);
                let receiver = &mut self.tabs[tab];
                receiver.heard = receiver.heard.max(self.time + after);
                let (after, life) = (receiver.heard - self.time, receiver.life);
                self.push(after, What::Sees(tab, life, shared, is_own));
            }
        }
    }

    /// … and from there to a tab.
    pub(crate) fn sees(&mut self, tab: usize, life: u32, shared: Shared, is_own: bool) {
        let tab = &mut self.tabs[tab];
        if tab.life != life {
            return;
        }
        if is_own {
            tab.on_the_way -= 1;
        } else if tab.on_the_way == 0 {
            tab.seen = Some(shared);
        }
    }

    pub(crate) fn clear_meta(&mut self) {
        self.count(Kind::MetaCleared);
        self.truth.slack += self.tabs.len() as u32;
        self.truth.amnesia = true;
        self.note(|| "what is shared is cleared".into());
        self.meta = None;
        self.tabs.iter_mut().for_each(|tab| tab.seen = None);
    }

    /// How long a tab may not know yet what another one has done, in milliseconds.
    pub(crate) fn hand_over_ms(&self) -> f64 {
        match (self.plan.late, self.plan.slow) {
            (false, _) => -1.0,
            (true, false) => 100.0,
            (true, true) => 3_100.0,
        }
    }
}
