//! The fuzz targets: functions that take any bytes, and panic if the code under test breaks a
//! promise.
//!
//! libFuzzer calls them (`fuzz_targets/`), and so does a short test of the native suite
//! (`tests/fuzz/`), which needs no instrumentation.

pub mod emulator;
pub mod options;
pub mod reader;
pub mod request;
pub mod response;
pub mod seeds;
pub mod session;
pub mod text;

/// The name, the function and the seeds of a target.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    pub seeds: fn(&seeds::Vectors) -> Vec<Vec<u8>>,
}

pub const TARGETS: [Target; 6] = [
    Target {
        name: "text",
        run: text::run,
        seeds: text::seeds,
    },
    Target {
        name: "response",
        run: response::run,
        seeds: response::seeds,
    },
    Target {
        name: "request",
        run: request::run,
        seeds: request::seeds,
    },
    Target {
        name: "session",
        run: session::run,
        seeds: session::seeds,
    },
    Target {
        name: "emulator",
        run: emulator::run,
        seeds: emulator::seeds,
    },
    Target {
        name: "options",
        run: options::run,
        seeds: options::seeds,
    },
];
