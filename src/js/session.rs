//! The exports of the session machine, for `shared/session-engine.js`. Events and effects cross the
//! boundary as numbers, which `src/session/wire.rs` defines. Sessions and users are also numbers,
//! so no secret crosses.

use super::json::Value;
use crate::protocol::json::Json;
use crate::protocol::Kind;
use crate::session::wire::{EffectCode, Input, RecordNumber, Rows, SettingNumber, SharedNumber};
use crate::session::{Effect, Machine, Now, ServiceError, Settings, Sink};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::array::from_fn;
use spin::Mutex;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/values.js")]
extern "C" {
    #[wasm_bindgen(js_name = effect)]
    fn push_small_effect(code: u8, a: u32, b: u32, c: u32);
    #[wasm_bindgen(js_name = effect)]
    fn push_wide_effect(code: u8, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64);
}

/// Passes each effect to JavaScript as a row of numbers.
#[derive(Debug)]
struct Effects;

impl Sink for Effects {
    #[inline(always)]
    fn put(&mut self, effect: Effect) {
        effect.encode(self);
    }
}

impl Rows for Effects {
    #[inline(always)]
    fn push_small(&mut self, code: EffectCode, [a, b, c]: [u32; 3]) {
        push_small_effect(code as u8, a, b, c);
    }

    #[inline(always)]
    fn push_wide(&mut self, code: EffectCode, [a, b, c, d, e, f]: [f64; 6]) {
        push_wide_effect(code as u8, a, b, c, d, e, f);
    }
}

/// Reads the values of a step from the list. The values are in this order: the two clocks, the flag
/// whether the tab is obsolete, the shared numbers, the record, and the arguments of the event. If
/// the event reports an error, the arguments after the first are the error's kind, code, status and
/// `retryAfterMs`.
struct Step;

/// Two clocks and a flag precede the shared numbers.
const OBSOLETE_POSITION: usize = 2;
const SHARED_POSITION: usize = OBSOLETE_POSITION + 1;
const RECORD_POSITION: usize = SHARED_POSITION + SharedNumber::LENGTH;
const ARGUMENTS_POSITION: usize = RECORD_POSITION + RecordNumber::LENGTH;
/// One argument precedes the error.
const ERROR_POSITION: usize = ARGUMENTS_POSITION + 1;

/// Returns the value at a position, counted from 0.
fn value_at(position: usize) -> Value {
    Value(position as i32 + 1)
}

/// Returns the number at a position, counted from 0. Returns 0 if the value is not a number.
fn number_at(position: usize) -> f64 {
    value_at(position).number_or(0.0)
}

impl Input for Step {
    fn record(&self, of: RecordNumber) -> f64 {
        number_at(RECORD_POSITION + of as usize)
    }

    fn argument(&self, position: usize) -> f64 {
        number_at(ARGUMENTS_POSITION + position)
    }

    fn error(&self) -> ServiceError {
        let kind = value_at(ERROR_POSITION);
        let is_kind = |known: &Kind| kind.is_text(known.name());
        let whole = |position| number_at(ERROR_POSITION + position) as u32;
        ServiceError {
            kind: ServiceError::DECISIVE_KINDS
                .into_iter()
                .find(is_kind)
                .unwrap_or(Kind::Network),
            code: Some(whole(1)).filter(|code| *code > 0),
            status: Some(whole(2) as u16).filter(|status| *status > 0),
            retry_after_ms: number_at(ERROR_POSITION + 3),
        }
    }
}

/// The machines of all clients. JavaScript has one thread, and no step runs during another step, so
/// no step ever waits for the lock.
static MACHINES: Mutex<Vec<Option<Box<Machine<Effects>>>>> = Mutex::new(Vec::new());

/// Creates a machine and returns its handle. The list contains the settings in the order of
/// `SettingNumber`.
#[wasm_bindgen(js_name = openMachine)]
pub fn open() -> i32 {
    let setting = |of: SettingNumber| number_at(of as usize);
    let now = Now {
        wall: setting(SettingNumber::Wall),
        mono: setting(SettingNumber::Monotonic),
    };
    let machine = Some(Box::new(Machine::with_sink(
        Effects,
        Settings::decode(setting),
        now,
    )));
    let mut machines = MACHINES.lock();
    let free = machines
        .iter()
        .position(Option::is_none)
        .unwrap_or(machines.len());
    match machines.get_mut(free) {
        Some(place) => *place = machine,
        None => machines.push(machine),
    }
    free as i32
}

/// Drops the machine of a client that was closed or garbage-collected.
#[wasm_bindgen(js_name = closeMachine)]
pub fn close(handle: i32) {
    if let Some(machine) = MACHINES.lock().get_mut(handle as usize) {
        *machine = None;
    }
}

/// Passes an event to a machine. The list contains the values of a [`Step`]. Ignores an event of a
/// closed machine, and an event that the machine cannot decode.
#[wasm_bindgen(js_name = stepMachine)]
pub fn step(handle: i32, event: u8) {
    if let Some(Some(machine)) = MACHINES.lock().get_mut(handle as usize) {
        let now = Now {
            wall: number_at(0),
            mono: number_at(1),
        };
        let stored = from_fn(|at| number_at(SHARED_POSITION + at));
        let is_obsolete = number_at(OBSOLETE_POSITION) > 0.0;
        machine.handle(now, (stored, is_obsolete), event, &Step);
    }
}
