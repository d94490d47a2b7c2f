//! The session machine, for `shared/session-engine.js`: its events come in and its effects go out
//! as numbers, by `shared/session-words.js`. Neither is ever in a list here. Sessions and users are
//! known by numbers on both sides, so nothing secret passes.

use super::json::Value;
use crate::session::{
    self, Effect, Failure, Message, Now, Person, Reason, Record, Settings, Shared, Sink, State,
    Verdict,
};
use alloc::boxed::Box;
use alloc::vec::Vec;
use spin::Mutex;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/js/values.js")]
extern "C" {
    fn effect(code: i32, a: i32, b: i32, c: i32);
    #[wasm_bindgen(js_name = effect)]
    fn precise(code: i32, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64);
}

#[derive(Debug)]
struct Rows;

impl Sink for Rows {
    #[inline(always)]
    fn put(&mut self, said: Effect) {
        match said {
            Effect::Share(Shared {
                epoch,
                floor,
                number,
                committed,
                until,
                by,
            }) => precise(0, epoch, floor, number, committed, until, by),
            Effect::Wait(number) => effect(1, number as i32, 0, 0),
            Effect::Now(outcome) => effect(2, outcome as i32, 0, 0),
            Effect::State(State::NotLoggedIn) => effect(3, 0, 0, 0),
            Effect::State(State::Establishing) => effect(3, 1, 0, 0),
            Effect::State(State::Established) => effect(3, 2, 0, 0),
            Effect::State(State::TokenExpired) => effect(3, 3, 0, 0),
            Effect::State(State::Terminated(reason)) => effect(3, 4, reason as i32, 0),
            Effect::Hold(id) => effect(4, id as i32, 0, 0),
            Effect::Fresh(fresh, expires, suspect) => precise(
                5,
                fresh,
                expires,
                f64::from(u8::from(suspect)),
                0.0,
                0.0,
                0.0,
            ),
            Effect::Timer(at) => precise(6, at, 0.0, 0.0, 0.0, 0.0, 0.0),
            Effect::Lock(ticket) => effect(7, ticket as i32, 0, 0),
            Effect::Find(ticket) => effect(8, ticket as i32, 0, 0),
            Effect::Save(Record {
                id,
                epoch,
                number,
                offset,
                ..
            }) => precise(9, id.into(), epoch, number, offset, 0.0, 0.0),
            Effect::Clear => effect(10, 0, 0, 0),
            Effect::Tell(Message::Changed, id) => effect(11, 0, 0, id as i32),
            Effect::Tell(Message::Ask, _) => effect(11, 1, 0, 0),
            Effect::Tell(Message::Overtaken(at), _) => precise(11, 2.0, at, 0.0, 0.0, 0.0, 0.0),
            Effect::Credential(ticket, afresh, renews) => {
                effect(12, ticket as i32, afresh.into(), renews.into())
            }
            Effect::Session(ticket, renews) => effect(13, ticket as i32, renews.into(), 0),
            Effect::Verify(ticket, id) => effect(14, ticket as i32, id as i32, 0),
            Effect::Revoke(id) => effect(15, id as i32, 0, 0),
            Effect::Forget(id) => effect(16, id as i32, 0, 0),
            Effect::Done(number, outcome) => effect(17, number as i32, outcome as i32, 0),
            Effect::Renewed(own) => effect(18, own.into(), 0, 0),
            Effect::Failed(at) => precise(19, at, 0.0, 0.0, 0.0, 0.0, 0.0),
        }
    }
}

/// A number among those that a step is given; 0 where there is none.
fn given(place: i32) -> f64 {
    Value(place).number_or(0.0)
}

/// The machines of all clients, each at its place. JavaScript has one thread, and no step is inside
/// another one: nobody ever waits for it.
static MACHINES: Mutex<Vec<Option<Box<session::Machine<Rows>>>>> = Mutex::new(Vec::new());

/// Makes a machine; gives its place. Given are the two clocks, the tab's random number, the
/// device's hash, `timeoutMs`, and flags: 1 there may be other tabs, 2 they hand sessions to each
/// other, 4 there may be work that nobody waits for.
#[wasm_bindgen(js_name = openMachine)]
pub fn open() -> i32 {
    let flags = given(6) as u8;
    let settings = Settings {
        tab: given(3) as u32,
        device: given(4) as u32,
        timeout_ms: given(5),
        shared: flags & 1 > 0,
        carries: flags & 2 > 0,
        background: flags & 4 > 0,
    };
    let machine = Some(Box::new(session::Machine::into(
        Rows,
        settings,
        Now {
            wall: given(1),
            mono: given(2),
        },
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

/// Its client is closed, or nobody has it any longer.
#[wasm_bindgen(js_name = closeMachine)]
pub fn close(place: i32) {
    if let Some(machine) = MACHINES.lock().get_mut(place as usize) {
        *machine = None;
    }
}

/// A step of a machine. Given are the clocks, the six numbers that are shared, up to three of the
/// event, and those of a record.
#[wasm_bindgen(js_name = stepMachine)]
pub fn step(place: i32, event: i32) {
    if let Some(Some(machine)) = MACHINES.lock().get_mut(place as usize) {
        let now = Now {
            wall: given(1),
            mono: given(2),
        };
        let shared = Shared {
            epoch: given(3),
            floor: given(4),
            number: given(5),
            committed: given(6),
            until: given(7),
            by: given(8),
        };
        machine.run(now, shared, |machine| on(machine, event));
    }
}

fn on(machine: &mut session::Machine<Rows>, event: i32) {
    let (a, b, c) = (given(9), given(10), given(11));
    let (ticket, code, is) = (a as u32, b as u8, b > 0.0);
    let record = Record {
        id: given(12) as u32,
        epoch: given(13),
        number: given(14),
        issued_at: given(15),
        expires_at: given(16),
        person: Person {
            kind: given(17) as u8,
            user: given(18) as u32,
        },
        offset: given(19),
    };
    let found = (record.id > 0).then_some(&record);
    match event {
        0 => machine.on_resume(),
        1 => machine.on_login(
            Person {
                kind: a as u8,
                user: b as u32,
            },
            c > 0.0,
        ),
        2 => machine.on_adopt(record),
        3 => machine.on_need(a),
        4 => machine.on_renew(),
        5 => machine.on_refused(ticket),
        6 => machine.on_logout(a > 0.0),
        7 => machine.on_secure_logout(),
        8 => machine.on_wake(a > 0.0),
        9 => {}
        11 if !machine.awaits(ticket) => machine.consider(found),
        12 => machine.on_heard(
            [Message::Changed, Message::Ask]
                .get(ticket as usize)
                .copied()
                .unwrap_or(Message::Overtaken(b)),
            found,
        ),
        15 if code == 0 => machine.on_session(ticket, record, c),
        17 => machine.on_revoked(ticket, is),
        18 => machine.on_date(a, b),
        _ if !machine.awaits(ticket) => {}
        10 => machine.on_locked(is),
        15 if code == 5 => machine.on_failure(Failure::NotFound),
        15 => machine.on_failure(reason(code).map_or(Failure::Transient(c), Failure::Definite)),
        11 => machine.on_found(found),
        13 => machine.on_credential(if is { Ok(c > 0.0) } else { Err(c) }),
        14 => machine.on_attempt(b, c > 0.0),
        _ => machine.on_verified(match code {
            0 => Verdict::Valid,
            5 => Verdict::Refused,
            _ => reason(code).map_or(Verdict::Unknown(c), Verdict::Over),
        }),
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
