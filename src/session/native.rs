//! Encodes events in the same way as JavaScript, for native hosts (the simulation and the tests).

use super::dispatch::{Input, MESSAGE_SHARED_POSITION};
use super::verdict::ServiceError;
use super::wire::{EventCode, RecordNumber, SharedNumber};
use super::{Event, Record};

/// An event encoded as JavaScript encodes it, for native hosts.
#[derive(Debug)]
pub struct EncodedEvent {
    /// The number of the [`EventCode`].
    pub code: u8,
    arguments: [f64; MESSAGE_SHARED_POSITION + SharedNumber::LENGTH],
    record: [f64; RecordNumber::LENGTH],
    error: Option<ServiceError>,
}

impl Input for EncodedEvent {
    fn record(&self, number: RecordNumber) -> f64 {
        self.record.get(number as usize).copied().unwrap_or(0.0)
    }

    fn argument(&self, position: usize) -> f64 {
        self.arguments.get(position).copied().unwrap_or(0.0)
    }

    fn error(&self) -> ServiceError {
        self.error.unwrap_or(ServiceError::NETWORK)
    }
}

impl Event {
    /// Encodes the event in the same way as JavaScript, so that native hosts run the shipped
    /// decoder. Only an error stays a [`ServiceError`]; JavaScript passes it as arguments.
    pub fn encode(&self) -> EncodedEvent {
        use EventCode as Code;
        let flag = |is_set: bool| f64::from(u8::from(is_set));
        let mut record = None;
        let mut error = None;
        let mut sender_shared = [0.0; SharedNumber::LENGTH];
        let (code, first, second, third) = match *self {
            Event::Resume => (Code::Resume, 0.0, 0.0, 0.0),
            Event::Login {
                identity,
                needs_request,
            } => (
                Code::Login,
                identity.kind.into(),
                identity.user.into(),
                flag(needs_request),
            ),
            Event::Adopt(adopted) => {
                record = Some(adopted);
                (Code::Adopt, 0.0, 0.0, 0.0)
            }
            Event::AccessToken { min_validity_ms } => {
                (Code::AccessToken, min_validity_ms, 0.0, 0.0)
            }
            Event::Renew => (Code::Renew, 0.0, 0.0, 0.0),
            Event::Unauthorized { session } => (Code::Unauthorized, session.into(), 0.0, 0.0),
            Event::Logout { revoke } => (Code::Logout, flag(revoke), 0.0, 0.0),
            Event::SecureLogout => (Code::SecureLogout, 0.0, 0.0, 0.0),
            Event::Wake { is_online } => (Code::Wake, flag(is_online), 0.0, 0.0),
            Event::StorageChanged { is_session } => {
                (Code::StorageChanged, flag(is_session), 0.0, 0.0)
            }
            Event::Timer => (Code::Timer, 0.0, 0.0, 0.0),
            Event::Locked { ticket, is_granted } => {
                (Code::Locked, ticket.into(), flag(is_granted), 0.0)
            }
            Event::Loaded {
                ticket,
                record: found,
            } => {
                record = found;
                (Code::Loaded, ticket.into(), 0.0, 0.0)
            }
            Event::Message {
                message,
                shared,
                record: sent,
            } => {
                record = sent;
                sender_shared = shared.to_numbers();
                let (code, argument) = message.to_numbers();
                (Code::Message, code, argument, 0.0)
            }
            Event::Credential { ticket, result } => match result {
                Ok(has_credential) => (Code::Credential, ticket.into(), flag(has_credential), 0.0),
                Err(retry_after_ms) => (Code::NoCredential, ticket.into(), retry_after_ms, 0.0),
            },
            Event::Attempt {
                ticket,
                timeout_ms,
                has_lost_request,
            } => (
                Code::Attempt,
                ticket.into(),
                timeout_ms,
                flag(has_lost_request),
            ),
            Event::Session {
                ticket,
                result,
                took_ms,
            } => {
                record = result.ok();
                error = result.err();
                let code = if result.is_ok() {
                    Code::Session
                } else {
                    Code::NoSession
                };
                (code, ticket.into(), took_ms, 0.0)
            }
            Event::Verified { ticket, result } => {
                error = result.err();
                let code = if result.is_ok() {
                    Code::Verified
                } else {
                    Code::NotVerified
                };
                (code, ticket.into(), 0.0, 0.0)
            }
            Event::Revoked { session, result } => {
                error = result.err();
                let code = if result.is_ok() {
                    Code::Revoked
                } else {
                    Code::NotRevoked
                };
                (code, session.into(), 0.0, 0.0)
            }
            Event::ServerDate { at, took_ms } => (Code::ServerDate, at, took_ms, 0.0),
            Event::Close => (Code::Close, 0.0, 0.0, 0.0),
        };
        let [a, b, c, d, e, f] = sender_shared;
        let arguments = if code == Code::Message {
            [first, second, a, b, c, d, e, f]
        } else {
            [first, second, third, 0.0, 0.0, 0.0, 0.0, 0.0]
        };
        EncodedEvent {
            code: code as u8,
            arguments,
            record: record.map_or([0.0; RecordNumber::LENGTH], |record| record.to_numbers()),
            error,
        }
    }
}

impl Record {
    /// Encodes the record, in the order of [`RecordNumber`].
    pub fn to_numbers(&self) -> [f64; RecordNumber::LENGTH] {
        [
            self.id.into(),
            self.epoch,
            self.sequence,
            self.issued_at,
            self.expires_at,
            self.identity.kind.into(),
            self.identity.user.into(),
            self.clock_offset,
        ]
    }
}
