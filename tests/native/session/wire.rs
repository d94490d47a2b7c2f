//! Tests the numbers that Rust and JavaScript share. A native host encodes each event as JavaScript
//! does, and the machine ignores events and messages that it does not know. Numbers that are stored
//! or broadcast must never change, because other versions of the package read them.

use crate::support::{definite, settings, ADA, LIFETIME, START};
use social_plus_auth::session::wire::{
    EventCode, Flag, Input, MessageCode, RecordNumber, SettingNumber, SharedNumber, RECORD_VERSION,
};
use social_plus_auth::session::{
    Claim, Effect, Event, LastSession, Machine, Message, Now, Reason, Record, ServiceError,
    Settings, Shared, Sink, State,
};
use std::collections::BTreeSet;

pub(crate) const RECORD: Record = Record {
    id: 3,
    epoch: 2049.0,
    sequence: 4.0,
    issued_at: START,
    expires_at: START + LIFETIME,
    identity: ADA,
    clock_offset: -0.5,
};

pub(crate) const SHARED: Shared = Shared {
    epoch: 1025.0,
    min_epoch: 512.0,
    sequence: 2.0,
    last: LastSession::Committed { epoch: 1024.0 },
    claim: Claim::Held {
        owner: 7,
        expires_at: START + 1.5,
    },
};

const NOW: Now = Now {
    wall: START,
    mono: 1_000.0,
};

/// The number of arguments of the longest event: a message with its shared numbers.
const MAX_ARGUMENTS: usize = 8;

/// Returns every event with its expected code and arguments, without trailing zeros.
fn events() -> Vec<(Event, EventCode, Vec<f64>)> {
    use EventCode as Code;
    let banned: ServiceError = definite(Reason::GlobalBan);
    let (ticket, record, took_ms) = (9, Some(RECORD), 20.0);
    let login = Event::Login {
        identity: ADA,
        needs_request: true,
    };
    let token = Event::AccessToken {
        min_validity_ms: 60_000.0,
    };
    let is_granted = true;
    let attempt = Event::Attempt {
        ticket,
        timeout_ms: 11_000.0,
        has_lost_request: true,
    };
    let credential = |result| Event::Credential { ticket, result };
    let session = |result| Event::Session {
        ticket,
        result,
        took_ms,
    };
    let verified = |result| Event::Verified { ticket, result };
    let revoked = |result| Event::Revoked { session: 3, result };
    let at = START;
    let message = Event::Message {
        message: Message::Discarded { issued_at: START },
        shared: SHARED,
        record,
    };
    let mut sent = vec![2.0, START];
    sent.extend(SHARED.to_numbers());
    vec![
        (Event::Resume, Code::Resume, vec![]),
        (login, Code::Login, vec![0.0, 1.0, 1.0]),
        (Event::Adopt(RECORD), Code::Adopt, vec![]),
        (token, Code::AccessToken, vec![60_000.0]),
        (Event::Renew, Code::Renew, vec![]),
        (
            Event::Unauthorized { session: 3 },
            Code::Unauthorized,
            vec![3.0],
        ),
        (Event::Logout { revoke: true }, Code::Logout, vec![1.0]),
        (Event::SecureLogout, Code::SecureLogout, vec![]),
        (Event::Wake { is_online: true }, Code::Wake, vec![1.0]),
        (
            Event::StorageChanged { is_session: true },
            Code::StorageChanged,
            vec![1.0],
        ),
        (Event::Timer, Code::Timer, vec![]),
        (
            Event::Locked { ticket, is_granted },
            Code::Locked,
            vec![9.0, 1.0],
        ),
        (Event::Loaded { ticket, record }, Code::Loaded, vec![9.0]),
        (message, Code::Message, sent),
        (credential(Ok(true)), Code::Credential, vec![9.0, 1.0]),
        (credential(Err(250.0)), Code::NoCredential, vec![9.0, 250.0]),
        (attempt, Code::Attempt, vec![9.0, 11_000.0, 1.0]),
        (session(Ok(RECORD)), Code::Session, vec![9.0, took_ms]),
        (session(Err(banned)), Code::NoSession, vec![9.0, took_ms]),
        (verified(Ok(())), Code::Verified, vec![9.0]),
        (verified(Err(banned)), Code::NotVerified, vec![9.0]),
        (revoked(Ok(())), Code::Revoked, vec![3.0]),
        (revoked(Err(banned)), Code::NotRevoked, vec![3.0]),
        (
            Event::ServerDate { at, took_ms },
            Code::ServerDate,
            vec![at, took_ms],
        ),
        (Event::Close, Code::Close, vec![]),
    ]
}

#[test]
fn every_event_is_encoded_with_its_code_and_arguments() {
    for (event, code, arguments) in events() {
        let encoded = event.encode();
        assert_eq!(encoded.code, code as u8, "{event:?}");
        let given: Vec<f64> = (0..MAX_ARGUMENTS).map(|at| encoded.argument(at)).collect();
        let (given, rest) = given.split_at(arguments.len());
        assert_eq!(given, arguments, "{event:?}");
        assert!(rest.iter().all(|number| *number == 0.0), "{event:?}");
    }
}

#[test]
fn every_event_code_is_encoded() {
    let encoded: BTreeSet<i64> = events().iter().map(|(_, code, _)| *code as i64).collect();
    let declared = EventCode::TABLE.codes.iter().map(|(_, code)| *code);
    assert_eq!(encoded, declared.collect());
}

