//! Carries out what a machine asks for, as the JavaScript around it does: what is shared is read
//! before a step and written at once after it, storage works off one thing after the other, a
//! message goes out once everything before it is stored, the lock is given back a moment after it
//! was granted.

use crate::counts::Kind;
use crate::plan::TIMEOUT_MS;
use crate::script::Detail;
use crate::tab::Call;
use crate::world::{Packed, What, World, TABS};
use social_plus_auth::session::{Effect, Event, Message, Outcome, Record, Shared};

/// The longest that a timer takes, in milliseconds.
const MOST_TIMER_MS: f64 = 2_147_483_647.0;
/// How long the lock is kept, so that other processes see what was written under it, in
/// milliseconds.
const SEEN_MS: f64 = 25.0;

/// A message that takes longer is slow, in milliseconds.
const SLOW_MESSAGE_MS: f64 = 100.0;

impl World<'_> {
    /// One step of a tab's machine, and all that follows from it at once. `call`: the app's, if it
    /// is one.
    pub(crate) fn step(&mut self, tab: usize, event: Event, call: Option<Call>) {
        let (now, shared) = (self.now(tab), self.read(tab));
        let before = self.tabs[tab].held();
        let is_inner = std::mem::replace(&mut self.tabs[tab].is_busy, true);
        let effects = self.tabs[tab].machine.step(now, shared, event);
        self.note(|| format!("tab {tab}: {event:?} -> {effects:?}"));
        self.foresee(tab, event, call, &effects);
        let mut answers = 0;
        for effect in &effects {
            match (*effect, call) {
                (Effect::WriteShared(shared), _) => self.write(tab, shared),
                (Effect::Wait(number), Some(call)) => {
                    answers += 1;
                    self.tabs[tab].waits.push((number, call));
                }
                (Effect::Reply(outcome), Some(call)) => {
                    answers += 1;
                    self.settle(tab, call, outcome);
                }
                (Effect::Wait(_) | Effect::Reply(_), None) => {
                    self.broken(tab, "an answer that nobody has asked for")
                }
                _ => {}
            }
        }
        if answers != i32::from(call.is_some()) {
            self.broken(tab, "a call gets exactly one answer");
        }
        self.tabs[tab].effects.extend(effects);
        if is_inner {
            return;
        }
        while let Some(effect) = self.tabs[tab].effects.pop_front() {
            self.carry_out(tab, effect);
        }
        self.tabs[tab].is_busy = false;
        self.check(tab, event, before);
    }

    fn carry_out(&mut self, tab: usize, effect: Effect) {
        match effect {
            Effect::WriteShared(_) | Effect::Wait(_) | Effect::Reply(_) => {}
            Effect::State(state) => self.enters(tab, state),
            Effect::Current(id) => self.holds(tab, id),
            Effect::Validity {
                fresh_until: until,
                expires_at: end,
                is_suspected: is_suspect,
                ..
            } => self.tabs[tab].fresh = (until, end, is_suspect),
            Effect::Timer(at) => self.sets_timer(tab, at),
            Effect::Lock { ticket } => self.asks_for_lock(tab, ticket),
            Effect::Load { ticket } => {
                let after = self.after_storage(tab);
                self.push_to(tab, after, What::Reads(ticket));
            }
            Effect::Save(record) => {
                let packed = self.pack(tab, record);
                let after = self.after_storage(tab);
                if packed.is_some() && !self.plan.memory {
                    self.push_to(tab, after, What::Writes(packed));
                }
            }
            Effect::Clear if self.plan.memory => {}
            Effect::Clear => {
                let after = self.after_storage(tab);
                self.push_to(tab, after, What::Writes(None));
            }
            Effect::Broadcast {
                message,
                session: id,
            } => {
                let held = self.tabs[tab]
                    .machine
                    .current()
                    .copied()
                    .filter(|held| held.id == id);
                let packed = held
                    .filter(|_| self.plan.memory)
                    .and_then(|held| self.pack(tab, held));
                // What the others will look for must be there.
                let after = if id > 0 {
                    (self.tabs[tab].storage_free - self.time).max(0.0)
                } else {
                    0.0
                };
                self.push_to(tab, after, What::Posts(message, packed));
            }
            Effect::Credential {
                ticket,
                is_retry: afresh,
                is_renewal: renews,
            } => self.gets_credential(tab, ticket, afresh, renews),
            Effect::CreateSession {
                ticket,
                is_renewal: renews,
            } => self.asks_for_session(tab, ticket, renews),
            Effect::Verify {
                ticket,
                session: id,
            } => self.asks_about(tab, ticket, id),
            Effect::Revoke(id) => self.asks_to_revoke(tab, id),
            Effect::Forget(id) => self.forgets(tab, id),
            Effect::Settle(number, outcome) => {
                let (done, waits) = self.tabs[tab]
                    .waits
                    .iter()
                    .partition(|(other, _)| *other == number);
                self.tabs[tab].waits = waits;
                let done: Vec<(u32, Call)> = done;
                done.into_iter()
                    .for_each(|(_, call)| self.settle(tab, call, outcome));
            }
            Effect::Renewed { by_this_tab: own } => {
                self.count(if own { Kind::Renewed } else { Kind::Joined })
            }
            Effect::RenewalFailed { .. } => {}
        }
    }

    fn pack(&mut self, tab: usize, record: Record) -> Option<Packed> {
        let token = self.tabs[tab].token(record.id);
        if token.is_none() {
            self.broken(tab, "a session is stored or sent that was forgotten");
        }
        Some((token?, record))
    }

    fn unpack(&mut self, tab: usize, packed: Option<Packed>) -> Option<Record> {
        packed.map(|(token, record)| Record {
            id: self.tabs[tab].intern(token),
            ..record
        })
    }

    /// A call of the app has come to its end.
    fn settle(&mut self, tab: usize, call: Call, outcome: Outcome) {
        let fine = outcome == Outcome::Fine;
        match call {
            Call::Resume => self.tabs[tab].ready = true,
            // What there is is better than nothing.
            Call::Fetch(_) | Call::Refused(_) => self.push_to(tab, 0.0, What::Calls(call)),
            Call::Login(identity, login) => {
                let is_pending = self.tabs[tab].waits.iter().any(|(_, other)| *other == call);
                if !is_pending
                    && self.tabs[tab]
                        .login
                        .is_some_and(|(_, pending)| pending == login)
                {
                    self.tabs[tab].login = None;
                }
                if fine
                    && !self.tabs[tab]
                        .machine
                        .current()
                        .is_some_and(|held| crate::truth::same(held.identity, identity))
                {
                    self.broken(tab, "a login has succeeded, and somebody else is signed in");
                }
            }
            Call::Token if fine && self.tabs[tab].machine.current().is_none() => {
                self.broken(tab, "there is a token, and no session")
            }
            _ => {}
        }
    }

    fn sets_timer(&mut self, tab: usize, at: f64) {
        if at == self.tabs[tab].timer_wish {
            return;
        }
        self.tabs[tab].timer_wish = at;
        self.tabs[tab].timer_number += 1;
        self.tabs[tab].timer_at = at;
        if at < f64::INFINITY {
            let at = at.min(self.mono(tab) + MOST_TIMER_MS);
            self.tabs[tab].timer_at = at;
            let late = self.decide(Detail::TimerLate, (tab, 0), 0.0, |world| {
                if world.plan.slow && world.mishap(0.03) {
                    world.count(Kind::TimerLate);
                    return world.random().between(100.0, 60_000.0);
                }
                world.random().between(0.0, 4.0)
            });
            let after = self.until(tab, at) + late;
            self.push_to(tab, after, What::Rings(self.tabs[tab].timer_number));
        }
    }

    /// How long it takes until storage has done one thing more.
    fn after_storage(&mut self, tab: usize) -> f64 {
        let took = if self.plan.memory {
            0.0
        } else {
            self.delay(Detail::StorageTakes, tab, 0.0, 6.0)
        };
        let tab = &mut self.tabs[tab];
        tab.storage_free = tab.storage_free.max(self.time) + took;
        tab.storage_free - self.time
    }

    pub(crate) fn reads(&mut self, tab: usize, ticket: u32) {
        let fails = self.plan.storage_fails && self.happens(Detail::ReadFails, tab, 0.03);
        if fails {
            self.count(Kind::ReadFailed);
            self.truth.slack += 1;
        }
        let found = if fails { None } else { self.stored };
        let record = self.unpack(tab, found);
        self.step(tab, Event::Loaded { ticket, record }, None);
    }

    pub(crate) fn writes(&mut self, tab: usize, packed: Option<Packed>) {
        if self.plan.storage_fails && self.happens(Detail::WriteFails, tab, 0.03) {
            self.count(Kind::WriteDropped);
            self.truth.slack += TABS as u32;
        } else {
            self.stored = packed;
        }
    }

    pub(crate) fn posts(&mut self, tab: usize, message: Message, packed: Option<Packed>) {
        let shared = self.tabs[tab].own;
        for other in (0..TABS).filter(|other| *other != tab) {
            if !self.tabs[other].alive {
                continue;
            }
            let took = self.decide(Detail::MessageTakes, (other, tab), 10.0, |world| {
                if world.plan.slow && world.mishap(0.02) {
                    return world.random().between(SLOW_MESSAGE_MS, 3_000.0);
                }
                world.random().between(0.0, 30.0)
            });
            if took >= SLOW_MESSAGE_MS {
                self.count(Kind::MessageSlow);
                self.truth.slack += 1;
            }
            let posted = (self.time + took).max(self.tabs[tab].posted[other]);
            self.tabs[tab].posted[other] = posted;
            self.push_to(
                other,
                posted - self.time,
                What::Hears(message, packed, shared),
            );
        }
    }

    pub(crate) fn hears(
        &mut self,
        tab: usize,
        message: Message,
        packed: Option<Packed>,
        shared: Shared,
    ) {
        let record = self.unpack(tab, packed);
        self.step(
            tab,
            Event::Message {
                message,
                record,
                shared,
            },
            None,
        );
    }

    fn asks_for_lock(&mut self, tab: usize, ticket: u32) {
        if !self.plan.locks {
            return self.step(
                tab,
                Event::Locked {
                    ticket,
                    is_granted: false,
                },
                None,
            );
        }
        self.lock
            .queue
            .push_back((tab, self.tabs[tab].life, ticket));
        let end = self.mono(tab) + TIMEOUT_MS;
        self.push_to(tab, TIMEOUT_MS, What::LockEnds(ticket, end));
        self.grant();
    }

    /// Gives the lock to whoever is next.
    pub(crate) fn grant(&mut self) {
        if self.lock.holder.is_none() {
            if let Some((tab, life, ticket)) = self.lock.queue.pop_front() {
                self.lock.holder = Some((tab, life));
                let after = self.delay(Detail::LockTakes, tab, 0.0, 3.0);
                self.push_to(tab, after, What::Granted(ticket));
            }
        }
    }

    pub(crate) fn granted(&mut self, tab: usize, ticket: u32) {
        self.push_to(tab, SEEN_MS, What::Frees);
        self.step(
            tab,
            Event::Locked {
                ticket,
                is_granted: true,
            },
            None,
        );
    }

    pub(crate) fn lock_ends(&mut self, tab: usize, ticket: u32) {
        let life = self.tabs[tab].life;
        let waiting = self.lock.queue.len();
        self.lock.queue.retain(|one| *one != (tab, life, ticket));
        if self.lock.queue.len() < waiting {
            self.count(Kind::LockTimedOut);
            self.step(
                tab,
                Event::Locked {
                    ticket,
                    is_granted: false,
                },
                None,
            );
        }
    }

    pub(crate) fn frees(&mut self) {
        self.lock.holder = None;
        self.grant();
    }
}
