//! Effects as rows of seven numbers: one for the effect, as `shared/session-words.js` names it, and six of its own. Written where they arise, for nothing
//! else than numbers leaves the artifact; there is no list of effects in it.

use super::parts::{Effect, Message, Record, Shared, State};
use alloc::vec::Vec;

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
