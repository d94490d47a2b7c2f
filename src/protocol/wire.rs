//! The numbers of the protocol that JavaScript shares with Rust.

use crate::wire::codes;

/// The tables that the JavaScript constants in `shared/wire.js` are written from.
#[cfg(not(target_arch = "wasm32"))]
pub const TABLES: &[crate::wire::Table] = &[Trouble::TABLE];

codes! {
    /// Why an attempt ended without a usable response. The code takes the place of the HTTP status,
    /// so it is below 100.
    pub enum Trouble {
        /// There was no response, or the connection was interrupted.
        Network = 1,
        /// `fetch` returned something that is not a response.
        NotAResponse = 2,
        /// The response is larger than the limit.
        TooLarge = 3,
        /// The attempt took longer than `timeoutMs`.
        Timeout = 4,
        /// The caller's signal aborted the call.
        Aborted = 5,
        /// The connection was closed before a response, as a server does that requires a client
        /// certificate.
        ConnectionClosed = 6,
    }
}
