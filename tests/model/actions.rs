//! The actions of the model: what may happen next, and what follows from it.

use crate::config::Chance;
use crate::world::{Call, Purpose, World, TIMEOUT_MS};
use social_plus_auth::session::{Event, Message};

/// A jump in time that is longer, in milliseconds, needs a [`Chance::Period`].
const MAX_SHORT_MS: f64 = 600_000.0;

/// Something that may happen next. A request is named by its position in the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// The app makes a call.
    Call(usize, Call),
    /// A slow access to storage finishes.
    FinishAccess(usize),
    /// A tab sees the latest writes to `localStorage`, and wakes.
    See(usize),
    Deliver {
        from: usize,
        to: usize,
    },
    LoseMail {
        from: usize,
        to: usize,
    },
    DuplicateMail {
        from: usize,
        to: usize,
    },
    /// The tab that gets the lock learns of it.
    TakeLock,
    ReleaseLock,
    TimeOutLock(usize),
    /// The service answers a request.
    Serve(usize),
    /// An answer arrives.
    Answer(usize),
    /// A request fails in the tab. The service may still answer it later.
    Lose(usize),
    /// A request that no tab waits for never arrives.
    Vanish(usize),
    Duplicate(usize),
    FireTimer(usize),
    /// Time passes until the next timer or timeout.
    Advance,
    /// The same, although messages or accesses are on their way.
    Delay,
    Kill(usize),
    Freeze(usize),
    Thaw(usize),
    Open(usize),
}

impl Action {
    /// Returns whether the action occurs without the user and without an accident, so that a
    /// device at rest has none.
    pub(crate) fn is_mandatory(self) -> bool {
        !matches!(
            self,
            Action::Call(..)
                | Action::LoseMail { .. }
                | Action::DuplicateMail { .. }
                | Action::Lose(_)
                | Action::Duplicate(_)
                | Action::Delay
                | Action::Kill(_)
                | Action::Freeze(_)
                | Action::Open(_)
        )
    }
}

/// The calls of the app, and how often they may occur.
const CALLS: [(Call, Chance); 8] = [
    (Call::Login(1), Chance::LoginFirst),
    (Call::Login(2), Chance::LoginSecond),
    (Call::Logout { revoke: true }, Chance::Logout),
    (Call::Logout { revoke: false }, Chance::LogoutKeeping),
    (Call::SecureLogout, Chance::SecureLogout),
    (Call::Renew, Chance::Renew),
    (Call::Token, Chance::Token),
    (Call::Refusal, Chance::Refusal),
];

