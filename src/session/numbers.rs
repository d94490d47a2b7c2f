//! The machine in wasm: events come in as numbers, and effects go out as rows of seven numbers: one for the effect, six of its own. Both are written and
//! read where they arise, so that there is neither a list of events nor one of effects in the artifact. `shared/session-words.js` has the same numbers.

use super::parts::{Effect, Failure, Message, Person, Reason, Record, Shared, State, Verdict};
use super::{Effects, Machine, Now};
use alloc::vec::Vec;

impl Machine {
    /// `step` of an event by its number, with up to three numbers of its own and a record; the record's id is 0 if there is none.
    pub fn step(&mut self, now: Now, shared: Shared, event: u8, [a, b, c]: [f64; 3], record: Record) -> Effects {
        self.before(now, shared);
        let (ticket, code, is) = (a as u32, b as u8, b > 0.0);
        let found = (record.id > 0).then_some(record);
        match event {
            0 => self.on_resume(),
            1 => self.on_login(Person { kind: a as u8, user: b as u32 }, c > 0.0),
            2 => self.on_adopt(record),
            3 => self.on_need(a),
            4 => self.on_renew(),
            5 => self.on_refused(ticket),
            6 => self.on_logout(a > 0.0),
            7 => self.on_secure_logout(),
            8 => self.on_wake(a > 0.0),
            9 => {}
            11 if !self.awaits(ticket) => self.consider(found),
            12 => self.on_heard([Message::Changed, Message::Ask].get(ticket as usize).copied().unwrap_or(Message::Overtaken(b)), found),
            15 if code == 0 => self.on_session(ticket, Ok(record), c),
            15 if code == 5 => self.on_session(ticket, Err(Failure::NotFound), c),
            15 => self.on_session(ticket, Err(reason(code).map_or(Failure::Transient(c), Failure::Definite)), c),
            17 => self.on_revoked(ticket, is),
            18 => self.on_date(a, b),
            _ if !self.awaits(ticket) => {}
            10 => self.on_locked(is),
            11 => self.on_found(found),
            13 => self.on_credential(is, c > 0.0),
            14 => self.on_attempt(b, c > 0.0),
            _ => self.on_verified(match code {
                0 => Verdict::Valid,
                5 => Verdict::Refused,
                _ => reason(code).map_or(Verdict::Unknown(c), Verdict::Over),
            }),
        }
        self.after(shared)
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

/// Most have whole numbers only.
#[inline(never)]
fn whole(rows: &mut Vec<f64>, code: u32, a: u32, b: u32, c: u32) {
    rows.extend_from_slice(&[code.into(), a.into(), b.into(), c.into(), 0.0, 0.0, 0.0]);
}

#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn times(rows: &mut Vec<f64>, code: u32, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64) {
    rows.extend_from_slice(&[code.into(), a, b, c, d, e, f]);
}

#[inline(always)]
pub(super) fn write(rows: &mut Vec<f64>, effect: Effect) {
    match effect {
        Effect::Share(Shared { epoch, floor, number, committed, until, by }) => times(rows, 0, epoch, floor, number, committed, until, by),
        Effect::Wait(number) => whole(rows, 1, number, 0, 0),
        Effect::Now(outcome) => whole(rows, 2, outcome as u32, 0, 0),
        Effect::State(State::NotLoggedIn) => whole(rows, 3, 0, 0, 0),
        Effect::State(State::Establishing) => whole(rows, 3, 1, 0, 0),
        Effect::State(State::Established) => whole(rows, 3, 2, 0, 0),
        Effect::State(State::TokenExpired) => whole(rows, 3, 3, 0, 0),
        Effect::State(State::Terminated(reason)) => whole(rows, 3, 4, reason as u32, 0),
        Effect::Hold(id) => whole(rows, 4, id, 0, 0),
        Effect::Fresh(fresh, expires, suspect) => times(rows, 5, fresh, expires, u32::from(suspect).into(), 0.0, 0.0, 0.0),
        Effect::Timer(at) => times(rows, 6, at, 0.0, 0.0, 0.0, 0.0, 0.0),
        Effect::Lock(ticket) => whole(rows, 7, ticket, 0, 0),
        Effect::Find(ticket) => whole(rows, 8, ticket, 0, 0),
        Effect::Save(Record { id, epoch, number, offset, .. }) => times(rows, 9, id.into(), epoch, number, offset, 0.0, 0.0),
        Effect::Clear => whole(rows, 10, 0, 0, 0),
        Effect::Tell(Message::Changed, id) => whole(rows, 11, 0, 0, id),
        Effect::Tell(Message::Ask, _) => whole(rows, 11, 1, 0, 0),
        Effect::Tell(Message::Overtaken(at), _) => times(rows, 11, 2.0, at, 0.0, 0.0, 0.0, 0.0),
        Effect::Credential(ticket, afresh, renews) => whole(rows, 12, ticket, afresh.into(), renews.into()),
        Effect::Session(ticket, renews) => whole(rows, 13, ticket, renews.into(), 0),
        Effect::Verify(ticket, id) => whole(rows, 14, ticket, id, 0),
        Effect::Revoke(id) => whole(rows, 15, id, 0, 0),
        Effect::Forget(id) => whole(rows, 16, id, 0, 0),
        Effect::Done(number, outcome) => whole(rows, 17, number, outcome as u32, 0),
        Effect::Renewed(own) => whole(rows, 18, own.into(), 0, 0),
        Effect::Failed(at) => times(rows, 19, at, 0.0, 0.0, 0.0, 0.0, 0.0),
    }
}
