//! Bans and deletions, and what the official SDK asks for at login and resume.

use crate::support::{assert_refused, body, unsecure};
use serde_json::json;

const BEARER_CALLS: [(&str, &str); 4] = [
    ("GET", "/api/v3/sessions"),
    ("GET", "/api/v3/network-settings/chat"),
    ("GET", "/api/v3/users/ada"),
    ("DELETE", "/api/v4/sessions"),
];

#[test]
fn a_banned_user_is_told_so_everywhere_until_the_ban_is_lifted() {
    let mut client = unsecure();
    let token = client.signed_in("ada", "d");
    assert!(client.emulator.set_banned("ada", true));
    for (method, path) in BEARER_CALLS {
        assert_refused(
            &client.bearer(method, path, &token),
            403,
            400_312,
            "User is global banned.",
        );
    }
    for version in ["v3", "v4", "v5"] {
        let reply = client.create(version, json!({"userId": "ada", "deviceId": "d"}));
        assert_refused(&reply, 403, 400_312, "User is global banned.");
    }
    assert!(client.emulator.users()[0].is_global_ban);
    assert!(!client.emulator.sessions(client.now)[0].valid);
    assert!(client.emulator.set_banned("ada", false));
    assert_eq!(client.verify(&token).status, 200);
    assert!(client.emulator.sessions(client.now)[0].valid);
}

#[test]
fn a_deleted_user_is_not_found_any_more() {
    let mut client = unsecure();
    let token = client.signed_in("ada", "d");
    assert!(client.emulator.delete_user("ada"));
    for (method, path) in BEARER_CALLS {
        assert_refused(
            &client.bearer(method, path, &token),
            404,
            400_400,
            "User Not Found.",
        );
    }
    let reply = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
    assert_refused(&reply, 404, 400_400, "User Not Found.");
    assert!(client.emulator.users()[0].is_deleted);
}

#[test]
fn nobody_is_made_by_being_banned() {
    let mut client = unsecure();
    assert!(!client.emulator.set_banned("ada", true));
    assert!(!client.emulator.delete_user("ada"));
    assert!(client.emulator.users().is_empty());
}

#[test]
fn other_users_are_shown_with_their_ban() {
    let mut client = unsecure();
    client.signed_in("a/b é", "d1");
    let token = client.signed_in("grace", "d2");
    client.emulator.set_banned("a/b é", true);
    let reply = client.bearer("GET", "/api/v3/users/a%2Fb%20%C3%A9", &token);
    let body = body(&reply);
    assert_eq!(
        (reply.status, body["users"].as_array().unwrap().len()),
        (200, 1)
    );
    assert_eq!(
        (
            &body["users"][0]["userId"],
            &body["users"][0]["isGlobalBan"]
        ),
        (&json!("a/b é"), &json!(true))
    );
    assert_refused(
        &client.bearer("GET", "/api/v3/users/nobody", &token),
        404,
        400_400,
        "User Not Found.",
    );
    assert_refused(
        &client.bearer("GET", "/api/v3/users/grace", "nonsense"),
        401,
        400_100,
        "Unauthorized",
    );
}

#[test]
fn chat_settings_are_there_for_who_is_signed_in() {
    let mut client = unsecure();
    let token = client.signed_in("ada", "d");
    let reply = client.bearer("GET", "/api/v3/network-settings/chat", &token);
    let body = body(&reply);
    assert_eq!(reply.status, 200);
    for (part, field) in [
        ("mention", "isAllowMentionedChannelEnabled"),
        ("messagePreview", "enabled"),
        ("messagePreview", "isIncludeDeleted"),
    ] {
        assert!(body[part][field].is_boolean(), "{part}.{field}");
    }
    assert_refused(
        &client.send("GET", "/api/v3/network-settings/chat", &[], None),
        401,
        400_100,
        "Unauthorized",
    );
}
