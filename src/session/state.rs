//! Defines the states of a session, with the service's official names.

use super::wire::{Reason, StateCode};

/// The state of a tab's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// In wasm, checking a separate tag takes less code than checking the niche of a field.
#[repr(u8)]
pub enum State {
    /// No user is signed in.
    NotLoggedIn,
    /// A login is in flight.
    Establishing,
    /// A user is signed in.
    Established,
    /// A user is signed in, but the token has expired.
    TokenExpired,
    /// The service has ended the session.
    Terminated(Reason),
}

impl State {
    /// Returns the code for JavaScript.
    pub const fn code(self) -> StateCode {
        match self {
            State::NotLoggedIn => StateCode::NotLoggedIn,
            State::Establishing => StateCode::Establishing,
            State::Established => StateCode::Established,
            State::TokenExpired => StateCode::TokenExpired,
            State::Terminated(_) => StateCode::Terminated,
        }
    }

    /// Returns why the service has ended the session, if it has.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            State::Terminated(reason) => Some(reason),
            _ => None,
        }
    }

    pub(super) const fn is_terminated(self) -> bool {
        matches!(self, State::Terminated(_))
    }
}
