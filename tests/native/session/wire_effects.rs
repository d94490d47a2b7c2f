//! Tests how effects are encoded for JavaScript: each as one row with a code and arguments.

use crate::support::START;
use crate::wire::{RECORD, SHARED};
use social_plus_auth::session::wire::{EffectCode, Rows, SharedNumber};
use social_plus_auth::session::{Effect, Message, Outcome, Reason, State};
use std::collections::BTreeSet;

/// Collects the rows of encoded effects.
#[derive(Default)]
struct Encoded(Vec<(EffectCode, Vec<f64>)>);

impl Rows for Encoded {
    fn push_small(&mut self, code: EffectCode, arguments: [u32; 3]) {
        self.0.push((code, arguments.map(f64::from).to_vec()));
    }

    fn push_wide(&mut self, code: EffectCode, arguments: [f64; SharedNumber::LENGTH]) {
        self.0.push((code, arguments.to_vec()));
    }
}

/// Returns every effect with its expected code and arguments, without trailing zeros.
fn effects() -> Vec<(Effect, EffectCode, Vec<f64>)> {
    use EffectCode as Code;
    let banned = State::Terminated(Reason::GlobalBan);
    let validity = Effect::Validity {
        fresh_until: 1.5,
        expires_at: 2.5,
        max_validity_ms: 3.5,
        is_suspected: true,
    };
    let discarded = Effect::Broadcast {
        message: Message::Discarded { issued_at: START },
        session: 3,
    };
    let credential = Effect::Credential {
        ticket: 9,
        is_retry: true,
        is_renewal: true,
    };
    let create = Effect::CreateSession {
        ticket: 9,
        is_renewal: true,
    };
    let verify = Effect::Verify {
        ticket: 9,
        session: 3,
    };
    let failed = Effect::RenewalFailed {
        next_attempt_at: START,
    };
    let shared = SHARED.to_numbers();
    let record_row: &[f64] = &[3.0, 2049.0, 4.0, -0.5];
    vec![
        (
            Effect::WriteShared(shared),
            Code::WriteShared,
            shared.to_vec(),
        ),
        (Effect::Wait(9), Code::Wait, vec![9.0]),
        (Effect::Reply(Outcome::Closed), Code::Reply, vec![5.0]),
        (Effect::State(banned), Code::State, vec![4.0, 2.0]),
        (Effect::Current(3), Code::Current, vec![3.0]),
        (validity, Code::Validity, vec![1.5, 2.5, 3.5, 1.0]),
        (Effect::Timer(1.5), Code::Timer, vec![1.5]),
        (Effect::Lock { ticket: 9 }, Code::Lock, vec![9.0]),
        (Effect::Load { ticket: 9 }, Code::Load, vec![9.0]),
        (Effect::Save(RECORD), Code::Save, record_row.to_vec()),
        (Effect::Clear, Code::Clear, vec![]),
        (discarded, Code::Broadcast, vec![2.0, START, 3.0]),
        (credential, Code::Credential, vec![9.0, 1.0, 1.0]),
        (create, Code::CreateSession, vec![9.0, 1.0]),
        (Effect::Abort { ticket: 9 }, Code::Abort, vec![9.0]),
        (verify, Code::Verify, vec![9.0, 3.0]),
        (Effect::Revoke(3), Code::Revoke, vec![3.0]),
        (Effect::Forget(3), Code::Forget, vec![3.0]),
        (
            Effect::Settle(9, Outcome::Superseded),
            Code::Settle,
            vec![9.0, 2.0],
        ),
        (
            Effect::Renewed { by_this_tab: true },
            Code::Renewed,
            vec![1.0],
        ),
        (failed, Code::RenewalFailed, vec![START]),
    ]
}

#[test]
fn every_effect_is_encoded_as_one_row_with_its_code_and_arguments() {
    for (effect, code, arguments) in effects() {
        let mut rows = Encoded::default();
        effect.encode(&mut rows);
        let [(encoded, row)] = rows.0.as_slice() else {
            panic!("{effect:?}: {:?}", rows.0)
        };
        assert_eq!(*encoded, code, "{effect:?}");
        let (given, rest) = row.split_at(arguments.len());
        assert_eq!(given, arguments, "{effect:?}");
        assert!(rest.iter().all(|number| *number == 0.0), "{effect:?}");
    }
}

#[test]
fn every_effect_code_is_encoded() {
    let encoded: BTreeSet<i64> = effects().iter().map(|(_, code, _)| *code as i64).collect();
    let declared: BTreeSet<i64> = EffectCode::TABLE
        .codes
        .iter()
        .map(|(_, code)| *code)
        .collect();
    assert_eq!(encoded, declared);
}
