//! The numbers of a session that JavaScript shares with Rust, and their decoding and encoding.
//! `cargo xtask build` writes `shared/session-wire.js` from these declarations.
//!
//! Codes and layouts that lie on disk or are broadcast to other tabs, which may run another version
//! of this package, are pinned by tests. All others may change.

use super::verdict::ServiceError;
use super::{Effect, Event, Identity, Message, Record, Settings, Shared};
use crate::wire::{codes, layout};

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
pub const CONSTANTS: &[(&str, f64)] = &[
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
        /// The ticket, and the error if there is one.
        Verified = 18,
        /// The session, and the error if there is one.
        Revoked = 19,
        /// The header, and how long the response took.
        ServerDate = 20,
        /// No arguments.
        Close = 21,
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
    /// Why the service has ended a session, by its official names. The number lies on disk, negated.
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

/// The input of one step, wherever its numbers lie.
pub trait Input {
    /// Returns the shared number, as this tab has read it.
    fn shared(&self, number: SharedNumber) -> f64;
    /// Returns a number of the event's record.
    fn record(&self, number: RecordNumber) -> f64;
    /// Returns an argument of the event; 0 if there is none.
    fn argument(&self, position: usize) -> f64;
    /// Returns the error of a call; `None` if it succeeded.
    fn error(&self) -> Option<ServiceError>;
}

/// The position of the sender's shared numbers among the arguments of a message.
const MESSAGE_SHARED: usize = 2;

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
            kind: number(RecordNumber::Kind) as u8,
            user: number(RecordNumber::User) as u32,
        },
        clock_offset: number(RecordNumber::ClockOffset),
    })
}

impl Event {
    /// Decodes the event of a step; `None` if no event has this code or it lacks its record.
    pub fn decode(code: u8, input: &impl Input) -> Option<Event> {
        let argument = |position| input.argument(position);
        let (first, second, third) = (argument(0), argument(1), argument(2));
        let ticket = first as u32;
        let is_set = |number: f64| number > 0.0;
        let result = || input.error().map_or(Ok(()), Err);
        Some(match EventCode::from_code(code)? {
            EventCode::Resume => Event::Resume,
            EventCode::Login => Event::Login {
                identity: Identity {
                    kind: first as u8,
                    user: second as u32,
                },
                needs_request: is_set(third),
            },
            EventCode::Adopt => Event::Adopt(record(input)?),
            EventCode::AccessToken => Event::AccessToken {
                min_validity_ms: first,
            },
            EventCode::Renew => Event::Renew,
            EventCode::Unauthorized => Event::Unauthorized { session: ticket },
            EventCode::Logout => Event::Logout {
                revoke: is_set(first),
            },
            EventCode::SecureLogout => Event::SecureLogout,
            EventCode::Wake => Event::Wake {
                is_online: is_set(first),
            },
            EventCode::Timer => Event::Timer,
            EventCode::Locked => Event::Locked {
                ticket,
                is_granted: is_set(second),
            },
            EventCode::Loaded => Event::Loaded {
                ticket,
                record: record(input),
            },
            EventCode::Message => Event::Message {
                message: match MessageCode::from_code(first as u8)? {
                    MessageCode::Changed => Message::Changed,
                    MessageCode::RequestSession => Message::RequestSession,
                    MessageCode::Discarded => Message::Discarded { issued_at: second },
                },
                shared: Shared::from_numbers(|number| argument(MESSAGE_SHARED + number as usize)),
                record: record(input),
            },
            EventCode::Credential => Event::Credential {
                ticket,
                result: Ok(is_set(second)),
            },
            EventCode::NoCredential => Event::Credential {
                ticket,
                result: Err(second),
            },
            EventCode::Attempt => Event::Attempt {
                ticket,
                timeout_ms: second,
                has_lost_request: is_set(third),
            },
            EventCode::Session => Event::Session {
                ticket,
                result: Ok(record(input)?),
                took_ms: second,
            },
            EventCode::NoSession => Event::Session {
                ticket,
                result: Err(input.error()?),
                took_ms: second,
            },
            EventCode::Verified => Event::Verified {
                ticket,
                result: result(),
            },
            EventCode::Revoked => Event::Revoked {
                session: ticket,
                result: result(),
            },
            EventCode::ServerDate => Event::ServerDate {
                at: first,
                took_ms: second,
            },
            EventCode::Close => Event::Close,
        })
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
            Effect::WriteShared(shared) => rows.wide(Code::WriteShared, shared.to_numbers()),
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
                let (code, issued_at) = match message {
                    Message::Changed => (MessageCode::Changed, 0.0),
                    Message::RequestSession => (MessageCode::RequestSession, 0.0),
                    Message::Discarded { issued_at } => (MessageCode::Discarded, issued_at),
                };
                let code = f64::from(code as u8);
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
        let flags = number(SettingNumber::Flags) as u8;
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
