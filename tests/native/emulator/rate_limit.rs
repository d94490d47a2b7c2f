//! The rate limit: each user may make 100 calls in 5 seconds, on all devices together.

use crate::support::{assert_refused, body, secure, unsecure, Client};
use serde_json::json;
use social_plus_auth::emulator::Reply;

fn create(client: &mut Client) -> Reply {
    client.create_session("v5", json!({"userId": "ada", "deviceId": "d"}))
}

#[test]
fn the_limit_of_a_user_covers_the_sessions_of_all_devices() {
    let mut client = unsecure();
    for call in 0..100 {
        client.now += 10.0;
        client.sign_in("ada", &format!("d{}", call % 7));
    }
    assert_refused(&create(&mut client), 429, 400_311, "RateLimit Exceed.");
    // Another user has a limit of its own.
    client.sign_in("grace", "d");
}

#[test]
fn a_call_is_allowed_when_the_oldest_call_leaves_the_window() {
    let mut client = unsecure();
    for _ in 0..100 {
        client.now += 10.0;
        client.sign_in("ada", "d");
    }
    let refused = create(&mut client);
    let retry_after = refused.header("retry-after");
    assert_eq!(retry_after, Some("5"), "the first call was 0.99 s ago");
    client.now += 4009.0;
    assert_eq!(create(&mut client).header("retry-after"), Some("1"));
    client.now += 1.0;
    assert_eq!(create(&mut client).status, 200);
    assert_eq!(create(&mut client).status, 429);
}

#[test]
fn a_call_succeeds_after_waiting_for_retry_after() {
    let mut client = unsecure();
    (0..100).for_each(|_| drop(client.sign_in("ada", "d")));
    client.now += 1500.0;
    let refused = create(&mut client);
    let seconds: f64 = refused.header("retry-after").unwrap().parse().unwrap();
    client.now += seconds * 1000.0;
    client.sign_in("ada", "d");
}

#[test]
fn every_call_of_a_user_counts_and_a_rejected_call_has_no_effect() {
    let mut client = unsecure();
    let token = client.sign_in("ada", "d");
    for path in [
        "/api/v3/sessions",
        "/api/v3/network-settings/chat",
        "/api/v3/users/ada",
    ] {
        (0..33).for_each(|_| assert_eq!(client.send_bearer("GET", path, &token).status, 200));
    }
    for (method, path) in [("GET", "/api/v3/sessions"), ("DELETE", "/api/v4/sessions")] {
        let reply = client.send_bearer(method, path, &token);
        assert_refused(&reply, 429, 400_311, "RateLimit Exceed.");
    }
    client.now += 5000.0;
    assert_eq!(client.verify(&token).status, 200);
}

#[test]
fn attempts_with_a_wrong_auth_token_count_towards_the_limit() {
    let mut client = secure();
    for _ in 0..100 {
        assert_eq!(client.redeem("ada", "guess").status, 401);
    }
    assert_eq!(client.redeem("ada", "guess").status, 429);
}

#[test]
fn calls_with_a_server_key_or_an_admin_token_are_not_limited() {
    let mut client = secure();
    (0..300).for_each(|_| assert_eq!(client.mint("ada").status, 200));
    let mut client = unsecure();
    client.sign_in("ada", "d");
    for _ in 0..300 {
        let reply = client.send_admin("DELETE", "/api/v4/sessions/users/ada");
        assert_eq!(body(&reply)["success"], true);
    }
}
