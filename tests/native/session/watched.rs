//! Checks every step of a machine that receives random events.

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
        self.pending.extend(effects);
    }

    /// Checks that a call gets exactly one `Wait` or `Reply`, and that other events get neither.
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

    /// Records an effect, and checks its state, its session or its time.
    fn apply(&mut self, event: Event, effect: Effect) {
        let (seed, before) = (self.seed, self.state);
        match effect {
            Effect::WriteShared(numbers) => self.shared = Shared::from_numbers(numbers),
            Effect::State(state) => {
                let is_allowed = is_allowed(before, state);
                assert!(
                    is_allowed,
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
            "seed {}: {event:?} caused an effect with the unknown session {id}",
            self.seed
        );
    }

    /// Checks that the announced state is the state of the machine, and that the machine has a
    /// session if and only if the state requires one.
    fn check_state(&self, event: Event) {
        let (seed, state) = (self.seed, self.state);
        assert_eq!(state, self.machine.state(), "seed {seed}: {event:?}");
        let has_session = self.machine.current().is_some();
        let expected = match state {
            State::Established | State::TokenExpired => Some(true),
            State::NotLoggedIn | State::Terminated(_) => Some(false),
            State::Establishing => None,
        };
        let is_consistent = expected.is_none_or(|expected| expected == has_session);
        assert!(is_consistent, "seed {seed}: {state:?} at {event:?}");
    }

    /// Carries out one pending effect, or gives the machine a new event.
    pub(crate) fn do_random_step(&mut self) {
        if self.chance.below(3) > 0 {
            let effect = self.pending.pop_front();
            if let Some(event) = effect.and_then(|effect| self.draw_outcome(effect)) {
                self.step(event);
            }
        } else {
            let event = self.draw_event();
            self.step(event);
        }
    }

    /// Advances the clocks, which may disagree, and sometimes changes the shared numbers as another
    /// tab would.
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

    /// Carries out effects and advances the clocks until every wait has ended.
    pub(crate) fn settle(&mut self) {
        for _ in 0..2_000 {
            if let Some(effect) = self.pending.pop_front() {
                if let Some(event) = self.draw_outcome(effect) {
                    self.step(event);
                }
            } else if self.waits.is_empty() {
                return;
            } else {
                (self.now.wall, self.now.mono) = (self.now.wall + 5_000.0, self.now.mono + 5_000.0);
                self.step(Event::Timer);
            }
        }
        panic!("seed {}: the waits {:?} never end", self.seed, self.waits);
    }

    /// Closes the machine, and checks that it settles every wait, requests nothing more and holds
    /// no claim.
    pub(crate) fn close(&mut self) {
        let seed = self.seed;
        self.pending.clear();
        self.step(Event::Close);
        assert!(
            self.waits.is_empty(),
            "seed {seed}: the waits {:?} have not ended",
            self.waits
        );
        let is_request = |effect: &&Effect| {
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
        let request = self.pending.iter().find(is_request);
        assert_eq!(request, None, "seed {seed}");
        let has_claim = matches!(self.shared.claim, Claim::Held { owner: 1, .. });
        assert!(!has_claim, "seed {seed}: {:?}", self.shared);
    }
}

fn is_allowed(before: State, after: State) -> bool {
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
