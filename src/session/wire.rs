//! The numbers of a session that JavaScript shares with Rust, and their decoding and encoding.
//! `cargo xtask build` writes `shared/session-wire.js` from these declarations.
//!
//! Codes and layouts that lie on disk or are broadcast to other tabs, which may run another version
//! of this package, are pinned by tests. All others may change.

use super::shared::is_newer;
use super::verdict::ServiceError;
#[cfg(not(target_arch = "wasm32"))]
use super::Event;
use super::{Effect, Identity, Machine, Message, Now, Record, Settings, Shared, Sink};
use crate::wire::codes;
use core::array::from_fn;

/// The tables that the JavaScript constants are written from.
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

/// The layouts that the JavaScript functions are written from.
#[cfg(not(target_arch = "wasm32"))]
pub const LAYOUTS: &[crate::wire::Layout] = &[
    SettingNumber::LAYOUT,
    SharedNumber::LAYOUT,
    RecordNumber::LAYOUT,
];

/// The constants that stand alone: their names and values.
#[cfg(not(target_arch = "wasm32"))]
pub const CONSTANTS: &[crate::wire::Constant] = &[
    ("RECORD_VERSION", RECORD_VERSION),
    ("MAX_DRIFT_MS", super::MAX_DRIFT_MS),
    ("CLAIM_GRACE_MS", CLAIM_GRACE_MS),
];

/// The version of the stored and broadcast record.
pub const RECORD_VERSION: f64 = 1.0;

/// How much longer than `timeoutMs` an attempt may take before another tab takes over, in
/// milliseconds.
pub const CLAIM_GRACE_MS: f64 = 1_000.0;

codes! {
    /// Names an event. The arguments follow in the order of the fields of [`Event`].
    pub enum EventCode {
        /// No arguments.
        Resume = 0,
        /// Kind, user, whether it needs a request.
        Login = 1,
        /// The record.
        Adopt = 2,
        /// The minimum validity.
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
        /// The ticket and the record.
        Loaded = 11,
        /// The message, its time, and the sender's shared numbers; the record.
        Message = 12,
        /// The ticket, and whether there is a credential.
        Credential = 13,
        /// The ticket, and the pause that the backend asks for.
        NoCredential = 14,
        /// The ticket, the timeout, and whether an earlier attempt got no answer.
        Attempt = 15,
        /// The ticket and how long it took; the record.
        Session = 16,
        /// The ticket and the error.
        NoSession = 17,
        /// The ticket.
        Verified = 18,
        /// The ticket and the error.
        NotVerified = 19,
        /// The session.
        Revoked = 20,
        /// The session and the error.
        NotRevoked = 21,
        /// The header, and how long the response took.
        ServerDate = 22,
        /// No arguments.
        Close = 23,
    }
}

codes! {
    /// Names an effect. The arguments follow in the order of the fields of [`Effect`].
    pub enum EffectCode {
        /// The shared numbers.
        WriteShared = 0,
        /// The number to wait for.
        Wait = 1,
        /// The outcome.
        Reply = 2,
        /// The state and the reason, or 0.
        State = 3,
        /// The session.
        Current = 4,
        /// Fresh until, expires at, the maximum validity, whether the expiry is suspected.
        Validity = 5,
        /// The time.
        Timer = 6,
        /// The ticket.
        Lock = 7,
        /// The ticket.
        Load = 8,
        /// The session, its epoch, sequence and clock offset.
        Save = 9,
        /// No arguments.
        Clear = 10,
        /// The message, its time, the session.
        Broadcast = 11,
        /// The ticket, whether it is a retry, whether it is a renewal.
        Credential = 12,
        /// The ticket, and whether it is a renewal.
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
    /// Names a [`State`](super::State).
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
    /// Why the service has ended a session, by its official names. The number lies on disk,
    /// negated.
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
    /// How a call, or the operation that it waits for, has ended.
    pub enum Outcome {
        /// As requested.
        Fine = 0,
        /// With the last error of a request.
        Failed = 1,
        /// Another login or a logout came first.
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
    /// Names a [`Message`]. The number is broadcast to other tabs.
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
    /// The flags of [`Settings`], to be added up.
    pub enum Flag {
        /// There may be other tabs.
        Shared = 1,
        /// Tabs hand sessions to each other.
        HandsOver = 2,
        /// The client does work that no call waits for.
        Background = 4,
    }
}

/// Declares the order of numbers that cross the boundary together. Each variant is the position of
/// its number, `LENGTH` is their count, and `LAYOUT` lists them for the generator.
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
            /// Counts the numbers.
            $vis const LENGTH: usize = [$( $name::$field ),*].len();

            /// Lists the numbers for the generator of the JavaScript function.
            #[cfg(not(target_arch = "wasm32"))]
            $vis const LAYOUT: $crate::wire::Layout = $crate::wire::Layout {
                name: stringify!($name),
                fields: &[$( stringify!($field) ),*],
            };
        }
    };
}

layout! {
    /// The order of the numbers that a machine is opened with.
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
    /// The order of the shared numbers on disk and on the channel.
    pub enum SharedNumber {
        /// `Shared::epoch`
        Epoch,
        /// `Shared::min_epoch`
        MinEpoch,
        /// `Shared::sequence`
        Sequence,
        /// `Shared::last`: its epoch, 0 once it has ended, or the negated [`Reason`].
        CommittedEpoch,
        /// `Shared::claim`: when it expires, or when the pause ends.
        ClaimExpiresAt,
        /// `Shared::claim`: the tab, 0 for none, or a negative number for a pause.
        ClaimOwner,
    }
}

layout! {
    /// The order of a record's numbers.
    pub enum RecordNumber {
        /// `Record::id`; 0 for no record.
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

/// The values of one step, wherever they lie.
pub trait Input {
    /// Returns the number of the event's record at this position.
    fn record(&self, number: RecordNumber) -> f64;
    /// Returns an argument of the event; 0 if there is none.
    fn argument(&self, position: usize) -> f64;
    /// Returns the error of a call that has failed.
    fn error(&self) -> ServiceError;
}

/// The position of the sender's shared numbers among the arguments of a message.
const MESSAGE_SHARED: usize = 2;

/// Casts a number to a code. In wasm, the detour by `u32` is shorter than a saturating cast.
pub(super) fn to_code(number: f64) -> u8 {
    number as u32 as u8
}

fn record(input: &impl Input) -> Option<Record> {
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
    /// Handles the event with this code; its effects go to the sink. `stored` holds the shared
    /// numbers. An event whose code is unknown or that lacks its record does nothing.
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
        let found = record(input);
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
                if let Some(record) = found {
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

/// An event as numbers: what JavaScript hands over, for native hosts.
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

/// Takes the rows that effects are encoded as.
pub trait Rows {
    /// Takes an effect whose arguments are small whole numbers, which encode shorter.
    fn small(&mut self, code: EffectCode, arguments: [u32; 3]);
    /// Takes an effect whose arguments may be any numbers.
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
