//! Recorded requests: their contents, and the redaction of secrets.

use crate::support::{body, client, secure, unsecure, START};
use serde_json::json;
use social_plus_auth::emulator::{Emulator, Options, Request};

#[test]
fn a_request_is_recorded_with_its_time_and_the_status_of_its_reply() {
    let mut client = unsecure();
    client.now += 5.0;
    client.create_session(
        "v5",
        json!({"userId": "ada", "deviceId": "d", "n": 9_007_199_254_740_993_u64}),
    );
    client.send(
        "GET",
        "/api/v3/users/ada?x=1",
        &[("X-Trace", "t"), ("x-api-key", "ak-1")],
        None,
    );
    let requests = client.emulator.requests();
    let (first, second) = (&requests[0], &requests[1]);
    assert_eq!(first.method, "POST");
    assert_eq!(first.path, "/api/v5/sessions");
    assert_eq!(first.status, 200);
    assert_eq!(first.at, START + 5.0);
    let rounded = json!({"userId": "ada", "deviceId": "d", "n": 9_007_199_254_740_992.0});
    assert_eq!(
        first.body, rounded,
        "numbers must be rounded as in JavaScript"
    );
    assert_eq!(second.path, "/api/v3/users/ada");
    assert_eq!(second.status, 401);
    assert_eq!(second.body, json!(null));
    assert_eq!(second.headers["x-trace"], "t");
    assert_eq!(second.headers["x-api-key"], "ak-1");
}

#[test]
fn known_secrets_and_signatures_are_redacted_wherever_they_occur() {
    let mut client = secure();
    let auth_token = client.mint_token("ada");
    let created = body(&client.create_session(
        "v4",
        json!({"userId": "ada", "deviceId": "d", "authToken": auth_token}),
    ));
    let access_token = created["accessToken"].as_str().unwrap().to_owned();
    let refresh_token = created["refreshToken"].as_str().unwrap().to_owned();
    let admin_token = client.emulator.admin_token().to_owned();
    client.verify(&access_token);
    client.send_admin("DELETE", "/api/v4/sessions/users/nobody");
    client.send(
        "GET",
        &format!("/v1/accessToken?userId=ada&refreshToken={refresh_token}"),
        &[("x-api-key", "ak-1")],
        None,
    );
    let new_admin_token = body(&client.send_admin("POST", "/api/v1/admin-token"))["adminToken"]
        .as_str()
        .unwrap()
        .to_owned();
    let server_key = body(&client.send_admin("POST", "/api/v3/networks/server-key"))
        .as_str()
        .unwrap()
        .to_owned();
    let visitor_secret = client.emulator.visitor_secret().to_owned();
    let signature = "0123456789abcdef".repeat(4);
    let secrets = [
        "sk-1",
        &auth_token,
        &access_token,
        &refresh_token,
        &admin_token,
        &new_admin_token,
        &server_key,
        &visitor_secret,
        &signature,
    ];
    for secret in secrets {
        client.send_bearer("GET", "/api/v3/sessions", secret);
        client.send(
            "GET",
            &format!("/api/v3/users/{secret}"),
            &[("x-odd", secret), ("x-two", &format!("a, {secret}"))],
            None,
        );
        client.send(
            "POST",
            "/x",
            &[("cookie", &format!("a={secret}"))],
            Some(json!({"a": [{"b": format!("({secret})")}], secret: 1, "serverKey": secret})),
        );
        client.emulator.handle(
            client.now,
            &Request::new("POST", "/x", [("content-type", "text/plain")], secret),
        );
        client
            .emulator
            .handle(client.now, &Request::new(secret, "/x", [("a", "b")], ""));
        client.send(
            "GET",
            "/x",
            &[("x-api-key", secret)],
            Some(json!({"apiKey": secret})),
        );
    }
    let recorded = format!("{:?}", client.emulator.requests());
    for secret in secrets {
        assert!(!recorded.contains(secret), "{secret} was recorded");
    }
}

#[test]
fn debug_output_contains_no_secret() {
    let emulator = format!("{:?}", secure().emulator);
    assert!(!emulator.contains("sk-1"));
    let headers = [("authorization", "Bearer s3cr3t")];
    let request = format!("{:?}", Request::new("POST", "/x", headers, "s3cr3t"));
    assert!(!request.contains("s3cr3t"));
}

