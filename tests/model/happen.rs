//! Carries out the actions of the model.

use crate::actions::{Action, CALLS, MAX_SHORT_MS};
use crate::config::Chance;
use crate::world::{identity, Call, Mail, Pending, Purpose, World, TIMEOUT_MS};
use social_plus_auth::session::Event;

impl World<'_> {
    /// Makes a call of the app.
    pub(crate) fn call(&mut self, tab: usize, call: Call) {
        let event = match call {
            Call::Resume => Event::Resume,
            Call::Login(user) => Event::Login {
                identity: identity(user),
                needs_request: false,
            },
            Call::Logout { revoke } => Event::Logout { revoke },
            Call::SecureLogout => Event::SecureLogout,
            Call::Renew => Event::Renew,
            Call::Token => Event::AccessToken {
                min_validity_ms: 60_000.0,
            },
            Call::Refusal => Event::Unauthorized {
                session: self.tabs[tab].token(),
            },
        };
        self.before_call(tab, call);
        self.step(tab, event, Some(call));
    }

    fn spend(&mut self, chance: Chance) {
        self.left[chance as usize] = self.left[chance as usize].saturating_sub(1);
    }

    /// Carries out an action.
    pub(crate) fn act(&mut self, action: Action) {
        self.note(|| format!("{action:?}"));
        match action {
            Action::Call(tab, call) => {
                let chance = CALLS.iter().find(|(other, _)| *other == call);
                if let Some((_, chance)) = chance {
                    self.spend(*chance);
                }
                self.call(tab, call);
            }
            Action::FinishAccess(tab) => self.finish_access(tab),
            Action::See(tab) => {
                let this = self.tab_mut(tab);
                this.late_view = None;
                let event = match std::mem::take(&mut this.pending) {
                    Pending::Wake => Event::Wake { is_online: false },
                    pending => Event::StorageChanged {
                        is_session: pending == Pending::Session,
                    },
                };
                self.step(tab, event, None);
            }
            Action::Deliver { from, to } => self.deliver(from, to, true),
            Action::LoseMail { from, to } => {
                self.spend(Chance::Lose);
                self.excuses += 1;
                self.take_mail(from, to);
            }
            Action::DuplicateMail { from, to } => {
                self.spend(Chance::Duplicate);
                self.deliver(from, to, false);
            }
            Action::TakeLock => {
                if let Some((tab, ticket)) = self.lock.holder {
                    self.lock.holder = Some((tab, 0));
                    let is_granted = true;
                    self.step(tab, Event::Locked { ticket, is_granted }, None);
                }
            }
            Action::ReleaseLock => {
                self.lock.holder = None;
                self.pass_lock();
            }
            Action::TimeOutLock(tab) => {
                let position = self.lock.queue.iter().position(|lock| lock.0 == tab);
                if let Some((_, ticket, _)) = position.and_then(|at| self.lock.queue.remove(at)) {
                    let is_granted = false;
                    self.step(tab, Event::Locked { ticket, is_granted }, None);
                }
            }
            Action::Serve(number) => {
                let answer = self.serve(self.requests[number].purpose);
                if self.requests[number].is_awaited {
                    self.requests[number].answer = Some(answer);
                } else {
                    self.requests.remove(number);
                }
            }
            Action::Answer(number) => {
                let request = self.requests.remove(number);
                let answer = match request.purpose {
                    Purpose::Credential { .. } => Some(Ok(0)),
                    _ => request.answer,
                };
                self.deliver_answer(request, answer);
            }
            Action::Lose(number) => self.lose(number),
            Action::Vanish(number) => {
                self.requests.remove(number);
            }
            Action::Duplicate(number) => {
                self.spend(Chance::Duplicate);
                let mut copy = self.requests[number];
                (copy.is_unknown, copy.is_awaited) = (true, false);
                self.excuses += 1;
                self.requests.push(copy);
            }
            Action::FireTimer(tab) => {
                self.tab_mut(tab).timer_at = f64::INFINITY;
                self.step(tab, Event::Timer, None);
            }
            Action::Advance => {
                if self.next_time() - self.time > MAX_SHORT_MS {
                    self.spend(Chance::Period);
                }
                self.pass_time();
            }
            Action::Delay => {
                self.spend(Chance::Delay);
                self.excuses += 1;
                self.pass_time();
            }
            Action::Kill(tab) => self.kill(tab),
            Action::Freeze(tab) => {
                self.spend(Chance::Freeze);
                self.excuses += 1;
                self.tab_mut(tab).is_frozen = true;
            }
            Action::Thaw(tab) => {
                // A freeze outlasts a late write, so the tab now sees the latest writes.
                let this = self.tab_mut(tab);
                (this.is_frozen, this.pending, this.late_view) = (false, Pending::Wake, None);
            }
            Action::Open(tab) => {
                self.spend(Chance::Open);
                self.open(tab);
            }
        }
    }

    fn pass_time(&mut self) {
        self.time = self.next_time();
        if self
            .lock
            .holder
            .is_some_and(|(tab, ticket)| ticket == 0 && self.is_awake(tab))
        {
            self.lock.holder = None;
            self.pass_lock();
        }
    }

    fn take_mail(&mut self, from: usize, to: usize) -> Option<Mail> {
        let is_it = |mail: &Mail| (mail.from, mail.to) == (from, to);
        let position = self.mail.iter().position(is_it)?;
        Some(self.mail.remove(position))
    }

    fn deliver(&mut self, from: usize, to: usize, is_last: bool) {
        let Some(mail) = self.take_mail(from, to) else {
            return;
        };
        if !is_last {
            self.mail.insert(0, mail);
        }
        self.receive(to, mail.record);
        let (message, shared, record) = (mail.message, mail.shared, mail.record);
        let event = Event::Message {
            message,
            shared,
            record,
        };
        self.step(to, event, None);
    }

    fn lose(&mut self, number: usize) {
        self.spend(Chance::Lose);
        self.excuses += 1;
        let mut request = self.requests.remove(number);
        if request.answer.is_none() && self.is_served_late(&request) {
            let mut orphan = request;
            orphan.is_awaited = false;
            self.requests.push(orphan);
        }
        let Purpose::Create { ticket, .. } = request.purpose else {
            return self.deliver_answer(request, None);
        };
        if !self.config.retries || request.is_retry {
            return self.deliver_answer(request, None);
        }
        request.answer = None;
        request.is_retry = true;
        request.deadline = self.time + TIMEOUT_MS;
        self.requests.push(request);
        let attempt = Event::Attempt {
            ticket,
            // As in JavaScript, this includes `CLAIM_GRACE_MS` and a pause before the retry.
            timeout_ms: TIMEOUT_MS + 1_500.0,
            has_lost_request: true,
        };
        self.step(request.tab, attempt, None);
    }

    fn kill(&mut self, tab: usize) {
        self.spend(Chance::Kill);
        self.excuses += 1;
        self.has_died = true;
        let this = self.tab_mut(tab);
        this.is_alive = false;
        this.is_frozen = false;
        this.waiters.clear();
        this.accesses.clear();
        this.late_view = None;
        this.login = 0;
        this.timer_at = f64::INFINITY;
        self.mail.retain(|mail| mail.to != tab);
        self.lock.queue.retain(|lock| lock.0 != tab);
        if self.lock.holder.is_some_and(|(holder, _)| holder == tab) {
            self.lock.holder = None;
            self.pass_lock();
        }
        self.requests
            .retain(|request| request.tab != tab || request.answer.is_none());
        for request in &mut self.requests {
            request.is_awaited &= request.tab != tab;
        }
        for token in &mut self.tokens {
            token.receivers &= !(1 << tab);
        }
    }

    /// Carries out actions that need neither the user nor an accident, until the device is at rest.
    pub(crate) fn settle_down(&mut self) {
        for _ in 0..2_000 {
            let Some(action) = self.mandatory_actions().first().copied() else {
                return;
            };
            self.act(action);
        }
        self.report("the device does not come to rest");
    }
}
