//! One tab: its machine, and what JavaScript keeps beside it.

use crate::plan::{Plan, TIMEOUT_MS};
use social_plus_auth::session::{Effect, Identity, Machine, Now, Record, Settings, Shared, State};
use std::collections::VecDeque;

/// The hash of the device id.
pub(crate) const DEVICE: u32 = 77;

/// A call of the app that something is waited for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Call {
    Resume,
    /// The identity, and the place of the login among all.
    Login(Identity, u32),
    Renew,
    Token,
    /// A request with the token: whether it is the second try.
    Fetch(bool),
    /// The service has refused this token to a request.
    Refused(u32),
    Logout,
    /// Of the session of this login.
    SecureLogout(Option<u32>),
    /// A session made elsewhere.
    Adopt,
}

/// A renewal on its way: its ticket, the token that it renews, and whether another one of that
/// token has been allowed for its sake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Renewal {
    pub(crate) ticket: u32,
    pub(crate) token: u32,
    pub(crate) excused: bool,
}

/// A tab, or the place for one.
pub(crate) struct Tab {
    pub(crate) alive: bool,
    /// Which life it is: whatever is meant for an earlier one never arrives.
    pub(crate) life: u32,
    /// What the tabs know it by.
    pub(crate) number: u32,
    pub(crate) machine: Machine,
    /// Monotonic time begins anew in every page.
    pub(crate) mono_base: f64,
    pub(crate) frozen: bool,
    pub(crate) held_back: Vec<crate::world::What>,
    /// The sessions that the machine knows: number and token.
    pub(crate) records: Vec<(u32, u32)>,
    pub(crate) last_record: u32,
    /// Who signs in, and the place of that login among all.
    pub(crate) login: Option<(Identity, u32)>,
    pub(crate) waits: Vec<(u32, Call)>,
    /// What is still to be carried out; while that is done, steps in between only add to it.
    pub(crate) effects: VecDeque<Effect>,
    pub(crate) is_busy: bool,
    pub(crate) renewals: Vec<Renewal>,
    pub(crate) timer_number: u32,
    pub(crate) timer_at: f64,
    /// When the machine wanted it to ring; none once it has rung.
    pub(crate) timer_wish: f64,
    /// How often it has rung without time going on.
    pub(crate) rung: (f64, u32),
    pub(crate) fresh: (f64, f64, bool),
    pub(crate) state: State,
    /// `resume` has come to its end.
    pub(crate) ready: bool,
    /// When its storage has done what it was asked for.
    pub(crate) storage_free: f64,
    /// What was shared when it last looked.
    pub(crate) own: Shared,
    /// What is shared, as far as it has come here; how many writes of its own are on their way, and
    /// when the last of them, and of the others', is there.
    pub(crate) seen: Option<Shared>,
    pub(crate) on_the_way: u32,
    pub(crate) written: f64,
    pub(crate) heard: f64,
    /// Until when its messages to each tab are on their way: none overtakes another.
    pub(crate) posted: [f64; crate::world::TABS],
    /// How many answers in a row have said that the auth token is refused.
    pub(crate) refusals: u32,
    /// The token that the service has called good last, and when, unless something has put it in
    /// doubt since.
    pub(crate) assured: Option<(u32, f64)>,
    /// What it is about to ask for a session with.
    pub(crate) auth: Option<u32>,
    /// The last token that it has held, and whose that was.
    pub(crate) last_held: Option<u32>,
    pub(crate) believed: Option<Identity>,
}

impl Tab {
    /// The place for a tab.
    pub(crate) fn none(place: usize, plan: Plan) -> Self {
        Self::new(place as u32 + 1, plan, 0, Now::default(), 0.0)
    }

    /// A tab that was just opened, in this life of its place.
    pub(crate) fn new(number: u32, plan: Plan, life: u32, now: Now, mono_base: f64) -> Self {
        let settings = Settings {
            tab: number,
            device: DEVICE,
            timeout_ms: TIMEOUT_MS,
            is_shared: true,
            hands_over: plan.memory,
            has_background: true,
        };
        let machine = Machine::new(settings, now);
        Self {
            alive: life > 0,
            life,
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
            renewals: Vec::new(),
            timer_number: 0,
            timer_at: f64::INFINITY,
            timer_wish: f64::INFINITY,
            rung: (0.0, 0),
            fresh: (0.0, 0.0, false),
            state: State::NotLoggedIn,
            ready: false,
            storage_free: 0.0,
            own: Shared::default(),
            seen: None,
            on_the_way: 0,
            written: 0.0,
            heard: 0.0,
            posted: [0.0; crate::world::TABS],
            refusals: 0,
            assured: None,
            auth: None,
            last_held: None,
            believed: None,
        }
    }

    /// The number of a token, the same for the same.
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

    /// The record that it believes in, with its token.
    pub(crate) fn held(&self) -> Option<(u32, Record)> {
        let held = self.machine.current()?;
        Some((self.token(held.id)?, *held))
    }
}
