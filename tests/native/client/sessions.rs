//! Tests every call of a `Client`.

use crate::support::{ada, run, secret, secure, unsecure, with_options, with_version};
use social_plus_auth::client::{
    BotRequest, DeviceInfo, DeviceKind, ErrorKind, SessionRequest, SessionVersion, UserType,
    Verification, VisitorRequest,
};
use social_plus_auth::emulator::Options;
use std::time::Duration;

#[test]
fn creates_a_session_for_a_new_user() {
    let session = unsecure().sign_in();
    assert_eq!(session.user_id, "ada");
    assert_eq!(session.device_id, "device-1");
    assert_eq!(session.user.user_id, "ada");
    assert_eq!(session.user_type, Some(UserType::SignedIn));
    let month = Duration::from_secs(30 * 86_400);
    assert_eq!(session.expires_at, session.issued_at + month);
}

#[test]
fn sends_the_names_of_the_user_and_a_valid_device_info() {
    let world = unsecure();
    let device = DeviceInfo {
        kind: Some(DeviceKind::Web),
        model: Some("Firefox".into()),
        sdk_version: Some("1.0".into()),
    };
    let request = ada()
        .display_name("Ada Lovelace")
        .profile_handle("ada.l")
        .device_info(device);
    let session = run(world.client.create_session(&request)).unwrap();
    assert_eq!(session.user.display_name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(session.user.other["profileHandle"], "ada.l");
    assert_eq!(world.request_count(), 1);
}

#[test]
fn v3_and_v4_return_a_refresh_token_that_renews_the_access_token() {
    for version in [SessionVersion::V3, SessionVersion::V4] {
        let world = with_version(version);
        let session = world.sign_in();
        let refresh_token = session.refresh_token.unwrap();
        let refresh = world.client.refresh_access_token("ada", &refresh_token);
        let access_token = run(refresh).unwrap();
        let verification = run(world.client.verify_session(&access_token)).unwrap();
        assert_eq!(verification, Verification::Valid, "{version:?}");
    }
}

#[test]
fn an_unknown_refresh_token_is_refused() {
    let world = with_version(SessionVersion::V4);
    world.sign_in();
    let unknown = secret("unknown");
    let error = run(world.client.refresh_access_token("ada", &unknown)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(error.operation(), "refresh_access_token");
}

#[test]
fn a_visitor_and_a_bot_receive_their_user_ids() {
    let client = unsecure().client;
    let device = DeviceInfo::default();
    let visitor = VisitorRequest::new("device-1").device_info(device.clone());
    let visitor = run(client.create_visitor_session(&visitor)).unwrap();
    assert_eq!(visitor.user_type, Some(UserType::Visitor));
    assert_eq!(visitor.user_id, visitor.user.user_id);
    let bot = BotRequest::new("device-2").device_info(device);
    let bot = run(client.create_bot_session(&bot)).unwrap();
    assert_eq!(bot.user_type, Some(UserType::Bot));
    assert_ne!(bot.user_id, "");
}

#[test]
fn secure_visitor_mode_refuses_a_forged_signature() {
    let world = with_options(Options {
        secure_visitor_mode: true,
        ..Options::default()
    });
    let forged = VisitorRequest::new("device-1").signature("0".repeat(64), "2026-02-01T00:00:00Z");
    let error = run(world.client.create_visitor_session(&forged)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[test]
fn secure_mode_requires_an_auth_token() {
    let world = secure();
    let error = run(world.client.create_session(&ada())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SecureModeRequired);
    assert_eq!(error.code(), Some(400_300));
    assert_eq!(error.status(), Some(403));
}

#[test]
fn verifying_a_refused_access_token_is_not_an_error() {
    let world = unsecure();
    let verify = |token| run(world.client.verify_session(&token)).unwrap();
    let unknown = Verification::Invalid(ErrorKind::Unauthorized);
    assert_eq!(verify(secret("unknown")), unknown);
    let session = world.sign_in();
    assert_eq!(verify(session.access_token.clone()), Verification::Valid);
    world
        .transport
        .with(|emulator, _| emulator.set_banned("ada", true));
    let banned = Verification::Invalid(ErrorKind::Banned);
    assert_eq!(verify(session.access_token), banned);
}

#[test]
fn a_revoked_access_token_is_invalid() {
    let world = unsecure();
    let token = world.sign_in().access_token;
    run(world.client.revoke_session(&token)).unwrap();
    let verification = run(world.client.verify_session(&token)).unwrap();
    assert!(!verification.is_valid());
    let error = run(world.client.revoke_session(&token)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
}

#[test]
fn does_not_send_a_request_that_exceeds_a_limit() {
    let world = unsecure();
    let long = SessionRequest::new("x".repeat(51), "device-1");
    let error = run(world.client.create_session(&long)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.message().contains("`userId`"), "{error}");
    assert_eq!(error.attempts(), 0);
    assert_eq!(world.request_count(), 0);
}

#[test]
fn a_session_can_be_converted_to_json_and_back() {
    let session = unsecure().sign_in();
    let json = serde_json::to_value(&session).unwrap();
    assert_eq!(json["issuedAt"], "2026-01-01T00:00:00.000Z");
    assert_eq!(json["accessToken"], session.access_token.expose());
    assert_eq!(json["userType"], "signed-in");
    let read: social_plus_auth::client::Session = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), json);
}
