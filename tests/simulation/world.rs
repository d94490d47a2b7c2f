//! One device with its tabs, its storage and its way to the service, on a virtual clock. Whatever
//! happens lies in one queue, ordered by time and, within a moment, by who came first; nothing in
//! here looks at a real clock or at chance that the seed does not decide.

use crate::chance::Source;
use crate::counts::{Counts, Kind};
use crate::network::Ask;
use crate::plan::Plan;
use crate::script::Line;
use crate::service::{Service, START};
use crate::tab::{Call, Tab};
use crate::truth::Truth;
use social_plus_auth::session::{Event, Message, Now, Record, Shared};
use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::fmt;

/// As many tabs as there may be.
pub(crate) const TABS: usize = 8;
/// So much of the trace is kept.
const TAIL: usize = 2000;

/// More is never under way.
const MOST: usize = 20_000;

/// A session on its way from tab to tab, or in storage: its token, and the record without a number
/// of its own.
pub(crate) type Packed = (u32, Record);

/// What lies in the queue.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// The next thing that users or fate do.
    Acts,
    /// A frozen tab goes on, if it is still in that life.
    Thaws(usize, u32),
    /// The network is back.
    Online,
    /// The ban of a user is lifted.
    Unbans(u32),
    /// What a tab, in that life, has written to what is shared comes through.
    Commits(usize, u32, Shared),
    /// What is shared comes to a tab, in that life; whether it was its own.
    Sees(usize, u32, Shared, bool),
    /// A request reaches the service.
    Arrives(u32),
    /// To a tab: something that its machine is told.
    Happens(Event),
    /// To a tab: the timer, by its number.
    Rings(u32),
    /// To a tab: the lock, for a ticket.
    Granted(u32),
    /// To a tab: nobody waits for the lock any longer; when, in its monotonic time.
    LockEnds(u32, f64),
    /// To a tab: it gives the lock back.
    Frees,
    /// To a tab: its write reaches storage.
    Writes(Option<Packed>),
    /// To a tab: it reads storage.
    Reads(u32),
    /// To a tab: it says something to the others.
    Posts(Message, Option<Packed>),
    /// To a tab: what another one has said, and what was shared then.
    Hears(Message, Option<Packed>, Shared),
    /// To a tab: an attempt begins.
    Sends(u32),
    /// To a tab: an attempt has taken too long; when, in its monotonic time.
    TimesOut(u32, f64),
    /// To a tab: an attempt got no answer.
    Breaks(u32),
    /// To a tab: an answer.
    Answers(u32),
    /// To a tab: an auth token, if one is needed, for a ticket, or how long the backend wishes not
    /// to be asked.
    Provides(u32, Result<Option<u32>, f64>),
    /// To a tab: a call of the app goes on.
    Calls(Call),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) at: f64,
    order: u32,
    pub(crate) tab: u8,
    /// Which life of the tab it is for.
    pub(crate) life: u32,
    pub(crate) what: What,
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Item {}

impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Item {
    // The heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .at
            .total_cmp(&self.at)
            .then(other.order.cmp(&self.order))
    }
}

/// Who has the lock, and who waits for it: a tab's place, its life and its ticket.
#[derive(Default)]
pub(crate) struct Lock {
    pub(crate) holder: Option<(usize, u32)>,
    pub(crate) queue: VecDeque<(usize, u32, u32)>,
}

/// An invariant that is broken.
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

