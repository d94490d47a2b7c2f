//! Tests that no secret appears in an error or in `Debug` output.

use crate::support::{ada, run, secure, status_fault, with_options};
use social_plus_auth::client::emulated::Emulated;
use social_plus_auth::client::{
    Client, Edge, Region, Secret, SessionRequest, Transport, TransportError, VisitorRequest,
};
use social_plus_auth::emulator::Options;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Checks that neither the compact nor the pretty `Debug` output contains a secret.
#[track_caller]
fn assert_hidden(value: &impl Debug, secrets: &[&Secret]) {
    let shown = format!("{value:?} {value:#?}");
    for secret in secrets {
        assert!(!shown.contains(secret.expose()), "{shown}");
    }
}

#[test]
fn sessions_tokens_and_requests_hide_their_secrets() {
    let world = secure();
    let token = run(world.edge.create_auth_token("ada")).unwrap();
    assert_hidden(&token, &[&token.token]);
    let request = ada().auth_token(token.clone());
    assert_hidden(&request, &[&token.token]);
    let session = run(world.client.create_session(&request)).unwrap();
    assert_hidden(&session, &[&session.access_token]);
    let visitor = VisitorRequest::new("device-1").signature("f".repeat(64), "soon");
    assert_hidden(&visitor, &[&Secret::from("ffff")]);
}

#[test]
fn clients_builders_and_transports_hide_their_keys() {
    let world = secure();
    let (api_key, server_key) = world.transport.keys();
    assert_hidden(&world.client, &[&api_key]);
    assert_hidden(&world.edge, &[&api_key, &server_key]);
    assert_hidden(&world.transport, &[&api_key, &server_key]);
    let client = Client::builder(Region::Eu, api_key.clone());
    assert_hidden(&client, &[&api_key]);
    let edge = Edge::builder(Region::Eu, server_key.clone()).api_key(api_key.clone());
    assert_hidden(&edge, &[&api_key, &server_key]);
}

#[test]
fn the_error_of_a_malformed_key_does_not_repeat_it() {
    let key = Secret::from("hunter2\nhunter2");
    let transport = Emulated::default();
    let error = Client::builder(Region::Eu, key)
        .transport(transport)
        .build()
        .unwrap_err();
    assert_eq!(error.operation(), "build");
    assert!(error.message().contains("`apiKey`"), "{error}");
    assert_hidden(&error, &[&Secret::from("hunter2")]);
}

#[test]
fn the_error_of_a_malformed_token_does_not_repeat_it() {
    let world = secure();
    let token = Secret::from("hunter2 hunter2");
    let error = run(world.client.revoke_session(&token)).unwrap_err();
    assert_hidden(&error, &[&Secret::from("hunter2")]);
}

#[test]
fn the_error_of_a_refused_request_does_not_repeat_the_body_of_the_response() {
    let world = with_options(Options::default());
    let echo = social_plus_auth::emulator::Fault {
        body: Some(r#"{"message":"bad token hunter2"}"#.into()),
        ..status_fault(401, 1.0, &[])
    };
    world.add_fault(echo);
    let error = run(world.client.create_session(&ada().auth_token("hunter2"))).unwrap_err();
    assert_hidden(&error, &[&Secret::from("hunter2")]);
    assert!(!error.to_string().contains("hunter2"));
}

/// Records the `Debug` output of every request.
#[derive(Default)]
struct Recorder(Mutex<String>);

impl Transport for Recorder {
    async fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        write!(self.0.lock().unwrap(), "{request:?}").unwrap();
        Err(TransportError::Network)
    }

    async fn sleep(&self, _: Duration) {}
}

#[test]
fn the_debug_output_of_a_request_hides_its_credential_and_its_body() {
    let recorder = Arc::new(Recorder::default());
    let client = Client::builder(Region::Eu, "api-key-1")
        .transport(recorder.clone())
        .build()
        .unwrap();
    let request = SessionRequest::new("ada", "device-1").auth_token("auth-token-1");
    run(client.create_session(&request)).unwrap_err();
    run(client.verify_session(&Secret::from("access-token-1"))).unwrap_err();
    let shown = recorder.0.lock().unwrap();
    assert!(shown.contains("/api/v5/sessions"));
    for secret in ["api-key-1", "auth-token-1", "access-token-1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
