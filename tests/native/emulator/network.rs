//! The network's settings: server key, security settings, secure mode and push notifications.

use crate::support::{
    assert_invalid_parameters, body, secure, unsecure, Client, HOUR, JSON, START,
};
use serde_json::{json, Value};
use social_plus_auth::protocol::date::format_iso;

const SERVER_KEY: &str = "/api/v3/networks/server-key";
const CONFIGS: &str = "/api/v3/network-settings/security-configs";
const NETWORK: &str = "/api/v3/networks/me";
const PUSH: &str = "/admin/v1/notification/setting";

/// Issues a server key and returns it.
#[track_caller]
fn issue(client: &mut Client) -> String {
    let reply = client.send_admin("POST", SERVER_KEY);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), JSON);
    body(&reply).as_str().unwrap().to_owned()
}

fn is_valid(client: &mut Client, server_key: &str) -> bool {
    client.mint_with(server_key, "ada").status == 200
}

#[test]
fn a_new_server_key_has_122_lower_case_hexadecimal_digits() {
    let mut client = secure();
    let new = issue(&mut client);
    assert_eq!(new.len(), 122);
    assert!(new.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
    assert_eq!(client.emulator.server_key(), new);
}

#[test]
fn a_replaced_server_key_stays_valid_for_its_grace_period() {
    for (configured_hours, grace_hours) in [(None, 1.0), (Some(3.0), 3.0), (Some(0.0), 0.0)] {
        let mut client = secure();
        if let Some(hours) = configured_hours {
            let config = json!({"serverKey": {"expiresInHours": hours}});
            client.send_admin_with_body("PUT", CONFIGS, config);
        }
        let new = issue(&mut client);
        if grace_hours > 0.0 {
            client.now += grace_hours * HOUR - 1.0;
            assert!(is_valid(&mut client, "sk-1"));
            client.now += 1.0;
        }
        assert!(!is_valid(&mut client, "sk-1"));
        assert!(is_valid(&mut client, &new));
    }
}

#[test]
fn a_reset_restores_the_initial_server_key() {
    let mut client = secure();
    let new = issue(&mut client);
    client.emulator.reset();
    assert!(is_valid(&mut client, "sk-1"));
    assert!(!is_valid(&mut client, &new));
}

#[test]
fn every_replaced_server_key_has_its_own_grace_period() {
    let mut client = secure();
    let first = issue(&mut client);
    client.now += HOUR / 2.0;
    let second = issue(&mut client);
    let validity = |client: &mut Client| ["sk-1", &first, &second].map(|key| is_valid(client, key));
    assert_eq!(validity(&mut client), [true, true, true]);
    client.now += HOUR / 2.0;
    assert_eq!(validity(&mut client), [false, true, true]);
    client.now += HOUR / 2.0;
    assert_eq!(validity(&mut client), [false, false, true]);
}

#[test]
fn an_admin_can_read_who_changed_the_server_key_last_and_when() {
    let mut client = unsecure();
    let last_change = |client: &mut Client| body(&client.send_admin("GET", SERVER_KEY));
    assert_eq!(
        last_change(&mut client),
        json!({"updatedAt": format_iso(START), "updatedBy": "root"})
    );
    client.now += 7.0;
    issue(&mut client);
    client.now += 7.0;
    assert_eq!(
        last_change(&mut client),
        json!({"updatedAt": format_iso(START + 7.0), "updatedBy": "admin"})
    );
}

/// Returns the JSON form of the security settings.
fn configs(server_key_hours: f64, api_scope: bool, admin_token_hours: f64) -> Value {
    json!({"securityConfigs": {
        "serverKey": {"expiresInHours": server_key_hours, "apiScopeEnabled": api_scope},
        "adminToken": {"expiresInHours": admin_token_hours},
    }})
}

#[test]
fn a_change_of_the_security_settings_keeps_omitted_fields_and_a_reset_restores_the_defaults() {
    let mut client = unsecure();
    for (change, expected) in [
        (json!({}), configs(1.0, false, 24.0)),
        (
            json!({"serverKey": {"expiresInHours": 2}}),
            configs(2.0, false, 24.0),
        ),
        (
            json!({"serverKey": {"apiScopeEnabled": true}, "more": 1}),
            configs(2.0, true, 24.0),
        ),
        (
            json!({"adminToken": {"expiresInHours": 0.25}}),
            configs(2.0, true, 0.25),
        ),
        (
            json!({"serverKey": {"expiresInHours": 8760}, "adminToken": {}}),
            configs(8760.0, true, 0.25),
        ),
    ] {
        let reply = client.send_admin_with_body("PUT", CONFIGS, change.clone());
        assert_eq!(body(&reply), expected, "{change}");
        assert_eq!(body(&client.send_admin("GET", CONFIGS)), expected);
    }
    client.emulator.reset();
    let reply = client.send_admin("GET", CONFIGS);
    assert_eq!(body(&reply), configs(1.0, false, 24.0));
}

#[test]
fn an_invalid_change_of_the_security_settings_is_rejected_and_has_no_effect() {
    let mut client = unsecure();
    for (change, names) in [
        (json!({"serverKey": 5}), &["serverKey"][..]),
        (
            json!({"serverKey": {"expiresInHours": -1, "apiScopeEnabled": "yes"}}),
            &["serverKey.expiresInHours", "serverKey.apiScopeEnabled"],
        ),
        (
            json!({"serverKey": {"expiresInHours": 3}, "adminToken": {"expiresInHours": 8761}}),
            &["adminToken.expiresInHours"],
        ),
        (
            json!({"adminToken": {"expiresInHours": "24"}}),
            &["adminToken.expiresInHours"],
        ),
    ] {
        let reply = client.send_admin_with_body("PUT", CONFIGS, change);
        assert_invalid_parameters(&reply, 422, names);
    }
    let reply = client.send_admin("GET", CONFIGS);
    assert_eq!(body(&reply), configs(1.0, false, 24.0));
}

#[test]
fn a_new_network_is_in_unsecure_mode_and_has_a_name_and_a_creation_date() {
    let network = body(&unsecure().send_admin("GET", NETWORK));
    assert_eq!(network["name"], "Emulator");
    assert_eq!(network["useSecureAuthentication"], false);
    assert_eq!(network["createdAt"], format_iso(START));
    assert_eq!(network["updatedAt"], format_iso(START));
}

#[test]
fn an_admin_can_switch_secure_mode_on_and_off() {
    let mut client = unsecure();
    client.now += 9.0;
    let on = json!({"useSecureAuthentication": true});
    let reply = client.send_admin_with_body("PUT", NETWORK, on);
    assert_eq!(body(&reply)["useSecureAuthentication"], true);
    assert_eq!(body(&reply)["updatedAt"], format_iso(START + 9.0));
    assert_eq!(body(&client.send_admin("GET", NETWORK)), body(&reply));
    assert_eq!(client.mint("ada").status, 200);
    let session = json!({"userId": "ada", "deviceId": "d"});
    assert_eq!(client.create_session("v5", session).status, 403);
    let off = json!({"useSecureAuthentication": false});
    client.send_admin_with_body("PUT", NETWORK, off);
    assert_eq!(client.mint("ada").status, 403);
}

#[test]
fn switching_secure_mode_requires_a_boolean() {
    let mut client = unsecure();
    for parameters in [json!({}), json!({"useSecureAuthentication": "true"})] {
        let reply = client.send_admin_with_body("PUT", NETWORK, parameters);
        assert_invalid_parameters(&reply, 422, &["useSecureAuthentication"]);
    }
}

/// Returns push settings with these events.
fn push_settings(events: Value) -> Value {
    json!({"level": "network", "isPushNotifiable": true, "notifiableEvents": events})
}

/// Returns `count` valid events.
fn events(count: usize) -> Value {
    json!(vec![
        json!({"name": "chat.message", "isPushNotifiable": true});
        count
    ])
}

#[test]
fn the_push_settings_may_have_up_to_24_events() {
    let mut client = unsecure();
    for settings in [
        json!({"level": "network", "isPushNotifiable": false}),
        push_settings(events(1)),
        push_settings(events(24)),
    ] {
        let reply = client.send_admin_with_body("POST", PUSH, settings);
        assert_eq!(body(&reply), json!({"status": "success"}));
    }
}

#[test]
fn invalid_push_settings_are_rejected() {
    let mut client = unsecure();
    for (settings, names) in [
        (json!({}), &["level", "isPushNotifiable"][..]),
        (
            json!({"level": "user", "isPushNotifiable": 1}),
            &["level", "isPushNotifiable"],
        ),
        (push_settings(json!([])), &["notifiableEvents"]),
        (push_settings(events(25)), &["notifiableEvents"]),
        (push_settings(json!({})), &["notifiableEvents"]),
        (push_settings(json!(["chat"])), &["notifiableEvents"]),
        (
            push_settings(json!([{"name": ""}])),
            &["notifiableEvents.name", "notifiableEvents.isPushNotifiable"],
        ),
    ] {
        let reply = client.send_admin_with_body("POST", PUSH, settings);
        assert_invalid_parameters(&reply, 422, names);
    }
}
