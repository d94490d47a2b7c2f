//! Creating sessions in v3, v4 and v5, and verifying access tokens.

use crate::support::{
    assert_refused, assert_unauthorized, body, secure, string_field, unsecure, Client, JSON, START,
};
use serde_json::{json, Value};
use social_plus_auth::protocol::date::format_iso;

/// Decodes the claims of a JWT without checking its signature.
fn decode_claims(token: &str) -> Value {
    let mut parts = token.split('.');
    assert_eq!(token.matches('.').count(), 2);
    let payload = parts.nth(1).unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut bit_count, mut bytes) = (0u32, 0, Vec::new());
    for letter in payload.chars() {
        bits = bits << 6 | alphabet.find(letter).unwrap() as u32;
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            bytes.push((bits >> bit_count) as u8);
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn each_version_has_its_own_response_fields() {
    let dates = ["issuedAt", "expiresAt"];
    for (version, specific) in [
        ("v3", vec!["refreshToken"]),
        (
            "v4",
            [&dates[..], &["refreshToken", "lastCachePurge"]].concat(),
        ),
        (
            "v5",
            [&dates[..], &["lastCachePurge", "roles", "userType"]].concat(),
        ),
    ] {
        let mut client = unsecure();
        let reply = client.create_session(version, json!({"userId": "ada", "deviceId": "d"}));
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("content-type"), JSON);
        let body = body(&reply);
        let mut expected = [&["accessToken", "files", "users"][..], &specific].concat();
        expected.sort_unstable();
        let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, expected, "{version}");
        if version != "v3" {
            assert_eq!(body["issuedAt"], format_iso(START));
            assert_eq!(body["expiresAt"], format_iso(START + 30.0 * 86_400_000.0));
        }
        if version == "v5" {
            assert_eq!(body["userType"], "signed-in");
            assert_eq!(body["roles"], json!([]));
        }
    }
}

#[test]
fn an_access_token_contains_its_user_and_its_dates() {
    for version in ["v3", "v4", "v5"] {
        let mut client = unsecure();
        let reply = client.create_session(version, json!({"userId": "ada", "deviceId": "d"}));
        let claims = decode_claims(&string_field(&reply, "accessToken"));
        assert_eq!(claims["user"]["publicUserId"], "ada");
        assert_eq!(claims["iat"], (START / 1000.0) as i64);
        assert_eq!(claims["exp"], (START / 1000.0) as i64 + 30 * 86_400);
    }
}

#[test]
fn a_response_contains_every_user_field_of_the_contract() {
    let fields = "_id path userId userInternalId userPublicId displayName profileHandle \
                  description avatarFileId avatarCustomUrl roles permissions tags flagCount \
                  hashFlag metadata isGlobalBan isBrand isDeleted createdAt updatedAt";
    let mut client = unsecure();
    let reply = client.create_session(
        "v5",
        json!({"userId": "ada", "deviceId": "d", "displayName": "Ada", "profileHandle": "ada.l"}),
    );
    let user = body(&reply)["users"][0].clone();
    let mut expected: Vec<&str> = fields.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(
        user.as_object().unwrap().keys().collect::<Vec<_>>(),
        expected
    );
    assert_eq!(user["userId"], "ada");
    assert_eq!(user["userPublicId"], "ada");
    assert_eq!(user["displayName"], "Ada");
    assert_eq!(user["profileHandle"], "ada.l");
    assert_eq!(user["isGlobalBan"], false);
    assert_eq!(user["isDeleted"], false);
    assert_eq!(user["createdAt"], format_iso(START));
    assert_eq!(user["updatedAt"], format_iso(START));
}

#[test]
fn the_first_session_creates_a_user_and_later_ones_update_it() {
    let mut client = unsecure();
    let sign_in = |client: &mut Client, version: &str, more: Value| {
        client.now += 1000.0;
        let mut parameters = json!({"userId": "ada", "deviceId": "d"});
        parameters
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body(&client.create_session(version, parameters))["users"][0].clone()
    };
    let first = sign_in(&mut client, "v5", json!({}));
    assert_eq!(first.get("displayName"), None);
    let named = sign_in(
        &mut client,
        "v4",
        json!({"displayName": "Ada", "profileHandle": "al"}),
    );
    assert_eq!(named["displayName"], "Ada");
    assert_eq!(named["profileHandle"], "al");
    assert_eq!(named["_id"], first["_id"]);
    assert_eq!(named["createdAt"], first["createdAt"]);
    assert_eq!(named["updatedAt"], format_iso(START + 2000.0));
    let unchanged = sign_in(&mut client, "v5", json!({"displayName": "Ada"}));
    assert_eq!(unchanged["displayName"], "Ada");
    assert_eq!(unchanged["updatedAt"], named["updatedAt"]);
    let by_v3 = sign_in(&mut client, "v3", json!({"profileHandle": "ignored by v3"}));
    assert_eq!(by_v3["displayName"], "Ada");
    assert_eq!(by_v3["profileHandle"], "al");
    assert_eq!(client.emulator.users().len(), 1);
}

