//! The contract as code: builds requests and interprets responses. The code is pure: it uses no
//! clock, no randomness and no JavaScript.
//!
//! Each request builder is next to the parser of its response. The caller sends the requests, so
//! the caller adds the number of attempts and the name of the call to an error.

#[cfg(feature = "edge")]
pub mod admin;
#[cfg(feature = "edge")]
pub mod auth_token;
pub mod bearer;
mod body;
pub(crate) mod check;
pub mod codes;
#[cfg(any(feature = "client", feature = "emulator"))]
pub mod date;
mod error;
mod failure;
mod http;
pub mod json;
#[cfg(any(feature = "client", feature = "emulator"))]
mod jwt;
pub mod limits;
pub mod retry;
mod secret;
pub(crate) mod service;
mod session;
#[cfg(all(test, feature = "edge", feature = "emulator"))]
mod tests;
#[cfg(any(feature = "edge", feature = "emulator"))]
pub mod visitor;
pub mod wire;

pub use error::{Details, Error, Kind};
pub use failure::failure;
pub use http::{Credential, Request, Response};
pub use retry::Retry;
pub use secret::Secret;
pub use service::Service;
pub use session::{DeviceInfo, Session, SessionRequest, SessionVersion};
pub use wire::{Purpose, SessionKind};
