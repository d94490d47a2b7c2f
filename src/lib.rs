//! Signs users in to social.plus (formerly Amity Social Cloud). Unofficial.
//!
//! Rust programs link this crate as a library. `cargo xtask build` compiles it to the three
//! WebAssembly artifacts of the npm package. A module imports only modules that are below it in
//! this table:
//!
//! | module | responsibility | feature |
//! |---|---|---|
//! | `js` | the JavaScript boundary of an artifact: decodes, calls, encodes | only in an artifact |
//! | [`client`] | the async client for Rust programs | `client`, `client-edge` |
//! | [`emulator`] | the service in memory | `emulator` and `unstable` |
//! | [`session`] | the state machine of one device's session | `browser` and `unstable` |
//! | [`protocol`] | the contract: builds requests, parses responses, classifies errors | |
//! | [`wire`] | the macro that declares the numbers that Rust and JavaScript share | |
//!
//! Features are additive, and none is on by default. `edge` adds to [`protocol`] the calls that
//! need a server key or an admin token, and `protocol::visitor`. Each artifact is built with one of
//! `browser`, `edge` and `emulator`, and with `--cfg social_plus_auth_artifact`, which adds `js`.
//! Except in the emulator, the cfg also adds an allocator and a panic handler. An artifact does not
//! need `unstable`. The cfg is not a feature, so that no dependent program can enable it.
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]
// The emulator has no size budget and uses std. The other artifacts are built without std, because
// the panic messages and the formatting code of std would only add bytes.
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
