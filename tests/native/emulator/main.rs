//! The emulator against the contract: every status and code, the clock's edges, the faults, and
//! what is kept out of the record.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod admins;
mod auth_tokens;
mod certificates;
mod cors;
mod faults;
mod guests;
mod junk;
mod limits;
mod network;
mod options;
mod rate;
mod record;
mod revoke;
mod sessions;
mod standing;
mod support;
mod time;
mod vectors;