#[test]
fn a_wrong_api_key_is_rejected_before_the_parameters_are_checked() {
    for mut client in [secure(), unsecure()] {
        for headers in [
            vec![],
            vec![("x-api-key", "ak-2")],
            vec![("x-server-key", "ak-1")],
            vec![("authorization", "Bearer ak-1")],
        ] {
            for version in ["v3", "v4", "v5"] {
                let reply = client.send(
                    "POST",
                    &format!("/api/{version}/sessions"),
                    &headers,
                    Some(json!({})),
                );
                assert_unauthorized(&reply);
            }
        }
        assert!(client.emulator.users().is_empty());
    }
}

#[test]
fn secure_mode_requires_an_auth_token_and_unsecure_mode_ignores_it() {
    for version in ["v3", "v4", "v5"] {
        let mut client = secure();
        let without_auth_token = json!({"userId": "ada", "deviceId": "d"});
        let with_auth_token =
            |token: &str| json!({"userId": "ada", "deviceId": "d", "authToken": token});
        assert_refused(
            &client.create_session(version, without_auth_token.clone()),
            403,
            400_300,
            "Forbidden error.",
        );
        let token = client.mint_token("ada");
        assert_eq!(
            client
                .create_session(version, with_auth_token(&token))
                .status,
            200
        );
        client.emulator.set_secure_mode(false);
        assert_eq!(
            client.create_session(version, without_auth_token).status,
            200
        );
        assert_eq!(
            client
                .create_session(version, with_auth_token("whatever"))
                .status,
            200
        );
    }
}

#[test]
fn a_new_session_ends_the_previous_session_of_its_device_even_if_the_user_differs() {
    let mut client = unsecure();
    let first = client.sign_in("ada", "phone");
    let other_device = client.sign_in("ada", "laptop");
    let second = client.sign_in("ada", "phone");
    assert_unauthorized(&client.verify(&first));
    assert_eq!(client.verify(&second).status, 200);
    let another_user = client.sign_in("grace", "phone");
    assert_unauthorized(&client.verify(&second));
    for token in [other_device, another_user] {
        assert_eq!(client.verify(&token).status, 200);
    }
    let sessions = client.emulator.sessions(START);
    let listed: Vec<_> = sessions
        .iter()
        .map(|session| {
            (
                session.user_id.as_str(),
                session.device_id.as_str(),
                session.valid,
            )
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("ada", "phone", false),
            ("ada", "laptop", true),
            ("ada", "phone", false),
            ("grace", "phone", true)
        ]
    );
}

#[test]
fn a_rejected_session_request_does_not_end_the_current_session() {
    let mut client = secure();
    let token = client.mint_token("ada");
    let access_token = string_field(&client.redeem("ada", &token), "accessToken");
    let without_auth_token = json!({"userId": "grace", "deviceId": "d"});
    assert_eq!(client.create_session("v5", without_auth_token).status, 403);
    assert_eq!(client.redeem("grace", &token).status, 401);
    assert_eq!(client.verify(&access_token).status, 200);
}

#[test]
fn a_verification_accepts_only_valid_tokens() {
    let mut client = unsecure();
    let token = client.sign_in("ada", "d");
    let reply = client.verify(&token);
    assert_eq!(reply.status, 200);
    assert_eq!(body(&reply), json!({"lastCachePurge": null}));
    for header in [
        "Bearer",
        "Bearer ",
        "Bearer x",
        &token,
        &format!("Basic {token}"),
        &format!("Bearer {token}x"),
    ] {
        let reply = client.send(
            "GET",
            "/api/v3/sessions",
            &[("authorization", header)],
            None,
        );
        assert_unauthorized(&reply);
    }
    assert_unauthorized(&client.send("GET", "/api/v3/sessions", &[("x-api-key", "ak-1")], None));
}

#[test]
fn at_most_1000_ended_sessions_are_listed() {
    let mut client = unsecure();
    for _ in 0..1100 {
        client.now += 100.0;
        client.sign_in("ada", "d");
    }
    let sessions = client.emulator.sessions(client.now);
    assert_eq!(sessions.len(), 1001);
    assert!(sessions.last().unwrap().valid);
}
