//! What the clock decides, to the millisecond.

use crate::support::{body, client, secure, unsecure, START};
use serde_json::json;
use social_plus_auth::emulator::Options;
use social_plus_auth::protocol::date::{format_http, format_iso};

const MINUTE: f64 = 60_000.0;
const DAY: f64 = 86_400_000.0;

#[test]
fn an_auth_token_is_good_for_ten_minutes() {
    for (after, status) in [
        (0.0, 200),
        (10.0 * MINUTE - 1.0, 200),
        (10.0 * MINUTE, 401),
        (11.0 * MINUTE, 401),
    ] {
        let mut client = secure();
        let token = client.minted("ada");
        client.now += after;
        assert_eq!(
            client
                .create(
                    "v5",
                    json!({"userId": "ada", "deviceId": "d", "authToken": token})
                )
                .status,
            status,
            "{after} ms"
        );
    }
}

#[test]
fn an_auth_token_past_its_time_stays_so_while_others_are_minted() {
    let mut client = secure();
    let old = client.minted("ada");
    client.now += 9.0 * MINUTE;
    let young = client.minted("ada");
    client.now += 1.0 * MINUTE;
    client.minted("ada");
    for (token, status) in [(old, 401), (young, 200)] {
        assert_eq!(
            client
                .create(
                    "v5",
                    json!({"userId": "ada", "deviceId": "d", "authToken": token})
                )
                .status,
            status
        );
    }
}

#[test]
fn an_access_token_is_good_for_thirty_days() {
    for (after, status) in [
        (0.0, 200),
        (30.0 * DAY - 1.0, 200),
        (30.0 * DAY, 401),
        (400.0 * DAY, 401),
    ] {
        let mut client = unsecure();
        let token = client.signed_in("ada", "d");
        client.now += after;
        assert_eq!(client.verify(&token).status, status, "{after} ms");
        assert_eq!(client.emulator.sessions(client.now)[0].valid, status == 200);
    }
}

#[test]
fn lifetimes_are_options() {
    let mut client = client(Options {
        secure_mode: true,
        access_token_lifetime_ms: 5000.0,
        auth_token_lifetime_ms: 10.0,
        ..Options::default()
    });
    let token = client.minted("ada");
    client.now += 9.0;
    let reply = client.create(
        "v5",
        json!({"userId": "ada", "deviceId": "d", "authToken": token}),
    );
    assert_eq!(body(&reply)["expiresAt"], format_iso(START + 5009.0));
    client.now += 1.0;
    assert_eq!(
        client
            .create(
                "v5",
                json!({"userId": "ada", "deviceId": "d", "authToken": token})
            )
            .status,
        401
    );
    let session = &client.emulator.sessions(client.now)[0];
    assert_eq!(
        (session.issued_at, session.expires_at),
        (START + 9.0, START + 5009.0)
    );
}

#[test]
fn every_answer_carries_the_date() {
    let mut client = unsecure();
    client.now += 123_456.0;
    for (method, path) in [
        ("GET", "/api/v3/sessions"),
        ("POST", "/api/v5/sessions"),
        ("GET", "/nowhere"),
        ("OPTIONS", "/api/v5/sessions"),
    ] {
        assert_eq!(
            client.send(method, path, &[], None).header("date"),
            Some(format_http(START + 123_456.0).as_str()),
            "{method} {path}"
        );
    }
}
