//! Defines the actions of the model, and lists those that may happen next.

use crate::config::Chance;
use crate::world::{Call, Pending, Purpose, Request, World};

/// The longest jump in time that needs no [`Chance::Period`], in milliseconds.
pub(crate) const MAX_SHORT_MS: f64 = 600_000.0;

/// An action that may happen next. A number identifies a tab, or a request by its position in the
/// list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Action {
    /// The app makes a call.
    Call(usize, Call),
    /// The first pending access to a slow storage finishes.
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
    /// The tab that was granted the lock learns of it.
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
    /// Like `Advance`, although messages or accesses to storage are pending.
    Delay,
    Kill(usize),
    Freeze(usize),
    Thaw(usize),
    Open(usize),
}

/// The calls of the app, each with the chance that limits it.
pub(crate) const CALLS: [(Call, Chance); 8] = [
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
    /// Returns the actions that may happen next. Those that need no accident come first.
    pub(crate) fn actions(&self) -> Vec<Action> {
        let mut actions = self.mandatory_actions();
        if actions.is_empty() && self.has_left(Chance::Period) && self.next_time().is_finite() {
            actions.push(Action::Advance);
        }
        self.add_calls(&mut actions);
        self.add_accidents(&mut actions);
        actions
    }

    /// Returns the actions that need neither the user nor an accident.
    pub(crate) fn mandatory_actions(&self) -> Vec<Action> {
        let mut actions = Vec::new();
        for (number, request) in self.requests.iter().enumerate() {
            match request.answer {
                None if self.is_served_late(request) => actions.push(Action::Serve(number)),
                _ if self.is_awake(request.tab) => actions.push(Action::Answer(number)),
                _ => {}
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
            if this.pending > Pending::None {
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
            } else if self.is_awake(tab) && !self.is_view_late() && !self.is_lock_idle() {
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

    /// Returns whether the time of the lock's release makes no difference, because no tab waits for
    /// the lock and no tab may freeze while it holds the lock. Then the lock is released when a tab
    /// requests it or when time passes.
    fn is_lock_idle(&self) -> bool {
        self.lock.queue.is_empty() && self.config.chances[Chance::Freeze as usize] == 0
    }

    /// Returns whether the request reaches its receiver in a separate action before the answer. A
    /// request for a credential does not, because its time of arrival makes no difference.
    pub(crate) fn is_served_late(&self, request: &Request) -> bool {
        !matches!(request.purpose, Purpose::Credential { .. })
    }

    /// Returns whether a tab that is awake does not see the latest writes yet.
    fn is_view_late(&self) -> bool {
        self.awake().any(|(_, tab)| tab.late_view.is_some())
    }

    /// Returns each sender and receiver between which a message is pending.
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
    pub(crate) fn next_time(&self) -> f64 {
        let timers = self.awake().map(|(_, tab)| tab.timer_at);
        let locks = self.lock.queue.iter();
        let locks = locks
            .filter(|(tab, ..)| self.is_awake(*tab))
            .map(|lock| lock.2);
        timers.chain(locks).fold(f64::INFINITY, f64::min).ceil()
    }

    /// Returns whether a request would time out by the next time. Without an accident, a request is
    /// answered before its timeout.
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
            if has(Chance::Lose) {
                actions.push(Action::LoseMail { from, to });
            }
            if has(Chance::Duplicate) {
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

    /// Returns whether only pending messages and accesses to storage keep time from passing.
    fn may_delay(&self) -> bool {
        let is_hurried = self
            .awake()
            .any(|(_, tab)| tab.timer_at <= self.time || tab.late_view.is_some());
        let is_waiting =
            !self.mail.is_empty() || self.awake().any(|(_, tab)| !tab.accesses.is_empty());
        let after = self.next_time() - self.time;
        let is_locked = self.lock.holder.is_some_and(|(tab, ticket)| {
            self.is_awake(tab) && (ticket > 0 || !self.is_lock_idle())
        });
        !is_hurried && !is_locked && is_waiting && after <= MAX_SHORT_MS && !self.is_request_due()
    }
}
