//! The numbers that JavaScript and Rust share about sessions: codes, and the order of numbers that
//! cross the boundary together. `cargo xtask build` writes `shared/session-wire.js` from these
//! declarations.
//!
//! Tests pin the codes and layouts that tabs store or broadcast, because tabs may run different
//! versions of this package. All other codes and layouts may change.

pub use super::dispatch::Input;
pub use super::encode::Rows;
#[cfg(not(target_arch = "wasm32"))]
pub use super::native::EncodedEvent;
use super::Settings;
use crate::wire::codes;

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
    ("LOCK_HOLD_MS", LOCK_HOLD_MS),
];

/// The version of the shared state, of messages and of the stored record. A tab that meets a later
/// version is obsolete (rule 20); an earlier one must be readable.
pub const RECORD_VERSION: f64 = 1.0;

/// How far the duration that JavaScript passes with [`EventCode::Attempt`] exceeds `timeoutMs`, in
/// milliseconds, so that a claim outlasts an attempt whose timeout is late.
pub const CLAIM_GRACE_MS: f64 = 1_000.0;

/// How long a tab holds the lock after it has written the shared numbers, in milliseconds (rule 6).
/// A write to `localStorage` reaches other processes with a delay, and the next tab that gets the
/// lock must see it.
pub const LOCK_HOLD_MS: f64 = 100.0;

codes! {
    /// Codes of [`Event`](super::Event). Each comment lists the arguments, then the record or
    /// error, if any.
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
        /// The message, its argument, and the sender's shared numbers; the sender's record.
        Message = 12,
        /// The ticket, and whether there is a credential.
        Credential = 13,
        /// The ticket, and the backend's `Retry-After` in milliseconds.
        NoCredential = 14,
        /// The ticket, the timeout, and whether a failed attempt may have created a session.
        Attempt = 15,
        /// The ticket, and how long the last attempt took; the record.
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
        /// Whether the session was written.
        StorageChanged = 24,
    }
}

codes! {
    /// Codes of [`Effect`](super::Effect). Each comment lists the arguments.
    pub enum EffectCode {
        /// The shared numbers.
        WriteShared = 0,
        /// The number that the caller waits for.
        Wait = 1,
        /// The outcome.
        Reply = 2,
        /// The state, and the reason or 0.
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
        /// The message, its argument, and the session.
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
        /// The ticket.
        Abort = 20,
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
        Succeeded = 0,
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
        /// Another tab runs a later version, so this tab can only use its token (rule 20).
        Unsupported = 6,
    }
}

codes! {
    /// Codes of [`Message`](super::Message). Tabs broadcast them.
    pub enum MessageCode {
        /// The shared numbers have changed. The argument tells whether to include the session under
        /// every `storage` option.
        Changed = 0,
        /// The sender needs the device's session. The argument tells whether the request is quiet.
        RequestSession = 1,
        /// The sender has discarded a session. The argument is when the session was issued.
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
        /// The client renews the session and retries revocations in the background.
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

/// Casts a number to a code. In wasm, a cast through `u32` takes less code than a direct cast.
pub(super) fn to_code(number: f64) -> u8 {
    number as u32 as u8
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
