//! An async client for Rust programs in pages, in workers and on servers.
//!
//! A [`Client`] signs users in with the API key. With the feature `client-edge`, an `Edge` mints
//! auth tokens with the server key, and an `Admin` administers a network with an admin token.
//! Timeouts, retries, limits, errors and the redaction of secrets work as in the npm package. This
//! client and the npm package share [`crate::protocol`].
//!
//! A [`Transport`] sends the requests. On wasm32 the default is `Fetch`; other programs must supply
//! a transport. Dropping a future cancels its call.
//!
//! ```
//! use social_plus_auth::client::{Client, Edge, Region, SessionRequest};
//! # use social_plus_auth::client::{emulated::Emulated, Error};
//! # use std::time::Duration;
//! # pollster::block_on(async {
//! # let transport = Emulated::secure();
//! # let (api_key, server_key) = transport.keys();
//! let edge = Edge::builder(Region::Eu, server_key)
//!     .transport(transport.clone())
//!     .build()?;
//! let token = edge.create_auth_token("ada").await?;
//!
//! let client = Client::builder(Region::Eu, api_key)
//!     .timeout(Duration::from_secs(5))
//!     .transport(transport)
//!     .build()?;
//! let request = SessionRequest::new("ada", "device-1").auth_token(token);
//! let session = client.create_session(&request).await?;
//! assert_eq!(session.user.user_id, "ada");
//! # Ok::<(), Error>(())
//! # }).unwrap();
//! ```

#[cfg(feature = "client-edge")]
mod admin;
#[cfg(feature = "client-edge")]
mod admin_types;
mod builder;
mod connection;
mod device;
#[cfg(feature = "client-edge")]
mod edge;
#[cfg(all(feature = "emulator", feature = "unstable"))]
pub mod emulated;
mod endpoint;
mod error;
#[cfg(target_arch = "wasm32")]
mod fetch;
mod request;
mod retry;
mod serialize;
mod session;
mod sign_in;
mod transport;

#[cfg(feature = "client-edge")]
pub use admin::{Admin, AdminBuilder, AdminSettings};
#[cfg(feature = "client-edge")]
pub use admin_types::{AdminToken, Network, ServerKeyInfo};
pub use builder::Builder;
pub use device::{DeviceInfo, DeviceKind};
#[cfg(feature = "client-edge")]
pub use edge::{AuthToken, Edge, EdgeBuilder, EdgeSettings};
pub use endpoint::{Endpoint, Region};
pub use error::Error;
#[cfg(target_arch = "wasm32")]
pub use fetch::Fetch;
pub use request::{BotRequest, SessionRequest, VisitorRequest};
pub use retry::Retry;
pub use session::{Session, User, UserType};
pub use sign_in::{Client, ClientBuilder, ClientSettings, Verification};
pub use transport::{
    DefaultTransport, MaybeSend, NoTransport, Transport, TransportError, MAX_RESPONSE_BYTES,
};

#[cfg(feature = "client-edge")]
pub use crate::protocol::admin::{PushEvent, SecurityConfig};
#[cfg(feature = "client-edge")]
pub use crate::protocol::auth_token::TokenVersion;
pub use crate::protocol::{Kind as ErrorKind, Secret, SessionVersion};
