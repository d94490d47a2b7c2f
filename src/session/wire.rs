//! Encodes and decodes the events, effects and records that cross between JavaScript and Rust.
//! `cargo xtask build` writes `shared/session-wire.js` from these declarations.
//!
//! Tests pin the codes and layouts that tabs store or broadcast, because tabs may run different
//! versions of this package. All other codes and layouts may change.

use super::shared::is_newer;
use super::verdict::ServiceError;
#[cfg(not(target_arch = "wasm32"))]
use super::Event;
use super::{Effect, Identity, Machine, Message, Now, Record, Settings, Shared, Sink};
use crate::wire::codes;
use core::array::from_fn;

/// The tables from which the build generates the JavaScript constants.
#[cfg(not(target_arch = "wasm32"))]
pub const TABLES: &[crate::wire::Table] = &[
    EventCode::TABLE,
    EffectCode::TABLE,
    StateCode::TABLE,
    Reason::TABLE,
    Outcome::TABLE,
    MessageCode::TABLE,
    Flag::TABLE,
];

/// The layouts from which the build generates the JavaScript types.
#[cfg(not(target_arch = "wasm32"))]
pub const LAYOUTS: &[crate::wire::Layout] = &[
    SettingNumber::LAYOUT,
    SharedNumber::LAYOUT,
    RecordNumber::LAYOUT,
];

/// The names and values of the constants that belong to no table.
#[cfg(not(target_arch = "wasm32"))]
pub const CONSTANTS: &[crate::wire::Constant] = &[
    ("RECORD_VERSION", RECORD_VERSION),
    ("MAX_DRIFT_MS", super::MAX_DRIFT_MS),
    ("CLAIM_GRACE_MS", CLAIM_GRACE_MS),
];

/// The version of the stored and broadcast record.
pub const RECORD_VERSION: f64 = 1.0;

/// By how many milliseconds an attempt may exceed `timeoutMs` before another tab takes over.
pub const CLAIM_GRACE_MS: f64 = 1_000.0;

codes! {
    /// Codes of [`Event`]. Each comment lists the arguments, then the record or error, if any.
    pub enum EventCode {
        /// No arguments.
        Resume = 0,
        /// The kind, the user, and whether the login needs a request.
        Login = 1,
        /// The record.
        Adopt = 2,
        /// The minimum validity in milliseconds.
        AccessToken = 3,
        /// No arguments.
        Renew = 4,
        /// The session.
        Unauthorized = 5,
        /// Whether to revoke.
        Logout = 6,
        /// No arguments.
        SecureLogout = 7,
        /// Whether the network has come back.
        Wake = 8,
        /// No arguments.
        Timer = 9,
        /// The ticket, and whether the lock was granted.
        Locked = 10,
        /// The ticket; the record.
        Loaded = 11,
        /// The message, its time, and the sender's shared numbers; the sender's record.
        Message = 12,
        /// The ticket, and whether there is a credential.
        Credential = 13,
        /// The ticket, and the backend's `Retry-After` in milliseconds.
        NoCredential = 14,
        /// The ticket, the timeout, and whether an earlier attempt got no response.
        Attempt = 15,
        /// The ticket, and how long the response took; the record.
        Session = 16,
        /// The ticket; the error.
        NoSession = 17,
        /// The ticket.
        Verified = 18,
        /// The ticket; the error.
        NotVerified = 19,
        /// The session.
        Revoked = 20,
        /// The session; the error.
        NotRevoked = 21,
        /// The `Date` header, and how long the response took.
        ServerDate = 22,
        /// No arguments.
        Close = 23,
    }
}

codes! {
    /// Codes of [`Effect`]. Each comment lists the arguments.
    pub enum EffectCode {
        /// The shared numbers.
        WriteShared = 0,
        /// The number that the caller waits for.
        Wait = 1,
        /// The outcome.
        Reply = 2,
        /// The state and the reason, or 0.
        State = 3,
        /// The session.
        Current = 4,
        /// When the token becomes stale and when it expires, the maximum validity, and whether the
        /// expiry is only suspected.
        Validity = 5,
        /// The monotonic time at which to fire.
        Timer = 6,
        /// The ticket.
        Lock = 7,
        /// The ticket.
        Load = 8,
        /// The session, its epoch, sequence and clock offset.
        Save = 9,
        /// No arguments.
        Clear = 10,
        /// The message, its time, and the session.
        Broadcast = 11,
        /// The ticket, whether this is a retry, and whether it is for a renewal.
        Credential = 12,
        /// The ticket, and whether it is for a renewal.
        CreateSession = 13,
        /// The ticket and the session.
        Verify = 14,
        /// The session.
        Revoke = 15,
        /// The session.
        Forget = 16,
        /// The number that callers wait for, and the outcome.
        Settle = 17,
        /// Whether this tab has renewed the session.
        Renewed = 18,
        /// When the next attempt is due.
        RenewalFailed = 19,
    }
}