impl World<'_> {
    /// Returns the actions that may happen next, first those that need no accident.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut actions = self.mandatory_actions();
        if actions.is_empty() && self.has_left(Chance::Period) && self.next_time().is_finite() {
            actions.push(Action::Advance);
        }
        self.add_calls(&mut actions);
        self.add_accidents(&mut actions);
        actions
    }

    /// Returns the actions that occur without the user and without an accident.
    pub(crate) fn mandatory_actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (number, request) in self.requests.iter().enumerate() {
            match request.answer {
                None => actions.push(Action::Serve(number)),
                Some(_) if self.is_awake(request.tab) => actions.push(Action::Answer(number)),
                Some(_) => {}
            }
            if !request.is_awaited {
                actions.push(Action::Vanish(number));
            }
        }
        let mut is_busy = false;
        for (tab, this) in self.awake() {
            if this.timer_at <= self.time {
                actions.push(Action::FireTimer(tab));
                is_busy = true;
            }
            if this.is_woken {
                actions.push(Action::See(tab));
                is_busy = true;
            }
            if !this.accesses.is_empty() {
                actions.push(Action::FinishAccess(tab));
                is_busy = true;
            }
        }
        for (from, to) in self.pairs() {
            if self.is_awake(to) {
                actions.push(Action::Deliver { from, to });
                is_busy = true;
            }
        }
        if let Some((tab, ticket)) = self.lock.holder {
            if self.is_awake(tab) && ticket > 0 {
                actions.push(Action::TakeLock);
                is_busy = true;
            } else if self.is_awake(tab) && !self.is_view_late() {
                actions.push(Action::ReleaseLock);
                is_busy = true;
            }
        }
        for (tab, _, until) in &self.lock.queue {
            if *until <= self.time && self.is_awake(*tab) {
                actions.push(Action::TimeOutLock(*tab));
                is_busy = true;
            }
        }
        for (tab, this) in self.living() {
            if this.is_frozen {
                actions.push(Action::Thaw(tab));
            }
        }
        if !is_busy && self.next_time() - self.time <= MAX_SHORT_MS && !self.is_request_due() {
            actions.push(Action::Advance);
        }
        actions
    }

    /// Returns whether a tab that is awake does not see the latest writes.
    fn is_view_late(&self) -> bool {
        self.awake().any(|(_, tab)| tab.late_view.is_some())
    }

    /// Returns the senders and receivers with messages on their way.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for mail in &self.mail {
            if !pairs.contains(&(mail.from, mail.to)) {
                pairs.push((mail.from, mail.to));
            }
        }
        pairs
    }

    /// Returns when the next timer or timeout of a tab that is awake is due.
    fn next_time(&self) -> f64 {
        let timers = self.awake().map(|(_, tab)| tab.timer_at);
        let locks = self.lock.queue.iter();
        let locks = locks
            .filter(|(tab, ..)| self.is_awake(*tab))
            .map(|lock| lock.2);
        timers.chain(locks).fold(f64::INFINITY, f64::min).ceil()
    }

    /// Returns whether a request would time out at the next time. A request that no accident
    /// strikes gets its answer before.
    fn is_request_due(&self) -> bool {
        let next = self.next_time();
        self.requests.iter().any(|request| {
            request.is_awaited && self.is_awake(request.tab) && request.deadline <= next
        })
    }

    fn add_calls(&self, actions: &mut Vec<Action>) {
        for (call, chance) in CALLS {
            if !self.has_left(chance) {
                continue;
            }
            for (tab, this) in self.awake() {
                let is_possible = match call {
                    Call::Renew | Call::Refusal => this.token() > 0,
                    _ => true,
                };
                if is_possible {
                    actions.push(Action::Call(tab, call));
                }
            }
        }
    }

    fn add_accidents(&self, actions: &mut Vec<Action>) {
        let has = |chance| self.has_left(chance);
        for (number, request) in self.requests.iter().enumerate() {
            let is_new = request.answer.is_none() && !request.is_unknown;
            if request.is_awaited && has(Chance::Lose) && self.is_awake(request.tab) {
                actions.push(Action::Lose(number));
            }
            let creates = matches!(request.purpose, Purpose::Create { .. });
            if is_new && creates && has(Chance::Duplicate) {
                actions.push(Action::Duplicate(number));
            }
        }
        for (from, to) in self.pairs() {
            if has(Chance::LoseMail) {
                actions.push(Action::LoseMail { from, to });
            }
            if has(Chance::DuplicateMail) {
                actions.push(Action::DuplicateMail { from, to });
            }
        }
        if has(Chance::Delay) && self.may_delay() {
            actions.push(Action::Delay);
        }
        let living = self.living().count();
        for (tab, this) in self.living() {
            if has(Chance::Kill) && living > 1 {
                actions.push(Action::Kill(tab));
            }
            if has(Chance::Freeze) && !this.is_frozen {
                actions.push(Action::Freeze(tab));
            }
        }
        if has(Chance::Open) {
            let dead = |tab: &usize| !self.tabs[*tab].is_alive;
            actions.extend((0..self.tabs.len()).filter(dead).map(Action::Open));
        }
    }

    /// Returns whether only messages and accesses to storage keep time from passing.
    fn may_delay(&self) -> bool {
        let is_hurried = self
            .awake()
            .any(|(_, tab)| tab.timer_at <= self.time || tab.late_view.is_some());
        let is_waiting =
            !self.mail.is_empty() || self.awake().any(|(_, tab)| !tab.accesses.is_empty());
        let after = self.next_time() - self.time;
        let is_locked = self.lock.holder.is_some_and(|(tab, _)| self.is_awake(tab));
        !is_hurried && !is_locked && is_waiting && after <= MAX_SHORT_MS && !self.is_request_due()
    }

    /// Makes a call of the app.
    pub(crate) fn call(&mut self, tab: usize, call: Call) {
        let event = match call {
            Call::Resume => Event::Resume,
            Call::Login(user) => Event::Login {
                identity: crate::world::identity(user),
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
                chance.map(|(_, chance)| self.spend(*chance));
                self.call(tab, call);
            }
            Action::FinishAccess(tab) => self.finish_access(tab),
            Action::See(tab) => {
                let this = self.tab_mut(tab);
                (this.late_view, this.is_woken) = (None, false);
                self.step(tab, Event::Wake { is_online: false }, None);
            }
            Action::Deliver { from, to } => self.deliver(from, to, true),
            Action::LoseMail { from, to } => {
                self.spend(Chance::LoseMail);
                self.excuses += 1;
                self.take_mail(from, to);
            }
            Action::DuplicateMail { from, to } => {
                self.spend(Chance::DuplicateMail);
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
                self.deliver_answer(request, request.answer);
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
                self.time = self.next_time();
            }
            Action::Delay => {
                self.spend(Chance::Delay);
                self.excuses += 1;
                self.time = self.next_time();
            }
            Action::Kill(tab) => self.kill(tab),
            Action::Freeze(tab) => {
                self.spend(Chance::Freeze);
                self.excuses += 1;
                self.tab_mut(tab).is_frozen = true;
            }
            Action::Thaw(tab) => {
                let this = self.tab_mut(tab);
                (this.is_frozen, this.is_woken) = (false, true);
            }
            Action::Open(tab) => {
                self.spend(Chance::Open);
                self.open(tab);
            }
        }
    }

    fn take_mail(&mut self, from: usize, to: usize) -> Option<crate::world::Mail> {
        let is_it = |mail: &crate::world::Mail| (mail.from, mail.to) == (from, to);
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
        debug_assert!(record.is_none() || message == Message::Changed);
        self.step(to, event, None);
    }

    fn lose(&mut self, number: usize) {
        self.spend(Chance::Lose);
        self.excuses += 1;
        let mut request = self.requests.remove(number);
        if request.answer.is_none() {
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

    /// Lets everything happen that needs neither the user nor an accident.
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
