//! One tab or worker: its machine, and the state of its JavaScript host.

use crate::plan::{Plan, TIMEOUT_MS};
use crate::queue::What;
use crate::worker::Chore;
use crate::world::MAX_TABS;
use social_plus_auth::session::{Effect, Identity, Machine, Now, Record, Settings, Shared, State};
use std::collections::VecDeque;

/// The hash of the device id.
pub(crate) const DEVICE: u32 = 77;

/// Returns whether this place is one of the workers'.
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
    /// A login: its identity and its number.
    Login(Identity, u32),
    Renew,
    Token,
    /// A request with the token. The flag tells whether it is the retry.
    Fetch(bool),
    /// The report that the service answered 401 to a request with this token.
    Refused(u32),
    Logout,
    /// A secure logout: the number of the login whose session it ends.
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
    /// The token that it renews.
    pub(crate) token: u32,
    /// Whether this renewal already excuses another renewal of the token.
    pub(crate) excused: bool,
}

/// A tab or worker, or an empty place for one.
pub(crate) struct Tab {
    pub(crate) alive: bool,
    /// The number of the tab's life. Items that were planned for an earlier life are dropped.
    pub(crate) life: u32,
    /// The life that ended because the app closed the client; 0 for none.
    pub(crate) closed_life: u32,
    /// The random number that identifies the tab.
    pub(crate) number: u32,
    pub(crate) machine: Machine,
    /// The start value of the tab's monotonic clock.
    pub(crate) mono_base: f64,
    pub(crate) frozen: bool,
    pub(crate) held_back: Vec<What>,
    /// The sessions that the machine knows: the number and the token of each.
    pub(crate) records: Vec<(u32, u32)>,
    pub(crate) last_record: u32,
    /// The login in flight: its identity and its number.
    pub(crate) login: Option<(Identity, u32)>,
    pub(crate) waits: Vec<Waiter>,
    /// The effects that are not carried out yet. Carrying one out can add others.
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) is_busy: bool,
    pub(crate) is_closing: bool,
    pub(crate) renewals: Vec<Renewal>,
    pub(crate) timer_number: u32,
    pub(crate) timer_at: f64,
    /// When the machine wants the timer to fire; NaN once it has fired.
    pub(crate) timer_wanted_at: f64,
    /// When the timer last fired, and how often it has fired at that time.
    pub(crate) fired: (f64, u32),
    /// The time until which the token is fresh, its expiry, and whether the expiry is uncertain.
    pub(crate) fresh: (f64, f64, bool),
    pub(crate) state: State,
    /// Whether `resume` has ended.
    pub(crate) ready: bool,
    /// When storage will have finished all accesses of the tab.
    pub(crate) storage_free: f64,
    /// The shared numbers that the tab read or wrote last.
    pub(crate) own: Shared,
    /// The shared numbers as far as they have reached this tab.
    pub(crate) seen: Option<Shared>,
    pub(crate) writes_in_flight: u32,
    /// When the tab's last write reaches the common storage.
    pub(crate) written: f64,
    /// When the last write from the common storage reaches the tab.
    pub(crate) heard: f64,
    /// When the tab's last message to each tab arrives. Messages do not overtake each other.
    pub(crate) posted: [f64; MAX_TABS],
    /// How many answers in a row have rejected the auth token.
    pub(crate) refusals: u32,
    /// The token that the service accepted last, and when. `None` if it may have become invalid.
    pub(crate) last_accepted: Option<(u32, f64)>,
    /// The auth token for the next session request.
    pub(crate) auth: Option<u32>,
    /// The last token that was current in this tab.
    pub(crate) last_held: Option<u32>,
    /// The last identity that was signed in from the tab's point of view.
    pub(crate) last_identity: Option<Identity>,
    /// Whether a request ended without an answer, so that it may still reach the service.
    pub(crate) has_lost_request: bool,
    /// The ticket of the session request that the tab's operation waits for; 0 for none.
    pub(crate) session_ticket: u32,
    /// The tokens that the service has given to this tab.
    pub(crate) answered: Vec<u32>,
    /// The tokens that have been current in this tab.
    pub(crate) committed: Vec<u32>,
    /// The tokens that the tab has asked the service to revoke.
    pub(crate) revoked: Vec<u32>,
    /// The end of the pause that the return of the network has cancelled.
    pub(crate) waived_until: f64,
    /// The remaining calls of a worker; `None` once it has answered its request.
    pub(crate) chores: Option<VecDeque<Chore>>,
}

impl Tab {
    /// Creates an empty place.
    pub(crate) fn none(place: usize, plan: Plan) -> Self {
        let number = place as u32 + 1;
        Self::new((place, number), plan, 0, Now::default(), 0.0)
    }

    /// Creates a tab that was just opened, or a worker that has just received its request.
    pub(crate) fn new(
        (place, number): (usize, u32),
        plan: Plan,
        life: u32,
        now: Now,
        mono_base: f64,
    ) -> Self {
        let is_worker = is_worker(place);
        let settings = Settings {
            tab: number,
            device: DEVICE + device_of(place) as u32,
            timeout_ms: TIMEOUT_MS,
            is_shared: !is_worker,
            hands_over: plan.memory && !is_worker,
            has_background: !is_worker,
        };
        let machine = Machine::new(settings, now);
        Self {
            alive: life > 0,
            life,
            closed_life: 0,
            number,
            machine: match plan.without {
                Some(rule) => machine.without(rule),
                None => machine,
            },
            mono_base,
            frozen: false,
            held_back: Vec::new(),
            records: Vec::new(),
            last_record: 0,
            login: None,
            waits: Vec::new(),
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
            storage_free: 0.0,
            own: Shared::default(),
            seen: None,
            writes_in_flight: 0,
            written: 0.0,
            heard: 0.0,
            posted: [0.0; MAX_TABS],
            refusals: 0,
            last_accepted: None,
            auth: None,
            last_held: None,
            last_identity: None,
            has_lost_request: false,
            session_ticket: 0,
            answered: Vec::new(),
            committed: Vec::new(),
            revoked: Vec::new(),
            waived_until: 0.0,
            chores: None,
        }
    }

    /// Returns whether this life ended because the app closed the client.
    pub(crate) fn has_closed(&self, life: u32) -> bool {
        self.closed_life == life
    }

    /// Returns the machine's number of a token. The same token always has the same number.
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
    pub(crate) fn held(&self) -> Option<(u32, Record)> {
        let held = self.machine.current()?;
        Some((self.token(held.id)?, *held))
    }

    /// Returns whether a caller waits for an operation.
    pub(crate) fn is_waited_for(&self) -> bool {
        !self.waits.is_empty()
    }
}
