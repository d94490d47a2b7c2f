//! The limits of a session's parameters, and bodies that are none.

use crate::support::{assert_parameters, assert_refused, unsecure};
use serde_json::{json, Value};

fn with(name: &str, value: Value) -> Value {
    let mut wanted = json!({"userId": "ada", "deviceId": "d"});
    match name.split_once('.') {
        None => wanted[name] = value,
        Some((outer, inner)) => wanted[outer] = json!({inner: value}),
    }
    wanted
}

fn text(length: usize) -> Value {
    json!("é".repeat(length))
}

#[test]
fn the_longest_is_taken_and_one_more_is_not() {
    for (name, longest, versions) in [
        ("userId", 50, &["v3", "v4", "v5"][..]),
        ("deviceId", 150, &["v3", "v4", "v5"]),
        ("displayName", 100, &["v3", "v4", "v5"]),
        ("profileHandle", 100, &["v4", "v5"]),
        ("authToken", 100, &["v3", "v4", "v5"]),
        ("deviceInfo.model", 100, &["v3", "v4"]),
        ("deviceInfo.model", 300, &["v5"]),
        ("deviceInfo.sdkVersion", 30, &["v3", "v4", "v5"]),
    ] {
        for version in versions {
            let mut client = unsecure();
            assert_eq!(
                client.create(version, with(name, text(longest))).status,
                200,
                "{version} {name}"
            );
            assert_parameters(
                &client.create(version, with(name, text(longest + 1))),
                422,
                &[name],
            );
            // Two UTF-16 code units each.
            assert_parameters(
                &client.create(version, with(name, json!("👩".repeat(longest / 2 + 1)))),
                422,
                &[name],
            );
            for wrong in [json!(5), json!(null), json!(["a"])] {
                assert_parameters(&client.create(version, with(name, wrong)), 422, &[name]);
            }
        }
    }
}

#[test]
fn what_may_not_be_empty() {
    let mut client = unsecure();
    for name in ["userId", "deviceId", "authToken"] {
        assert_parameters(&client.create("v5", with(name, json!(""))), 422, &[name]);
    }
    for name in ["displayName", "profileHandle", "deviceInfo.model"] {
        assert_eq!(
            client.create("v5", with(name, json!(""))).status,
            200,
            "{name}"
        );
    }
}

#[test]
fn words_that_are_reserved_and_words_that_must_be() {
    let mut client = unsecure();
    for beginning in ["ADMIN_", "DELETED_"] {
        assert_parameters(
            &client.create("v5", with("userId", json!(format!("{beginning}1")))),
            422,
            &["userId"],
        );
        assert_eq!(
            client
                .create("v4", with("userId", json!(format!("{beginning}1"))))
                .status,
            200
        );
        assert_eq!(
            client
                .create("v5", with("userId", json!(format!("a{beginning}1"))))
                .status,
            200
        );
    }
    for kind in ["ios", "android", "web", "node"] {
        assert_eq!(
            client
                .create("v5", with("deviceInfo.kind", json!(kind)))
                .status,
            200
        );
    }
    for kind in [json!("Web"), json!(""), json!(1)] {
        assert_parameters(
            &client.create("v5", with("deviceInfo.kind", kind)),
            422,
            &["deviceInfo.kind"],
        );
    }
    assert_parameters(
        &client.create("v5", with("deviceInfo", json!("web"))),
        422,
        &["deviceInfo"],
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_no_value_is_repeated() {
    let mut client = unsecure();
    let secret = "s3cr3t".repeat(60);
    let reply = client.create("v5", json!({"displayName": secret, "authToken": secret, "deviceInfo": {"kind": secret, "model": secret}}));
    assert_parameters(
        &reply,
        422,
        &[
            "userId",
            "deviceId",
            "displayName",
            "authToken",
            "deviceInfo.kind",
            "deviceInfo.model",
        ],
    );
    assert!(!reply.body.contains("s3cr3t"));
    assert!(client.emulator.users().is_empty());
}

#[test]
fn fields_that_nobody_knows_are_let_pass() {
    let mut client = unsecure();
    assert_eq!(
        client
            .create("v5", with("sessionHandler", json!({})))
            .status,
        200
    );
    assert_eq!(
        client.create("v3", with("profileHandle", json!(5))).status,
        200
    );
}

#[test]
fn a_body_must_be_a_json_object_and_say_so() {
    let mut client = unsecure();
    for broken in [
        "{",
        "[]",
        "\"a\"",
        "5",
        "null",
        "{\"userId\":\"\\ud800\"}",
        "\u{feff}{}",
    ] {
        let request = |kind: &str| {
            social_plus_auth::emulator::Request::new(
                "POST",
                "/api/v5/sessions",
                [("x-api-key", "ak-1"), ("content-type", kind)],
                broken,
            )
        };
        let reply = client
            .emulator
            .handle(client.now, &request("application/json; charset=utf-8"));
        assert_refused(&reply, 400, 400_000, "Bad request.");
        let reply = client.emulator.handle(client.now, &request("text/plain"));
        assert_parameters(&reply, 422, &["userId", "deviceId"]);
    }
    let reply = client.create("v5", with("displayName", json!("a".repeat(2 << 20))));
    assert_refused(&reply, 413, 400_000, "Bad request.");
}

#[test]
fn other_paths_and_methods_are_not_found() {
    let mut client = unsecure();
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/api/v3/session"),
        ("PUT", "/api/v5/sessions"),
        ("GET", "/api/v5/sessions"),
        ("POST", "/api/v5/sessions/"),
        ("GET", "/api/v4/authentication/token"),
        ("OPTIONS", "/api/v5/sessions"),
        ("PUT", "/admin/v1/token"),
    ] {
        assert_refused(
            &client.send(method, path, &[("x-api-key", "ak-1")], None),
            404,
            400_400,
            "Path Not Found.",
        );
    }
}
