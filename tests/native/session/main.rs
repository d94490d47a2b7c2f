//! The session machine by itself: each of the sixteen rules of `contract/session-rules.md` as tests
//! with events written by hand, and sequences of events that nobody would write.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod any_order;
mod clock;
mod ending;
mod identity;
mod leaving;
mod renewal;
mod support;
