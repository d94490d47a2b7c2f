//! Encodes effects as rows of numbers.

use super::wire::{EffectCode, MessageCode, SharedNumber};
use super::{Effect, Message, Record};

impl Message {
    /// Encodes the message as its code and its argument.
    pub(super) fn to_numbers(self) -> (f64, f64) {
        let (code, argument) = match self {
            Message::Changed { hands_over } => (MessageCode::Changed, u8::from(hands_over).into()),
            Message::RequestSession { is_quiet } => {
                (MessageCode::RequestSession, u8::from(is_quiet).into())
            }
            Message::Discarded { issued_at } => (MessageCode::Discarded, issued_at),
        };
        (f64::from(code as u8), argument)
    }
}

/// Receives the encoded effects, one row per effect.
pub trait Rows {
    /// Receives an effect with `u32` arguments only, which has a shorter encoding.
    fn push_small(&mut self, code: EffectCode, arguments: [u32; 3]);
    /// Receives an effect with arbitrary numbers as arguments. `WriteShared` has the most: one per
    /// shared number.
    fn push_wide(&mut self, code: EffectCode, arguments: [f64; SharedNumber::LENGTH]);
}

impl Effect {
    /// Encodes the effect as one row.
    #[inline(always)]
    pub fn encode(self, rows: &mut impl Rows) {
        use EffectCode as Code;
        match self {
            Effect::WriteShared(numbers) => rows.push_wide(Code::WriteShared, numbers),
            Effect::Wait(wait) => rows.push_small(Code::Wait, [wait, 0, 0]),
            Effect::Reply(outcome) => rows.push_small(Code::Reply, [outcome as u32, 0, 0]),
            Effect::State(state) => {
                let reason = state.reason().map_or(0, |reason| reason as u32);
                rows.push_small(Code::State, [state.code() as u32, reason, 0]);
            }
            Effect::Current(session) => rows.push_small(Code::Current, [session, 0, 0]),
            Effect::Validity {
                fresh_until,
                expires_at,
                max_validity_ms,
                is_suspected,
            } => {
                let is_suspected = f64::from(u8::from(is_suspected));
                rows.push_wide(
                    Code::Validity,
                    [
                        fresh_until,
                        expires_at,
                        max_validity_ms,
                        is_suspected,
                        0.0,
                        0.0,
                    ],
                );
            }
            Effect::Timer(at) => rows.push_wide(Code::Timer, [at, 0.0, 0.0, 0.0, 0.0, 0.0]),
            Effect::Lock { ticket } => rows.push_small(Code::Lock, [ticket, 0, 0]),
            Effect::Load { ticket } => rows.push_small(Code::Load, [ticket, 0, 0]),
            Effect::Save(Record {
                id,
                epoch,
                sequence,
                clock_offset,
                ..
            }) => {
                rows.push_wide(
                    Code::Save,
                    [id.into(), epoch, sequence, clock_offset, 0.0, 0.0],
                );
            }
            Effect::Clear => rows.push_small(Code::Clear, [0, 0, 0]),
            Effect::Broadcast { message, session } => {
                let (code, argument) = message.to_numbers();
                rows.push_wide(
                    Code::Broadcast,
                    [code, argument, session.into(), 0.0, 0.0, 0.0],
                );
            }
            Effect::Credential {
                ticket,
                is_retry,
                is_renewal,
            } => {
                rows.push_small(
                    Code::Credential,
                    [ticket, is_retry.into(), is_renewal.into()],
                );
            }
            Effect::CreateSession { ticket, is_renewal } => {
                rows.push_small(Code::CreateSession, [ticket, is_renewal.into(), 0]);
            }
            Effect::Abort { ticket } => rows.push_small(Code::Abort, [ticket, 0, 0]),
            Effect::Verify { ticket, session } => {
                rows.push_small(Code::Verify, [ticket, session, 0])
            }
            Effect::Revoke(session) => rows.push_small(Code::Revoke, [session, 0, 0]),
            Effect::Forget(session) => rows.push_small(Code::Forget, [session, 0, 0]),
            Effect::Settle(wait, outcome) => {
                rows.push_small(Code::Settle, [wait, outcome as u32, 0]);
            }
            Effect::Renewed { by_this_tab } => {
                rows.push_small(Code::Renewed, [by_this_tab.into(), 0, 0]);
            }
            Effect::RenewalFailed { next_attempt_at } => {
                rows.push_wide(
                    Code::RenewalFailed,
                    [next_attempt_at, 0.0, 0.0, 0.0, 0.0, 0.0],
                );
            }
        }
    }
}
