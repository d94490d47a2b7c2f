//! Sign users of a JavaScript app in to social.plus (formerly Amity Social Cloud). Unofficial.
//!
//! One crate, three WebAssembly artifacts, one npm package; each artifact is built with one of the
//! features `browser`, `edge`, `emulator`. Imports point downward only:
//!
//! | module | what it is |
//! |---|---|
//! | `js` (wasm only) | the JavaScript boundary: converts, calls, converts back |
//! | [`emulator`] | the service in memory, sans-I/O |
//! | [`session`] | how one device stays signed in, sans-I/O |
//! | [`protocol`] | the contract: requests built, answers parsed, errors classified. Pure |
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

#[cfg(all(
    feature = "emulator",
    any(feature = "unstable", social_plus_auth_artifact)
))]
pub mod emulator;
#[cfg(all(target_arch = "wasm32", social_plus_auth_artifact))]
#[allow(unreachable_pub, reason = "wasm-bindgen exports only what is pub")]
mod js;
pub mod protocol;
#[cfg(all(
    feature = "browser",
    any(feature = "unstable", social_plus_auth_artifact)
))]
pub mod session;
pub mod wire;
