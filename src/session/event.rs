//! Defines the inputs of the machine.

use super::verdict::ServiceError;
use super::{Identity, Record, Shared};

/// A message between tabs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// The shared numbers have changed.
    Changed {
        /// Whether the message hands over the sender's session under every `storage` option. Under
        /// `memory` storage, a message about the sender's session always includes it.
        hands_over: bool,
    },
    /// The sender needs the device's session.
    RequestSession {
        /// Whether a tab must not answer if it has handed its session over before. All tabs that
        /// were listening have received that answer.
        is_quiet: bool,
    },
    /// The sender has discarded a session. The service may have ended every token of the device
    /// that was issued at the same time or earlier.
    Discarded {
        /// When the discarded session was issued, by the service's clock.
        issued_at: f64,
    },
}

/// An input of the machine. `ticket` identifies the effect that caused the event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The app has called `resume()`.
    Resume,
    /// The app has called `login()`, `loginAsVisitor()` or `loginAsBot()`.
    Login {
        /// The user to sign in.
        identity: Identity,
        /// Whether the login must send a request, because the app passed a display name or an auth
        /// token.
        needs_request: bool,
    },
    /// The app has called `loginWithSession()`.
    Adopt(Record),
    /// The app has called `accessToken()`.
    AccessToken {
        /// How long the token must remain valid, in milliseconds.
        min_validity_ms: f64,
    },
    /// The app has called `renew()`.
    Renew,
    /// A request of the app with the token of this session has received a 401.
    Unauthorized {
        /// The session's number.
        session: u32,
    },
    /// The app has called `logout()`.
    Logout {
        /// Whether to revoke the token.
        revoke: bool,
    },
    /// The app has called `secureLogout()`.
    SecureLogout,
    /// The page was shown, hidden or thawed, or the network has come back.
    Wake {
        /// Whether the network has come back.
        is_online: bool,
    },
    /// Another tab has written to `localStorage`.
    StorageChanged {
        /// Whether it has written its session, not the shared numbers.
        is_session: bool,
    },
    /// The timer has fired.
    Timer,
    /// The lock was granted or denied.
    Locked {
        /// The ticket of `Effect::Lock`.
        ticket: u32,
        /// Whether the lock was granted.
        is_granted: bool,
    },
    /// Storage was read.
    Loaded {
        /// The ticket of `Effect::Load`, or 0 if no operation waits for it.
        ticket: u32,
        /// The session in storage.
        record: Option<Record>,
    },
    /// Another tab has sent a message.
    Message {
        /// The message.
        message: Message,
        /// The shared numbers of the sender at the time of the message.
        shared: Shared,
        /// The sender's session, if the message includes it.
        record: Option<Record>,
    },
    /// The host has obtained a credential, needs none, or has failed to obtain one.
    Credential {
        /// The ticket of `Effect::Credential`.
        ticket: u32,
        /// `Ok`: whether there is a credential. `Err`: the `Retry-After` of the backend's response
        /// in milliseconds, or 0 if there is none.
        result: Result<bool, f64>,
    },
    /// An attempt to create a session, or the pause before it, has started.
    Attempt {
        /// The ticket of `Effect::CreateSession`.
        ticket: u32,
        /// The maximum duration of the attempt and of the pause before it, in milliseconds.
        timeout_ms: f64,
        /// Whether an attempt has just failed and may have created a session: true for every
        /// failure except a rate limit.
        has_lost_request: bool,
    },
    /// The request for a session has finished.
    Session {
        /// The ticket of `Effect::CreateSession`.
        ticket: u32,
        /// The session or the error.
        result: Result<Record, ServiceError>,
        /// The duration of the last attempt, in milliseconds.
        took_ms: f64,
    },
    /// A verification has finished.
    Verified {
        /// The ticket of `Effect::Verify`.
        ticket: u32,
        /// `Ok` if the service accepts the token, or the error.
        result: Result<(), ServiceError>,
    },
    /// The request to revoke a token has finished.
    Revoked {
        /// The session's number.
        session: u32,
        /// `Ok` if the token is revoked, or the error.
        result: Result<(), ServiceError>,
    },
    /// A response had a `Date` header.
    ServerDate {
        /// The header, in milliseconds since 1970.
        at: f64,
        /// The duration of the request, in milliseconds.
        took_ms: f64,
    },
    /// The app has closed the client. No event follows.
    Close,
}
