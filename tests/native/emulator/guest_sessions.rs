//! Creating sessions of visitors and bots, and visitor signatures.

use crate::support::{
    assert_invalid_parameters, assert_refused, assert_unauthorized, body, client, secure,
    string_field, Client, DAY, START,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Options, Reply};
use social_plus_auth::protocol::date::format_iso;

/// Each kind of guest, and the error code of calls that are forbidden for it.
pub(crate) const KINDS: [(&str, u32); 2] = [("visitor", 403_999), ("bot", 403_998)];

pub(crate) fn create_guest_session(client: &mut Client, kind: &str, parameters: Value) -> Reply {
    client.send(
        "POST",
        &format!("/api/v5/sessions/{kind}"),
        &[("x-api-key", "ak-1")],
        Some(parameters),
    )
}

/// Creates a session of a guest and returns its access token.
#[track_caller]
pub(crate) fn sign_in(client: &mut Client, kind: &str, device_id: &str) -> String {
    let reply = create_guest_session(client, kind, json!({"deviceId": device_id}));
    assert_eq!(reply.status, 200, "{}", reply.body);
    string_field(&reply, "accessToken")
}

/// Signs a visitor session as the edge does.
fn sign(secret: &str, device_id: &str, expires_at: &str) -> String {
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let code = mac
        .chain_update(format!(
            "deviceId={device_id}&authSignatureExpiresAt={expires_at}"
        ))
        .finalize()
        .into_bytes();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn secure_visitors() -> Client {
    client(Options {
        secure_visitor_mode: true,
        visitor_secret: Some("vs-1".into()),
        ..Options::default()
    })
}

#[test]
fn a_guest_gets_a_v5_session_of_its_user_type_in_both_modes() {
    for (kind, _) in KINDS {
        for mut client in [client(Options::default()), secure()] {
            let info = json!({"kind": "web", "model": "m".repeat(300), "sdkVersion": "1"});
            let reply = create_guest_session(
                &mut client,
                kind,
                json!({"deviceId": "d", "deviceInfo": info, "sessionHandler": {}}),
            );
            let session = body(&reply);
            assert_eq!(reply.status, 200);
            assert_eq!(session["userType"], kind);
            assert_eq!(session["roles"], json!([]));
            assert_eq!(session["expiresAt"], format_iso(START + 30.0 * DAY));
            assert!(session.get("refreshToken").is_none());
            let user_id = session["users"][0]["userId"].as_str().unwrap();
            assert!(user_id.starts_with(kind), "{user_id}");
            assert!(user_id.len() <= 50, "{user_id}");
            assert_eq!(
                client
                    .verify(session["accessToken"].as_str().unwrap())
                    .status,
                200
            );
        }
    }
}

#[test]
fn a_device_always_gets_the_same_visitor_and_the_same_bot() {
    let mut client = client(Options::default());
    let mut user_of = |kind: &str, device_id: &str| {
        let reply = create_guest_session(&mut client, kind, json!({"deviceId": device_id}));
        body(&reply)["users"][0]["userId"].clone()
    };
    let visitor = user_of("visitor", "d");
    assert_eq!(user_of("visitor", "d"), visitor);
    assert_ne!(user_of("visitor", "e"), visitor);
    assert_ne!(user_of("bot", "d"), visitor);
    assert_eq!(client.emulator.users().len(), 3);
}

#[test]
fn a_new_session_of_a_device_ends_the_session_of_its_guest() {
    let mut client = client(Options::default());
    let visitor = sign_in(&mut client, "visitor", "d");
    let bot = sign_in(&mut client, "bot", "d");
    assert_unauthorized(&client.verify(&visitor));
    client.sign_in("ada", "d");
    assert_unauthorized(&client.verify(&bot));
}

#[test]
fn visitors_and_bots_are_rejected_if_their_option_is_off() {
    for (visitors, bots) in [(true, false), (false, true), (false, false)] {
        let mut client = client(Options {
            visitors,
            bots,
            ..Options::default()
        });
        for (kind, is_on) in [("visitor", visitors), ("bot", bots)] {
            let reply = create_guest_session(&mut client, kind, json!({"deviceId": "d"}));
            if is_on {
                assert_eq!(reply.status, 200, "{kind}");
            } else {
                assert_refused(&reply, 403, 400_300, "Forbidden error.");
            }
        }
    }
}

#[test]
fn a_guest_session_requires_v5_an_api_key_and_valid_parameters() {
    let mut client = client(Options::default());
    for (kind, _) in KINDS {
        let path = format!("/api/v5/sessions/{kind}");
        assert_unauthorized(&client.send("POST", &path, &[], Some(json!({"deviceId": "d"}))));
        for invalid in [json!(null), json!(""), json!("d".repeat(151)), json!(5)] {
            assert_invalid_parameters(
                &create_guest_session(&mut client, kind, json!({"deviceId": invalid})),
                422,
                &["deviceId"],
            );
        }
        let reply = create_guest_session(
            &mut client,
            kind,
            json!({"deviceId": "d", "deviceInfo": {
                "kind": "fridge",
                "sdkVersion": "1".repeat(31),
            }}),
        );
        assert_invalid_parameters(&reply, 422, &["deviceInfo.kind", "deviceInfo.sdkVersion"]);
        for version in ["v3", "v4"] {
            let reply = client.send(
                "POST",
                &format!("/api/{version}/sessions/{kind}"),
                &[("x-api-key", "ak-1")],
                None,
            );
            assert_refused(&reply, 404, 400_400, "Path Not Found.");
        }
    }
    let reply = create_guest_session(
        &mut client,
        "visitor",
        json!({"deviceId": "d", "authSignature": 5, "authSignatureExpiresAt": []}),
    );
    assert_invalid_parameters(&reply, 422, &["authSignature", "authSignatureExpiresAt"]);
}

#[test]
fn a_signature_is_valid_until_its_date_for_exactly_its_device_and_date_text() {
    let date = format_iso(START + 1000.0);
    let good = sign("vs-1", "dev-1", &date);
    for (device_id, signature, date_text, after, status) in [
        ("dev-1", good.as_str(), date.as_str(), 0.0, 200),
        ("dev-1", &good, &date, 999.0, 200),
        ("dev-1", &good, &date, 1000.0, 401),
        ("dev-2", &good, &date, 0.0, 401),
        ("dev-1", &good.to_uppercase(), &date, 0.0, 401),
        ("dev-1", &good[..63], &date, 0.0, 401),
        ("dev-1", "", &date, 0.0, 401),
        ("dev-1", &sign("vs-2", "dev-1", &date), &date, 0.0, 401),
        // Another text for the same time needs another signature.
        ("dev-1", &good, &date.replace('Z', "+00:00"), 0.0, 401),
        (
            "dev-1",
            &sign("vs-1", "dev-1", &date.replace('Z', "+00:00")),
            &date.replace('Z', "+00:00"),
            0.0,
            200,
        ),
        (
            "dev-1",
            &sign("vs-1", "dev-1", "2026-01-02T03:04:06Z"),
            "2026-01-02T03:04:06Z",
            0.0,
            200,
        ),
        (
            "dev-1",
            &sign("vs-1", "dev-1", "2026-01-02T03:04:06Z"),
            "2026-01-02T03:04:06Z",
            322.0,
            401,
        ),
        (
            "dev-1",
            &sign("vs-1", "dev-1", "tomorrow"),
            "tomorrow",
            0.0,
            401,
        ),
        ("dev-1", &sign("vs-1", "dev-1", ""), "", 0.0, 401),
    ] {
        let mut client = secure_visitors();
        client.now += after;
        let parameters = json!({
            "deviceId": device_id,
            "authSignature": signature,
            "authSignatureExpiresAt": date_text,
        });
        let reply = create_guest_session(&mut client, "visitor", parameters);
        assert_eq!(reply.status, status, "{device_id} {date_text} {after}");
        if status == 401 {
            assert_unauthorized(&reply);
            assert!(client.emulator.users().is_empty());
        }
    }
}

#[test]
fn in_secure_visitor_mode_a_visitor_needs_a_signature_and_a_date_but_a_bot_needs_neither() {
    let mut client = secure_visitors();
    let date = format_iso(START + 1000.0);
    let good = sign("vs-1", "d", &date);
    for parameters in [
        json!({"deviceId": "d"}),
        json!({"deviceId": "d", "authSignature": good}),
        json!({"deviceId": "d", "authSignatureExpiresAt": date}),
    ] {
        assert_unauthorized(&create_guest_session(&mut client, "visitor", parameters));
    }
    sign_in(&mut client, "bot", "d");
}

#[test]
fn the_emulator_accepts_the_signatures_of_the_shared_vectors() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors.json")).unwrap();
    for case in vectors["signatures"].as_array().unwrap() {
        let secret = case["visitorSecret"].as_str().unwrap();
        let options = Options {
            secure_visitor_mode: true,
            visitor_secret: Some(secret.to_owned()),
            ..Options::default()
        };
        let mut client = client(options);
        // The first of the signatures to expire does so at `START`.
        client.now = START - 1000.0;
        let mut parameters = case.clone();
        parameters.as_object_mut().unwrap().remove("visitorSecret");
        assert_eq!(
            create_guest_session(&mut client, "visitor", parameters.clone()).status,
            200,
            "{parameters}"
        );
        parameters["deviceId"] = json!("another");
        assert_unauthorized(&create_guest_session(&mut client, "visitor", parameters));
    }
}

#[test]
fn a_guest_can_sign_in_as_a_user_while_it_still_sends_its_old_token() {
    let mut client = client(Options::default());
    let token = sign_in(&mut client, "visitor", "d");
    let headers = [
        ("x-api-key", "ak-1"),
        ("authorization", &format!("Bearer {token}")[..]),
    ];
    let reply = client.send(
        "POST",
        "/api/v5/sessions",
        &headers,
        Some(json!({"userId": "ada", "deviceId": "d"})),
    );
    assert_eq!(reply.status, 200);
    assert_eq!(body(&reply)["userType"], "signed-in");
}
