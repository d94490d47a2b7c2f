//! Implements `docs/session-rules.md` as a sans-I/O state machine, one per tab. The machine uses no
//! wasm, clock or random source and sees no token or user id. [`Machine::step`] takes an [`Event`]
//! and returns the [`Effect`]s that its host (JavaScript or a simulation) must carry out.
//!
//! Every step receives the numbers that all tabs of a device share ([`Shared`]). If the step
//! changes them, the host must first carry out the effect that writes them back. The epoch and the
//! claim coordinate the tabs. Every logout raises the *epoch*, and so does every login except one
//! that uses the existing session; tabs discard results of an earlier epoch. A tab must hold the
//! *claim* before it requests a session.
//!
//! The module is public under the features `browser` and `unstable`. Its events, effects and
//! numbers serve the npm package and may change in any release.
//!
//! | module | contents |
//! |---|---|
//! | `event`, `effect` | inputs and outputs |
//! | `state`, `record`, `shared` | the data of events and effects |
//! | [`wire`] | the numbers that JavaScript shares |
//! | `dispatch`, `encode` | decoding of events and encoding of effects |
//! | `native` | encoding of events for native hosts |
//! | `fingerprint` | digests of machines for a model checker |
//! | `rule` | the rules that a simulation disables |
//! | `obsolete` | tabs of an earlier version |
//! | `calls` | the calls of the app, except logouts, and the wakes of the page |
//! | `operation` | the tab's single in-flight operation and its stages |
//! | `outcome` | the end of an operation |
//! | `claim` | the permission to request a session |
//! | `requests`, `verdict` | the requests of an operation and the handling of their responses |
//! | `commit` | the selection of the session that counts |
//! | `logout` | logouts, revocations, and sessions that the service ends |
//! | `advance` | what has become due at the end of a step |
//! | `clock`, `schedule` | the service's time and the times of renewals |

mod advance;
mod calls;
mod claim;
mod clock;
mod commit;
mod dispatch;
mod effect;
mod encode;
mod event;
#[cfg(not(target_arch = "wasm32"))]
mod fingerprint;
mod logout;
#[cfg(not(target_arch = "wasm32"))]
mod native;
mod obsolete;
mod operation;
mod outcome;
mod record;
mod requests;
#[cfg(not(target_arch = "wasm32"))]
mod rule;
mod schedule;
mod shared;
mod state;
mod verdict;
pub mod wire;

pub use clock::{Now, MAX_DRIFT_MS};
pub use effect::Effect;
pub use event::{Event, Message};
#[cfg(not(target_arch = "wasm32"))]
pub use fingerprint::Digest;
pub use record::{Identity, Record};
#[cfg(not(target_arch = "wasm32"))]
pub use rule::Rule;
pub use schedule::due;
pub use shared::{Claim, LastSession, Shared};
pub use state::State;
pub use verdict::ServiceError;
pub use wire::{Outcome, Reason, SharedNumbers};

use alloc::vec::Vec;
use clock::Clock;
use logout::{Revocation, SearchingLogout};
use operation::InFlight;
use schedule::draw;

/// Receives the effects of a step in the order in which the host must carry them out. The exception
/// is [`Effect::WriteShared`], which comes last but must be carried out first: [`Machine::step`]
/// moves it to the front.
pub trait Sink {
    /// Receives the next effect.
    fn put(&mut self, effect: Effect);
}

impl Sink for Vec<Effect> {
    fn put(&mut self, effect: Effect) {
        self.push(effect);
    }
}

/// The settings of a tab, which never change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// A random number, at least 1, that distinguishes the tabs of a device.
    pub tab: u32,
    /// A hash of the device id.
    pub device: u32,
    /// The option `timeoutMs`: how long a login waits for another tab's claim, and how long (plus a
    /// second) a claim lasts until the first attempt of a request extends it.
    pub timeout_ms: f64,
    /// Whether other tabs may share the session.
    pub is_shared: bool,
    /// Whether the tab stores no session, and always includes it in messages (`memory` storage).
    pub hands_over: bool,
    /// Whether the tab renews the session and retries revocations in the background. False in a
    /// worker, where a client lives for one request.
    pub has_background: bool,
}

