//! Tests every call that requires an admin token.

use crate::support::{ada, run, secure, status_fault, World};
use social_plus_auth::client::emulated::Emulated;
use social_plus_auth::client::{
    Admin, ErrorKind, PushEvent, Region, SecurityConfig, SessionRequest, Verification,
};

fn admin(world: &World) -> Admin<Emulated> {
    Admin::builder(Region::Eu, world.transport.admin_token())
        .transport(world.transport.clone())
        .build()
        .unwrap()
}

#[test]
fn an_issued_admin_token_is_accepted_and_hidden_in_debug_output() {
    let world = secure();
    let issued = run(admin(&world).issue_admin_token()).unwrap();
    assert!(issued.expires_at > issued.issued_at);
    let successor = Admin::builder(Region::Eu, issued.admin_token.clone())
        .transport(world.transport.clone())
        .build()
        .unwrap();
    let current = run(successor.get_admin_token()).unwrap();
    assert_eq!(current.admin_token.expose(), issued.admin_token.expose());
    assert!(!format!("{current:?}").contains(current.admin_token.expose()));
}

#[test]
fn a_revoked_admin_token_is_refused() {
    let world = secure();
    let admin = admin(&world);
    run(admin.revoke_admin_token("admin")).unwrap();
    let error = run(admin.get_network()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(error.operation(), "get_network");
}

#[test]
fn revoking_the_sessions_of_a_user_invalidates_their_access_tokens() {
    let world = secure();
    let session = run(world.edge.exchange_session(&ada())).unwrap();
    run(admin(&world).revoke_user_sessions("ada", true)).unwrap();
    let verification = run(world.client.verify_session(&session.access_token)).unwrap();
    assert_eq!(verification, Verification::Invalid(ErrorKind::Unauthorized));
}

#[test]
fn issuing_a_server_key_replaces_the_key_and_updates_the_record_of_the_last_change() {
    let world = secure();
    let admin = admin(&world);
    let before = run(admin.get_server_key_info()).unwrap().updated_at;
    world.transport.advance(std::time::Duration::from_secs(1));
    let key = run(admin.issue_server_key()).unwrap();
    assert_eq!(world.transport.keys().1.expose(), key.expose());
    let info = run(admin.get_server_key_info()).unwrap();
    assert!(info.updated_at > before);
    assert_ne!(info.updated_by, "");
}

#[test]
fn an_omitted_setting_keeps_its_value() {
    let admin = admin(&secure());
    let before = run(admin.get_security_config()).unwrap();
    let changed = SecurityConfig {
        server_key_expires_in_hours: Some(2),
        ..SecurityConfig::default()
    };
    let after = run(admin.set_security_config(changed)).unwrap();
    assert_eq!(after.server_key_expires_in_hours, Some(2));
    assert_eq!(
        after.admin_token_expires_in_hours,
        before.admin_token_expires_in_hours
    );
    assert_eq!(run(admin.get_security_config()).unwrap(), after);
}

#[test]
fn an_admin_can_switch_secure_mode_off() {
    let world = secure();
    let admin = admin(&world);
    assert!(run(admin.get_network()).unwrap().use_secure_authentication);
    run(admin.set_secure_mode(false)).unwrap();
    let network = run(admin.get_network()).unwrap();
    assert!(!network.use_secure_authentication);
    assert_eq!(network.name, "Emulator");
    let request = SessionRequest::new("eve", "device-2");
    run(world.client.create_session(&request)).unwrap();
}

#[test]
fn push_can_be_switched_off_or_on_but_not_with_an_empty_list_of_events() {
    let admin = admin(&secure());
    run(admin.set_network_push(false, None)).unwrap();
    let event = PushEvent {
        name: "message.created".into(),
        enabled: true,
    };
    run(admin.set_network_push(true, Some(&[event]))).unwrap();
    let error = run(admin.set_network_push(true, Some(&[]))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(error.field(), Some("events"));
}

#[test]
fn a_call_that_issues_a_credential_or_revokes_an_admin_token_is_not_retried() {
    let world = secure();
    let admin = admin(&world);
    world.add_fault(status_fault(500, 9.0, &[]));
    let error = run(admin.issue_admin_token()).unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert_eq!(run(admin.issue_server_key()).unwrap_err().attempts(), 1);
    assert_eq!(
        run(admin.revoke_admin_token("admin"))
            .unwrap_err()
            .attempts(),
        1
    );
    assert_eq!(run(admin.get_network()).unwrap_err().attempts(), 3);
}