/// Everything there is in one run.
pub(crate) struct World<'a> {
    pub(crate) plan: Plan,
    pub(crate) source: Source,
    /// What this run does, if it is recorded.
    pub(crate) record: Option<Vec<Line>>,
    /// When the present act would have happened, had the device not slept.
    pub(crate) planned_at: Option<f64>,
    /// The script has said that everything comes to rest.
    pub(crate) rest_is_due: bool,
    pub(crate) service: &'a mut Service,
    pub(crate) truth: Truth,
    pub(crate) tabs: Vec<Tab>,
    /// Milliseconds since the start, in truth.
    pub(crate) time: f64,
    /// Wall time less the true one.
    pub(crate) wall_shift: f64,
    /// How long monotonic time has stood still.
    pub(crate) slept: f64,
    pub(crate) asleep_until: f64,
    pub(crate) offline_until: f64,
    pub(crate) meta: Option<Shared>,
    pub(crate) stored: Option<Packed>,
    pub(crate) lock: Lock,
    pub(crate) asks: Vec<Ask>,
    /// The latest of the requests for a session that have reached the service.
    pub(crate) last_arrived: u32,
    /// Auth tokens, and which of them the backend still gives: a user, when it was made, its place.
    pub(crate) auths: Vec<String>,
    pub(crate) minted: Vec<(u32, f64, u32)>,
    pub(crate) queue: BinaryHeap<Item>,
    order: u32,
    /// Nothing goes wrong, and nobody does anything.
    pub(crate) calm: bool,
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
        service.thorough = seed % 64 == 0;
        Self {
            source,
            record: None,
            planned_at: None,
            rest_is_due: false,
            service,
            truth: Truth::default(),
            tabs: (0..TABS).map(|place| Tab::none(place, plan)).collect(),
            plan,
            time: 0.0,
            wall_shift: 0.0,
            slept: 0.0,
            asleep_until: 0.0,
            offline_until: 0.0,
            meta: None,
            stored: None,
            lock: Lock::default(),
            asks: Vec::new(),
            last_arrived: 0,
            auths: Vec::new(),
            minted: Vec::new(),
            queue: BinaryHeap::with_capacity(128),
            order: 0,
            calm: false,
            counts: Counts::default(),
            hash: seed,
            failure: None,
            trace: traced.then(VecDeque::new),
        }
    }

    /// The service's time.
    pub(crate) fn service_time(&self) -> f64 {
        START + self.time
    }

    pub(crate) fn mono(&self, tab: usize) -> f64 {
        self.time - self.slept + self.tabs[tab].mono_base
    }

    pub(crate) fn now(&self, tab: usize) -> Now {
        Now {
            wall: START + self.time + self.wall_shift,
            mono: self.mono(tab),
        }
    }

    pub(crate) fn push(&mut self, after: f64, what: What) {
        self.push_at(self.time + after, u8::MAX, 0, what);
    }

    /// Something for a tab, unless it dies before.
    pub(crate) fn push_to(&mut self, tab: usize, after: f64, what: What) {
        self.push_life(tab, self.tabs[tab].life, after, what);
    }

    /// Something for one life of a tab.
    pub(crate) fn push_life(&mut self, tab: usize, life: u32, after: f64, what: What) {
        self.push_at(self.time + after, tab as u8, life, what);
    }

    fn push_at(&mut self, at: f64, tab: u8, life: u32, what: What) {
        self.order += 1;
        self.queue.push(Item {
            at,
            order: self.order,
            tab,
            life,
            what,
        });
    }

    /// When it will be so late in a tab's monotonic time, from now, if nothing comes in between.
    pub(crate) fn until(&self, tab: usize, mono: f64) -> f64 {
        (mono - self.mono(tab)).ceil().max(0.0)
    }

    /// A rule is broken.
    #[track_caller]
    pub(crate) fn broken(&mut self, tab: usize, what: &str) {
        let failure = Failure {
            at: self.time,
            tab,
            sentence: what.to_owned(),
            place: std::panic::Location::caller(),
        };
        self.note(|| format!("BROKEN {failure}"));
        self.failure.get_or_insert(failure);
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            if trace.len() == TAIL {
                trace.pop_front();
            }
            let line = format!("{:>12} {}", self.time, line());
            line.bytes().for_each(|byte| {
                self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
            trace.push_back(line);
        }
    }

    fn mix(&mut self, number: u64) {
        self.hash = (self.hash.rotate_left(5) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    /// Goes on until that moment, or until a rule is broken.
    pub(crate) fn run_until(&mut self, time: f64) {
        while self.failure.is_none() && self.queue.peek().is_some_and(|item| item.at <= time) {
            self.go_on();
        }
        self.time = self.time.max(time);
    }

    /// The next thing in the queue happens.
    pub(crate) fn go_on(&mut self) {
        let Some(item) = self.queue.pop() else { return };
        if self.queue.len() + self.asks.len() > MOST {
            return self.broken(0, "there is no end to it");
        }
        self.time = self.time.max(item.at);
        self.truth.time = self.time;
        if item.tab == u8::MAX {
            return self.befall(item.what);
        }
        let tab = usize::from(item.tab);
        let Tab { life, frozen, .. } = self.tabs[tab];
        if life != item.life {
            return;
        }
        if self.time < self.asleep_until {
            return self.push_at(self.asleep_until, item.tab, item.life, item.what);
        }
        if frozen {
            return self.tabs[tab].held_back.push(item.what);
        }
        let deadline = match item.what {
            What::LockEnds(_, at) | What::TimesOut(_, at) => at,
            What::Rings(number) if number == self.tabs[tab].timer_number => self.tabs[tab].timer_at,
            What::Rings(_) => return,
            _ => f64::NEG_INFINITY,
        };
        if self.mono(tab) < deadline {
            // Its clock has stood still.
            return self.push_at(
                self.time + self.until(tab, deadline),
                item.tab,
                item.life,
                item.what,
            );
        }
        self.happened();
        self.befall_tab(tab, item.what);
    }

    fn happened(&mut self) {
        self.counts.events += 1;
        self.mix(self.time.to_bits());
    }

    fn befall(&mut self, what: What) {
        match what {
            What::Acts if self.calm => {}
            What::Acts if self.time < self.asleep_until => {
                self.planned_at.get_or_insert(self.time);
                self.push_at(self.asleep_until, u8::MAX, 0, what)
            }
            What::Acts => {
                self.happened();
                self.act();
                self.planned_at = None;
            }
            What::Thaws(tab, life) => self.thaw(tab, life),
            What::Commits(tab, life, shared) => self.commits(tab, life, shared),
            What::Sees(tab, life, shared, is_own) => self.sees(tab, life, shared, is_own),
            What::Online => self.come_online(),
            What::Unbans(user) => self.unban(user),
            What::Arrives(ask) => {
                self.happened();
                self.arrive(ask);
            }
            _ => {}
        }
    }

    fn befall_tab(&mut self, tab: usize, what: What) {
        match what {
            What::Happens(event) => self.step(tab, event, None),
            What::Rings(_) => {
                self.tabs[tab].timer_wish = f64::NAN;
                self.step(tab, Event::Timer, None);
            }
            What::Granted(ticket) => self.granted(tab, ticket),
            What::LockEnds(ticket, _) => self.lock_ends(tab, ticket),
            What::Frees => self.frees(),
            What::Writes(packed) => self.writes(tab, packed),
            What::Reads(ticket) => self.reads(tab, ticket),
            What::Posts(message, packed) => self.posts(tab, message, packed),
            What::Hears(message, packed, shared) => self.hears(tab, message, packed, shared),
            What::Sends(ask) => self.attempt(ask),
            What::TimesOut(ask, _) | What::Breaks(ask) => self.unanswered(ask),
            What::Answers(ask) => self.answered(ask),
            What::Provides(ticket, given) => self.provides(tab, ticket, given),
            What::Calls(call) => self.call(tab, call),
            What::Acts
            | What::Commits(..)
            | What::Sees(..)
            | What::Thaws(..)
            | What::Online
            | What::Unbans(_)
            | What::Arrives(_) => {}
        }
    }

    pub(crate) fn count(&mut self, kind: Kind) {
        self.counts.note(kind);
    }
}