/// The state machine of one tab.
#[derive(Clone, Debug)]
pub struct Machine<S: Sink = Vec<Effect>> {
    settings: Settings,
    clock: Clock,
    shared: Shared,
    state: State,
    /// Whether another tab of the device runs a later version (rule 20). This tab then only uses
    /// its token.
    is_obsolete: bool,
    /// The session that the tab uses.
    current: Option<Record>,
    /// When `current` was last set, in monotonic time.
    current_since: f64,
    in_flight: Option<InFlight>,
    /// The last number that was given to a ticket or to a waiting call. A ticket matches an event
    /// to the effect that caused it.
    last_id: u32,
    /// How many operations in a row have failed and delayed the next attempt. A login that has
    /// committed no session does not count.
    failures: u32,
    /// When the tab may retry automatically, in monotonic time.
    retry_at: f64,
    /// The end of a pause that this tab ignores, because the network has come back or a clock has
    /// changed.
    waived_until: f64,
    /// Whether an earlier session request may still reach the service, or may have created a
    /// session that this tab does not know. Also true after a transient error that was a response,
    /// such as 503, or 429 to the last attempt.
    has_lost_request: bool,
    /// The latest time of issue of a token that the service may have ended, for example when it
    /// created a session that a tab discarded. A token issued then or earlier is doubtful.
    discarded_at: f64,
    /// The sequence of the session for which the tab has asked the other tabs; negative after a
    /// wake, so that the next request is not quiet.
    asked: f64,
    /// The number of the session that the tab has handed over.
    handed_over: u32,
    /// When the earlier session was issued against which the tab has handed its session over.
    corrected: f64,
    revocations: Vec<Revocation>,
    /// The `logout` that reads storage.
    searching_logout: SearchingLogout,
    /// The number that the `secureLogout` waits for which an operation in flight delays, or 0.
    secure_logout: u32,
    /// Whether this `secureLogout` has looked for a later session.
    has_searched: bool,
    /// How many random numbers the tab has drawn.
    draws: u32,
    sink: S,
    /// The rule that a simulation has disabled.
    #[cfg(not(target_arch = "wasm32"))]
    without: Option<Rule>,
    /// The number that replaces each random number.
    #[cfg(not(target_arch = "wasm32"))]
    fixed_draw: Option<f64>,
}

impl Machine {
    /// Creates the machine of a new tab.
    pub fn new(settings: Settings, now: Now) -> Self {
        Machine::with_sink(Vec::new(), settings, now)
    }

    /// Handles an event and returns the effects in the order in which they must be carried out.
    /// `shared` holds the shared numbers at this moment. The event goes through the same decoding
    /// and dispatch as the events of JavaScript.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn step(&mut self, now: Now, shared: Shared, event: Event) -> Vec<Effect> {
        self.step_in(now, (shared, false), event)
    }

    /// Handles an event as [`step`](Self::step) does. The flag tells whether the host has met a
    /// later version of the shared state.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn step_in(
        &mut self,
        now: Now,
        (shared, is_obsolete): (Shared, bool),
        event: Event,
    ) -> Vec<Effect> {
        let encoded = event.encode();
        let stored = (shared.to_numbers(), is_obsolete);
        self.handle(now, stored, encoded.code, &encoded);
        let mut effects = core::mem::take(&mut self.sink);
        if matches!(effects.last(), Some(Effect::WriteShared(_))) {
            effects.rotate_right(1);
        }
        effects
    }
}

