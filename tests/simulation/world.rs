//! The world of one run: the tabs of one device, workers with their own devices, storage and the
//! network, on a virtual clock. Everything that happens comes from one queue. A run reads no real
//! clock, and all its random numbers come from the seed.

use crate::chance::Source;
use crate::counts::{Counts, Kind};
use crate::network::Attempt;
use crate::plan::Plan;
use crate::queue::{Item, Packed, Task, NO_TAB};
use crate::script::Line;
use crate::service::{Service, START_MS};
use crate::shared::SharedStorage;
use crate::tab::Tab;
use crate::truth::Truth;
use social_plus_auth::session::{Event, Now};
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;

/// The maximum number of tabs of the device.
pub(crate) const MAX_TABS: usize = 8;
/// The maximum number of workers that run at the same time.
pub(crate) const MAX_WORKERS: usize = 2;
/// The number of places: first those of the tabs, then those of the workers.
pub(crate) const PLACES: usize = MAX_TABS + MAX_WORKERS;
/// The maximum number of lines that the trace keeps.
const MAX_TRACE_LINES: usize = 2000;
/// The number of queued tasks and attempts above which a run fails, because its work never ends.
const MAX_QUEUED: usize = 20_000;

/// The lock of the device: the tab that holds it with its life, and the queue of tabs that wait for
/// it, each with its life and its ticket.
#[derive(Default)]
pub(crate) struct Lock {
    pub(crate) holder: Option<(usize, u32)>,
    pub(crate) queue: VecDeque<(usize, u32, u32)>,
    /// Whether a tab has written the shared numbers since the lock was granted.
    pub(crate) has_written: bool,
}

/// A broken invariant.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// In milliseconds since the start.
    pub(crate) at: f64,
    pub(crate) tab: usize,
    pub(crate) sentence: String,
    place: &'static std::panic::Location<'static>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.place.file(), self.place.line());
        let Self {
            at, tab, sentence, ..
        } = self;
        write!(f, "at {at} ms, tab {tab}: {sentence} ({file}:{line})")
    }
}

