//! Tests the Rust client with the emulator as its transport.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing)]

mod admin;
mod cancellation;
mod edge;
mod hostile;
mod retries;
mod secrecy;
mod sessions;
mod settings;
mod support;
