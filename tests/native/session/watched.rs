//! Checks every step of a machine that is given random events.

pub(crate) use crate::draws::Watched;
use social_plus_auth::session::{Claim, Effect, Event, Shared, State};

impl Watched {
    fn step(&mut self, event: Event) {
        let record = match event {
            Event::Adopt(record)
            | Event::Session {
                result: Ok(record), ..
            } => Some(record),
            Event::Loaded { record, .. } | Event::Message { record, .. } => record,
            _ => None,
        };
        self.records.extend(record.map(|record| record.id));
        let effects = self.machine.step(self.now, self.shared, event);
        self.check_answers(event, &effects);
        for effect in &effects {
            self.apply(event, *effect);
        }
        self.check_state(event);
        self.open.extend(effects);
    }

    /// Checks that a call gets exactly one answer, and no other event gets one.
    fn check_answers(&self, event: Event, effects: &[Effect]) {
        let is_answer = |effect: &&Effect| matches!(effect, Effect::Wait(_) | Effect::Reply(_));
        let answers = effects.iter().filter(is_answer).count();
        let is_call = matches!(
            event,
            Event::Resume
                | Event::Login { .. }
                | Event::Adopt(_)
                | Event::AccessToken { .. }
                | Event::Renew
                | Event::Unauthorized { .. }
                | Event::Logout { .. }
                | Event::SecureLogout
        );
        let seed = self.seed;
        let expected = usize::from(is_call);
        assert_eq!(answers, expected, "seed {seed}: {event:?} {effects:?}");
    }

    /// Records an effect, and checks the session that it names.
    fn apply(&mut self, event: Event, effect: Effect) {
        let (seed, before) = (self.seed, self.state);
        match effect {
            Effect::WriteShared(numbers) => self.shared = Shared::from_numbers(numbers),
            Effect::State(state) => {
                let is_official = is_official(before, state);
                assert!(
                    is_official,
                    "seed {seed}: {before:?} to {state:?} at {event:?}"
                );
                self.state = state;
            }
            Effect::Wait(number) => drop(self.waits.insert(number)),
            Effect::Settle(number, _) => drop(self.waits.remove(&number)),
            Effect::Current(id)
            | Effect::Verify { session: id, .. }
            | Effect::Broadcast { session: id, .. }
                if id > 0 =>
            {
                self.check_known(id, event);
            }
            Effect::Revoke(id) => self.check_known(id, event),
            Effect::Save(record) => self.check_known(record.id, event),
            Effect::Forget(id) => drop(self.records.remove(&id)),
            Effect::Timer(at) => assert!(at >= self.now.mono, "seed {seed}: {at}"),
            _ => {}
        }
    }

    fn check_known(&self, id: u32, event: Event) {
        let is_known = self.records.contains(&id);
        assert!(
            is_known,
            "seed {}: session {id} was forgotten, at {event:?}",
            self.seed
        );
    }

    /// Checks that the announced state is the machine's, and that it fits the session.
    fn check_state(&self, event: Event) {
        let (seed, state) = (self.seed, self.state);
        assert_eq!(state, self.machine.state(), "seed {seed}: {event:?}");
        let has_session = self.machine.current().is_some();
        let expected = match state {
            State::Established | State::TokenExpired => Some(true),
            State::NotLoggedIn | State::Terminated(_) => Some(false),
            State::Establishing => None,
        };
        let fits = expected.is_none_or(|expected| expected == has_session);
        assert!(fits, "seed {seed}: {state:?} at {event:?}");
    }

    /// Carries out one open effect, or gives the machine a new event.
    pub(crate) fn do_something(&mut self) {
        if self.chance.below(3) > 0 {
            let effect = self.open.pop_front();
            if let Some(event) = effect.and_then(|effect| self.outcome(effect)) {
                self.step(event);
            }
        } else {
            let event = self.event();
            self.step(event);
        }
    }

    /// Lets time pass, by clocks that may disagree, and other tabs write.
    pub(crate) fn pass_time(&mut self) {
        let ms = self.chance.choose(&[0.0, 1.0, 30.0, 250.0, 12_000.0, 1e8]);
        self.now.mono += ms;
        self.now.wall += ms + self.chance.choose(&[0.0, 0.0, 0.0, 0.0, 1e7, -1e7]);
        match self.chance.below(40) {
            0 => {
                self.shared.claim = Claim::Held {
                    owner: 2,
                    expires_at: self.now.wall + 5_000.0,
                }
            }
            1 => self.shared.epoch += 1024.0,
            2 => {
                self.shared.epoch += 1024.0;
                self.shared.min_epoch = self.shared.epoch;
            }
            3 => self.shared = Shared::default(),
            4 => self.shared.sequence += 1.0,
            _ => {}
        }
    }

    /// Carries out all effects, and lets time pass, until every wait has ended.
    pub(crate) fn settle(&mut self) {
        for _ in 0..2_000 {
            if let Some(effect) = self.open.pop_front() {
                if let Some(event) = self.outcome(effect) {
                    self.step(event);
                }
            } else if self.waits.is_empty() {
                return;
            } else {
                (self.now.wall, self.now.mono) = (self.now.wall + 5_000.0, self.now.mono + 5_000.0);
                self.step(Event::Timer);
            }
        }
        panic!("seed {}: {:?} wait forever", self.seed, self.waits);
    }

    /// Closes the machine, after which no event follows.
    pub(crate) fn close(&mut self) {
        let seed = self.seed;
        self.open.clear();
        self.step(Event::Close);
        assert!(self.waits.is_empty(), "seed {seed}: {:?} wait", self.waits);
        let asks = |effect: &&Effect| {
            matches!(
                effect,
                Effect::Timer(_)
                    | Effect::Lock { .. }
                    | Effect::Load { .. }
                    | Effect::Credential { .. }
                    | Effect::CreateSession { .. }
                    | Effect::Verify { .. }
                    | Effect::Revoke(_)
            )
        };
        let asked = self.open.iter().find(asks);
        assert_eq!(asked, None, "seed {seed}");
        let has_claim = matches!(self.shared.claim, Claim::Held { owner: 1, .. });
        assert!(!has_claim, "seed {seed}: {:?}", self.shared);
    }
}

fn is_official(before: State, after: State) -> bool {
    matches!(
        (before, after),
        (State::NotLoggedIn, State::Establishing)
            | (State::Establishing, State::Established | State::NotLoggedIn)
            | (
                State::Established,
                State::TokenExpired | State::Terminated(_) | State::NotLoggedIn
            )
            | (
                State::TokenExpired,
                State::Establishing | State::Terminated(_) | State::NotLoggedIn
            )
            | (State::Terminated(_), State::NotLoggedIn)
    )
}