/// The state of one run.
pub(crate) struct World<'a> {
    pub(crate) plan: Plan,
    pub(crate) source: Source,
    /// The acts, accidents and delays of this run, if it is recorded.
    pub(crate) record: Option<Vec<Line>>,
    /// When the current act would have happened if the device had not been asleep.
    pub(crate) planned_at: Option<f64>,
    /// Whether the script has reached the act `Rest`.
    pub(crate) rest_is_due: bool,
    pub(crate) service: &'a mut Service,
    pub(crate) truth: Truth,
    /// The tabs and the workers, by place.
    pub(crate) tabs: Vec<Tab>,
    /// The true time, in milliseconds since the start.
    pub(crate) time: f64,
    /// The wall clock minus the true time, in milliseconds.
    pub(crate) wall_shift: f64,
    /// How long the monotonic clocks have stood still, in milliseconds.
    pub(crate) slept: f64,
    pub(crate) asleep_until: f64,
    pub(crate) offline_until: f64,
    pub(crate) shared: SharedStorage,
    /// The version of the tabs that open now.
    pub(crate) release: u32,
    /// The session in the storage of the device.
    pub(crate) stored: Option<Packed>,
    /// The version of the tab that stored the session.
    pub(crate) stored_version: u32,
    /// The key with which the stored session is encrypted.
    pub(crate) stored_key: u32,
    /// The session in the storage of each worker's device.
    pub(crate) worker_storage: [Option<Packed>; MAX_WORKERS],
    pub(crate) lock: Lock,
    pub(crate) attempts: Vec<Attempt>,
    /// The greatest number of a session request that has reached the service.
    pub(crate) last_arrived: u32,
    /// All auth tokens. Tabs refer to them by index.
    pub(crate) auths: Vec<String>,
    /// The auth tokens that the backend may return again: the user, the time of creation and the
    /// index of each.
    pub(crate) minted: Vec<(u32, f64, u32)>,
    pub(crate) queue: BinaryHeap<Item>,
    /// The number of items that have been queued, which orders items of the same time.
    order: u32,
    /// Whether accidents and acts have stopped.
    pub(crate) is_resting: bool,
    pub(crate) counts: Counts,
    pub(crate) hash: u64,
    pub(crate) failure: Option<Failure>,
    pub(crate) trace: Option<VecDeque<String>>,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        plan: Plan,
        (source, seed): (Source, u64),
        service: &'a mut Service,
        traced: bool,
    ) -> Self {
        service.reset();
        service.checks_responses = seed % 64 == 0;
        Self {
            source,
            record: None,
            planned_at: None,
            rest_is_due: false,
            service,
            truth: Truth::default(),
            tabs: (0..PLACES).map(|place| Tab::empty(place, plan)).collect(),
            plan,
            time: 0.0,
            wall_shift: 0.0,
            slept: 0.0,
            asleep_until: 0.0,
            offline_until: 0.0,
            shared: SharedStorage::default(),
            release: 0,
            stored: None,
            stored_version: 0,
            stored_key: 0,
            worker_storage: [None; MAX_WORKERS],
            lock: Lock::default(),
            attempts: Vec::new(),
            last_arrived: 0,
            auths: Vec::new(),
            minted: Vec::new(),
            queue: BinaryHeap::with_capacity(128),
            order: 0,
            is_resting: false,
            counts: Counts::default(),
            hash: seed,
            failure: None,
            trace: traced.then(VecDeque::new),
        }
    }

    /// Returns the service's time.
    pub(crate) fn service_time(&self) -> f64 {
        START_MS + self.time
    }

    pub(crate) fn mono(&self, tab: usize) -> f64 {
        self.time - self.slept + self.tabs[tab].mono_base
    }

    pub(crate) fn now(&self, tab: usize) -> Now {
        Now {
            wall: START_MS + self.time + self.wall_shift,
            mono: self.mono(tab),
        }
    }

    /// Plans a task that is for no tab.
    pub(crate) fn push(&mut self, after: f64, task: Task) {
        self.push_at(self.time + after, NO_TAB, 0, task);
    }

    /// Plans a task for a tab. The task is dropped if the tab dies first.
    pub(crate) fn push_to(&mut self, tab: usize, after: f64, task: Task) {
        self.push_life(tab, self.tabs[tab].life, after, task);
    }

    /// Plans a task for one life of a tab.
    pub(crate) fn push_life(&mut self, tab: usize, life: u32, after: f64, task: Task) {
        self.push_at(self.time + after, tab as u8, life, task);
    }

    fn push_at(&mut self, at: f64, tab: u8, life: u32, task: Task) {
        self.order += 1;
        self.queue.push(Item {
            at,
            order: self.order,
            tab,
            life,
            task,
        });
    }

    /// Returns how long it takes until a tab's monotonic clock shows this time, unless the device
    /// sleeps in between.
    pub(crate) fn ms_until(&self, tab: usize, mono: f64) -> f64 {
        (mono - self.mono(tab)).ceil().max(0.0)
    }

    /// Records that an invariant is broken.
    #[track_caller]
    pub(crate) fn report(&mut self, tab: usize, what: &str) {
        let failure = Failure {
            at: self.time,
            tab,
            sentence: what.to_owned(),
            place: std::panic::Location::caller(),
        };
        self.note(|| format!("BROKEN {failure}"));
        self.failure.get_or_insert(failure);
    }

    /// Adds a line to the trace, if there is one.
    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            if trace.len() == MAX_TRACE_LINES {
                trace.pop_front();
            }
            let line = format!("{:>12} {}", self.time, line());
            line.bytes().for_each(|byte| {
                self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            trace.push_back(line);
        }
    }

    pub(crate) fn count(&mut self, kind: Kind) {
        self.counts.note(kind);
    }

    fn count_event(&mut self) {
        self.counts.events += 1;
        let mixed = self.hash.rotate_left(5) ^ self.time.to_bits();
        self.hash = mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// Advances until this time, or until an invariant is broken.
    pub(crate) fn run_until(&mut self, time: f64) {
        while self.failure.is_none() && self.queue.peek().is_some_and(|item| item.at <= time) {
            self.advance();
        }
        self.time = self.time.max(time);
    }

    /// Takes the next item from the queue and carries out its task.
    pub(crate) fn advance(&mut self) {
        let Some(item) = self.queue.pop() else { return };
        if self.queue.len() + self.attempts.len() > MAX_QUEUED {
            return self.report(0, "the queue grows beyond its limit");
        }
        self.time = self.time.max(item.at);
        self.truth.time = self.time;
        if item.tab == NO_TAB {
            return self.handle(item.task);
        }
        let tab = usize::from(item.tab);
        let Tab { life, frozen, .. } = self.tabs[tab];
        if life != item.life {
            return self.handle_after_close(tab, item);
        }
        if self.time < self.asleep_until {
            return self.push_at(self.asleep_until, item.tab, item.life, item.task);
        }
        if frozen {
            return self.hold_back(tab, item.task);
        }
        let deadline = match item.task {
            Task::TimeOutLock(_, at) | Task::TimeOutAttempt(_, at) => at,
            Task::FireTimer(number) if number == self.tabs[tab].timer_number => {
                self.tabs[tab].timer_at
            }
            Task::FireTimer(_) => return,
            _ => f64::NEG_INFINITY,
        };
        if self.mono(tab) < deadline {
            // The deadline is still ahead, because the monotonic clock stood still during a sleep.
            let at = self.time + self.ms_until(tab, deadline);
            return self.push_at(at, item.tab, item.life, item.task);
        }
        if let Some(at) = self.delay_timer(tab, &item.task) {
            return self.push_at(at, item.tab, item.life, item.task);
        }
        self.count_event();
        self.handle_in_tab(tab, item.task);
        self.continue_worker(tab);
    }

    /// Carries out a task of a client that was closed, if the task is a write: the page still
    /// finishes the writes in flight.
    fn handle_after_close(&mut self, tab: usize, item: Item) {
        if let (true, Task::FinishWrite(packed)) = (self.tabs[tab].has_closed(item.life), item.task)
        {
            self.count_event();
            self.finish_write(tab, packed);
        }
    }

    /// Carries out a task that is for no tab.
    fn handle(&mut self, task: Task) {
        match task {
            Task::NextAct if self.is_resting => {}
            Task::NextAct if self.time < self.asleep_until => {
                self.planned_at.get_or_insert(self.time);
                self.push_at(self.asleep_until, NO_TAB, 0, task)
            }
            Task::NextAct => {
                self.count_event();
                self.perform_next_act();
                self.planned_at = None;
            }
            Task::Thaw(tab, life) => self.thaw(tab, life),
            Task::Show(tab, life) => self.show_tab(tab, life),
            Task::CommitShared(tab, life, shared) => self.commit_shared(tab, life, shared),
            Task::DeliverShared(tab, life, shared, is_own) => {
                self.deliver_shared(tab, life, shared, is_own)
            }
            Task::ComeOnline => self.come_online(),
            Task::Interrupt(tab, life, interruption) => self.interrupt(tab, life, interruption),
            Task::Unban(user) => self.unban(user),
            Task::DeliverRequest(attempt) => {
                self.count_event();
                self.deliver_request(attempt);
            }
            _ => {}
        }
    }

    /// Carries out a task for a tab.
    fn handle_in_tab(&mut self, tab: usize, task: Task) {
        match task {
            Task::DeliverEvent(event) => self.step(tab, event, None),
            Task::FireTimer(_) => {
                self.tabs[tab].timer_wanted_at = f64::NAN;
                self.step(tab, Event::Timer, None);
            }
            Task::TakeLock(ticket) => self.take_lock(tab, ticket),
            Task::TimeOutLock(ticket, _) => self.time_out_lock(tab, ticket),
            Task::ReleaseLock => self.release_lock(),
            Task::FinishWrite(packed) => self.finish_write(tab, packed),
            Task::FinishRead(ticket) => self.finish_read(tab, ticket),
            Task::PostMessage(message, packed) => self.post_message(tab, message, packed),
            Task::ReceiveMessage(message, packed, shared, version) => {
                self.meet_version(tab, version);
                self.receive_message(tab, message, packed, shared)
            }
            Task::StartAttempt(attempt) => self.start_attempt(attempt),
            Task::TimeOutAttempt(attempt, _) | Task::BreakAttempt(attempt) => {
                self.fail_attempt(attempt)
            }
            Task::ReceiveAnswer(attempt) => self.receive_answer(attempt),
            Task::DeliverCredential(ticket, given) => self.deliver_credential(tab, ticket, given),
            Task::ContinueCall(call) => self.continue_call(tab, call),
            Task::EndWorker => self.end_worker(tab),
            Task::NextAct
            | Task::CommitShared(..)
            | Task::DeliverShared(..)
            | Task::Thaw(..)
            | Task::Show(..)
            | Task::Interrupt(..)
            | Task::ComeOnline
            | Task::Unban(_)
            | Task::DeliverRequest(_) => {}
        }
    }
}
