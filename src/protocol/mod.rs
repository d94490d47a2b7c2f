//! The contract as code: what goes over the wire, and what comes back. Pure: no clock, no randomness, no JavaScript.

pub mod codes;
pub mod date;
pub mod limits;
