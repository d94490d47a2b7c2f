//! Defines the inputs of the machine.

use super::verdict::ServiceError;
use super::{Identity, Record, Shared};

/// A message between tabs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// The shared numbers have changed. Under `memory` storage, the message includes the session.
    Changed,
    /// The sender needs the device's session.
    RequestSession,
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
    /// The service has responded with 401 to a request with the token of this session.
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
    /// The page was shown, thawed or brought online.
    Wake {
        /// Whether the network has come back.
        is_online: bool,
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
    /// The app's backend has returned a response or failed.
    Credential {
        /// The ticket of `Effect::Credential`.
        ticket: u32,
        /// `Ok`: whether there is a credential. `Err`: the `Retry-After` of the failed response in
        /// milliseconds, or 0 if there is none.
        result: Result<bool, f64>,
    },
    /// An attempt to create a session, or the pause before it, has started.
    Attempt {
        /// The ticket of `Effect::CreateSession`.
        ticket: u32,
        /// The maximum duration of the attempt, in milliseconds.
        timeout_ms: f64,
        /// Whether an earlier attempt got no response.
        has_lost_request: bool,
    },
    /// The request for a session has finished.
    Session {
        /// The ticket of `Effect::CreateSession`.
        ticket: u32,
        /// The session or the error.
        result: Result<Record, ServiceError>,
        /// The duration of the request, in milliseconds.
        took_ms: f64,
    },
    /// A verification has finished.
    Verified {
        /// The ticket of `Effect::Verify`.
        ticket: u32,
        /// The result, or the error.
        result: Result<(), ServiceError>,
    },
    /// The request to revoke a token has finished.
    Revoked {
        /// The session's number.
        session: u32,
        /// The result, or the error.
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
