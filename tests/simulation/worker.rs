//! Simulates workers. Each request to a worker creates a client, which makes a few calls one after
//! the other, and is then dropped. A worker has its own device and storage. It has no lock, no
//! channel and no shared numbers, and its timer runs only while a call waits.

use crate::counts::Kind;
use crate::network::Purpose;
use crate::queue::What;
use crate::script::Detail;
use crate::tab::{is_worker, Call, Tab};
use crate::world::World;
use social_plus_auth::session::{Effect, Event, Identity};

/// A call that a worker makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Chore {
    Resume,
    LogIn(Identity),
    Token,
    Fetch,
    LogOut,
}

impl World<'_> {
    /// Lets a worker receive a request.
    pub(crate) fn serve(&mut self, worker: usize, chores: &[Chore]) {
        let life = self.tabs[worker].life + 1;
        let number = self.decide(Detail::Number, (worker, 0), worker as f64 + 1.0, |world| {
            f64::from(world.random().next() as u32 | 1)
        }) as u32;
        let base = -self.time + self.slept;
        self.tabs[worker].mono_base = base;
        let now = self.now(worker);
        self.tabs[worker] = Tab {
            chores: Some(chores.iter().copied().collect()),
            ..Tab::new((worker, number), self.plan, life, now, base)
        };
        self.count(Kind::WorkerServed);
        self.serve_on(worker);
    }

    /// Makes a worker's next call once the previous call has ended. After the last call the worker
    /// answers its request, and ends as soon as its writes are stored.
    pub(crate) fn serve_on(&mut self, worker: usize) {
        if !is_worker(worker) || self.is_calling(worker) {
            return;
        }
        let Some(chores) = &mut self.tabs[worker].chores else {
            return;
        };
        match chores.pop_front() {
            Some(chore) => {
                self.make_call(worker, chore);
                // The call may have ended at once.
                self.serve_on(worker);
            }
            None => {
                self.tabs[worker].chores = None;
                let after = (self.tabs[worker].storage_free - self.time).max(0.0);
                self.push_to(worker, after, What::Leaves);
            }
        }
    }

    fn is_calling(&self, worker: usize) -> bool {
        let Tab { life, .. } = self.tabs[worker];
        let continues = |what: &What| matches!(what, What::Calls(_));
        self.tabs[worker].is_waited_for()
            || self.attempts.iter().any(|attempt| {
                let is_fetch = matches!(attempt.purpose, Purpose::Fetch { .. });
                is_fetch && !attempt.is_over && (attempt.tab, attempt.life) == (worker, life)
            })
            || self.queue.iter().any(|item| {
                usize::from(item.tab) == worker && item.life == life && continues(&item.what)
            })
    }

    fn make_call(&mut self, worker: usize, chore: Chore) {
        match chore {
            Chore::Resume => {
                self.count(Kind::WorkerResumed);
                self.step(worker, Event::Resume, Some(Call::Resume));
            }
            Chore::LogIn(identity) => self.log_in_to(worker, identity, false),
            Chore::Token => {
                let min_validity_ms = 60_000.0;
                let event = Event::AccessToken { min_validity_ms };
                self.step(worker, event, Some(Call::Token));
            }
            Chore::Fetch => self.fetch(worker, false),
            Chore::LogOut => {
                self.count(Kind::WorkerLoggedOut);
                self.step(worker, Event::Logout { revoke: true }, Some(Call::Logout));
            }
        }
    }

    /// Ends a worker, and checks that no timer is set.
    pub(crate) fn leave(&mut self, worker: usize) {
        if self.tabs[worker].timer_at < f64::INFINITY {
            self.report(worker, "a worker leaves a timer set");
        }
        self.clear_place(worker);
    }

    /// Checks that a worker's machine starts work only while a call waits.
    pub(crate) fn check_worker(&mut self, worker: usize, effects: &[Effect]) {
        let starts_work = |effect: &Effect| {
            matches!(
                effect,
                Effect::Lock { .. }
                    | Effect::Load { .. }
                    | Effect::Credential { .. }
                    | Effect::CreateSession { .. }
                    | Effect::Verify { .. }
                    | Effect::Revoke(_)
            )
        };
        let ends = |number: u32| {
            let settles = |effect: &Effect| match effect {
                Effect::Settle(settled, _) => *settled == number,
                _ => false,
            };
            effects.iter().any(settles)
        };
        let mut waits = self.tabs[worker].waits.iter();
        let is_waited_for = waits.any(|waiter| !ends(waiter.number));
        if !is_waited_for && effects.iter().any(starts_work) {
            self.report(
                worker,
                "a worker starts something although no call is waiting",
            );
        }
    }
}