#[test]
fn a_secret_in_a_header_name_is_redacted_if_the_name_suggests_a_secret_value() {
    let mut client = unsecure();
    client.send("GET", "/api/v3/sessions", &[("token/sk-1", "x")], None);
    let recorded = serde_json::to_string(&client.emulator.requests()).unwrap();
    assert!(!recorded.contains("sk-1"), "{recorded}");
}

#[test]
fn a_secret_with_one_percent_encoded_character_is_redacted() {
    let mut client = client(Options {
        visitor_secret: Some("a visitor's secret".into()),
        secure_mode: true,
        ..Options::default()
    });
    let auth_token = client.mint_token("ada");
    let admin_token = client.emulator.admin_token().to_owned();
    let refresh_token = body(&client.create_session(
        "v4",
        json!({"userId": "ada", "deviceId": "d", "authToken": auth_token}),
    ))["refreshToken"]
        .clone();
    for secret in [
        "sk-1",
        "a visitor's secret",
        refresh_token.as_str().unwrap(),
        &auth_token,
        &admin_token,
    ] {
        for at in 0..secret.len() {
            let (before, from) = secret.split_at(at);
            let (letter, after) = from.split_at(1);
            let escaped = format!("{before}%{:02x}{after}", letter.as_bytes()[0]);
            client.send(
                "GET",
                &format!("/api/v3/users/{escaped}"),
                &[("referer", &format!("https://a.test/?a={escaped}"))],
                None,
            );
            let requests = client.emulator.requests();
            let last = requests.last().unwrap();
            assert_eq!(last.path, "[redacted]", "at {at}");
            assert_eq!(last.headers["referer"], "[redacted]", "at {at}");
        }
    }
}

#[test]
fn a_path_without_secrets_is_recorded_as_it_was_sent() {
    let mut client = unsecure();
    let path = "/api/v3/users/task%2D1/%zz";
    client.send("GET", path, &[], None);
    assert_eq!(client.emulator.requests()[0].path, path);
}

#[test]
fn an_api_key_that_looks_like_a_secret_is_not_redacted() {
    for key in ["0123456789abcdef".repeat(4), "eyJhcGlLZXkiOjF9".into()] {
        let mut emulator = Emulator::new(
            Options {
                api_key: Some(key.clone()),
                ..Options::default()
            },
            START,
            b"tests",
        );
        emulator.handle(
            START,
            &Request::new("GET", "/x", [("x-api-key", key.as_str())], ""),
        );
        assert_eq!(emulator.requests()[0].headers["x-api-key"], key);
    }
}

#[test]
fn a_word_that_contains_a_short_key_by_chance_is_not_redacted() {
    let mut client = unsecure();
    client.send("GET", "/api/v3/users/task-1", &[], None);
    assert_eq!(client.emulator.requests()[0].path, "/api/v3/users/task-1");
}

#[test]
fn an_unknown_secret_is_redacted_if_the_name_of_its_header_or_field_suggests_one() {
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
        Some(json!({
            "authSignature": "s3cr3t",
            "nested": [{"refreshToken": {"a": "s3cr3t"}}],
            "apiKey": "ak-1",
        })),
    );
    let requests = client.emulator.requests();
    assert!(!format!("{requests:?}").contains("s3cr3t"));
    assert_eq!(requests[0].headers["set-access-token-cookie"], "true");
    assert_eq!(requests[0].body["apiKey"], "ak-1");
    assert_eq!(
        requests[0].body["nested"],
        json!([{"refreshToken": "[redacted]"}])
    );
}

#[test]
fn only_the_last_1000_requests_are_kept() {
    let mut client = unsecure();
    for call in 0..1005 {
        client.send("GET", &format!("/{call}"), &[], None);
    }
    let requests = client.emulator.requests();
    assert_eq!(requests.len(), 1000);
    assert_eq!(requests[0].path, "/5");
}

#[test]
fn a_long_body_is_not_recorded() {
    let mut client = unsecure();
    client.send("POST", "/long", &[], Some(json!("a".repeat(20_000))));
    assert_eq!(client.emulator.requests()[0].body, "[too long to be kept]");
}
