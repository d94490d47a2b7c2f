//! What goes into the machine.

use super::verdict::ServiceError;
use super::{Identity, Record, Shared};

/// What tabs say to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Message {
    /// The shared numbers have changed. Under `memory` storage the session comes along.
    Changed,
    /// The sender needs the device's session.
    RequestSession,
    /// The sender has discarded a session that was issued at this time. The service may have ended
    /// any token of the device that is not younger.
    Discarded {
        /// When the discarded session was issued, by the service's clock.
        issued_at: f64,
    },
}

/// What has happened. A `ticket` names the effect that the event is the outcome of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The app has called `resume()`.
    Resume,
    /// The app has called `login()` or one of its siblings.
    Login {
        /// Who signs in.
        identity: Identity,
        /// A display name or an auth token was given, so that only a request will do.
        needs_request: bool,
    },
    /// The app has called `loginWithSession()`.
    Adopt(Record),
    /// The app has called `accessToken()`.
    AccessToken {
        /// For how long the token must be valid, in milliseconds.
        min_validity_ms: f64,
    },
    /// The app has called `renew()`.
    Renew,
    /// The service has answered 401 to a request that carried the token of this session.
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
    /// The timer has rung.
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
        /// The ticket of `Effect::Load`; 0 if no operation waits for it.
        ticket: u32,
        /// The session in storage.
        record: Option<Record>,
    },
    /// Another tab has sent a message.
    Message {
        /// The message.
        message: Message,
        /// The numbers that the sender shared when it sent the message.
        shared: Shared,
        /// The sender's session, if it came along.
        record: Option<Record>,
    },
    /// The app's backend has answered: whether there is an auth token or a signature; or how long
    /// it asks to be left alone, in milliseconds, 0 if it does not say.
    Credential {
        /// The ticket of `Effect::Credential`.
        ticket: u32,
        /// The answer.
        result: Result<bool, f64>,
    },
    /// A request for a session, or a pause before one, begins.
    Attempt {
        /// The ticket of `Effect::CreateSession`.
        ticket: u32,
        /// How long it may take, in milliseconds.
        timeout_ms: f64,
        /// Whether an earlier attempt got no answer.
        has_lost_request: bool,
    },
    /// The service has answered the request for a session.
    Session {
        /// The ticket of `Effect::CreateSession`.
        ticket: u32,
        /// The session or the error.
        result: Result<Record, ServiceError>,
        /// How long the answer took, in milliseconds.
        took_ms: f64,
    },
    /// The service has answered whether it honours a token.
    Verified {
        /// The ticket of `Effect::Verify`.
        ticket: u32,
        /// The answer.
        result: Result<(), ServiceError>,
    },
    /// The service has answered a revocation.
    Revoked {
        /// The session's number.
        session: u32,
        /// The answer.
        result: Result<(), ServiceError>,
    },
    /// A response had a `Date` header.
    ServerDate {
        /// The header, in milliseconds since 1970.
        at: f64,
        /// How long the response took, in milliseconds.
        took_ms: f64,
    },
    /// The app has closed the client. No event follows.
    Close,
}
