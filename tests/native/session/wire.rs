//! The numbers that JavaScript shares: every code decodes to the event that it names, and the
//! numbers that lie on disk or are broadcast are pinned, because another version of the package
//! reads them.

use crate::support::{definite, transient, ADA, LIFETIME, START};
use social_plus_auth::session::wire::{
    EventCode, Input, MessageCode, RecordNumber, SettingNumber, SharedNumber, RECORD_VERSION,
};
use social_plus_auth::session::{
    Claim, Event, Last, Message, Reason, Record, ServiceError, Settings, Shared,
};

/// The input of a step, as JavaScript gives it.
#[derive(Default)]
struct Given {
    arguments: Vec<f64>,
    record: Option<Record>,
    error: Option<ServiceError>,
}

impl Input for Given {
    fn shared(&self, _number: SharedNumber) -> f64 {
        0.0
    }

    fn record(&self, number: RecordNumber) -> f64 {
        let Some(record) = self.record else {
            return 0.0;
        };
        match number {
            RecordNumber::Id => record.id.into(),
            RecordNumber::Epoch => record.epoch,
            RecordNumber::Sequence => record.sequence,
            RecordNumber::IssuedAt => record.issued_at,
            RecordNumber::ExpiresAt => record.expires_at,
            RecordNumber::Kind => record.identity.kind.into(),
            RecordNumber::User => record.identity.user.into(),
            RecordNumber::ClockOffset => record.clock_offset,
        }
    }

    fn argument(&self, position: usize) -> f64 {
        self.arguments.get(position).copied().unwrap_or(0.0)
    }

    fn error(&self) -> Option<ServiceError> {
        self.error
    }
}

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
    last: Last::Committed { epoch: 1024.0 },
    claim: Claim::Held {
        owner: 7,
        expires_at: START + 1.5,
    },
};

fn decode(code: EventCode, arguments: &[f64]) -> Option<Event> {
    decode_with(code, arguments, None, None)
}

fn decode_with(
    code: EventCode,
    arguments: &[f64],
    record: Option<Record>,
    error: Option<ServiceError>,
) -> Option<Event> {
    let given = Given {
        arguments: arguments.to_vec(),
        record,
        error,
    };
    Event::decode(code as u8, &given)
}

#[test]
fn every_event_code_decodes() {
    for (name, code) in EventCode::TABLE.codes {
        let given = Given {
            arguments: vec![1.0; 8],
            record: Some(RECORD),
            error: Some(transient(0.0)),
        };
        let event = Event::decode(u8::try_from(*code).unwrap(), &given);
        assert!(event.is_some(), "{name}");
    }
    assert_eq!(Event::decode(u8::MAX, &Given::default()), None);
}

#[test]
fn an_event_without_arguments_decodes() {
    let plain = |code| decode(code, &[]);
    assert_eq!(plain(EventCode::Resume), Some(Event::Resume));
    assert_eq!(plain(EventCode::Renew), Some(Event::Renew));
    assert_eq!(plain(EventCode::SecureLogout), Some(Event::SecureLogout));
    assert_eq!(plain(EventCode::Timer), Some(Event::Timer));
    assert_eq!(plain(EventCode::Close), Some(Event::Close));
}

#[test]
fn a_call_decodes_with_its_arguments() {
    let login = Event::Login {
        identity: ADA,
        needs_request: true,
    };
    assert_eq!(decode(EventCode::Login, &[0.0, 1.0, 1.0]), Some(login));
    let min_validity_ms = 60_000.0;
    let token = Event::AccessToken { min_validity_ms };
    assert_eq!(decode(EventCode::AccessToken, &[60_000.0]), Some(token));
    let refused = Event::Unauthorized { session: 5 };
    assert_eq!(decode(EventCode::Unauthorized, &[5.0]), Some(refused));
    let logout = Event::Logout { revoke: true };
    assert_eq!(decode(EventCode::Logout, &[1.0]), Some(logout));
    let wake = Event::Wake { is_online: false };
    assert_eq!(decode(EventCode::Wake, &[0.0]), Some(wake));
}

#[test]
fn the_outcome_of_an_effect_decodes_with_its_ticket() {
    let locked = Event::Locked {
        ticket: 9,
        is_granted: true,
    };
    assert_eq!(decode(EventCode::Locked, &[9.0, 1.0]), Some(locked));
    let credential = |result| Some(Event::Credential { ticket: 9, result });
    let given = decode(EventCode::Credential, &[9.0, 1.0]);
    assert_eq!(given, credential(Ok(true)));
    let missing = decode(EventCode::NoCredential, &[9.0, 250.0]);
    assert_eq!(missing, credential(Err(250.0)));
    let attempt = Event::Attempt {
        ticket: 9,
        timeout_ms: 11_000.0,
        has_lost_request: true,
    };
    let arguments = [9.0, 11_000.0, 1.0];
    assert_eq!(decode(EventCode::Attempt, &arguments), Some(attempt));
    let (at, took_ms) = (START, 20.0);
    let date = Event::ServerDate { at, took_ms };
    assert_eq!(decode(EventCode::ServerDate, &[at, took_ms]), Some(date));
}

