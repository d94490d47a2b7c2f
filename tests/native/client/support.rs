//! Creates clients that send their requests to an emulator with a virtual clock.

use social_plus_auth::client::emulated::Emulated;
use social_plus_auth::client::{
    Client, Edge, Endpoint, Region, Secret, Session, SessionRequest, SessionVersion,
};
use social_plus_auth::emulator::{Fault, Options};
use std::future::Future;

pub(crate) fn run<F: Future>(future: F) -> F::Output {
    pollster::block_on(future)
}

/// An emulator, and clients that send their requests to it.
pub(crate) struct World {
    pub(crate) transport: Emulated,
    pub(crate) client: Client<Emulated>,
    pub(crate) edge: Edge<Emulated>,
}

/// Creates an emulator in unsecure mode, and its clients.
pub(crate) fn unsecure() -> World {
    create_world(Emulated::default(), SessionVersion::V5)
}

/// Creates an emulator in secure mode, and its clients.
pub(crate) fn secure() -> World {
    create_world(Emulated::secure(), SessionVersion::V5)
}

pub(crate) fn with_options(options: Options) -> World {
    create_world(Emulated::new(options), SessionVersion::V5)
}

/// Creates an emulator in unsecure mode, and a client that uses this version of the session call.
pub(crate) fn with_version(version: SessionVersion) -> World {
    create_world(Emulated::default(), version)
}

fn create_world(transport: Emulated, version: SessionVersion) -> World {
    let (api_key, server_key) = transport.keys();
    let client = Client::builder(Region::Eu, api_key.clone())
        .session_version(version)
        .transport(transport.clone())
        .build()
        .unwrap();
    let edge = Edge::builder(Endpoint::url("http://127.0.0.1:8080/"), server_key)
        .api_key(api_key)
        .transport(transport.clone())
        .build()
        .unwrap();
    World {
        transport,
        client,
        edge,
    }
}

impl World {
    pub(crate) fn add_fault(&self, fault: Fault) {
        self.transport.with(|emulator, _| emulator.add_fault(fault));
    }

    /// Returns the number of requests that the emulator received.
    pub(crate) fn request_count(&self) -> usize {
        self.transport.with(|emulator, _| emulator.requests().len())
    }

    pub(crate) fn sign_in(&self) -> Session {
        run(self.client.create_session(&ada())).unwrap()
    }
}

/// Returns a request for a session of the user `ada`.
pub(crate) fn ada() -> SessionRequest {
    SessionRequest::new("ada", "device-1")
}

/// Creates a fault that gives the next `times` requests a response with this status, these headers
/// and an empty body.
pub(crate) fn status_fault(status: u16, times: f64, headers: &[(&str, &str)]) -> Fault {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Fault {
        status: Some(status),
        times: Some(times),
        headers: headers.collect(),
        body: Some(String::new()),
        ..Fault::default()
    }
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text)
}
