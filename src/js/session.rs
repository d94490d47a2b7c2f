//! The session machine, for `shared/session-engine.js`. Sessions and users are known by numbers on both sides, so nothing secret passes.

use crate::session::{self, Effects, Now, Person, Record, Settings, Shared};
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
        self.0.step(Now { wall, mono }, shared, event, [a, b, c], record)
    }
}
