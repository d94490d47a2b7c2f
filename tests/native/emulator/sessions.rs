//! Creating and verifying: each version's own answer, secure mode, devices, users.

use crate::support::{assert_refused, body, secure, unsecure, Client, START};
use serde_json::{json, Value};
use social_plus_auth::protocol::date::format_iso;

/// The claims of a JWT; its signature is the emulator's own affair.
fn claims(token: &str) -> Value {
    let mut parts = token.split('.');
    assert_eq!(token.matches('.').count(), 2);
    let payload = parts.nth(1).unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut have, mut bytes) = (0u32, 0, Vec::new());
    for letter in payload.chars() {
        bits = bits << 6 | alphabet.find(letter).unwrap() as u32;
        have += 6;
        if have >= 8 {
            have -= 8;
            bytes.push((bits >> have) as u8);
        }
    }
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn each_version_answers_in_its_own_shape() {
    let dates = ["issuedAt", "expiresAt"];
    for (version, more) in [
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
        let reply = client.create(version, json!({"userId": "ada", "deviceId": "d"}));
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.header("content-type"),
            Some("application/json; charset=utf-8")
        );
        let body = body(&reply);
        let mut expected = [&["accessToken", "files", "users"][..], &more].concat();
        expected.sort_unstable();
        let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, expected, "{version}");
        if version != "v3" {
            assert_eq!(body["issuedAt"], format_iso(START));
            assert_eq!(body["expiresAt"], format_iso(START + 30.0 * 86_400_000.0));
        }
        if version == "v5" {
            assert_eq!(
                (&body["userType"], &body["roles"]),
                (&json!("signed-in"), &json!([]))
            );
        }
        let claims = claims(body["accessToken"].as_str().unwrap());
        assert_eq!(claims["user"]["publicUserId"], "ada");
        assert_eq!(claims["iat"], (START / 1000.0) as i64);
        assert_eq!(claims["exp"], (START / 1000.0) as i64 + 30 * 86_400);
    }
}

