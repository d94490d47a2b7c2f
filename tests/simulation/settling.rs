//! Settles the calls of the app, and checks what their outcomes promise.

use crate::counts::Kind;
use crate::queue::Task;
use crate::tab::{Call, Waiter};
use crate::truth::is_same;
use crate::world::World;
use social_plus_auth::session::Outcome;

impl World<'_> {
    /// Settles a call of the app. The app ignores the outcome of an aborted call.
    pub(crate) fn settle(&mut self, tab: usize, call: Call, outcome: Outcome, is_aborted: bool) {
        if is_aborted {
            self.count(Kind::SettledWithoutCaller);
        }
        let succeeds = outcome == Outcome::Succeeded;
        // A secure logout waits for the operation in flight, and may end its session immediately.
        let is_secure_logout = |waiter: &Waiter| matches!(waiter.call, Call::SecureLogout(_));
        let leaves = self.tabs[tab].machine.current().is_none()
            && self.tabs[tab].waiters.iter().any(is_secure_logout);
        match call {
            Call::Resume => self.tabs[tab].ready = true,
            // The app continues with the current token, whatever the outcome.
            Call::Fetch(_) | Call::Refused(_) if !is_aborted => {
                self.push_to(tab, 0.0, Task::ContinueCall(call))
            }
            Call::Login(identity, login) => {
                let is_pending = self.tabs[tab]
                    .waiters
                    .iter()
                    .any(|other| other.call == call);
                let pending = self.tabs[tab].login.map(|(_, pending)| pending);
                if !is_pending && pending == Some(login) {
                    self.tabs[tab].login = None;
                }
                let truth = &mut self.truth.logins[login as usize];
                truth.is_replaced |= outcome == Outcome::Superseded && !truth.has_taken_effect;
                let current = self.tabs[tab].machine.current();
                let is_signed_in = current.is_some_and(|held| is_same(held.identity, identity));
                if succeeds && !is_signed_in && !leaves {
                    self.report(tab, "a login succeeds, but another user is signed in");
                }
            }
            Call::Logout if succeeds => self.check_revoked(tab, false),
            Call::SecureLogout(_) if succeeds => self.check_revoked(tab, true),
            Call::Token if succeeds && self.tabs[tab].machine.current().is_none() && !leaves => {
                self.report(tab, "a call returned a token, but no user is signed in")
            }
            _ => {}
        }
    }
}
