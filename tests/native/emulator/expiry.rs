//! Expiry, to the millisecond, and the `Date` header.

use crate::support::{body, client, secure, unsecure, DAY, START};
use social_plus_auth::emulator::Options;
use social_plus_auth::protocol::date::{format_http, format_iso};

const MINUTE: f64 = 60_000.0;

#[test]
fn an_auth_token_is_valid_for_ten_minutes() {
    for (after, status) in [
        (0.0, 200),
        (10.0 * MINUTE - 1.0, 200),
        (10.0 * MINUTE, 401),
        (11.0 * MINUTE, 401),
    ] {
        let mut client = secure();
        let token = client.mint_token("ada");
        client.now += after;
        assert_eq!(client.redeem("ada", &token).status, status, "{after} ms");
    }
}

#[test]
fn minting_does_not_remove_valid_auth_tokens() {
    let mut client = secure();
    let expired = client.mint_token("ada");
    client.now += 9.0 * MINUTE;
    let valid = client.mint_token("ada");
    client.now += MINUTE;
    client.mint_token("ada");
    assert_eq!(client.redeem("ada", &expired).status, 401);
    assert_eq!(client.redeem("ada", &valid).status, 200);
}

#[test]
fn an_access_token_is_valid_for_thirty_days() {
    for (after, status) in [
        (0.0, 200),
        (30.0 * DAY - 1.0, 200),
        (30.0 * DAY, 401),
        (400.0 * DAY, 401),
    ] {
        let mut client = unsecure();
        let token = client.sign_in("ada", "d");
        client.now += after;
        assert_eq!(client.verify(&token).status, status, "{after} ms");
        assert_eq!(client.emulator.sessions(client.now)[0].valid, status == 200);
    }
}

#[test]
fn options_set_the_lifetimes_of_access_and_auth_tokens() {
    let mut client = client(Options {
        secure_mode: true,
        access_token_lifetime_ms: 5000.0,
        auth_token_lifetime_ms: 10.0,
        ..Options::default()
    });
    let token = client.mint_token("ada");
    client.now += 9.0;
    let reply = client.redeem("ada", &token);
    assert_eq!(body(&reply)["expiresAt"], format_iso(START + 5009.0));
    client.now += 1.0;
    assert_eq!(client.redeem("ada", &token).status, 401);
    let session = &client.emulator.sessions(client.now)[0];
    assert_eq!(session.issued_at, START + 9.0);
    assert_eq!(session.expires_at, START + 5009.0);
}

#[test]
fn every_reply_has_a_date_header_with_the_emulators_time() {
    let mut client = unsecure();
    client.now += 123_456.0;
    for (method, path) in [
        ("GET", "/api/v3/sessions"),
        ("POST", "/api/v5/sessions"),
        ("GET", "/nowhere"),
        ("OPTIONS", "/api/v5/sessions"),
    ] {
        let reply = client.send(method, path, &[], None);
        let date = format_http(START + 123_456.0);
        assert_eq!(reply.header("date"), Some(date.as_str()), "{method} {path}");
    }
}