#[test]
fn an_event_is_encoded_with_its_record() {
    let encoded = Event::Adopt(RECORD).encode();
    assert_eq!(encoded.record(RecordNumber::Id), 3.0);
    assert_eq!(encoded.record(RecordNumber::Epoch), 2049.0);
    assert_eq!(encoded.record(RecordNumber::Sequence), 4.0);
    assert_eq!(encoded.record(RecordNumber::IssuedAt), START);
    assert_eq!(encoded.record(RecordNumber::ExpiresAt), START + LIFETIME);
    assert_eq!(encoded.record(RecordNumber::Kind), 0.0);
    assert_eq!(encoded.record(RecordNumber::User), 1.0);
    assert_eq!(encoded.record(RecordNumber::ClockOffset), -0.5);
}

#[test]
fn an_event_is_encoded_with_its_error() {
    let error = definite(Reason::GlobalBan);
    let result = Err(error);
    let encoded = Event::Verified { ticket: 9, result }.encode();
    assert_eq!(encoded.error(), error);
}

/// Collects the effects of a machine.
#[derive(Default)]
struct Effects(Vec<Effect>);

impl Sink for &mut Effects {
    fn put(&mut self, effect: Effect) {
        self.0.push(effect);
    }
}

/// The input of an event with these arguments and without a record.
struct Arguments([f64; 3]);

impl Input for Arguments {
    fn record(&self, _number: RecordNumber) -> f64 {
        0.0
    }

    fn argument(&self, position: usize) -> f64 {
        self.0.get(position).copied().unwrap_or(0.0)
    }

    fn error(&self) -> ServiceError {
        definite(Reason::GlobalBan)
    }
}

/// Gives a new machine one event, and asserts that no user is signed in afterwards. Returns the
/// effects, except timers and validities.
fn handle(code: u8, arguments: [f64; 3]) -> Vec<Effect> {
    let mut effects = Effects::default();
    let mut machine = Machine::with_sink(&mut effects, settings(1), NOW);
    machine.handle(
        NOW,
        (Shared::default().to_numbers(), false),
        code,
        &Arguments(arguments),
    );
    assert_eq!(machine.state(), State::NotLoggedIn);
    drop(machine);
    let is_omitted = |effect: &Effect| matches!(effect, Effect::Validity { .. } | Effect::Timer(_));
    effects.0.retain(|effect| !is_omitted(effect));
    effects.0
}

#[test]
fn an_event_with_an_unknown_code_does_nothing() {
    assert_eq!(handle(u8::MAX, [0.0; 3]), []);
}

#[test]
fn a_message_with_an_unknown_code_does_nothing() {
    assert_eq!(handle(EventCode::Message as u8, [3.0, 0.0, 0.0]), []);
}

#[test]
fn an_event_that_lacks_its_record_does_nothing() {
    assert_eq!(handle(EventCode::Adopt as u8, [0.0; 3]), []);
    assert_eq!(handle(EventCode::Session as u8, [9.0, 20.0, 0.0]), []);
}

#[test]
fn settings_decode_from_their_numbers_and_flags() {
    let decode = |flags: &[Flag]| {
        let sum: u8 = flags.iter().map(|flag| *flag as u8).sum();
        Settings::decode(|number| match number {
            SettingNumber::Tab => 4.0,
            SettingNumber::Device => 7.0,
            SettingNumber::TimeoutMs => 10_000.0,
            SettingNumber::Flags => f64::from(sum),
            SettingNumber::Wall | SettingNumber::Monotonic => 0.0,
        })
    };
    let worker = Settings {
        tab: 4,
        device: 7,
        timeout_ms: 10_000.0,
        is_shared: false,
        hands_over: false,
        has_background: false,
    };
    assert_eq!(decode(&[]), worker);
    let (is_shared, hands_over, has_background) = (true, true, true);
    let page = Settings {
        is_shared,
        hands_over,
        has_background,
        ..worker
    };
    assert_eq!(
        decode(&[Flag::Shared, Flag::HandsOver, Flag::Background]),
        page
    );
    assert_eq!(
        decode(&[Flag::Shared]),
        Settings {
            is_shared,
            ..worker
        }
    );
    assert_eq!(
        decode(&[Flag::HandsOver]),
        Settings {
            hands_over,
            ..worker
        }
    );
    let background = Settings {
        has_background,
        ..worker
    };
    assert_eq!(decode(&[Flag::Background]), background);
}

#[test]
fn the_broadcast_codes_of_messages_do_not_change() {
    let codes = [("Changed", 0), ("RequestSession", 1), ("Discarded", 2)];
    assert_eq!(MessageCode::TABLE.codes, codes);
}

#[test]
fn the_stored_codes_of_reasons_do_not_change() {
    let codes = [("Unauthorized", 1), ("GlobalBan", 2), ("UserDeleted", 3)];
    assert_eq!(Reason::TABLE.codes, codes);
}

#[test]
fn the_stored_order_of_the_shared_numbers_does_not_change() {
    let numbers = [1025.0, 512.0, 2.0, 1024.0, START + 1.5, 7.0];
    assert_eq!(SHARED.to_numbers(), numbers);
    assert_eq!(Shared::from_numbers(numbers), SHARED);
    assert_eq!(SharedNumber::LENGTH, 6);
}

#[test]
fn the_version_of_the_stored_record_does_not_change() {
    assert_eq!(RECORD_VERSION, 1.0);
}
