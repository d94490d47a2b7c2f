//! Visitors and bots: how they come in, what they may do, and how much.

use crate::support::{assert_parameters, assert_refused, body, client, secure, Client, START};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Options, Reply};
use social_plus_auth::protocol::date::format_iso;

const READ_ONLY: &str = "Not permitted: visitors and bots read only.";
const KINDS: [(&str, u32); 2] = [("visitor", 403_999), ("bot", 403_998)];
const DAY: f64 = 86_400_000.0;

fn enter(client: &mut Client, kind: &str, wanted: Value) -> Reply {
    client.send(
        "POST",
        &format!("/api/v5/sessions/{kind}"),
        &[("x-api-key", "ak-1")],
        Some(wanted),
    )
}

/// An access token of a guest.
#[track_caller]
fn entered(client: &mut Client, kind: &str, device_id: &str) -> String {
    let reply = enter(client, kind, json!({"deviceId": device_id}));
    assert_eq!(reply.status, 200, "{}", reply.body);
    body(&reply)["accessToken"].as_str().unwrap().to_owned()
}

fn signature(secret: &str, device_id: &str, expires_at: &str) -> String {
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let code = mac
        .chain_update(format!(
            "deviceId={device_id}&authSignatureExpiresAt={expires_at}"
        ))
        .finalize()
        .into_bytes();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn signed() -> Client {
    client(Options {
        secure_visitor_mode: true,
        visitor_secret: Some("vs-1".into()),
        ..Options::default()
    })
}

#[test]
fn a_guests_session_is_a_v5_session_of_its_user_type_in_either_mode() {
    for (kind, _) in KINDS {
        for mut client in [client(Options::default()), secure()] {
            let info = json!({"kind": "web", "model": "m".repeat(300), "sdkVersion": "1"});
            let reply = enter(
                &mut client,
                kind,
                json!({"deviceId": "d", "deviceInfo": info, "sessionHandler": {}}),
            );
            let session = body(&reply);
            assert_eq!(
                (reply.status, &session["userType"], &session["roles"]),
                (200, &json!(kind), &json!([]))
            );
            assert_eq!(session["expiresAt"], format_iso(START + 30.0 * DAY));
            assert!(session.get("refreshToken").is_none());
            let user_id = session["users"][0]["userId"].as_str().unwrap();
            assert!(
                user_id.starts_with(kind) && user_id.len() <= 50,
                "{user_id}"
            );
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
fn a_device_comes_back_as_who_it_was_and_has_one_session() {
    let mut client = client(Options::default());
    let user_of = |reply: &Reply| {
        body(reply)["users"][0]["userId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let first = enter(&mut client, "visitor", json!({"deviceId": "d"}));
    let again = enter(&mut client, "visitor", json!({"deviceId": "d"}));
    assert_eq!(user_of(&first), user_of(&again));
    assert_refused(
        &client.verify(body(&first)["accessToken"].as_str().unwrap()),
        401,
        400_100,
        "Unauthorized",
    );
    let other = enter(&mut client, "visitor", json!({"deviceId": "e"}));
    let bot = enter(&mut client, "bot", json!({"deviceId": "d"}));
    assert!(user_of(&other) != user_of(&first) && user_of(&bot) != user_of(&first));
    assert_eq!(client.emulator.users().len(), 3);
    client.signed_in("ada", "d");
    assert_refused(
        &client.verify(body(&bot)["accessToken"].as_str().unwrap()),
        401,
        400_100,
        "Unauthorized",
    );
}

#[test]
fn each_kind_is_let_in_only_where_its_mode_is_on() {
    for (visitors, bots) in [(true, false), (false, true), (false, false)] {
        let mut client = client(Options {
            visitors,
            bots,
            ..Options::default()
        });
        for (kind, on) in [("visitor", visitors), ("bot", bots)] {
            let reply = enter(&mut client, kind, json!({"deviceId": "d"}));
            if on {
                assert_eq!(reply.status, 200, "{kind}");
            } else {
                assert_refused(&reply, 403, 400_300, "Forbidden error.");
            }
        }
    }
}

#[test]
fn the_api_key_and_the_device_are_needed() {
    let mut client = client(Options::default());
    for (kind, _) in KINDS {
        let path = format!("/api/v5/sessions/{kind}");
        assert_refused(
            &client.send("POST", &path, &[], Some(json!({"deviceId": "d"}))),
            401,
            400_100,
            "Unauthorized",
        );
        for wrong in [json!(null), json!(""), json!("d".repeat(151)), json!(5)] {
            assert_parameters(
                &enter(&mut client, kind, json!({"deviceId": wrong})),
                422,
                &["deviceId"],
            );
        }
        let reply = enter(
            &mut client,
            kind,
            json!({"deviceId": "d", "deviceInfo": {"kind": "fridge", "sdkVersion": "1".repeat(31)}}),
        );
        assert_parameters(&reply, 422, &["deviceInfo.kind", "deviceInfo.sdkVersion"]);
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
    let reply = enter(
        &mut client,
        "visitor",
        json!({"deviceId": "d", "authSignature": 5, "authSignatureExpiresAt": []}),
    );
    assert_parameters(&reply, 422, &["authSignature", "authSignatureExpiresAt"]);
}

#[test]
fn a_signature_is_good_for_its_device_and_date_text_until_that_date() {
    let date = format_iso(START + 1000.0);
    let good = signature("vs-1", "dev-1", &date);
    for (device_id, secret_or_signature, date_text, after, status) in [
        ("dev-1", good.as_str(), date.as_str(), 0.0, 200),
        ("dev-1", &good, &date, 999.0, 200),
        ("dev-1", &good, &date, 1000.0, 401),
        ("dev-2", &good, &date, 0.0, 401),
        ("dev-1", &good.to_uppercase(), &date, 0.0, 401),
        ("dev-1", &good[..63], &date, 0.0, 401),
        ("dev-1", "", &date, 0.0, 401),
        ("dev-1", &signature("vs-2", "dev-1", &date), &date, 0.0, 401),
        // The same moment as another text is another message.
        ("dev-1", &good, &date.replace('Z', "+00:00"), 0.0, 401),
        (
            "dev-1",
            &signature("vs-1", "dev-1", &date.replace('Z', "+00:00")),
            &date.replace('Z', "+00:00"),
            0.0,
            200,
        ),
        (
            "dev-1",
            &signature("vs-1", "dev-1", "2026-01-02T03:04:06Z"),
            "2026-01-02T03:04:06Z",
            0.0,
            200,
        ),
        (
            "dev-1",
            &signature("vs-1", "dev-1", "2026-01-02T03:04:06Z"),
            "2026-01-02T03:04:06Z",
            322.0,
            401,
        ),
        (
            "dev-1",
            &signature("vs-1", "dev-1", "tomorrow"),
            "tomorrow",
            0.0,
            401,
        ),
        ("dev-1", &signature("vs-1", "dev-1", ""), "", 0.0, 401),
    ] {
        let mut client = signed();
        client.now += after;
        let wanted = json!({"deviceId": device_id, "authSignature": secret_or_signature, "authSignatureExpiresAt": date_text});
        let reply = enter(&mut client, "visitor", wanted);
        assert_eq!(reply.status, status, "{device_id} {date_text} {after}");
        if status == 401 {
            assert_refused(&reply, 401, 400_100, "Unauthorized");
            assert!(client.emulator.users().is_empty());
        }
    }
}

#[test]
fn half_a_signature_is_none_and_bots_have_none() {
    let mut client = signed();
    let date = format_iso(START + 1000.0);
    let good = signature("vs-1", "d", &date);
    for wanted in [
        json!({"deviceId": "d"}),
        json!({"deviceId": "d", "authSignature": good}),
        json!({"deviceId": "d", "authSignatureExpiresAt": date}),
    ] {
        assert_refused(
            &enter(&mut client, "visitor", wanted),
            401,
            400_100,
            "Unauthorized",
        );
    }
    entered(&mut client, "bot", "d");
}

#[test]
fn the_signatures_of_the_shared_cases_are_good() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors.json")).unwrap();
    for case in vectors["signatures"].as_array().unwrap() {
        let secret = case["visitorSecret"].as_str().unwrap();
        let options = Options {
            secure_visitor_mode: true,
            visitor_secret: Some(secret.to_owned()),
            ..Options::default()
        };
        let mut client = client(options);
        client.now = START - 1000.0;
        let mut wanted = case.clone();
        wanted.as_object_mut().unwrap().remove("visitorSecret");
        assert_eq!(
            enter(&mut client, "visitor", wanted.clone()).status,
            200,
            "{wanted}"
        );
        wanted["deviceId"] = json!("another");
        assert_refused(
            &enter(&mut client, "visitor", wanted),
            401,
            400_100,
            "Unauthorized",
        );
    }
}

#[test]
fn guests_read_and_end_their_session_and_nothing_else() {
    for (kind, code) in KINDS {
        let mut client = client(Options::default());
        client.signed_in("ada", "another");
        let token = entered(&mut client, kind, "d");
        for path in [
            "/api/v3/sessions",
            "/api/v3/network-settings/chat",
            "/api/v3/users/ada",
        ] {
            assert_eq!(client.bearer("GET", path, &token).status, 200, "{path}");
        }
        for (method, path) in [
            ("POST", "/api/v4/posts"),
            ("PUT", "/api/v3/users/ada"),
            ("PATCH", "/"),
            ("DELETE", "/api/v4/sessions/users/ada"),
            ("DELETE", "/api/v4/sessions?userId=ada"),
            ("POST", "/api/v1/admin-token"),
            ("GET", "/admin/v1/token"),
            ("GET", "/api/v3/networks/me"),
            ("PUT", "/api/v3/networks/me"),
        ] {
            assert_refused(&client.bearer(method, path, &token), 403, code, READ_ONLY);
        }
        assert_refused(
            &client.bearer("GET", "/nowhere", &token),
            404,
            400_400,
            "Path Not Found.",
        );
        assert_eq!(
            client.bearer("DELETE", "/api/v4/sessions", &token).status,
            200
        );
        assert_refused(
            &client.bearer("POST", "/api/v4/posts", &token),
            404,
            400_400,
            "Path Not Found.",
        );
        assert_refused(&client.verify(&token), 401, 400_100, "Unauthorized");
    }
}

#[test]
fn a_guest_may_become_a_user_with_the_old_token_still_in_the_headers() {
    let mut client = client(Options::default());
    let token = entered(&mut client, "visitor", "d");
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
    assert_eq!(
        (reply.status, &body(&reply)["userType"]),
        (200, &json!("signed-in"))
    );
}

#[test]
fn the_daily_quota_is_shared_by_both_kinds_and_only_reads_count() {
    let mut client = client(Options {
        visitor_daily_quota: 4.0,
        ..Options::default()
    });
    let user = client.signed_in("ada", "another");
    let (visitor, bot) = (
        entered(&mut client, "visitor", "d"),
        entered(&mut client, "bot", "e"),
    );
    for _ in 0..10 {
        assert_eq!(client.verify(&user).status, 200);
        assert_eq!(client.bearer("POST", "/api/v4/posts", &visitor).status, 403);
        assert_eq!(client.bearer("GET", "/nowhere", &visitor).status, 404);
    }
    for (path, token) in [
        ("/api/v3/sessions", &visitor),
        ("/api/v3/network-settings/chat", &visitor),
        ("/api/v3/users/ada", &bot),
        ("/api/v3/sessions", &bot),
    ] {
        assert_eq!(client.bearer("GET", path, token).status, 200, "{path}");
    }
    for token in [&visitor, &bot] {
        assert_refused(
            &client.verify(token),
            403,
            400_323,
            "The daily quota is used up.",
        );
        assert_refused(
            &client.bearer("GET", "/api/v3/users/ada", token),
            403,
            400_323,
            "The daily quota is used up.",
        );
    }
    assert_eq!(client.verify(&user).status, 200, "a user has no quota");
    let midnight = (START / DAY).ceil() * DAY;
    client.now = midnight - 1.0;
    assert_eq!(client.verify(&visitor).status, 403);
    client.now = midnight;
    assert_eq!(client.verify(&visitor).status, 200);
    client.emulator.reset();
    assert!(client.emulator.users().is_empty());
}

#[test]
fn a_hundred_reads_a_day_unless_told_otherwise() {
    let mut client = client(Options::default());
    let token = entered(&mut client, "visitor", "d");
    // Slowly enough for the rate limit.
    let statuses: Vec<u16> = (0..101)
        .map(|_| {
            client.now += 100.0;
            client.verify(&token).status
        })
        .collect();
    assert_eq!(
        (
            statuses.iter().filter(|status| **status == 200).count(),
            statuses[100]
        ),
        (100, 403)
    );
}

#[test]
fn a_guest_can_be_banned_and_deleted_like_anyone() {
    let mut client = client(Options::default());
    let token = entered(&mut client, "visitor", "d");
    let user_id = client.emulator.users()[0].user_id.clone();
    client.emulator.set_banned(&user_id, true);
    assert_refused(
        &client.verify(&token),
        403,
        400_312,
        "User is global banned.",
    );
    assert_refused(
        &enter(&mut client, "visitor", json!({"deviceId": "d"})),
        403,
        400_312,
        "User is global banned.",
    );
    client.emulator.delete_user(&user_id);
    assert_refused(
        &enter(&mut client, "visitor", json!({"deviceId": "d"})),
        404,
        400_400,
        "User Not Found.",
    );
}
