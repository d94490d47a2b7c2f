//! The contract as code: what goes over the wire, and what comes back. Pure: no clock, no
//! randomness, no JavaScript.
//!
//! Every request builder stands beside the parser of its answer. Which call failed, and after how
//! many attempts, JavaScript adds: it makes them.

#[cfg(feature = "edge")]
pub mod admin;
#[cfg(feature = "edge")]
pub mod auth_token;
pub mod bearer;
mod check;
pub mod codes;
#[cfg(any(feature = "client", feature = "emulator"))]
pub mod date;
mod error;
mod http;
pub mod json;
#[cfg(any(feature = "client", feature = "emulator"))]
mod jwt;
pub mod limits;
pub mod retry;
mod secret;
mod service;
mod session;
pub mod wire;

pub use error::{failure, Details, Error, Kind};
pub use http::{Credential, Purpose, Request, Response};
pub use retry::Retry;
pub use secret::Secret;
pub use service::Service;
pub use session::{DeviceInfo, Session, SessionKind, SessionRequest, SessionVersion};
