//! Checks the emulator against the contract: statuses and codes, expiry to the millisecond, faults,
//! and the redaction of recorded requests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod admins;
mod auth_tokens;
mod bans;
mod certificates;
mod cors;
mod expiry;
mod faults;
mod fuzz;
mod guest_permissions;
mod guest_sessions;
mod limits;
mod mtls;
mod network;
mod options;
mod rate_limit;
mod recorded_requests;
mod refresh;
mod revoke;
mod sessions;
mod support;
mod vectors;
