//! The numbers of a session that JavaScript shares with Rust.

use crate::wire::codes;

/// The tables that the JavaScript constants in `shared/session-wire.js` are written from.
#[cfg(not(target_arch = "wasm32"))]
pub const TABLES: &[crate::wire::Table] = &[Outcome::TABLE];

codes! {
    /// How a call, or the operation that it waits for, has ended.
    pub enum Outcome {
        /// As requested.
        Fine = 0,
        /// With the last error of a request.
        Failed = 1,
        /// Another login or a logout came first.
        Superseded = 2,
        /// There is no session.
        NotLoggedIn = 3,
        /// The service has ended the session.
        Terminated = 4,
    }
}
