//! The app's backend, which creates auth tokens in secure mode.

use crate::counts::Kind;
use crate::plan::TIMEOUT_MS;
use crate::queue::What;
use crate::script::Detail;
use crate::truth::Truth;
use crate::world::World;
use social_plus_auth::session::Event;

impl World<'_> {
    /// Asks the app's backend for an auth token.
    pub(crate) fn gets_credential(
        &mut self,
        tab: usize,
        ticket: u32,
        is_retry: bool,
        is_renewal: bool,
    ) {
        let identity = if is_renewal {
            self.tabs[tab].held().map(|(_, held)| held.identity)
        } else {
            self.tabs[tab].login.map(|(identity, _)| identity)
        };
        let Some(identity) = identity else {
            return self.report(
                tab,
                "a tab requests an auth token without a login or a session",
            );
        };
        let name = Truth::name(identity).filter(|_| self.plan.secure);
        let Some(name) = name else {
            return self.provides(tab, ticket, Ok(None));
        };
        let share = self.plan.trouble / 3.0;
        if self.happens(Detail::BackendFails, tab, share) {
            self.count(Kind::CredentialFailed);
            let after = self.delay(Detail::BackendTakes, tab, 5.0, 500.0);
            // The failed backend may ask the client to wait before the next request.
            let pause_ms = self.decide(Detail::BackendLimits, (tab, 0), 0.0, |world| {
                if world.random().chance(0.3) {
                    world.random().between(1_000.0, 60_000.0)
                } else {
                    0.0
                }
            });
            return self.push_to(tab, after, What::Provides(ticket, Err(pause_ms)));
        }
        if self.happens(Detail::BackendHangs, tab, share) {
            self.count(Kind::CredentialHung);
            return self.push_to(tab, TIMEOUT_MS, What::Provides(ticket, Err(0.0)));
        }
        let after = self.delay(Detail::BackendTakes, tab, 5.0, 300.0);
        let auth = if self.happens(Detail::BackendErrs, tab, share) {
            self.count(Kind::BadCredential);
            self.auths.push("bad".into());
            self.auths.len() as u32 - 1
        } else {
            self.auth_token(identity.user, &name, is_retry)
        };
        self.push_to(tab, after, What::Provides(ticket, Ok(Some(auth))));
    }

    /// Returns an auth token for a user. Returns the same token again for some time, as a backend
    /// that caches does.
    fn auth_token(&mut self, user: u32, name: &str, is_retry: bool) -> u32 {
        const KEPT_MS: f64 = 60_000.0;
        let kept = self
            .minted
            .iter()
            .find(|(other, at, _)| *other == user && self.time - at < KEPT_MS && !is_retry);
        if let Some((_, _, auth)) = kept {
            return *auth;
        }
        let text = self.service.mint(self.service_time(), name);
        self.auths.push(text);
        let auth = self.auths.len() as u32 - 1;
        self.minted.retain(|(other, ..)| *other != user);
        self.minted.push((user, self.time, auth));
        auth
    }

    pub(crate) fn provides(&mut self, tab: usize, ticket: u32, given: Result<Option<u32>, f64>) {
        self.tabs[tab].auth = given.ok().flatten();
        self.step(
            tab,
            Event::Credential {
                ticket,
                result: given.map(|auth| auth.is_some()),
            },
            None,
        );
        self.tabs[tab].auth = None;
    }
}