#[test]
fn a_record_decodes_with_its_event() {
    let record = Some(RECORD);
    let adopted = decode_with(EventCode::Adopt, &[], record, None);
    assert_eq!(adopted, Some(Event::Adopt(RECORD)));
    let loaded = |record| Some(Event::Loaded { ticket: 9, record });
    let found = decode_with(EventCode::Loaded, &[9.0], record, None);
    assert_eq!(found, loaded(record));
    assert_eq!(decode(EventCode::Loaded, &[9.0]), loaded(None));
    let session = Event::Session {
        ticket: 9,
        result: Ok(RECORD),
        took_ms: 20.0,
    };
    let answered = decode_with(EventCode::Session, &[9.0, 20.0], record, None);
    assert_eq!(answered, Some(session));
}

#[test]
fn an_event_without_its_record_or_error_is_refused() {
    assert_eq!(decode(EventCode::Adopt, &[]), None);
    assert_eq!(decode(EventCode::Session, &[9.0, 20.0]), None);
    assert_eq!(decode(EventCode::NoSession, &[9.0, 20.0]), None);
}

#[test]
fn an_error_decodes_with_its_event() {
    let error = definite(Reason::GlobalBan);
    let failed = Event::Session {
        ticket: 9,
        result: Err(error),
        took_ms: 20.0,
    };
    let decoded = decode_with(EventCode::NoSession, &[9.0, 20.0], None, Some(error));
    assert_eq!(decoded, Some(failed));
    for error in [None, Some(error)] {
        let result = error.map_or(Ok(()), Err);
        let verified = Event::Verified { ticket: 9, result };
        let decoded = decode_with(EventCode::Verified, &[9.0], None, error);
        assert_eq!(decoded, Some(verified));
        let revoked = Event::Revoked { session: 9, result };
        let decoded = decode_with(EventCode::Revoked, &[9.0], None, error);
        assert_eq!(decoded, Some(revoked));
    }
}

#[test]
fn a_message_decodes_with_the_shared_numbers_of_its_sender() {
    let messages = [
        (MessageCode::Changed, Message::Changed),
        (MessageCode::RequestSession, Message::RequestSession),
        (
            MessageCode::Discarded,
            Message::Discarded { issued_at: START },
        ),
    ];
    for (code, message) in messages {
        let mut arguments = vec![f64::from(code as u8), START];
        arguments.extend(SHARED.to_numbers());
        let decoded = decode_with(EventCode::Message, &arguments, Some(RECORD), None);
        let event = Event::Message {
            message,
            shared: SHARED,
            record: Some(RECORD),
        };
        assert_eq!(decoded, Some(event));
    }
}

#[test]
fn a_message_of_an_unknown_code_is_refused() {
    assert_eq!(decode(EventCode::Message, &[3.0]), None);
}

#[test]
fn settings_decode_from_their_numbers_and_flags() {
    let decode = |flags: f64| {
        Settings::decode(|number| match number {
            SettingNumber::Tab => 4.0,
            SettingNumber::Device => 7.0,
            SettingNumber::TimeoutMs => 10_000.0,
            SettingNumber::Flags => flags,
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
    assert_eq!(decode(0.0), worker);
    let page = Settings {
        is_shared: true,
        hands_over: true,
        has_background: true,
        ..worker
    };
    assert_eq!(decode(7.0), page);
    let is_shared = true;
    assert_eq!(
        decode(1.0),
        Settings {
            is_shared,
            ..worker
        }
    );
    let hands_over = true;
    assert_eq!(
        decode(2.0),
        Settings {
            hands_over,
            ..worker
        }
    );
}

#[test]
fn the_numbers_of_a_message_on_the_channel_are_pinned() {
    let codes = [("Changed", 0), ("RequestSession", 1), ("Discarded", 2)];
    assert_eq!(MessageCode::TABLE.codes, codes);
}

#[test]
fn the_numbers_of_a_reason_on_disk_are_pinned() {
    let codes = [("Unauthorized", 1), ("GlobalBan", 2), ("UserDeleted", 3)];
    assert_eq!(Reason::TABLE.codes, codes);
}

#[test]
fn the_order_of_the_shared_numbers_on_disk_is_pinned() {
    let numbers = [1025.0, 512.0, 2.0, 1024.0, START + 1.5, 7.0];
    assert_eq!(SHARED.to_numbers(), numbers);
    assert_eq!(
        Shared::from_numbers(|number| numbers[number as usize]),
        SHARED
    );
    assert_eq!(SharedNumber::LENGTH, 6);
}

#[test]
fn the_version_of_the_stored_record_is_pinned() {
    assert_eq!(RECORD_VERSION, 1.0);
}