codes! {
    /// Codes of [`State`](super::State).
    pub enum StateCode {
        /// No user is signed in.
        NotLoggedIn = 0,
        /// A login is in flight.
        Establishing = 1,
        /// A user is signed in.
        Established = 2,
        /// A user is signed in, but the token has expired.
        TokenExpired = 3,
        /// The service has ended the session.
        Terminated = 4,
    }
}

codes! {
    /// Reasons for which the service ends a session, with the names that the service uses. Tabs
    /// store the negated number.
    pub enum Reason {
        /// The service no longer accepts the user's credentials.
        Unauthorized = 1,
        /// The user is banned from the network.
        GlobalBan = 2,
        /// The user was deleted.
        UserDeleted = 3,
    }
}

codes! {
    /// Outcomes of a call, or of the operation that it waits for.
    pub enum Outcome {
        /// The call succeeded.
        Fine = 0,
        /// The call failed with the last error of a request.
        Failed = 1,
        /// Another login or a logout superseded the call.
        Superseded = 2,
        /// No user is signed in.
        NotLoggedIn = 3,
        /// The service has ended the session.
        Terminated = 4,
        /// The client was closed.
        Closed = 5,
    }
}

codes! {
    /// Codes of [`Message`]. Tabs broadcast them.
    pub enum MessageCode {
        /// The shared numbers have changed.
        Changed = 0,
        /// The sender needs the device's session.
        RequestSession = 1,
        /// The sender has discarded a session.
        Discarded = 2,
    }
}

codes! {
    /// Bit flags of [`Settings`]. The host passes their sum.
    pub enum Flag {
        /// Other tabs may share the session.
        Shared = 1,
        /// Tabs send sessions to each other (`memory` storage).
        HandsOver = 2,
        /// The client renews and revokes in the background.
        Background = 4,
    }
}

