//! One tab or worker: its machine, and the state of its JavaScript host.

use crate::plan::{Plan, TIMEOUT_MS};
use crate::queue::Task;
use crate::worker::WorkerCall;
use crate::world::MAX_TABS;
use social_plus_auth::session::{Effect, Identity, Machine, Now, Record, Settings, Shared, State};
use std::collections::VecDeque;

/// The hash of the tabs' device id. The hashes of the workers' device ids follow it.
pub(crate) const DEVICE: u32 = 77;

/// Returns whether this place is for a worker.
pub(crate) const fn is_worker(place: usize) -> bool {
    place >= MAX_TABS
}

/// Returns the device of a tab or worker: 0 for every tab, and a different number for each worker.
pub(crate) const fn device_of(place: usize) -> usize {
    if is_worker(place) {
        place - MAX_TABS + 1
    } else {
        0
    }
}

/// A call of the app.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call {
    Resume,
    /// A login, with its identity and its number.
    Login(Identity, u32),
    Renew,
    Token,
    /// A request of the app with the token. The flag tells whether it is a retry.
    Fetch(bool),
    /// The app's report that the service answered 401 to a request with this token.
    Refused(u32),
    Logout,
    /// A secure logout, with the number of the login whose session it ends.
    SecureLogout(Option<u32>),
    /// A login with a session that was created elsewhere.
    Adopt,
}

/// A caller that waits for an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiter {
    /// The number by which the machine settles the call.
    pub(crate) number: u32,
    pub(crate) call: Call,
    /// Whether the caller has aborted. JavaScript has settled its promise without telling the
    /// machine.
    pub(crate) is_aborted: bool,
}

/// A renewal in flight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renewal {
    pub(crate) ticket: u32,
    /// The token that the renewal replaces.
    pub(crate) token: u32,
    /// Whether the checks already allow one more renewal of the token, because this one was
    /// interrupted.
    pub(crate) excuses_another: bool,
}

/// A tab or worker, or an empty place for one.
pub(crate) struct Tab {
    pub(crate) alive: bool,
    /// Whether the tab sends the session in messages instead of storing it.
    pub(crate) uses_memory: bool,
    /// The key with which the tab encrypts its session.
    pub(crate) key: u32,
    /// Whether no tab could hand over the device's session when this tab last asked. Where tabs
    /// differ in storage, this tab may be unable to read the session, too.
    pub(crate) has_asked_in_vain: bool,
    /// How many messages the tab may still send about the events so far.
    pub(crate) messages_left: u32,
    /// The version of the package that the tab runs.
    pub(crate) version: u32,
    /// The latest version that the tab has met.
    pub(crate) met_version: u32,
    /// The version of the numbers that have reached this tab last.
    pub(crate) received_version: u32,
    /// The version of the shared numbers that the tab has read last.
    pub(crate) read_version: u32,
    /// The number of the tab's life. Tasks that were planned for an earlier life are dropped.
    pub(crate) life: u32,
    /// The life that ended because the app closed the client; 0 for none.
    pub(crate) closed_life: u32,
    /// The random number that identifies the tab.
    pub(crate) number: u32,
    pub(crate) machine: Machine,
    /// The start value of the tab's monotonic clock.
    pub(crate) mono_base: f64,
    pub(crate) frozen: bool,
    /// Whether the frozen tab is in the back/forward cache, where messages do not reach it.
    pub(crate) is_cached: bool,
    /// The time until which the tab is hidden.
    pub(crate) hidden_until: f64,
    /// The tasks that wait until the frozen tab thaws.
    pub(crate) held_back: Vec<Task>,
    /// The sessions that the machine knows: the number and the token of each.
    pub(crate) records: Vec<(u32, u32)>,
    /// The last number that a session of the machine got.
    pub(crate) last_record: u32,
    /// The login in flight: its identity and its number.
    pub(crate) login: Option<(Identity, u32)>,
    pub(crate) waiters: Vec<Waiter>,
    /// The effects that are not carried out yet. Carrying out an effect can add others.
    pub(crate) effects: VecDeque<Effect>,
    /// Whether a step of the tab is carrying out effects.
    pub(crate) is_busy: bool,
    pub(crate) is_closing: bool,
    pub(crate) renewals: Vec<Renewal>,
    pub(crate) timer_number: u32,
    pub(crate) timer_at: f64,
    /// When the machine wants the timer to fire; NaN once the timer has fired.
    pub(crate) timer_wanted_at: f64,
    /// When the timer last fired, and how often it has fired at that time.
    pub(crate) fired: (f64, u32),
    /// The time until which the token is fresh, its expiry, and whether the expiry is suspected.
    pub(crate) fresh: (f64, f64, bool),
    pub(crate) state: State,
    /// Whether `resume` has ended or a login has begun, so that the app makes other calls.
    pub(crate) ready: bool,
    /// When storage will have finished all accesses of the tab.
    pub(crate) storage_free_at: f64,
    /// The shared numbers that the tab read or wrote last.
    pub(crate) last_shared: Shared,
    /// The shared numbers that have reached this tab last.
    pub(crate) received_shared: Option<Shared>,
    pub(crate) writes_in_flight: u32,
    /// When the tab's last write reaches the common storage.
    pub(crate) last_write_at: f64,
    /// When the last committed write to the common storage becomes visible to the tab.
    pub(crate) last_receipt_at: f64,
    /// When the tab's last message to each tab arrives. Messages do not overtake each other.
    pub(crate) last_message_at: [f64; MAX_TABS],
    /// How many answers in succession have rejected the auth token.
    pub(crate) refusals: u32,
    /// The token that the service accepted last, and the time. `None` if the token may have become
    /// invalid.
    pub(crate) last_accepted: Option<(u32, f64)>,
    /// Whether the service answered the last session request with "not found". The tab then
    /// verifies its token, but does not rely on the answer.
    pub(crate) was_not_found: bool,
    /// The auth token for the next session request.
    pub(crate) auth: Option<u32>,
    /// The last token that was current in this tab.
    pub(crate) last_current: Option<u32>,
    /// Whether an attempt to create a session failed, and not by a rate limit: it may still reach
    /// the service, or may have created a session that the tab does not know.
    pub(crate) has_lost_request: bool,
    /// The tickets of the session requests that the machine has aborted.
    pub(crate) aborted_tickets: Vec<u32>,
    /// The ticket of the session request that the tab's operation waits for; 0 for none.
    pub(crate) session_ticket: u32,
    /// The tokens that the service has given to this tab.
    pub(crate) received_tokens: Vec<u32>,
    /// The tokens that have been current in this tab.
    pub(crate) committed_tokens: Vec<u32>,
    /// The tokens that the tab has asked the service to revoke.
    pub(crate) revoked_tokens: Vec<u32>,
    /// The clocks at the last step.
    pub(crate) last_now: Now,
    /// The end of the pause that the return of the network or a clock change has cancelled.
    pub(crate) waived_until: f64,
    /// When the pause was cancelled.
    pub(crate) waived_at: f64,
    /// The calls that a worker has yet to make; `None` once it has answered its request.
    pub(crate) worker_calls: Option<VecDeque<WorkerCall>>,
}

