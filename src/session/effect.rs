//! Defines the outputs of the machine.

use super::wire::Outcome;
use super::{Message, Record, SharedNumbers, State};

/// An instruction to the host. `ticket` identifies the effect: the event that reports the result
/// repeats it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// Write the shared numbers, before anything else.
    WriteShared(SharedNumbers),
    /// Let the call wait for the `Settle` with this number.
    Wait(u32),
    /// Settle the call immediately.
    Reply(Outcome),
    /// Announce the new state.
    State(State),
    /// Use the session with this number from now on; 0 means no session.
    Current(u32),
    /// Store these times, so that calls can return the token without a step.
    Validity {
        /// When the token stops being fresh, in monotonic time.
        fresh_until: f64,
        /// When the token expires, in monotonic time.
        expires_at: f64,
        /// The cap on the validity that a caller requests, in milliseconds: half of the lifetime
        /// (rule 9).
        max_validity_ms: f64,
        /// Whether an expiry is only suspected (rule 13): then the token must be verified before it
        /// is treated as expired.
        is_suspected: bool,
    },
    /// Set the tab's single timer to this monotonic time.
    Timer(f64),
    /// Wait for the lock for at most the client's option `timeoutMs`, and send `Event::Locked`. If
    /// the lock is granted, send the event while holding it. If the step writes the shared numbers,
    /// release the lock `LOCK_HOLD_MS` later, and otherwise immediately (rule 6).
    Lock {
        /// The ticket.
        ticket: u32,
    },
    /// Read storage and send `Event::Loaded`.
    Load {
        /// The ticket, or 0 if no operation waits for it.
        ticket: u32,
    },
    /// Write this session to storage, with its epoch, sequence and clock offset.
    Save(Record),
    /// Remove the session from storage.
    Clear,
    /// Send a message to the other tabs. Include the session if the tab keeps it only in memory, or
    /// if the message sets `hands_over`.
    Broadcast {
        /// The message.
        message: Message,
        /// The number of the session to include, or 0 if there is no session.
        session: u32,
    },
    /// Get an auth token or a visitor's signature, and send `Event::Credential`.
    Credential {
        /// The ticket.
        ticket: u32,
        /// Whether the service has rejected the previous credential.
        is_retry: bool,
        /// Whether the credential is for the user of the current session. If not, it is for the
        /// user of the login in flight.
        is_renewal: bool,
    },
    /// Request a session. Send `Event::Attempt` for each attempt, and `Event::Session` at the end.
    CreateSession {
        /// The ticket.
        ticket: u32,
        /// Whether the session is for the user of the current session. If not, it is for the user
        /// of the login in flight.
        is_renewal: bool,
    },
    /// Stop the request for a session with this ticket, whose operation is over: send no further
    /// attempt, and no event.
    Abort {
        /// The ticket.
        ticket: u32,
    },
    /// Verify a token with the service, and send `Event::Verified`.
    Verify {
        /// The ticket.
        ticket: u32,
        /// The session's number.
        session: u32,
    },
    /// Revoke the token of the session with this number, and send `Event::Revoked`.
    Revoke(u32),
    /// Drop the session with this number, because the machine no longer refers to it.
    Forget(u32),
    /// Settle every call that waits for this number.
    Settle(u32, Outcome),
    /// Announce a new token.
    Renewed {
        /// Whether this tab has renewed the token.
        by_this_tab: bool,
    },
    /// Announce that a renewal has failed.
    RenewalFailed {
        /// When the next attempt is due, by the device's clock.
        next_attempt_at: f64,
    },
}
