//! Ends clients and calls early: the app closes the client, the page dies, or the caller aborts.

use crate::checks::claim_expiry;
use crate::counts::Kind;
use crate::tab::{Call, Tab};
use crate::world::World;
use social_plus_auth::session::{Effect, Event};

impl World<'_> {
    /// Kills a page. All tasks that were planned for it are lost.
    pub(crate) fn kill_tab(&mut self, place: usize) {
        let was_renewing = self.excuse_renewals(place);
        // Other tabs may miss a renewal, because the page's last write to storage may be lost.
        self.truth.excused_renewals += u32::from(self.tabs[place].storage_free_at >= self.time);
        self.count(if was_renewing {
            Kind::RenewerDied
        } else {
            Kind::Died
        });
        self.clear_place(place);
    }

    /// Empties a place, which is an index in `tabs` for a tab or a worker.
    pub(crate) fn clear_place(&mut self, place: usize) {
        let Tab {
            life,
            closed_life,
            version,
            ..
        } = self.tabs[place];
        self.note(|| format!("tab {place} ends"));
        self.tabs[place] = Tab {
            life: life + 1,
            closed_life,
            version,
            alive: false,
            ..Tab::empty(place, self.plan)
        };
        self.lock.queue.retain(|(tab, ..)| *tab != place);
        if self.lock.holder == Some((place, life)) {
            self.release_lock();
        }
    }

    /// Closes a client. Its page stays open, so writes in flight still reach storage.
    pub(crate) fn close_client(&mut self, place: usize) {
        let is_mid_flight =
            self.tabs[place].is_waited_for() || !self.tabs[place].renewals.is_empty();
        self.count(if is_mid_flight {
            Kind::ClosedMidFlight
        } else {
            Kind::Closed
        });
        if claim_expiry(self.read(place), self.tabs[place].number).is_some() {
            self.count(Kind::ClosedWithClaim);
        }
        self.excuse_renewals(place);
        // Other tabs may miss a renewal, because the tab drops a message that waits for a write.
        self.truth.excused_renewals += u32::from(self.tabs[place].storage_free_at >= self.time);
        self.tabs[place].is_closing = true;
        self.step(place, Event::Close, None);
        self.tabs[place].closed_life = self.tabs[place].life;
        self.clear_place(place);
    }

    /// Checks that a closed client has settled every call, holds no claim and starts nothing.
    pub(crate) fn check_closed(&mut self, tab: usize, effects: &[Effect]) {
        let number = self.tabs[tab].number;
        if self.tabs[tab].is_waited_for() {
            self.report(tab, "a closed client leaves a caller waiting");
        }
        let keeps_claim = claim_expiry(self.tabs[tab].last_shared, number).is_some();
        if keeps_claim && !self.tabs[tab].is_obsolete() {
            self.report(tab, "a closed client keeps its claim");
        }
        let is_allowed = |effect: &Effect| {
            matches!(
                effect,
                // A logout elsewhere, of which the tab learns only now, clears storage.
                Effect::WriteShared(_)
                    | Effect::Clear
                    | Effect::Broadcast { .. }
                    | Effect::Current(_)
                    | Effect::State(_)
                    | Effect::Forget(_)
                    | Effect::Settle(..)
            )
        };
        if !effects.iter().all(is_allowed) {
            self.report(tab, "a closed client starts something");
        }
    }

    /// Aborts the call that has waited longest. Its promise settles immediately. The machine does
    /// not learn of this, and the operation continues for the other callers.
    pub(crate) fn abort_call(&mut self, tab: usize) {
        let waiters = &mut self.tabs[tab].waiters;
        let Some(index) = waiters.iter().position(|waiter| !waiter.is_aborted) else {
            return;
        };
        waiters[index].is_aborted = true;
        let waiter = waiters[index];
        let has_others = waiters
            .iter()
            .any(|other| other.number == waiter.number && !other.is_aborted);
        if waiter.call == Call::Resume {
            self.tabs[tab].ready = true;
        }
        self.note(|| format!("tab {tab}: the caller of {:?} gives up", waiter.call));
        self.count(if has_others {
            Kind::AbortedBesideOthers
        } else {
            Kind::Aborted
        });
    }
}
