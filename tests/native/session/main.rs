//! Tests the session machine alone: each rule of `docs/session-rules.md` with hand-written events,
//! random events in any order, and the numbers that Rust and JavaScript share.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod any_order;
mod arrival;
mod channel;
mod clock;
mod closing;
mod covering;
mod disabled;
mod draws;
mod effects;
mod ending;
mod errors;
mod handing_out;
mod identity;
mod latest;
mod leaving;
mod logging_out;
mod numbers;
mod pauses;
mod renewal;
mod replacing;
mod support;
mod tabs;
mod versions;
mod watched;
mod wire;
mod wire_effects;