/// Declares an array of numbers that cross the boundary together. Each variant is the index of one
/// number, `LENGTH` is the length of the array, and `LAYOUT` lists the names for the generator.
macro_rules! layout {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident { $( $(#[$field_meta:meta])* $field:ident ),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        $vis enum $name {
            $( $(#[$field_meta])* $field ),*
        }

        impl $name {
            /// The length of the array.
            $vis const LENGTH: usize = [$( $name::$field ),*].len();

            /// The names of the numbers, for the generator of the JavaScript type.
            #[cfg(not(target_arch = "wasm32"))]
            $vis const LAYOUT: $crate::wire::Layout = $crate::wire::Layout {
                name: stringify!($name),
                fields: &[$( stringify!($field) ),*],
            };
        }
    };
}

layout! {
    /// Indexes of the numbers that create a machine.
    pub enum SettingNumber {
        /// The device's clock.
        Wall,
        /// The monotonic clock.
        Monotonic,
        /// `Settings::tab`
        Tab,
        /// `Settings::device`
        Device,
        /// `Settings::timeout_ms`
        TimeoutMs,
        /// The sum of the [`Flag`]s.
        Flags,
    }
}

layout! {
    /// Indexes of the shared numbers in storage and in broadcasts.
    pub enum SharedNumber {
        /// `Shared::epoch`
        Epoch,
        /// `Shared::min_epoch`
        MinEpoch,
        /// `Shared::sequence`
        Sequence,
        /// `Shared::last`: the epoch of the committed session, 0 if it ended, or the negated
        /// [`Reason`] if the service ended it.
        CommittedEpoch,
        /// `Shared::claim`: when the claim expires, or when the pause ends.
        ClaimExpiresAt,
        /// `Shared::claim`: the tab that holds it, 0 if free, or a negative number for a pause.
        ClaimOwner,
    }
}

layout! {
    /// Indexes of the numbers of a record.
    pub enum RecordNumber {
        /// `Record::id`; 0 if there is no record.
        Id,
        /// `Record::epoch`
        Epoch,
        /// `Record::sequence`
        Sequence,
        /// `Record::issued_at`
        IssuedAt,
        /// `Record::expires_at`
        ExpiresAt,
        /// `Identity::kind`
        Kind,
        /// `Identity::user`
        User,
        /// `Record::clock_offset`
        ClockOffset,
    }
}

/// The shared numbers, in the order of [`SharedNumber`].
pub type SharedNumbers = [f64; SharedNumber::LENGTH];

/// Reads the values of one event, from wasm memory or from an [`EncodedEvent`].
pub trait Input {
    /// Returns a number of the event's record; 0 if the event has no record.
    fn record(&self, number: RecordNumber) -> f64;
    /// Returns an argument of the event; 0 if the event has fewer arguments.
    fn argument(&self, position: usize) -> f64;
    /// Returns the error of a failed call.
    fn error(&self) -> ServiceError;
}

/// The position of the sender's shared numbers among the arguments of a message.
const MESSAGE_SHARED: usize = 2;

/// Casts a number to a code. In wasm, casting through `u32` is shorter than a saturating cast.
pub(super) fn to_code(number: f64) -> u8 {
    number as u32 as u8
}

fn decode_record(input: &impl Input) -> Option<Record> {
    let number = |number| input.record(number);
    let id = number(RecordNumber::Id) as u32;
    (id > 0).then(|| Record {
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
    /// Handles the event with this code and sends its effects to the sink. `stored` holds the
    /// shared numbers. Ignores an event with an unknown code or without its record.
    pub fn handle(&mut self, now: Now, stored: SharedNumbers, code: u8, input: &impl Input) {
        let Some(code) = EventCode::from_code(code) else {
            return;
        };
        let mut seen = stored;
        if code == EventCode::Message {
            // A message may arrive before this process sees what its sender wrote.
            let sent = from_fn(|at| input.argument(MESSAGE_SHARED + at));
            if is_newer(&sent, &stored) {
                seen = sent;
            }
        }
        let ended = self.start(now, Shared::from_numbers(seen));
        self.dispatch(code, input);
        if code != EventCode::Close {
            self.advance();
        }
        self.conclude(stored, ended);
    }

    fn dispatch(&mut self, code: EventCode, input: &impl Input) {
        let (first, second, third) = (input.argument(0), input.argument(1), input.argument(2));
        let ticket = first as u32;
        let mut found = decode_record(input);
        match code {
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
            EventCode::Timer => {}
            EventCode::Locked => self.on_locked(ticket, second > 0.0),
            EventCode::Loaded => self.on_loaded(ticket, found.as_ref()),
            EventCode::Message => {
                let message = match MessageCode::from_code(to_code(first)) {
                    Some(MessageCode::Changed) => Message::Changed,
                    Some(MessageCode::RequestSession) => Message::RequestSession,
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

/// An event encoded as JavaScript encodes it, for native hosts.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Debug)]
pub struct EncodedEvent {
    /// The number of the [`EventCode`].
    pub code: u8,
    arguments: [f64; MESSAGE_SHARED + SharedNumber::LENGTH],
    record: [f64; RecordNumber::LENGTH],
    error: Option<ServiceError>,
}

#[cfg(not(target_arch = "wasm32"))]
impl Input for EncodedEvent {
    fn record(&self, number: RecordNumber) -> f64 {
        self.record.get(number as usize).copied().unwrap_or(0.0)
    }

    fn argument(&self, position: usize) -> f64 {
        self.arguments.get(position).copied().unwrap_or(0.0)
    }

    fn error(&self) -> ServiceError {
        self.error.unwrap_or(ServiceError::NONE)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Event {
    /// Encodes the event as JavaScript does, so that native hosts exercise the code that ships.
    pub fn encode(&self) -> EncodedEvent {
        use EventCode as Code;
        let flag = |is_set: bool| f64::from(u8::from(is_set));
        let mut record = None;
        let mut error = None;
        let mut rest = [0.0; SharedNumber::LENGTH];
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
                rest = shared.to_numbers();
                let (code, issued_at) = message.to_numbers();
                (Code::Message, code, issued_at, 0.0)
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
        let [a, b, c, d, e, f] = rest;
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

#[cfg(not(target_arch = "wasm32"))]
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

impl Message {
    /// Encodes the message and its time.
    fn to_numbers(self) -> (f64, f64) {
        let (code, issued_at) = match self {
            Message::Changed => (MessageCode::Changed, 0.0),
            Message::RequestSession => (MessageCode::RequestSession, 0.0),
            Message::Discarded { issued_at } => (MessageCode::Discarded, issued_at),
        };
        (f64::from(code as u8), issued_at)
    }
}

/// Receives the encoded effects, one row per effect.
pub trait Rows {
    /// Receives an effect whose arguments are all `u32`, which has a shorter encoding.
    fn small(&mut self, code: EffectCode, arguments: [u32; 3]);
    /// Receives an effect whose arguments may be any numbers.
    fn wide(&mut self, code: EffectCode, arguments: [f64; SharedNumber::LENGTH]);
}

impl Effect {
    /// Encodes the effect as one row.
    #[inline(always)]
    pub fn encode(self, rows: &mut impl Rows) {
        use EffectCode as Code;
        match self {
            Effect::WriteShared(numbers) => rows.wide(Code::WriteShared, numbers),
            Effect::Wait(wait) => rows.small(Code::Wait, [wait, 0, 0]),
            Effect::Reply(outcome) => rows.small(Code::Reply, [outcome as u32, 0, 0]),
            Effect::State(state) => {
                let reason = state.reason().map_or(0, |reason| reason as u32);
                rows.small(Code::State, [state.code() as u32, reason, 0]);
            }
            Effect::Current(session) => rows.small(Code::Current, [session, 0, 0]),
            Effect::Validity {
                fresh_until,
                expires_at,
                max_validity_ms,
                is_suspected,
            } => {
                let is_suspected = f64::from(u8::from(is_suspected));
                rows.wide(
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
            Effect::Timer(at) => rows.wide(Code::Timer, [at, 0.0, 0.0, 0.0, 0.0, 0.0]),
            Effect::Lock { ticket } => rows.small(Code::Lock, [ticket, 0, 0]),
            Effect::Load { ticket } => rows.small(Code::Load, [ticket, 0, 0]),
            Effect::Save(Record {
                id,
                epoch,
                sequence,
                clock_offset,
                ..
            }) => {
                rows.wide(
                    Code::Save,
                    [id.into(), epoch, sequence, clock_offset, 0.0, 0.0],
                );
            }
            Effect::Clear => rows.small(Code::Clear, [0, 0, 0]),
            Effect::Broadcast { message, session } => {
                let (code, issued_at) = message.to_numbers();
                rows.wide(
                    Code::Broadcast,
                    [code, issued_at, session.into(), 0.0, 0.0, 0.0],
                );
            }
            Effect::Credential {
                ticket,
                is_retry,
                is_renewal,
            } => {
                rows.small(
                    Code::Credential,
                    [ticket, is_retry.into(), is_renewal.into()],
                );
            }
            Effect::CreateSession { ticket, is_renewal } => {
                rows.small(Code::CreateSession, [ticket, is_renewal.into(), 0]);
            }
            Effect::Verify { ticket, session } => rows.small(Code::Verify, [ticket, session, 0]),
            Effect::Revoke(session) => rows.small(Code::Revoke, [session, 0, 0]),
            Effect::Forget(session) => rows.small(Code::Forget, [session, 0, 0]),
            Effect::Settle(wait, outcome) => {
                rows.small(Code::Settle, [wait, outcome as u32, 0]);
            }
            Effect::Renewed { by_this_tab } => {
                rows.small(Code::Renewed, [by_this_tab.into(), 0, 0]);
            }
            Effect::RenewalFailed { next_attempt_at } => {
                rows.wide(
                    Code::RenewalFailed,
                    [next_attempt_at, 0.0, 0.0, 0.0, 0.0, 0.0],
                );
            }
        }
    }
}

impl Settings {
    /// Decodes the settings of a machine.
    pub fn decode(number: impl Fn(SettingNumber) -> f64) -> Self {
        let flags = to_code(number(SettingNumber::Flags));
        let has = |flag: Flag| flags & flag as u8 > 0;
        Settings {
            tab: number(SettingNumber::Tab) as u32,
            device: number(SettingNumber::Device) as u32,
            timeout_ms: number(SettingNumber::TimeoutMs),
            is_shared: has(Flag::Shared),
            hands_over: has(Flag::HandsOver),
            has_background: has(Flag::Background),
        }
    }
}
