//! The app's backend, which creates auth tokens in secure mode.

use crate::counts::Kind;
use crate::plan::TIMEOUT_MS;
use crate::queue::Task;
use crate::script::Detail;
use crate::truth::Truth;
use crate::world::World;
use social_plus_auth::session::Event;

impl World<'_> {
    /// Asks the app's backend for an auth token.
    pub(crate) fn request_credential(
        &mut self,
        tab: usize,
        ticket: u32,
        is_retry: bool,
        is_renewal: bool,
    ) {
        let identity = if is_renewal {
            self.tabs[tab]
                .current_session()
                .map(|(_, held)| held.identity)
        } else {
            self.tabs[tab].login.map(|(identity, _)| identity)
        };
        let Some(identity) = identity else {
            return self.report(
                tab,
                "a tab requests an auth token without a login or a session",
            );
        };
        let user_id = Truth::user_id(identity).filter(|_| self.plan.is_secure);
        let Some(user_id) = user_id else {
            return self.deliver_credential(tab, ticket, Ok(None));
        };
        let probability = self.plan.fault_share / 3.0;
        if self.decide_accident(Detail::BackendFails, tab, probability) {
            self.count(Kind::CredentialFailed);
            let after = self.decide_delay(Detail::BackendTakes, tab, 5.0, 500.0);
            // The error of the backend may ask the client to wait before the next request.
            let pause_ms = self.decide(Detail::BackendLimits, (tab, 0), 0.0, |world| {
                if world.random().chance(0.3) {
                    world.random().between(1_000.0, 60_000.0)
                } else {
                    0.0
                }
            });
            return self.push_to(tab, after, Task::DeliverCredential(ticket, Err(pause_ms)));
        }
        if self.decide_accident(Detail::BackendHangs, tab, probability) {
            self.count(Kind::CredentialHung);
            return self.push_to(tab, TIMEOUT_MS, Task::DeliverCredential(ticket, Err(0.0)));
        }
        let after = self.decide_delay(Detail::BackendTakes, tab, 5.0, 300.0);
        let auth = if self.decide_accident(Detail::BackendErrs, tab, probability) {
            self.count(Kind::BadCredential);
            self.auths.push("bad".into());
            self.auths.len() as u32 - 1
        } else {
            self.get_auth_token(identity.user, &user_id, is_retry)
        };
        self.push_to(tab, after, Task::DeliverCredential(ticket, Ok(Some(auth))));
    }

    /// Returns the index of an auth token for a user. Like a backend with a cache, returns the same
    /// token again for some time, unless the request is a retry.
    fn get_auth_token(&mut self, user: u32, user_id: &str, is_retry: bool) -> u32 {
        const CACHE_MS: f64 = 60_000.0;
        let cached = self
            .minted
            .iter()
            .find(|(other, at, _)| *other == user && self.time - at < CACHE_MS && !is_retry);
        if let Some((_, _, auth)) = cached {
            return *auth;
        }
        let text = self.service.mint(self.service_time(), user_id);
        self.auths.push(text);
        let auth = self.auths.len() as u32 - 1;
        self.minted.retain(|(other, ..)| *other != user);
        self.minted.push((user, self.time, auth));
        auth
    }

    pub(crate) fn deliver_credential(
        &mut self,
        tab: usize,
        ticket: u32,
        result: Result<Option<u32>, f64>,
    ) {
        self.tabs[tab].auth = result.ok().flatten();
        self.step(
            tab,
            Event::Credential {
                ticket,
                result: result.map(|auth| auth.is_some()),
            },
            None,
        );
        self.tabs[tab].auth = None;
    }
}
