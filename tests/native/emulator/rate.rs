//! A hundred calls in five seconds of one user, whatever they are and from whichever device.

use crate::support::{assert_refused, body, secure, unsecure};
use serde_json::json;

#[test]
fn sessions_of_all_devices_count_together() {
    let mut client = unsecure();
    for call in 0..100 {
        client.now += 10.0;
        client.signed_in("ada", &format!("d{}", call % 7));
    }
    let refused = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
    assert_refused(&refused, 429, 400_311, "RateLimit Exceed.");
    assert_eq!(
        refused.header("retry-after"),
        Some("5"),
        "the first call was 0.99 seconds ago"
    );
    client.signed_in("grace", "another user is not concerned");
    client.now += 4009.0;
    let refused = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("1"))
    );
    client.now += 1.0;
    client.signed_in("ada", "the first call has left the window");
    assert_eq!(
        client
            .create("v5", json!({"userId": "ada", "deviceId": "d"}))
            .status,
        429
    );
}

#[test]
fn what_retry_after_says_is_enough() {
    let mut client = unsecure();
    (0..100).for_each(|_| drop(client.signed_in("ada", "d")));
    client.now += 1500.0;
    let refused = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
    let seconds: f64 = refused.header("retry-after").unwrap().parse().unwrap();
    client.now += seconds * 1000.0;
    client.signed_in("ada", "d");
}

#[test]
fn every_call_of_the_user_counts_and_a_refused_one_has_no_effect() {
    let mut client = unsecure();
    let token = client.signed_in("ada", "d");
    for path in [
        "/api/v3/sessions",
        "/api/v3/network-settings/chat",
        "/api/v3/users/ada",
    ] {
        (0..33).for_each(|_| assert_eq!(client.bearer("GET", path, &token).status, 200));
    }
    for (method, path) in [("GET", "/api/v3/sessions"), ("DELETE", "/api/v4/sessions")] {
        assert_refused(
            &client.bearer(method, path, &token),
            429,
            400_311,
            "RateLimit Exceed.",
        );
    }
    client.now += 5000.0;
    assert_eq!(client.verify(&token).status, 200);
}

#[test]
fn guesses_count_too() {
    let mut client = secure();
    let wanted = json!({"userId": "ada", "deviceId": "d", "authToken": "guess"});
    let statuses: Vec<u16> = (0..101)
        .map(|_| client.create("v5", wanted.clone()).status)
        .collect();
    assert!(statuses[..100].iter().all(|status| *status == 401));
    assert_eq!(statuses[100], 429);
}

#[test]
fn the_backend_is_no_user() {
    let mut client = secure();
    (0..300).for_each(|_| assert_eq!(client.mint("ada").status, 200));
    let mut client = unsecure();
    client.signed_in("ada", "d");
    (0..300).for_each(|_| {
        assert_eq!(
            body(&client.admin("DELETE", "/api/v4/sessions/users/ada"))["success"],
            true
        )
    });
}