impl Tab {
    /// Creates an empty place.
    pub(crate) fn empty(place: usize, plan: Plan) -> Self {
        let number = place as u32 + 1;
        Self::new((place, number), plan, 0, Now::default(), 0.0)
    }

    /// Creates a tab that has just been opened, or a worker that has just received its request.
    pub(crate) fn new(
        (place, number): (usize, u32),
        plan: Plan,
        life: u32,
        now: Now,
        mono_base: f64,
    ) -> Self {
        let is_worker = is_worker(place);
        let uses_memory = plan.uses_memory ^ (plan.mixes_storage && number % 4 == 1);
        let settings = Settings {
            tab: number,
            device: DEVICE + device_of(place) as u32,
            timeout_ms: TIMEOUT_MS,
            is_shared: !is_worker,
            hands_over: uses_memory && !is_worker,
            has_background: !is_worker,
        };
        let machine = Machine::new(settings, now);
        Self {
            alive: life > 0,
            uses_memory,
            key: u32::from(plan.keys_differ && number % 4 == 2),
            messages_left: 0,
            has_asked_in_vain: false,
            version: 0,
            met_version: 0,
            received_version: 0,
            read_version: 0,
            life,
            closed_life: 0,
            number,
            machine: match plan.disabled_rule {
                Some(rule) => machine.without(rule),
                None => machine,
            },
            mono_base,
            frozen: false,
            is_cached: false,
            hidden_until: 0.0,
            held_back: Vec::new(),
            records: Vec::new(),
            last_record: 0,
            login: None,
            waiters: Vec::new(),
            effects: VecDeque::new(),
            is_busy: false,
            is_closing: false,
            renewals: Vec::new(),
            timer_number: 0,
            timer_at: f64::INFINITY,
            timer_wanted_at: f64::INFINITY,
            fired: (0.0, 0),
            fresh: (0.0, 0.0, false),
            state: State::NotLoggedIn,
            ready: false,
            storage_free_at: 0.0,
            last_shared: Shared::default(),
            received_shared: None,
            writes_in_flight: 0,
            last_write_at: 0.0,
            last_receipt_at: 0.0,
            last_message_at: [0.0; MAX_TABS],
            refusals: 0,
            last_accepted: None,
            was_not_found: false,
            auth: None,
            last_current: None,
            has_lost_request: false,
            aborted_tickets: Vec::new(),
            session_ticket: 0,
            received_tokens: Vec::new(),
            committed_tokens: Vec::new(),
            revoked_tokens: Vec::new(),
            last_now: now,
            waived_until: 0.0,
            waived_at: f64::NEG_INFINITY,
            worker_calls: None,
        }
    }

    /// Returns whether this life ended because the app closed the client.
    pub(crate) fn has_closed(&self, life: u32) -> bool {
        self.closed_life == life
    }

    /// Returns the number by which the machine knows a token's session. The same token always has
    /// the same number.
    pub(crate) fn intern(&mut self, token: u32) -> u32 {
        if let Some((id, _)) = self.records.iter().find(|(_, known)| *known == token) {
            return *id;
        }
        self.last_record += 1;
        self.records.push((self.last_record, token));
        self.last_record
    }

    pub(crate) fn token(&self, id: u32) -> Option<u32> {
        self.records
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, token)| *token)
    }

    /// Returns the current session, with its token.
    pub(crate) fn current_session(&self) -> Option<(u32, Record)> {
        let held = self.machine.current()?;
        Some((self.token(held.id)?, *held))
    }

    /// Returns whether the tab has met a later version.
    pub(crate) fn is_obsolete(&self) -> bool {
        self.met_version > self.version
    }

    /// Returns whether a caller waits for an operation.
    pub(crate) fn is_waited_for(&self) -> bool {
        !self.waiters.is_empty()
    }
}
