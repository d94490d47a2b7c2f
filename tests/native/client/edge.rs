//! Tests every call that requires the server key.

use crate::support::{ada, run, secure, unsecure};
use social_plus_auth::client::{Edge, ErrorKind, Region, Secret, TokenVersion};
use social_plus_auth::emulator::DropPoint;
use social_plus_auth::emulator::Fault;
use std::time::{Duration, UNIX_EPOCH};

#[test]
fn an_auth_token_lasts_ten_minutes_and_signs_its_user_in() {
    let world = secure();
    let token = run(world.edge.create_auth_token("ada")).unwrap();
    let now = world.transport.with(|_, now| now);
    let expires_at = UNIX_EPOCH + Duration::from_secs_f64(now / 1000.0 + 600.0);
    assert_eq!(token.expires_at, expires_at);
    let session = run(world.client.create_session(&ada().auth_token(token))).unwrap();
    assert_eq!(session.user_id, "ada");
}

#[test]
fn an_auth_token_of_another_user_is_refused() {
    let world = secure();
    let token = run(world.edge.create_auth_token("eve")).unwrap();
    let error = run(world.client.create_session(&ada().auth_token(token))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[test]
fn the_deprecated_endpoint_of_v3_also_mints_an_auth_token() {
    let world = secure();
    let edge = Edge::builder(Region::Eu, world.transport.keys().1)
        .token_version(TokenVersion::V3)
        .transport(world.transport.clone())
        .build()
        .unwrap();
    let token = run(edge.create_auth_token("ada")).unwrap();
    run(world.client.create_session(&ada().auth_token(token))).unwrap();
}

#[test]
fn an_exchange_mints_an_auth_token_and_redeems_it() {
    let world = secure();
    let session = run(world.edge.exchange_session(&ada())).unwrap();
    assert_eq!(session.user_id, "ada");
    assert_eq!(world.request_count(), 2);
}

#[test]
fn an_exchange_ignores_an_auth_token_in_the_request() {
    let world = secure();
    let request = ada().auth_token("stale");
    let session = run(world.edge.exchange_session(&request)).unwrap();
    assert_eq!(session.user_id, "ada");
}

#[test]
fn an_exchange_without_an_api_key_sends_nothing() {
    let world = secure();
    let edge = Edge::builder(Region::Eu, world.transport.keys().1)
        .transport(world.transport.clone())
        .build()
        .unwrap();
    let error = run(edge.exchange_session(&ada())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.operation(), "exchange_session");
    assert_eq!(world.request_count(), 0);
}

#[test]
fn the_error_of_an_exchange_counts_the_attempts_of_both_steps() {
    let world = secure();
    world.add_fault(Fault {
        path: Some("/api/v5/sessions".into()),
        times: Some(f64::INFINITY),
        drop: Some(DropPoint::BeforeHandling),
        ..Fault::default()
    });
    let error = run(world.edge.exchange_session(&ada())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Network);
    assert_eq!(error.attempts(), 4);
}

#[test]
fn minting_is_forbidden_in_unsecure_mode() {
    let error = run(unsecure().edge.create_auth_token("ada")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[test]
fn a_wrong_server_key_is_refused() {
    let world = secure();
    let edge = Edge::builder(Region::Eu, Secret::from("wrong"))
        .transport(world.transport)
        .build()
        .unwrap();
    let error = run(edge.create_auth_token("ada")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(error.message().contains("server key"), "{error}");
}
