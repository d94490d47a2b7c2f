//! Tests the emulator with the shared vectors (`tests/vectors.json`): it accepts their requests,
//! and its errors and session fields match those of the vectors.

use crate::support::{admin, body, client, unsecure, Client};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Options, Reply, Role};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors.json")).unwrap()
}

/// Sends the request of a case after replacing its sample tokens with valid ones.
fn replay(client: &mut Client, case: &Value, tokens: &[(&str, &str)]) -> Reply {
    let request = &case["request"];
    let mut body = request["body"].clone();
    let replace_tokens = |text: &str| {
        tokens
            .iter()
            .fold(text.to_owned(), |text, (sample, valid)| {
                text.replace(sample, valid)
            })
    };
    if let Some(token) = body
        .get("authToken")
        .and_then(Value::as_str)
        .map(replace_tokens)
    {
        body["authToken"] = json!(token);
    }
    let headers: Vec<(String, String)> = request["headers"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "content-type")
        .map(|(name, value)| (name.clone(), replace_tokens(value.as_str().unwrap())))
        .collect();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // A proxy in front of the service would remove this prefix.
    let url = request["url"].as_str().unwrap().replace("/amity/", "/");
    client.send(
        request["method"].as_str().unwrap(),
        &url,
        &headers,
        if body.is_null() { None } else { Some(body) },
    )
}

#[test]
fn the_emulator_accepts_every_request_of_the_vectors() {
    let vectors = vectors();
    let cases = vectors["requests"].as_array().unwrap();
    assert!(cases.len() >= 11, "{} cases", cases.len());
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let operation = case["operation"].as_str().unwrap();
        let needs_secure_mode =
            operation == "createAuthToken" || case["request"]["body"].get("authToken").is_some();
        // The vectors contain this admin token, and signatures made with this visitor secret.
        let admins = vec![admin("grace", Role::Admin, Some("adm-1"))];
        let visitor_secret = Some("vs-1".into());
        let mut client = client(Options {
            secure_mode: true,
            secure_visitor_mode: true,
            visitor_secret,
            admins,
            ..Options::default()
        });
        // The signature in the vectors expires at `START`.
        client.now -= 1.0;
        let auth_token = client.mint_token("ada");
        client.emulator.set_secure_mode(false);
        let access_token = client.sign_in("ada", "another");
        client.sign_in("a/b", "a third");
        client.emulator.set_secure_mode(needs_secure_mode);
        let sample = "s9qne0wEqVb2e05271177748659f574a4e8ab85e08";
        let tokens = [
            (sample, auth_token.as_str()),
            ("at-1", access_token.as_str()),
        ];
        let reply = replay(&mut client, case, &tokens);
        assert_eq!(reply.status, 200, "{name}");
    }
}

/// Returns the status and the body of the response with this name. A body that is not JSON becomes
/// a string.
fn expected(name: &str) -> (u16, Value) {
    let vectors = vectors();
    let case = vectors["responses"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["name"] == name)
        .unwrap();
    let text = case["response"]["body"].as_str().unwrap();
    let status = case["response"]["status"].as_u64().unwrap() as u16;
    (
        status,
        serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    )
}

/// Returns the status and the body of a reply. A body that is not JSON becomes a string.
fn parse(reply: &Reply) -> (u16, Value) {
    (
        reply.status,
        serde_json::from_str(&reply.body).unwrap_or_else(|_| json!(reply.body)),
    )
}

#[test]
fn the_errors_of_the_emulator_match_the_vectors() {
    let mut client = unsecure();
    assert_eq!(
        parse(&client.mint("ada")),
        expected("secure mode switched off")
    );
    let wrong = client.mint_with("no", "ada");
    assert_eq!(parse(&wrong), expected("wrong server key"));

    client.sign_in("ada", "d");
    client.emulator.set_banned("ada", true);
    let session = json!({"userId": "ada", "deviceId": "d"});
    assert_eq!(
        parse(&client.create_session("v5", session.clone())),
        expected("globally banned user")
    );
    let last = (0..200)
        .map(|_| client.create_session("v5", session.clone()))
        .last()
        .unwrap();
    let rate_limited = expected("rate limit with Retry-After in seconds");
    assert_eq!(parse(&last), rate_limited);
    assert!(last.header("retry-after").is_some());

    let (status, mut expected) = expected("refused parameters");
    let reply = client.create_session("v5", json!({"userId": "a".repeat(51), "deviceId": "d"}));
    let mut actual = body(&reply);
    assert!(actual["data"]["detail"][0]
        .as_str()
        .unwrap()
        .starts_with(expected["data"]["detail"][0].as_str().unwrap()));
    actual["data"].take();
    expected["data"].take();
    assert_eq!(reply.status, status);
    assert_eq!(actual, expected);
}

#[test]
fn sessions_have_the_fields_of_the_vectors() {
    for (version, name) in [
        (
            "v3",
            "session, v3, without dates, so the dates of the JWT apply",
        ),
        ("v4", "session, v4, with dates and unknown fields"),
        ("v5", "session, v5, without refresh token, with a user type"),
    ] {
        let mut client = client(Options::default());
        let actual = body(&client.create_session(
            version,
            json!({"userId": "ada", "deviceId": "d", "displayName": "Ada"}),
        ));
        let (_, mut expected) = expected(name);
        // The vectors contain these unknown fields to show that clients tolerate them.
        expected.as_object_mut().unwrap().remove("novelty");
        expected["users"][0]
            .as_object_mut()
            .unwrap()
            .remove("shoeSize");
        let keys = |value: &Value| {
            value
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(&actual), keys(&expected), "{name}");
        let user = keys(&actual["users"][0]);
        for field in keys(&expected["users"][0]) {
            assert!(user.contains(&field), "{name}: {field}");
        }
    }
}