impl<S: Sink> Machine<S> {
    /// Creates the machine of a new tab whose effects go to `sink`.
    pub fn with_sink(sink: S, settings: Settings, now: Now) -> Self {
        Machine {
            settings,
            clock: Clock::new(now),
            shared: Shared::default(),
            state: State::NotLoggedIn,
            is_obsolete: false,
            current: None,
            current_since: 0.0,
            in_flight: None,
            last_id: 0,
            failures: 0,
            retry_at: f64::NEG_INFINITY,
            waived_until: 0.0,
            has_lost_request: false,
            discarded_at: f64::NEG_INFINITY,
            asked: 0.0,
            handed_over: 0,
            corrected: 0.0,
            revocations: Vec::new(),
            searching_logout: SearchingLogout::default(),
            secure_logout: 0,
            has_searched: false,
            draws: 0,
            sink,
            #[cfg(not(target_arch = "wasm32"))]
            without: None,
            #[cfg(not(target_arch = "wasm32"))]
            fixed_draw: None,
        }
    }

    /// Returns the state after the last step.
    pub fn state(&self) -> State {
        self.state
    }

    /// Returns the session that the tab uses.
    pub fn current(&self) -> Option<&Record> {
        self.current.as_ref()
    }

    /// Starts a step: updates the clock and merges the numbers that other tabs have written.
    fn start_step(&mut self, now: Now, seen: Shared) {
        if self.clock.update(now) {
            // Only a pause that the tab knew before is older than the clock change.
            self.waive_pause();
        }
        if self.is_obsolete {
            // Such a tab cannot verify an expiry.
            self.clock.end_suspicion();
        }
        self.shared = self.shared.merge(seen);
    }

    /// Ends a step: drops the ended session, and writes the shared numbers if they have changed. A
    /// tab does not write a sequence that it has just `learnt` from a message, because the sender
    /// has written it: the write would carry the old claim of a storage that is late.
    fn finish_step(&mut self, stored: SharedNumbers, learnt: SharedNumbers, ended: u32) {
        self.forget(ended);
        let numbers = self.shared.to_numbers();
        let is_known = numbers == learnt && numbers[..2] == stored[..2];
        if numbers != stored && !is_known && !self.is_obsolete {
            self.emit(Effect::WriteShared(numbers));
        }
    }

    /// Adjusts the service's time to a `Date` header, which has whole seconds.
    fn on_server_date(&mut self, at: f64, took_ms: f64) {
        self.clock.clamp_service_time(at, at + 1000.0 + took_ms);
    }

    #[inline(always)]
    fn emit(&mut self, effect: Effect) {
        self.sink.put(effect);
    }

    fn reply(&mut self, outcome: Outcome) {
        self.emit(Effect::Reply(outcome));
    }

    fn broadcast(&mut self, message: Message, session: u32) {
        self.emit(Effect::Broadcast { message, session });
    }

    /// Tells the other tabs that the shared numbers have changed. `session` is the new session of
    /// the device, or 0.
    fn broadcast_change(&mut self, session: u32) {
        self.broadcast(Message::Changed { hands_over: false }, session);
    }

    fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    fn random(&mut self) -> f64 {
        #[cfg(not(target_arch = "wasm32"))]
        if let Some(draw) = self.fixed_draw {
            return draw;
        }
        self.draws += 1;
        draw(self.settings.tab, self.draws)
    }

    fn reset_backoff(&mut self) {
        (self.failures, self.retry_at) = (0, f64::NEG_INFINITY);
    }

    /// Changes the state, and announces the intermediate states that the service's SDK documents.
    fn enter(&mut self, state: State) {
        if self.state == state {
            return;
        }
        let leaves_terminated = self.state.is_terminated() && state != State::NotLoggedIn;
        let starts_over = state == State::Establishing && self.state != State::NotLoggedIn;
        if leaves_terminated || starts_over {
            self.emit(Effect::State(State::NotLoggedIn));
        }
        if state == State::Established && self.state != State::Establishing {
            self.emit(Effect::State(State::Establishing));
        }
        if self.state == State::Establishing && state.is_terminated() {
            self.emit(Effect::State(State::Established));
        }
        self.emit(Effect::State(state));
        self.state = state;
    }

    /// Returns whether the tab must verify the token before it trusts it: the service may have
    /// ended the token, or its expiry is only suspected (rule 13).
    fn is_doubtful(&self, record: &Record) -> bool {
        let has_expired = self.clock.service() >= record.expires_at;
        self.discarded_at >= record.issued_at || self.clock.is_suspect && has_expired
    }
}
