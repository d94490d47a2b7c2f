//! Signs users in to social.plus (formerly Amity Social Cloud). Unofficial.
//!
//! Rust programs use it as a library; `cargo xtask build` makes the three WebAssembly artifacts of
//! the npm package from it. Imports point downward only:
//!
//! | module | responsibility | feature |
//! |---|---|---|
//! | `js` | the JavaScript boundary of an artifact: decodes, calls, encodes | only in an artifact |
//! | [`client`] | the async client for Rust programs | `client`, `client-edge` |
//! | [`emulator`] | the service in memory, sans-I/O | `emulator` and `unstable` |
//! | [`session`] | how one device stays signed in, sans-I/O | `browser` and `unstable` |
//! | [`protocol`] | the contract: builds requests, parses responses, classifies errors. Pure | |
//!
//! Features are additive, and none is on by default. `edge` adds to [`protocol`] what needs a
//! server key or an admin token. Each artifact is built with one of `browser`, `edge` and
//! `emulator`, and with `--cfg social_plus_auth_artifact`, which adds `js`, an allocator and a
//! panic handler; as a cfg and not a feature, it cannot reach a program that links the library.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
// The emulator has no budget; the other artifacts do without std, whose panic messages and
// formatting no one would ever see.
#![cfg_attr(
    all(
        target_arch = "wasm32",
        social_plus_auth_artifact,
        not(feature = "emulator")
    ),
    no_std
)]

extern crate alloc;

#[cfg(feature = "client")]
pub mod client;
#[cfg(all(
    feature = "emulator",
    any(feature = "unstable", social_plus_auth_artifact)
))]
pub mod emulator;
#[cfg(all(target_arch = "wasm32", social_plus_auth_artifact))]
#[allow(unreachable_pub, reason = "wasm-bindgen exports only pub items")]
mod js;
pub mod protocol;
#[cfg(all(
    feature = "browser",
    any(feature = "unstable", social_plus_auth_artifact)
))]
pub mod session;
pub mod wire;
