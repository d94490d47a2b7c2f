//! The session machine, for `shared/session-client.js`: events come in as numbers, effects go out as rows of numbers. What the numbers mean is written
//! there once more; sessions and users are known by numbers on both sides, so nothing secret passes.

use crate::session::{self, Effects, Event, Failure, Message, Now, Person, Reason, Record, Settings, Shared, Verdict};
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
    ) -> Effects {
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
        self.0.step(Now { wall, mono }, shared, event)
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