#[test]
fn the_user_has_every_field_of_the_contract() {
    let fields =
        "_id path userId userInternalId userPublicId displayName profileHandle description avatarFileId avatarCustomUrl roles permissions \
                  tags flagCount hashFlag metadata isGlobalBan isBrand isDeleted createdAt updatedAt";
    let mut client = unsecure();
    let reply = client.create(
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
    assert_eq!(
        (
            &user["userId"],
            &user["userPublicId"],
            &user["displayName"],
            &user["profileHandle"]
        ),
        (&json!("ada"), &json!("ada"), &json!("Ada"), &json!("ada.l"))
    );
    assert_eq!(
        (&user["isGlobalBan"], &user["isDeleted"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&user["createdAt"], &user["updatedAt"]),
        (&json!(format_iso(START)), &json!(format_iso(START)))
    );
}

#[test]
fn a_user_is_made_once_and_updated_by_what_a_session_brings() {
    let mut client = unsecure();
    let user = |client: &mut Client, version: &str, more: Value| {
        client.now += 1000.0;
        let mut wanted = json!({"userId": "ada", "deviceId": "d"});
        wanted
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body(&client.create(version, wanted))["users"][0].clone()
    };
    let first = user(&mut client, "v5", json!({}));
    assert_eq!(first.get("displayName"), None);
    let named = user(
        &mut client,
        "v4",
        json!({"displayName": "Ada", "profileHandle": "al"}),
    );
    assert_eq!(
        (
            &named["displayName"],
            &named["profileHandle"],
            &named["_id"]
        ),
        (&json!("Ada"), &json!("al"), &first["_id"])
    );
    assert_eq!(named["createdAt"], first["createdAt"]);
    assert_eq!(named["updatedAt"], format_iso(START + 2000.0));
    let same = user(&mut client, "v5", json!({"displayName": "Ada"}));
    assert_eq!(
        (&same["displayName"], &same["updatedAt"]),
        (&json!("Ada"), &named["updatedAt"]),
        "nothing has changed"
    );
    let kept = user(
        &mut client,
        "v3",
        json!({"profileHandle": "v3 does not know it"}),
    );
    assert_eq!(
        (&kept["displayName"], &kept["profileHandle"]),
        (&json!("Ada"), &json!("al"))
    );
    assert_eq!(client.emulator.users().len(), 1);
}

#[test]
fn the_api_key_names_the_network() {
    for mut client in [secure(), unsecure()] {
        for headers in [
            vec![],
            vec![("x-api-key", "ak-2")],
            vec![("x-server-key", "ak-1")],
            vec![("authorization", "Bearer ak-1")],
        ] {
            for version in ["v3", "v4", "v5"] {
                // Before anything else: not even that parameters are missing is told.
                let reply = client.send(
                    "POST",
                    &format!("/api/{version}/sessions"),
                    &headers,
                    Some(json!({})),
                );
                assert_refused(&reply, 401, 400_100, "Unauthorized");
            }
        }
        assert!(client.emulator.users().is_empty());
    }
}

#[test]
fn secure_mode_wants_an_auth_token_and_unsecure_mode_does_not_look_at_it() {
    for version in ["v3", "v4", "v5"] {
        let mut client = secure();
        let wanted = json!({"userId": "ada", "deviceId": "d"});
        assert_refused(
            &client.create(version, wanted.clone()),
            403,
            400_300,
            "Forbidden error.",
        );
        let token = client.minted("ada");
        assert_eq!(
            client
                .create(
                    version,
                    json!({"userId": "ada", "deviceId": "d", "authToken": token})
                )
                .status,
            200
        );
        client.emulator.set_secure_mode(false);
        assert_eq!(client.create(version, wanted).status, 200);
        assert_eq!(
            client
                .create(
                    version,
                    json!({"userId": "ada", "deviceId": "d", "authToken": "whatever"})
                )
                .status,
            200
        );
    }
}

#[test]
fn a_new_session_of_a_device_ends_the_one_before_whoever_has_it() {
    let mut client = unsecure();
    let first = client.signed_in("ada", "phone");
    let other_device = client.signed_in("ada", "laptop");
    let second = client.signed_in("ada", "phone");
    assert_refused(&client.verify(&first), 401, 400_100, "Unauthorized");
    assert_eq!(client.verify(&second).status, 200);
    let another_user = client.signed_in("grace", "phone");
    assert_refused(&client.verify(&second), 401, 400_100, "Unauthorized");
    for token in [other_device, another_user] {
        assert_eq!(client.verify(&token).status, 200);
    }
    let sessions = client.emulator.sessions(START);
    let seen: Vec<_> = sessions
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
        seen,
        [
            ("ada", "phone", false),
            ("ada", "laptop", true),
            ("ada", "phone", false),
            ("grace", "phone", true)
        ]
    );
}

#[test]
fn a_refused_session_ends_none() {
    let mut client = secure();
    let token = client.minted("ada");
    let reply = client.create(
        "v5",
        json!({"userId": "ada", "deviceId": "phone", "authToken": token}),
    );
    let access_token = body(&reply)["accessToken"].as_str().unwrap().to_owned();
    client.create("v5", json!({"userId": "grace", "deviceId": "phone"}));
    client.create(
        "v5",
        json!({"userId": "grace", "deviceId": "phone", "authToken": token}),
    );
    assert_eq!(client.verify(&access_token).status, 200);
}

#[test]
fn verify_knows_good_tokens_only() {
    let mut client = unsecure();
    let token = client.signed_in("ada", "d");
    let reply = client.verify(&token);
    assert_eq!(
        (reply.status, body(&reply)),
        (200, json!({"lastCachePurge": null}))
    );
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
        assert_refused(&reply, 401, 400_100, "Unauthorized");
    }
    assert_refused(
        &client.send("GET", "/api/v3/sessions", &[("x-api-key", "ak-1")], None),
        401,
        400_100,
        "Unauthorized",
    );
}

#[test]
fn ended_sessions_are_not_kept_for_ever() {
    let mut client = unsecure();
    for _ in 0..1100 {
        client.now += 100.0;
        client.signed_in("ada", "d");
    }
    let sessions = client.emulator.sessions(client.now);
    assert_eq!(sessions.len(), 1001);
    assert!(sessions.last().unwrap().valid);
}
