//! Bans and deletions, and the calls that the official SDK makes at login and resume.

use crate::support::{assert_banned, assert_refused, assert_unauthorized, body, unsecure};
use serde_json::json;

const BEARER_CALLS: [(&str, &str); 4] = [
    ("GET", "/api/v3/sessions"),
    ("GET", "/api/v3/network-settings/chat"),
    ("GET", "/api/v3/users/ada"),
    ("DELETE", "/api/v4/sessions"),
];

#[test]
fn every_call_of_a_banned_user_is_rejected_until_the_ban_is_lifted() {
    let mut client = unsecure();
    let token = client.sign_in("ada", "d");
    assert!(client.emulator.set_banned("ada", true));
    for (method, path) in BEARER_CALLS {
        assert_banned(&client.send_bearer(method, path, &token));
    }
    for version in ["v3", "v4", "v5"] {
        assert_banned(&client.create_session(version, json!({"userId": "ada", "deviceId": "d"})));
    }
    assert!(client.emulator.users()[0].is_global_ban);
    assert!(!client.emulator.sessions(client.now)[0].valid);
    assert!(client.emulator.set_banned("ada", false));
    assert_eq!(client.verify(&token).status, 200);
    assert!(client.emulator.sessions(client.now)[0].valid);
}

#[test]
fn a_deleted_user_is_not_found() {
    let mut client = unsecure();
    let token = client.sign_in("ada", "d");
    assert!(client.emulator.delete_user("ada"));
    for (method, path) in BEARER_CALLS {
        let reply = client.send_bearer(method, path, &token);
        assert_refused(&reply, 404, 400_400, "User Not Found.");
    }
    let reply = client.create_session("v5", json!({"userId": "ada", "deviceId": "d"}));
    assert_refused(&reply, 404, 400_400, "User Not Found.");
    assert!(client.emulator.users()[0].is_deleted);
}

#[test]
fn banning_or_deleting_an_unknown_user_has_no_effect() {
    let mut client = unsecure();
    assert!(!client.emulator.set_banned("ada", true));
    assert!(!client.emulator.delete_user("ada"));
    assert!(client.emulator.users().is_empty());
}

#[test]
fn a_user_can_read_other_users_including_banned_ones() {
    let mut client = unsecure();
    client.sign_in("a/b é", "d1");
    let token = client.sign_in("grace", "d2");
    client.emulator.set_banned("a/b é", true);
    let reply = client.send_bearer("GET", "/api/v3/users/a%2Fb%20%C3%A9", &token);
    assert_eq!(reply.status, 200);
    let body = body(&reply);
    assert_eq!(body["users"].as_array().unwrap().len(), 1);
    assert_eq!(body["users"][0]["userId"], "a/b é");
    assert_eq!(body["users"][0]["isGlobalBan"], true);
    let reply = client.send_bearer("GET", "/api/v3/users/nobody", &token);
    assert_refused(&reply, 404, 400_400, "User Not Found.");
    assert_unauthorized(&client.send_bearer("GET", "/api/v3/users/grace", "nonsense"));
}

#[test]
fn a_signed_in_user_can_read_the_chat_settings() {
    let path = "/api/v3/network-settings/chat";
    let mut client = unsecure();
    let token = client.sign_in("ada", "d");
    let reply = client.send_bearer("GET", path, &token);
    assert_eq!(reply.status, 200);
    let body = body(&reply);
    for (part, field) in [
        ("mention", "isAllowMentionedChannelEnabled"),
        ("messagePreview", "enabled"),
        ("messagePreview", "isIncludeDeleted"),
    ] {
        assert!(body[part][field].is_boolean(), "{part}.{field}");
    }
    assert_unauthorized(&client.send("GET", path, &[], None));
}
