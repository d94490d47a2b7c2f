//! The session machine, for `shared/session-client.js`: events come in as numbers, effects go out as rows of numbers. What the numbers mean is written
//! there once more; sessions and users are known by numbers on both sides, so nothing secret passes.

use crate::session::{self, Effect, Event, Failure, Message, Now, Person, Reason, Record, Settings, Shared, State, Verdict};
use alloc::vec::Vec;
use wasm_bindgen::prelude::*;

/// A tab's machine.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Machine(session::Machine);

#[wasm_bindgen]
impl Machine {
    /// `flags`: 1 there may be other tabs, 2 they hand sessions to each other, 4 there may be work that nobody waits for.
    #[wasm_bindgen(constructor)]
    pub fn new(wall: f64, mono: f64, tab: u32, device: u32, timeout_ms: f64, flags: u8) -> Machine {
        let settings = Settings { tab, device, timeout_ms, shared: flags & 1 > 0, carries: flags & 2 > 0, background: flags & 4 > 0 };
        Machine(session::Machine::new(settings, Now { wall, mono }))
    }

    /// `Machine::step`: the clocks, what is shared, the event by its number, its numbers, and those of a record.
    #[allow(clippy::too_many_arguments)]
    pub fn step(
        &mut self,
        wall: f64,
        mono: f64,
        epoch: f64,
        floor: f64,
        number: f64,
        committed: f64,
        until: f64,
        by: f64,
        event: u8,
        a: f64,
        b: f64,
        c: f64,
        id: u32,
        record_epoch: f64,
        record_number: f64,
        issued_at: f64,
        expires_at: f64,
        kind: u8,
        user: u32,
        offset: f64,
    ) -> Vec<f64> {
        let shared = Shared { epoch, floor, number, committed, until, by };
        let person = Person { kind, user };
        let record = Record { id, epoch: record_epoch, number: record_number, issued_at, expires_at, person, offset };
        let found = (id > 0).then_some(record);
        let (ticket, code, is) = (a as u32, b as u8, b > 0.0);
        let event = match event {
            0 => Event::Resume,
            1 => Event::Login(Person { kind: a as u8, user: b as u32 }, c > 0.0),
            2 => Event::Adopt(record),
            3 => Event::Need(a),
            4 => Event::Renew,
            5 => Event::Refused(ticket),
            6 => Event::Logout(a > 0.0),
            7 => Event::SecureLogout,
            8 => Event::Wake(a > 0.0),
            9 => Event::Tick,
            10 => Event::Locked(ticket, is),
            11 => Event::Found(ticket, found),
            12 => Event::Heard([Message::Changed, Message::Ask].get(ticket as usize).copied().unwrap_or(Message::Overtaken(b)), found),
            13 => Event::Credential(ticket, is, c > 0.0),
            14 => Event::Attempt(ticket, b, c > 0.0),
            15 => Event::Session(
                ticket,
                if code == 0 { Ok(record) } else { Err(reason(code).map_or(Failure::Transient(c), Failure::Definite)) },
                c,
            ),
            16 => Event::Verified(
                ticket,
                match code {
                    0 => Verdict::Valid,
                    5 => Verdict::Refused,
                    _ => reason(code).map_or(Verdict::Unknown(c), Verdict::Over),
                },
            ),
            17 => Event::Revoked(ticket, is),
            _ => Event::Date(a, b),
        };
        let mut rows = Vec::new();
        for effect in self.0.step(Now { wall, mono }, shared, event) {
            rows.extend_from_slice(&row(effect));
        }
        rows
    }
}

fn reason(code: u8) -> Option<Reason> {
    match code {
        1 => Some(Reason::Unauthorized),
        2 => Some(Reason::GlobalBan),
        3 => Some(Reason::UserDeleted),
        _ => None,
    }
}

/// An effect by its number, and its numbers.
fn row(effect: Effect) -> [f64; 7] {
    let is = |flag: bool| f64::from(u8::from(flag));
    let (code, numbers): (u8, [f64; 6]) = match effect {
        Effect::Share(Shared { epoch, floor, number, committed, until, by }) => (0, [epoch, floor, number, committed, until, by]),
        Effect::Wait(number) => (1, [number.into(), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Now(outcome) => (2, [f64::from(outcome as u8), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::State(state) => {
            let (state, reason) = match state {
                State::NotLoggedIn => (0, 0),
                State::Establishing => (1, 0),
                State::Established => (2, 0),
                State::TokenExpired => (3, 0),
                State::Terminated(reason) => (4, reason as u8),
            };
            (3, [f64::from(state), reason.into(), 0.0, 0.0, 0.0, 0.0])
        }
        Effect::Hold(id) => (4, [id.into(), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Fresh(fresh, expires, suspect) => (5, [fresh, expires, is(suspect), 0.0, 0.0, 0.0]),
        Effect::Timer(at) => (6, [at, 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Lock(ticket) => (7, [ticket.into(), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Find(ticket) => (8, [ticket.into(), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Save(Record { id, epoch, number, offset, .. }) => (9, [id.into(), epoch, number, offset, 0.0, 0.0]),
        Effect::Clear => (10, [0.0; 6]),
        Effect::Tell(message, id) => {
            let (message, at) = match message {
                Message::Changed => (0, 0.0),
                Message::Ask => (1, 0.0),
                Message::Overtaken(at) => (2, at),
            };
            (11, [f64::from(message), at, id.into(), 0.0, 0.0, 0.0])
        }
        Effect::Credential(ticket, afresh, renews) => (12, [ticket.into(), is(afresh), is(renews), 0.0, 0.0, 0.0]),
        Effect::Session(ticket, renews) => (13, [ticket.into(), is(renews), 0.0, 0.0, 0.0, 0.0]),
        Effect::Verify(ticket, id) => (14, [ticket.into(), id.into(), 0.0, 0.0, 0.0, 0.0]),
        Effect::Revoke(id) => (15, [id.into(), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Forget(id) => (16, [id.into(), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Done(number, outcome) => (17, [number.into(), f64::from(outcome as u8), 0.0, 0.0, 0.0, 0.0]),
        Effect::Renewed(own) => (18, [is(own), 0.0, 0.0, 0.0, 0.0, 0.0]),
        Effect::Failed(at) => (19, [at, 0.0, 0.0, 0.0, 0.0, 0.0]),
    };
    let [a, b, c, d, e, f] = numbers;
    [code.into(), a, b, c, d, e, f]
}
