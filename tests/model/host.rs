//! Carries out the effects of a machine, as its JavaScript host does.

use crate::config::Storage;
use crate::world::{
    Access, Answer, Call, Disk, Mail, Pending, Purpose, Request, Waiter, World, TIMEOUT_MS,
};
use social_plus_auth::protocol::{codes, Kind};
use social_plus_auth::session::wire::CLAIM_GRACE_MS;
use social_plus_auth::session::{Effect, Event, Message, Record, ServiceError, Shared};
use std::collections::VecDeque;

/// The maximum number of messages that a tab may send because of one event (rule 18).
const MAX_MESSAGES: usize = 4;
/// The service's answer to a request with a token that it does not know.
const UNAUTHORIZED: ServiceError = ServiceError {
    kind: Kind::Unauthorized,
    code: Some(codes::UNAUTHORIZED),
    status: Some(401),
    retry_after_ms: 0.0,
};
/// The duration of the last attempt that each answer reports, in milliseconds.
const TOOK_MS: f64 = 2_000.0;

impl World<'_> {
    /// Passes an event to a tab's machine and carries out the effects. Then does the same with the
    /// events that follow in the same task. `call` is the call of the app that caused the event, if
    /// any.
    pub(crate) fn step(&mut self, tab: usize, event: Event, call: Option<Call>) {
        let mut soon = VecDeque::from([(event, call)]);
        while let Some((event, call)) = soon.pop_front() {
            self.step_once(tab, event, call);
            while let Some(effect) = self.tab_mut(tab).effects.pop_front() {
                self.carry_out(tab, effect, &mut soon);
            }
        }
        self.check_step(tab);
    }

    fn step_once(&mut self, tab: usize, event: Event, call: Option<Call>) {
        let now = self.now();
        let shared = self.view(tab).shared;
        self.is_unaware = shared.epoch != self.disk.shared.epoch;
        let this = self.tab_mut(tab);
        this.last_shared = shared;
        let effects = this.machine.step(now, shared, event);
        self.note(|| format!("  tab {tab}: {event:?}"));
        let messages = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Broadcast { .. }))
            .count();
        if messages > MAX_MESSAGES {
            self.report("a tab sends more than four messages because of one event");
        }
        let mut replies = 0;
        for effect in effects {
            let is_shown = !matches!(effect, Effect::Validity { .. } | Effect::Timer(_));
            if is_shown {
                self.note(|| format!("         -> {effect:?}"));
            }
            match (effect, call) {
                (Effect::WriteShared(numbers), _) => {
                    self.write_shared(tab, Shared::from_numbers(numbers));
                }
                (Effect::Wait(number), Some(call)) => {
                    replies += 1;
                    let epoch = self.begin_logout(tab, call);
                    self.tab_mut(tab).waiters.push(Waiter {
                        number,
                        call,
                        epoch,
                    });
                }
                (Effect::Reply(outcome), Some(call)) => {
                    replies += 1;
                    let epoch = self.begin_logout(tab, call);
                    let waiter = Waiter {
                        number: 0,
                        call,
                        epoch,
                    };
                    self.settle(tab, waiter, outcome);
                }
                (effect, _) => self.tab_mut(tab).effects.push_back(effect),
            }
        }
        if replies != i32::from(call.is_some()) {
            self.report("a call does not get exactly one reply");
        }
    }

    fn carry_out(
        &mut self,
        tab: usize,
        effect: Effect,
        soon: &mut VecDeque<(Event, Option<Call>)>,
    ) {
        let is_slow = self.storage(tab) == Storage::Slow;
        match effect {
            Effect::Timer(at) => self.tab_mut(tab).timer_at = at,
            Effect::Lock { ticket } if self.config.has_locks => {
                let until = self.time + TIMEOUT_MS;
                self.lock.queue.push_back((tab, ticket, until));
                self.pass_lock();
            }
            Effect::Lock { ticket } => soon.push_back((
                Event::Locked {
                    ticket,
                    is_granted: false,
                },
                None,
            )),
            Effect::Load { ticket } if is_slow => self.access(tab, Access::Read(ticket)),
            Effect::Load { ticket } => {
                let record = self.load(tab);
                soon.push_back((Event::Loaded { ticket, record }, None));
            }
            Effect::Save(record) if is_slow => self.access(tab, Access::Write(Some(record))),
            Effect::Save(record) => self.store(tab, Some(record)),
            Effect::Clear if is_slow => self.access(tab, Access::Write(None)),
            Effect::Clear => self.store(tab, None),
            Effect::Broadcast { message, session } => {
                let current = self.tabs[tab].machine.current().copied();
                let hands_over = message == Message::Changed { hands_over: true }
                    || self.storage(tab) == Storage::Memory;
                let record = current.filter(|held| held.id == session && hands_over);
                // Post the message after the save, because its receivers read storage.
                if is_slow && session > 0 && !self.tabs[tab].accesses.is_empty() {
                    self.access(tab, Access::Post(message, record));
                } else {
                    self.post(tab, message, record);
                }
            }
            Effect::Credential { ticket, .. } if self.config.is_secure => {
                self.send(tab, Purpose::Credential { ticket }, false);
            }
            Effect::Credential { ticket, .. } => soon.push_back((
                Event::Credential {
                    ticket,
                    result: Ok(false),
                },
                None,
            )),
            Effect::CreateSession { ticket, is_renewal } => {
                self.request_session(tab, ticket, is_renewal);
                let attempt = Event::Attempt {
                    ticket,
                    timeout_ms: TIMEOUT_MS + CLAIM_GRACE_MS,
                    has_lost_request: false,
                };
                soon.push_back((attempt, None));
            }
            Effect::Abort { ticket } => self.abort(tab, ticket),
            Effect::Verify { ticket, session } => {
                let token = session;
                self.send(tab, Purpose::Verify { ticket, token }, false);
            }
            Effect::Revoke(token) => self.send(tab, Purpose::Revoke { token }, false),
            Effect::Settle(number, outcome) => {
                let (done, others) = std::mem::take(&mut self.tab_mut(tab).waiters)
                    .into_iter()
                    .partition(|waiter| waiter.number == number);
                self.tab_mut(tab).waiters = others;
                let done: Vec<Waiter> = done;
                done.into_iter()
                    .for_each(|waiter| self.settle(tab, waiter, outcome));
            }
            _ => {}
        }
    }

    fn access(&mut self, tab: usize, access: Access) {
        self.tab_mut(tab).accesses.push_back(access);
    }

    /// Finishes the tab's next access to storage.
    pub(crate) fn finish_access(&mut self, tab: usize) {
        match self.tab_mut(tab).accesses.pop_front() {
            Some(Access::Read(ticket)) => {
                let record = self.load(tab);
                self.step(tab, Event::Loaded { ticket, record }, None);
            }
            Some(Access::Write(record)) => self.store(tab, record),
            Some(Access::Post(message, record)) => self.post(tab, message, record),
            None => {}
        }
    }

    fn load(&mut self, tab: usize) -> Option<Record> {
        let record = match self.storage(tab) {
            Storage::Memory => None,
            _ => self.view(tab).stored,
        };
        self.receive(tab, record);
        record
    }

    /// Notes that a tab has received a token.
    pub(crate) fn receive(&mut self, tab: usize, record: Option<Record>) {
        if let Some(record) = record {
            self.token(record.id).receivers |= 1 << tab;
        }
    }

    /// Returns what a tab sees in `localStorage`.
    fn view(&self, tab: usize) -> Disk {
        self.tabs[tab].late_view.unwrap_or(self.disk)
    }

    fn write_shared(&mut self, tab: usize, shared: Shared) {
        self.tab_mut(tab).last_shared = shared;
        self.write(tab, |disk| disk.shared = shared, Pending::Numbers, false);
    }

    fn store(&mut self, tab: usize, record: Option<Record>) {
        match self.storage(tab) {
            Storage::Memory => {}
            Storage::Local => self.write(tab, |disk| disk.stored = record, Pending::Session, false),
            Storage::Slow => {
                self.write(
                    tab,
                    |disk| disk.stored = record,
                    Pending::Session,
                    record.is_some(),
                );
            }
        }
    }

    /// Writes to `localStorage`. The other tabs may see the write late. They get a `storage` event
    /// if the state has changed or the text `is_new`.
    fn write(&mut self, tab: usize, change: impl Fn(&mut Disk), event: Pending, is_new: bool) {
        let before = self.disk;
        change(&mut self.disk);
        if let Some(view) = &mut self.tab_mut(tab).late_view {
            change(view);
        }
        if self.disk == before && !is_new {
            return;
        }
        let others: Vec<usize> = self.living().map(|(other, _)| other).collect();
        for other in others.into_iter().filter(|other| *other != tab) {
            let is_late = self.config.is_late;
            let other = self.tab_mut(other);
            other.pending = other.pending.max(event);
            if is_late && other.late_view.is_none() {
                other.late_view = Some(before);
            }
        }
    }

    fn post(&mut self, from: usize, message: Message, record: Option<Record>) {
        let shared = self.tabs[from].last_shared;
        let others: Vec<usize> = self.living().map(|(other, _)| other).collect();
        for to in others.into_iter().filter(|to| *to != from) {
            self.mail.push(Mail {
                from,
                to,
                message,
                shared,
                record,
            });
        }
    }

    /// Gives the lock to the tab that has waited longest, if no tab holds it.
    pub(crate) fn pass_lock(&mut self) {
        if self.lock.holder.is_none() {
            self.lock.holder = self
                .lock
                .queue
                .pop_front()
                .map(|(tab, ticket, _)| (tab, ticket));
        }
    }

    fn request_session(&mut self, tab: usize, ticket: u32, is_renewal: bool) {
        let this = &self.tabs[tab];
        let (user, epoch, base) = match this.machine.current() {
            Some(current) if is_renewal => (current.identity.user, current.epoch, current.id),
            _ => (this.login, this.machine.shared().epoch, 0),
        };
        if user == 0 {
            return self.report("a tab requests a session although no user signs in");
        }
        if base > 0 {
            self.count_renewal(base);
        }
        let purpose = Purpose::Create {
            ticket,
            user,
            epoch,
            base,
        };
        self.send(tab, purpose, false);
    }

    pub(crate) fn send(&mut self, tab: usize, purpose: Purpose, is_retry: bool) {
        self.requests.push(Request {
            tab,
            is_awaited: true,
            is_unknown: false,
            is_retry,
            purpose,
            answer: None,
            deadline: self.time + TIMEOUT_MS,
        });
    }

    /// Withdraws the next attempt of a request for a session. An attempt that was lost earlier may
    /// still arrive.
    fn abort(&mut self, tab: usize, ticket: u32) {
        self.requests.retain(|request| {
            let is_of_ticket =
                matches!(request.purpose, Purpose::Create { ticket: other, .. } if other == ticket);
            !(request.tab == tab && request.is_awaited && is_of_ticket)
        });
    }

    /// Returns the service's answer to a request.
    pub(crate) fn serve(&mut self, purpose: Purpose) -> Answer {
        match purpose {
            Purpose::Credential { .. } => Ok(0),
            Purpose::Create { user, epoch, .. } => Ok(self.create_session(user, epoch)),
            Purpose::Verify { token, .. } if self.token(token).is_valid => Ok(0),
            Purpose::Revoke { token } if self.token(token).is_valid => {
                self.token(token).is_valid = false;
                Ok(0)
            }
            Purpose::Verify { .. } | Purpose::Revoke { .. } => Err(()),
        }
    }

    /// Passes the answer to the tab. `None` means that the request has failed.
    pub(crate) fn deliver_answer(&mut self, request: Request, answer: Option<Answer>) {
        let error = match answer {
            Some(Err(())) => UNAUTHORIZED,
            _ => ServiceError::NETWORK,
        };
        let result = |answer: Option<Answer>| match answer {
            Some(Ok(_)) => Ok(()),
            _ => Err(error),
        };
        let event = match request.purpose {
            Purpose::Credential { ticket } => Event::Credential {
                ticket,
                result: answer.map_or(Err(0.0), |_| Ok(true)),
            },
            Purpose::Create { ticket, .. } => {
                let record = match answer {
                    Some(Ok(token)) => Some(self.new_record(token)),
                    _ => None,
                };
                self.receive(request.tab, record);
                Event::Session {
                    ticket,
                    result: record.ok_or(error),
                    took_ms: TOOK_MS,
                }
            }
            Purpose::Verify { ticket, .. } => Event::Verified {
                ticket,
                result: result(answer),
            },
            Purpose::Revoke { token } => Event::Revoked {
                session: token,
                result: result(answer),
            },
        };
        self.step(request.tab, event, None);
        if let Event::Session {
            result: Ok(record), ..
        } = event
        {
            if self.tabs[request.tab].token() == record.id {
                self.forget_lost_requests();
            }
        }
    }

    /// Notes that the tabs need not remember the requests that were lost, abandoned or taken over
    /// before the latest session.
    fn forget_lost_requests(&mut self) {
        for number in 0..self.requests.len() {
            let request = self.requests[number];
            let is_pending = self.is_pending(&request) && request.deadline > self.time;
            self.requests[number].is_unknown |= !is_pending;
        }
    }

    /// Returns whether the operation of a tab waits for this request.
    pub(crate) fn is_pending(&self, request: &Request) -> bool {
        let Purpose::Create { ticket, .. } = request.purpose else {
            return request.is_awaited;
        };
        request.is_awaited && self.tabs[request.tab].machine.role_of(ticket) > 0
    }
}
