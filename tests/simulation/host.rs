//! Carries out the effects of a machine, as its JavaScript host does. Reads the shared numbers
//! before a step. If the step changes them, writes them before it carries out the other effects.
//! Storage handles one access at a time. A tab sends a message about a session after it has stored
//! the session.

use crate::counts::Kind;
use crate::queue::{Packed, Task};
use crate::script::Detail;
use crate::tab::{device_of, is_worker, Call, Tab, Waiter};
use crate::world::{World, MAX_TABS};
use social_plus_auth::session::{Effect, Event, Message, Record, Shared};

/// The maximum delay of a timer, in milliseconds.
const MAX_TIMER_MS: f64 = 2_147_483_647.0;
/// The delay above which a message counts as slow, in milliseconds.
const SLOW_MESSAGE_MS: f64 = 100.0;

impl World<'_> {
    /// Passes an event to a tab's machine and carries out the effects. `call` is the call of the
    /// app that caused the event, if any.
    pub(crate) fn step(&mut self, tab: usize, event: Event, call: Option<Call>) {
        self.allow_messages(&event);
        let known_claim = self.tabs[tab].last_shared.claim;
        let (now, shared) = (self.now(tab), self.read(tab));
        self.change_shared_mid_step(tab);
        let before = self.tabs[tab].current_session();
        let is_inner = std::mem::replace(&mut self.tabs[tab].is_busy, true);
        let seen = (shared, self.tabs[tab].is_obsolete());
        let effects = self.tabs[tab].machine.step_in(now, seen, event);
        self.note(|| format!("tab {tab}: {event:?} -> {effects:?}"));
        self.check_version(tab, &effects);
        self.update_truth(tab, event, &effects);
        self.check_trust(tab, &effects);
        self.check_pause(tab, event, (now, known_claim, shared), &effects);
        self.write_and_reply(tab, call, &effects);
        if is_worker(tab) {
            self.check_worker(tab, &effects);
        }
        self.tabs[tab].effects.extend(effects.iter().copied());
        if is_inner {
            return;
        }
        while let Some(effect) = self.tabs[tab].effects.pop_front() {
            self.carry_out(tab, effect);
        }
        self.tabs[tab].is_busy = false;
        self.check(tab, event, before);
        if event == Event::Close {
            self.check_closed(tab, &effects);
        }
    }

    /// Writes the shared numbers. Then settles the call that caused the event, or adds it to the
    /// waiters.
    fn write_and_reply(&mut self, tab: usize, call: Option<Call>, effects: &[Effect]) {
        let mut replies = 0;
        for effect in effects {
            match (*effect, call) {
                (Effect::WriteShared(numbers), _) => {
                    self.write(tab, Shared::from_numbers(numbers));
                }
                (Effect::Wait(number), Some(call)) => {
                    replies += 1;
                    self.tabs[tab].waiters.push(Waiter {
                        number,
                        call,
                        is_aborted: false,
                    });
                }
                (Effect::Reply(outcome), Some(call)) => {
                    replies += 1;
                    self.settle(tab, call, outcome, false);
                }
                (Effect::Wait(_) | Effect::Reply(_), None) => {
                    self.report(tab, "the machine replies to an event that has no caller")
                }
                _ => {}
            }
        }
        if replies != i32::from(call.is_some()) {
            self.report(tab, "the machine does not reply to a call exactly once");
        }
    }

    fn carry_out(&mut self, tab: usize, effect: Effect) {
        match effect {
            Effect::WriteShared(_) | Effect::Wait(_) | Effect::Reply(_) => {}
            Effect::State(state) => self.enter_state(tab, state),
            Effect::Current(id) => self.record_current(tab, id),
            Effect::Validity {
                fresh_until,
                expires_at,
                is_suspected,
                ..
            } => self.tabs[tab].fresh = (fresh_until, expires_at, is_suspected),
            Effect::Timer(at) => self.set_timer(tab, at),
            Effect::Lock { ticket } => self.request_lock(tab, ticket),
            Effect::Load { ticket } => {
                let after = self.queue_access(tab);
                self.push_to(tab, after, Task::FinishRead(ticket));
            }
            Effect::Save(record) => {
                let packed = self.pack(tab, record);
                let after = self.queue_access(tab);
                if packed.is_some() && self.has_storage(tab) {
                    self.push_to(tab, after, Task::FinishWrite(packed));
                }
            }
            Effect::Clear if !self.has_storage(tab) => {}
            Effect::Clear => {
                let after = self.queue_access(tab);
                self.push_to(tab, after, Task::FinishWrite(None));
            }
            Effect::Broadcast { message, session } => self.broadcast(tab, message, session),
            Effect::Credential {
                ticket,
                is_retry,
                is_renewal,
            } => self.request_credential(tab, ticket, is_retry, is_renewal),
            Effect::CreateSession { ticket, is_renewal } => {
                self.request_session(tab, ticket, is_renewal)
            }
            Effect::Abort { ticket } => {
                self.tabs[tab].aborted_tickets.push(ticket);
                self.end_renewal(tab, ticket, true);
            }
            Effect::Verify { ticket, session } => self.request_verification(tab, ticket, session),
            Effect::Revoke(id) => self.request_revocation(tab, id),
            Effect::Forget(id) => self.forget_session(tab, id),
            Effect::Settle(number, outcome) => {
                let (done, others): (Vec<Waiter>, _) = std::mem::take(&mut self.tabs[tab].waiters)
                    .into_iter()
                    .partition(|waiter| waiter.number == number);
                self.tabs[tab].waiters = others;
                for waiter in done {
                    self.settle(tab, waiter.call, outcome, waiter.is_aborted);
                }
            }
            Effect::Renewed { by_this_tab: true } if is_worker(tab) => {
                self.count(Kind::WorkerRenewed)
            }
            Effect::Renewed { by_this_tab: true } => self.count(Kind::Renewed),
            Effect::Renewed { by_this_tab: false } => self.count(Kind::Joined),
            Effect::RenewalFailed { .. } => {}
        }
    }

    /// Returns whether sessions are stored. A worker always stores them, in a storage that the app
    /// provides.
    fn has_storage(&self, tab: usize) -> bool {
        is_worker(tab) || !self.tabs[tab].uses_memory
    }

    fn broadcast(&mut self, tab: usize, message: Message, session: u32) {
        if is_worker(tab) {
            return;
        }
        let held = self.tabs[tab]
            .machine
            .current()
            .copied()
            .filter(|held| held.id == session);
        let hands_over = message == Message::Changed { hands_over: true };
        let packed = held
            .filter(|_| hands_over || self.tabs[tab].uses_memory)
            .and_then(|held| self.pack(tab, held));
        if self.tabs[tab].is_closing {
            return self.post_message(tab, message, packed);
        }
        // The other tabs must find the session of the message in storage.
        let after = if session > 0 {
            (self.tabs[tab].storage_free_at - self.time).max(0.0)
        } else {
            0.0
        };
        if after == 0.0 {
            // The host sends the message in the task that made the step, so that the tab cannot
            // freeze between the step and the message.
            return self.post_message(tab, message, packed);
        }
        self.push_to(tab, after, Task::PostMessage(message, packed));
    }

    fn pack(&mut self, tab: usize, record: Record) -> Option<Packed> {
        let token = self.tabs[tab].token(record.id);
        if token.is_none() {
            self.report(tab, "a tab stores or sends a session that it has forgotten");
        }
        Some((token?, record))
    }

    fn unpack(&mut self, tab: usize, packed: Option<Packed>) -> Option<Record> {
        packed.map(|(token, record)| Record {
            id: self.tabs[tab].intern(token),
            ..record
        })
    }

    fn set_timer(&mut self, tab: usize, at: f64) {
        let at = if is_worker(tab) && !self.tabs[tab].is_waited_for() {
            f64::INFINITY
        } else {
            at
        };
        if at == self.tabs[tab].timer_wanted_at {
            return;
        }
        self.tabs[tab].timer_wanted_at = at;
        self.tabs[tab].timer_number += 1;
        self.tabs[tab].timer_at = at;
        if at < f64::INFINITY {
            let at = at.min(self.mono(tab) + MAX_TIMER_MS);
            self.tabs[tab].timer_at = at;
            let late = self.decide(Detail::TimerLate, (tab, 0), 0.0, |world| {
                if world.plan.messages_are_late && world.draw_accident(0.03) {
                    world.count(Kind::TimerLate);
                    return world.random().between(100.0, 60_000.0);
                }
                world.random().between(0.0, 4.0)
            });
            let after = self.ms_until(tab, at) + late;
            self.push_to(tab, after, Task::FireTimer(self.tabs[tab].timer_number));
        }
    }

    /// Queues another access to storage. Returns how long it takes until storage has finished it.
    fn queue_access(&mut self, tab: usize) -> f64 {
        let access_ms = if self.has_storage(tab) {
            self.decide_delay(Detail::StorageTakes, tab, 0.0, 6.0)
        } else {
            0.0
        };
        let tab = &mut self.tabs[tab];
        tab.storage_free_at = tab.storage_free_at.max(self.time) + access_ms;
        tab.storage_free_at - self.time
    }

    pub(crate) fn finish_read(&mut self, tab: usize, ticket: u32) {
        let can_fail = self.plan.storage_fails && !is_worker(tab);
        let fails = can_fail && self.decide_accident(Detail::ReadFails, tab, 0.03);
        let found = if fails {
            self.count(Kind::ReadFailed);
            self.truth.excused_renewals += 1;
            None
        } else if self.can_read(tab) {
            *self.storage_of(tab)
        } else {
            None
        };
        let record = self.unpack(tab, found);
        self.step(tab, Event::Loaded { ticket, record }, None);
    }

    pub(crate) fn finish_write(&mut self, tab: usize, packed: Option<Packed>) {
        let can_fail = self.plan.storage_fails && !is_worker(tab);
        if can_fail && self.decide_accident(Detail::WriteFails, tab, 0.03) {
            self.count(Kind::WriteDropped);
            self.truth.excused_renewals += MAX_TABS as u32;
        } else {
            *self.storage_of(tab) = packed;
            if !is_worker(tab) {
                self.stored_key = self.tabs[tab].key;
                self.stored_version = self.tabs[tab].version;
            }
            self.send_storage_events(tab, true);
        }
    }

    /// Returns whether a tab stores sessions and can decrypt the stored one.
    fn can_read(&self, tab: usize) -> bool {
        let Tab {
            uses_memory,
            key,
            version,
            ..
        } = self.tabs[tab];
        let is_readable = key == self.stored_key && version >= self.stored_version;
        is_worker(tab) || !uses_memory && is_readable
    }

    fn storage_of(&mut self, tab: usize) -> &mut Option<Packed> {
        match device_of(tab) {
            0 => &mut self.stored,
            device => &mut self.worker_storage[device - 1],
        }
    }

    pub(crate) fn post_message(&mut self, tab: usize, message: Message, packed: Option<Packed>) {
        let Tab {
            last_shared: shared,
            version,
            read_version,
            ..
        } = self.tabs[tab];
        let is_obsolete = self.tabs[tab].is_obsolete();
        self.count_message(tab);
        self.note_question(tab, message);
        for other in (0..MAX_TABS).filter(|other| *other != tab) {
            if !self.tabs[other].alive {
                continue;
            }
            let delay_ms = self.decide(Detail::MessageTakes, (other, tab), 10.0, |world| {
                if world.plan.messages_are_late && world.draw_accident(0.02) {
                    return world.random().between(SLOW_MESSAGE_MS, 3_000.0);
                }
                world.random().between(0.0, 30.0)
            });
            if delay_ms >= SLOW_MESSAGE_MS {
                self.count(Kind::MessageSlow);
                self.truth.excused_renewals += 1;
            }
            let arrives_at = (self.time + delay_ms).max(self.tabs[tab].last_message_at[other]);
            self.tabs[tab].last_message_at[other] = arrives_at;
            let packed = packed.filter(|_| self.tabs[other].version >= version);
            let version = if is_obsolete { read_version } else { version };
            self.push_to(
                other,
                arrives_at - self.time,
                Task::ReceiveMessage(message, packed, shared, version),
            );
        }
    }

    pub(crate) fn receive_message(
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
}
