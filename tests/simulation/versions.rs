//! Tabs of different versions of the package (rule 20). A deployment raises the version of the tabs
//! that open after it. The shared numbers, messages and stored sessions carry the version of the
//! tab that wrote them. A tab reads every earlier version; once it has met a later one, it may only
//! use its token.

use crate::counts::Kind;
use crate::script::Act;
use crate::world::{World, MAX_TABS};
use social_plus_auth::session::{Effect, Message, Outcome};

impl World<'_> {
    pub(crate) fn deploy(&mut self) {
        self.count(Kind::Deployed);
        self.release += 1;
    }

    /// Replaces a tab by one of the present version.
    pub(crate) fn reload(&mut self, tab: usize) {
        if self.tabs[tab].alive {
            self.kill_tab(tab);
        }
        self.open(tab);
    }

    /// Reloads the first tab that has met a later version, as its app should.
    pub(crate) fn reload_obsolete_tab(&mut self) {
        let is_obsolete = |tab: &usize| {
            let tab = &self.tabs[*tab];
            tab.alive && !tab.frozen && tab.is_obsolete()
        };
        if let Some(tab) = (0..MAX_TABS).find(is_obsolete) {
            self.perform(Act::Reload { tab });
        }
    }

    /// Writes the version of a tab that opens. The tab changes no number.
    pub(crate) fn write_version(&mut self, tab: usize) {
        if self.plan.versions_differ {
            let shared = self.read(tab);
            if !self.tabs[tab].is_obsolete() {
                self.write(tab, shared);
            }
        }
    }

    /// Records that a tab has met numbers or a message of this version.
    pub(crate) fn meet_version(&mut self, tab: usize, version: u32) {
        let was_obsolete = self.tabs[tab].is_obsolete();
        let met = &mut self.tabs[tab].met_version;
        *met = version.max(*met);
        if self.tabs[tab].is_obsolete() && !was_obsolete {
            self.count(Kind::Obsolete);
            self.note(|| format!("tab {tab} has met version {version}"));
            // The tab gives its renewals up.
            self.excuse_renewals(tab);
        }
    }

    /// Checks that a tab that has met a later version only uses its token. It may revoke a session
    /// that it has ended, hand its session over and warn of a session that it discards.
    pub(crate) fn check_version(&mut self, tab: usize, effects: &[Effect]) {
        let is_allowed = |effect: &Effect| match *effect {
            Effect::WriteShared(_)
            | Effect::Lock { .. }
            | Effect::Save(_)
            | Effect::Clear
            | Effect::Credential { .. }
            | Effect::CreateSession { .. }
            | Effect::Verify { .. } => false,
            Effect::Broadcast { message, .. } => matches!(
                message,
                Message::Discarded { .. } | Message::Changed { hands_over: true }
            ),
            _ => true,
        };
        if self.tabs[tab].is_obsolete() {
            if !effects.iter().all(is_allowed) {
                self.report(
                    tab,
                    "a tab that has met a later version claims, writes or requests a session",
                );
            }
            return;
        }
        let is_refusal = |effect: &Effect| {
            matches!(
                effect,
                Effect::Reply(Outcome::Unsupported) | Effect::Settle(_, Outcome::Unsupported)
            )
        };
        if effects.iter().any(is_refusal) {
            self.report(tab, "a tab that has met no later version refuses a call");
        }
    }
}
