//! Simulates workers. Each request to a worker creates a client. The client makes a few calls one
//! after the other, and is then dropped. A worker has its own device and storage. It has no lock,
//! no channel and no shared numbers, and its timer runs only while a call waits.

use crate::counts::Kind;
use crate::network::Purpose;
use crate::queue::Task;
use crate::script::Detail;
use crate::tab::{is_worker, Call, Tab};
use crate::world::World;
use social_plus_auth::session::{Effect, Event, Identity};

/// A call that a worker makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WorkerCall {
    Resume,
    LogIn(Identity),
    Token,
    Fetch,
    LogOut,
}

impl World<'_> {
    /// Starts a worker, which has received a request and will make these calls.
    pub(crate) fn start_worker(&mut self, worker: usize, calls: &[WorkerCall]) {
        let life = self.tabs[worker].life + 1;
        let number = self.decide(Detail::Number, (worker, 0), worker as f64 + 1.0, |world| {
            f64::from(world.random().next() as u32 | 1)
        }) as u32;
        let base = -self.time + self.slept;
        self.tabs[worker].mono_base = base;
        let now = self.now(worker);
        self.tabs[worker] = Tab {
            worker_calls: Some(calls.iter().copied().collect()),
            ..Tab::new((worker, number), self.plan, life, now, base)
        };
        self.count(Kind::WorkerServed);
        self.continue_worker(worker);
    }

    /// Makes a worker's next call if the previous call has ended. After the last call, the worker
    /// answers its request, and ends as soon as its writes are stored.
    pub(crate) fn continue_worker(&mut self, worker: usize) {
        if !is_worker(worker) || self.is_calling(worker) {
            return;
        }
        let Some(calls) = &mut self.tabs[worker].worker_calls else {
            return;
        };
        match calls.pop_front() {
            Some(call) => {
                self.make_call(worker, call);
                // The call may have ended immediately.
                self.continue_worker(worker);
            }
            None => {
                self.tabs[worker].worker_calls = None;
                let after = (self.tabs[worker].storage_free_at - self.time).max(0.0);
                self.push_to(worker, after, Task::EndWorker);
            }
        }
    }

    fn is_calling(&self, worker: usize) -> bool {
        let Tab { life, .. } = self.tabs[worker];
        let continues = |task: &Task| matches!(task, Task::ContinueCall(_));
        self.tabs[worker].is_waited_for()
            || self.attempts.iter().any(|attempt| {
                let is_fetch = matches!(attempt.purpose, Purpose::Fetch { .. });
                is_fetch && !attempt.is_over && (attempt.tab, attempt.life) == (worker, life)
            })
            || self.queue.iter().any(|item| {
                usize::from(item.tab) == worker && item.life == life && continues(&item.task)
            })
    }

    fn make_call(&mut self, worker: usize, call: WorkerCall) {
        match call {
            WorkerCall::Resume => {
                self.count(Kind::WorkerResumed);
                self.step(worker, Event::Resume, Some(Call::Resume));
            }
            WorkerCall::LogIn(identity) => self.start_login(worker, identity, false),
            WorkerCall::Token => {
                let min_validity_ms = 60_000.0;
                let event = Event::AccessToken { min_validity_ms };
                self.step(worker, event, Some(Call::Token));
            }
            WorkerCall::Fetch => self.fetch(worker, false),
            WorkerCall::LogOut => {
                self.count(Kind::WorkerLoggedOut);
                self.step(worker, Event::Logout { revoke: true }, Some(Call::Logout));
            }
        }
    }

    /// Stops a worker, as a browser may stop a service worker at any time. An access to storage
    /// that has begun is completed, so a worker with one in flight is not stopped.
    pub(crate) fn stop_worker(&mut self, worker: usize) {
        if self.tabs[worker].storage_free_at <= self.time {
            self.count(Kind::WorkerStopped);
            self.excuse_renewals(worker);
            self.clear_place(worker);
        }
    }

    /// Ends a worker, and checks that no timer is set.
    pub(crate) fn end_worker(&mut self, worker: usize) {
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
        let mut waiters = self.tabs[worker].waiters.iter();
        let is_waited_for = waiters.any(|waiter| !ends(waiter.number));
        if !is_waited_for && effects.iter().any(starts_work) {
            self.report(
                worker,
                "a worker starts something although no call is waiting",
            );
        }
    }
}
