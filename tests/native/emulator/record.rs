//! What is remembered of requests: everything that a test wants to see, and no secret.

use crate::support::{body, secure, unsecure, START};
use serde_json::json;
use social_plus_auth::emulator::Request;

#[test]
fn a_request_is_remembered_with_what_was_answered() {
    let mut client = unsecure();
    client.now += 5.0;
    client.create("v5", json!({"userId": "ada", "deviceId": "d", "n": 9_007_199_254_740_993_u64}));
    client.send("GET", "/api/v3/users/ada?x=1", &[("X-Trace", "t"), ("x-api-key", "ak-1")], None);
    let requests = client.emulator.requests();
    let (first, second) = (&requests[0], &requests[1]);
    assert_eq!((first.method.as_str(), first.path.as_str(), first.status, first.at), ("POST", "/api/v5/sessions", 200, START + 5.0));
    assert_eq!(first.body, json!({"userId": "ada", "deviceId": "d", "n": 9_007_199_254_740_992.0}));
    assert_eq!((second.path.as_str(), second.status, &second.body), ("/api/v3/users/ada", 401, &json!(null)));
    assert_eq!((second.headers["x-trace"].as_str(), second.headers["x-api-key"].as_str()), ("t", "ak-1"));
}

#[test]
fn no_secret_is_remembered_wherever_it_stood() {
    let mut client = secure();
    let auth_token = client.minted("ada");
    let created = body(&client.create("v4", json!({"userId": "ada", "deviceId": "d", "authToken": auth_token})));
    let access_token = created["accessToken"].as_str().unwrap().to_owned();
    let refresh_token = created["refreshToken"].as_str().unwrap().to_owned();
    let admin_token = client.emulator.admin_token().to_owned();
    client.verify(&access_token);
    client.admin("DELETE", "/api/v4/sessions/users/nobody");
    client.send("GET", &format!("/v1/accessToken?userId=ada&refreshToken={refresh_token}"), &[("x-api-key", "ak-1")], None);
    let new_admin_token = body(&client.admin("POST", "/api/v1/admin-token"))["adminToken"].as_str().unwrap().to_owned();
    let server_key = body(&client.admin("POST", "/api/v3/networks/server-key")).as_str().unwrap().to_owned();
    let visitor_secret = client.emulator.visitor_secret().to_owned();
    let signature = "0123456789abcdef".repeat(4);
    let earlier = ["sk-1", &auth_token, &access_token, &refresh_token, &admin_token];
    let secrets = [&earlier[..], &[&new_admin_token, &server_key, &visitor_secret, &signature]].concat();
    for secret in secrets.iter().copied() {
        client.bearer("GET", "/api/v3/sessions", secret);
        client.send("GET", &format!("/api/v3/users/{secret}"), &[("x-odd", secret), ("x-two", &format!("a, {secret}"))], None);
        client.send(
            "POST",
            "/x",
            &[("cookie", &format!("a={secret}"))],
            Some(json!({"a": [{"b": format!("({secret})")}], secret: 1, "serverKey": secret})),
        );
        client.emulator.handle(client.now, &Request::new("POST", "/x", [("content-type", "text/plain")], secret));
        client.emulator.handle(client.now, &Request::new(secret, "/x", [("a", "b")], ""));
    }
    let seen = format!("{:?}", client.emulator.requests());
    for secret in secrets {
        assert!(!seen.contains(secret), "one of the secrets was kept");
    }
    let shown = format!("{:?} {:?}", client.emulator, Request::new("POST", "/x", [("authorization", "Bearer s3cr3t")], "s3cr3t"));
    assert!(!shown.contains("sk-1") && !shown.contains("s3cr3t"));
}

#[test]
fn a_word_that_holds_a_short_key_by_chance_is_no_secret() {
    let mut client = unsecure();
    client.send("GET", "/api/v3/users/task-1", &[], None);
    assert_eq!(client.emulator.requests()[0].path, "/api/v3/users/task-1");
}

#[test]
fn secrets_that_the_service_never_heard_of_are_left_out_by_their_name() {
    let mut client = unsecure();
    client.send(
        "POST",
        "/x",
        &[
            ("authorization", "Basic s3cr3t"),
            ("x-admin-token", "s3cr3t"),
            ("x-amity-signature", "s3cr3t"),
            ("set-access-token-cookie", "true"),
        ],
        Some(json!({"authSignature": "s3cr3t", "nested": [{"refreshToken": {"a": "s3cr3t"}}], "apiKey": "ak-1"})),
    );
    let requests = client.emulator.requests();
    assert!(!format!("{requests:?}").contains("s3cr3t"));
    assert_eq!(requests[0].headers["set-access-token-cookie"], "true");
    assert_eq!(requests[0].body["apiKey"], "ak-1");
    assert_eq!(requests[0].body["nested"], json!([{"refreshToken": "[redacted]"}]));
}

#[test]
fn the_last_thousand_are_kept_and_no_long_body() {
    let mut client = unsecure();
    for call in 0..1005 {
        client.send("GET", &format!("/{call}"), &[], None);
    }
    client.send("POST", "/long", &[], Some(json!("a".repeat(20_000))));
    let requests = client.emulator.requests();
    assert_eq!((requests.len(), requests[0].path.as_str()), (1000, "/6"));
    assert_eq!(requests[999].body, "[too long to be kept]");
}
