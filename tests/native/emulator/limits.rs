//! Tests that the emulator rejects invalid bodies, unknown paths, and session parameters that are
//! invalid or above their limits.

use crate::support::{assert_invalid_parameters, assert_refused, unsecure};
use serde_json::{json, Value};

/// Returns valid session parameters, in which `name` then gets the value `value`. The name `a.b`
/// sets `a` to an object whose only field is `b`.
fn parameters_with(name: &str, value: Value) -> Value {
    let mut parameters = json!({"userId": "ada", "deviceId": "d"});
    match name.split_once('.') {
        None => parameters[name] = value,
        Some((outer, inner)) => parameters[outer] = json!({inner: value}),
    }
    parameters
}

#[test]
fn a_text_must_be_a_string_and_its_length_is_counted_in_utf16_code_units() {
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
                client
                    .create_session(version, parameters_with(name, json!("é".repeat(longest))))
                    .status,
                200,
                "{version} {name}"
            );
            assert_invalid_parameters(
                &client.create_session(
                    version,
                    parameters_with(name, json!("é".repeat(longest + 1))),
                ),
                422,
                &[name],
            );
            // Each of these characters is two UTF-16 code units.
            assert_invalid_parameters(
                &client.create_session(
                    version,
                    parameters_with(name, json!("👩".repeat(longest / 2 + 1))),
                ),
                422,
                &[name],
            );
            for wrong in [json!(5), json!(null), json!(["a"])] {
                assert_invalid_parameters(
                    &client.create_session(version, parameters_with(name, wrong)),
                    422,
                    &[name],
                );
            }
        }
    }
}

#[test]
fn ids_and_tokens_must_not_be_empty_but_names_may_be_empty() {
    let mut client = unsecure();
    for name in ["userId", "deviceId", "authToken"] {
        assert_invalid_parameters(
            &client.create_session("v5", parameters_with(name, json!(""))),
            422,
            &[name],
        );
    }
    for name in ["displayName", "profileHandle", "deviceInfo.model"] {
        assert_eq!(
            client
                .create_session("v5", parameters_with(name, json!("")))
                .status,
            200,
            "{name}"
        );
    }
}

#[test]
fn v5_rejects_user_ids_with_a_reserved_prefix() {
    let mut client = unsecure();
    for prefix in ["ADMIN_", "DELETED_"] {
        let reserved = parameters_with("userId", json!(format!("{prefix}1")));
        let reply = client.create_session("v5", reserved.clone());
        assert_invalid_parameters(&reply, 422, &["userId"]);
        assert_eq!(client.create_session("v4", reserved).status, 200);
        let inside = parameters_with("userId", json!(format!("a{prefix}1")));
        assert_eq!(client.create_session("v5", inside).status, 200);
    }
}

#[test]
fn device_info_must_be_an_object_and_its_kind_must_be_known() {
    let mut client = unsecure();
    for kind in ["ios", "android", "web", "node"] {
        assert_eq!(
            client
                .create_session("v5", parameters_with("deviceInfo.kind", json!(kind)))
                .status,
            200
        );
    }
    for kind in [json!("Web"), json!(""), json!(1)] {
        assert_invalid_parameters(
            &client.create_session("v5", parameters_with("deviceInfo.kind", kind)),
            422,
            &["deviceInfo.kind"],
        );
    }
    assert_invalid_parameters(
        &client.create_session("v5", parameters_with("deviceInfo", json!("web"))),
        422,
        &["deviceInfo"],
    );
}

#[test]
fn all_violations_are_reported_together_without_their_values() {
    let mut client = unsecure();
    let secret = "s3cr3t".repeat(60);
    let device_info = json!({"kind": secret, "model": secret});
    let reply = client.create_session(
        "v5",
        json!({"displayName": secret, "authToken": secret, "deviceInfo": device_info}),
    );
    assert_invalid_parameters(
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
fn unknown_fields_are_ignored() {
    let mut client = unsecure();
    assert_eq!(
        client
            .create_session("v5", parameters_with("sessionHandler", json!({})))
            .status,
        200
    );
    assert_eq!(
        client
            .create_session("v3", parameters_with("profileHandle", json!(5)))
            .status,
        200
    );
}

#[test]
fn a_json_body_must_be_an_object_and_a_body_of_another_content_type_counts_as_empty() {
    let mut client = unsecure();
    for invalid in [
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
                invalid,
            )
        };
        let reply = client
            .emulator
            .handle(client.now, &request("application/json; charset=utf-8"));
        assert_refused(&reply, 400, 400_000, "Bad request.");
        let reply = client.emulator.handle(client.now, &request("text/plain"));
        assert_invalid_parameters(&reply, 422, &["userId", "deviceId"]);
    }
}

#[test]
fn a_body_above_the_limit_is_rejected() {
    let mut client = unsecure();
    let reply = client.create_session(
        "v5",
        parameters_with("displayName", json!("a".repeat(2 << 20))),
    );
    assert_refused(&reply, 413, 400_000, "Bad request.");
}

#[test]
fn unknown_paths_and_methods_are_not_found() {
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
