//! Decodes the event of a step from its numbers and dispatches it. JavaScript and native hosts pass
//! the same numbers, so that the simulation runs the shipped code.

use super::verdict::ServiceError;
use super::wire::{to_code, EventCode, MessageCode, RecordNumber, SharedNumbers};
use super::{Identity, Machine, Message, Now, Outcome, Record, Shared, Sink};
use core::array::from_fn;

/// Reads the values of one event, from JavaScript or from an
/// [`EncodedEvent`](super::wire::EncodedEvent).
pub trait Input {
    /// Returns a number of the event's record; 0 if the event has no record.
    fn record(&self, number: RecordNumber) -> f64;
    /// Returns an argument of the event; 0 if the event has fewer arguments.
    fn argument(&self, position: usize) -> f64;
    /// Returns the error of a failed call.
    fn error(&self) -> ServiceError;
}

/// The position of the sender's shared numbers among the arguments of a message.
pub(super) const MESSAGE_SHARED_POSITION: usize = 2;

fn decode_record(input: &impl Input) -> Option<Record> {
    let number = |number| input.record(number);
    let id = number(RecordNumber::Id) as u32;
    let times = number(RecordNumber::IssuedAt)
        + number(RecordNumber::ExpiresAt)
        + number(RecordNumber::ClockOffset);
    (id > 0 && times.is_finite()).then(|| Record {
        id,
        epoch: number(RecordNumber::Epoch),
        sequence: number(RecordNumber::Sequence),
        issued_at: number(RecordNumber::IssuedAt),
        expires_at: number(RecordNumber::ExpiresAt),
        identity: Identity {
            kind: to_code(number(RecordNumber::Kind)),
            user: number(RecordNumber::User) as u32,
        },
        clock_offset: number(RecordNumber::ClockOffset),
    })
}

impl<S: Sink> Machine<S> {
    /// Handles the event with this code and sends the effects to the sink. `stored` holds the
    /// stored shared numbers. `is_obsolete` tells whether the host has met a later version of the
    /// shared state. Ignores an event with an unknown code. If the event lacks a
    /// record that it needs, or is an unknown message, only updates the clock, merges the shared
    /// numbers and does what is due.
    pub fn handle(
        &mut self,
        now: Now,
        (stored, is_obsolete): (SharedNumbers, bool),
        code: u8,
        input: &impl Input,
    ) {
        let Some(code) = EventCode::from_code(code) else {
            return;
        };
        let mut seen = Shared::from_numbers(stored);
        // The highest sequence known to the tab that last raised `min_epoch`. That tab cannot have
        // revoked a later session.
        let mut sequence = seen.sequence;
        let mut learnt = stored;
        if code == EventCode::Message {
            // A message may arrive before this process sees the sender's write to storage.
            let sent = from_fn(|at| input.argument(MESSAGE_SHARED_POSITION + at));
            let sent = Shared::from_numbers(sent);
            if sent.min_epoch > seen.min_epoch {
                sequence = sent.sequence;
            }
            seen = seen.merge_sent(sent, self.settings.tab);
            learnt = seen.to_numbers();
        }
        if is_obsolete {
            self.become_obsolete();
        }
        if self.is_obsolete {
            seen = self.stable_part_of(seen);
        }
        self.start_step(now, seen);
        let ended = self.apply_shared(sequence);
        self.dispatch(code, input);
        if code != EventCode::Close {
            self.advance();
        }
        self.finish_step(stored, learnt, ended);
    }

    fn dispatch(&mut self, code: EventCode, input: &impl Input) {
        let (first, second, third) = (input.argument(0), input.argument(1), input.argument(2));
        let ticket = first as u32;
        let mut found = decode_record(input);
        match code {
            EventCode::Adopt | EventCode::Logout | EventCode::SecureLogout if self.is_obsolete => {
                self.forget(found.map_or(0, |record| record.id));
                self.reply(Outcome::Unsupported);
            }
            EventCode::Resume => self.on_resume(),
            EventCode::Login => {
                let identity = Identity {
                    kind: to_code(first),
                    user: second as u32,
                };
                self.on_login(identity, third > 0.0);
            }
            EventCode::Adopt => {
                if let Some(record) = found {
                    self.on_adopt(record);
                }
            }
            EventCode::AccessToken => self.on_access_token(first),
            EventCode::Renew => self.on_renew(),
            EventCode::Unauthorized => self.on_unauthorized(ticket),
            EventCode::Logout => self.on_logout(first > 0.0),
            EventCode::SecureLogout => self.on_secure_logout(),
            EventCode::Wake => self.on_wake(first > 0.0),
            EventCode::StorageChanged => self.on_storage_changed(first > 0.0),
            EventCode::Timer => {}
            EventCode::Locked => self.on_locked(ticket, second > 0.0),
            EventCode::Loaded => self.on_loaded(ticket, found.as_ref()),
            EventCode::Message => {
                let message = match MessageCode::from_code(to_code(first)) {
                    Some(MessageCode::Changed) => Message::Changed {
                        hands_over: second > 0.0,
                    },
                    Some(MessageCode::RequestSession) => Message::RequestSession {
                        is_quiet: second > 0.0,
                    },
                    Some(MessageCode::Discarded) => Message::Discarded { issued_at: second },
                    None => return,
                };
                self.on_message(message, found.as_ref());
            }
            EventCode::Credential => self.on_credential(ticket, second > 0.0),
            EventCode::NoCredential => self.on_no_credential(ticket, second),
            EventCode::Attempt => self.on_attempt(ticket, second, third > 0.0),
            EventCode::Session => {
                if let Some(record) = &mut found {
                    self.on_session(ticket, record, second);
                }
            }
            EventCode::Verified => self.on_verified(ticket),
            EventCode::NoSession | EventCode::NotVerified | EventCode::NotRevoked => {
                let error = input.error();
                match code {
                    EventCode::NoSession => self.on_no_session(ticket, &error),
                    EventCode::NotVerified => self.on_not_verified(ticket, &error),
                    _ => self.on_revoked(ticket, error.means_revoked()),
                }
            }
            EventCode::Revoked => self.on_revoked(ticket, true),
            EventCode::ServerDate => self.on_server_date(first, second),
            EventCode::Close => self.on_close(),
        }
    }
}
