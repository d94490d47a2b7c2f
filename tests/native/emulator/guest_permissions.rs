//! What visitors and bots may do, and their daily quota of reads.

use crate::guest_sessions::{create_guest_session, sign_in, KINDS};
use crate::support::{assert_banned, assert_refused, assert_unauthorized, client, DAY, START};
use serde_json::json;
use social_plus_auth::emulator::{Options, Reply};

const READ_ONLY: &str = "Not permitted: visitors and bots read only.";

#[track_caller]
fn assert_quota_exceeded(reply: &Reply) {
    assert_refused(reply, 403, 400_323, "The daily quota is used up.");
}

#[track_caller]
fn assert_path_not_found(reply: &Reply) {
    assert_refused(reply, 404, 400_400, "Path Not Found.");
}

#[test]
fn a_guest_may_only_read_data_and_end_its_own_session() {
    for (kind, code) in KINDS {
        let mut client = client(Options::default());
        client.sign_in("ada", "another");
        let token = sign_in(&mut client, kind, "d");
        for path in [
            "/api/v3/sessions",
            "/api/v3/network-settings/chat",
            "/api/v3/users/ada",
        ] {
            assert_eq!(
                client.send_bearer("GET", path, &token).status,
                200,
                "{path}"
            );
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
            assert_refused(
                &client.send_bearer(method, path, &token),
                403,
                code,
                READ_ONLY,
            );
        }
        assert_path_not_found(&client.send_bearer("GET", "/nowhere", &token));
        assert_eq!(
            client
                .send_bearer("DELETE", "/api/v4/sessions", &token)
                .status,
            200
        );
        assert_path_not_found(&client.send_bearer("POST", "/api/v4/posts", &token));
        assert_unauthorized(&client.verify(&token));
    }
}

#[test]
fn visitors_and_bots_share_a_daily_quota_that_counts_only_reads() {
    let mut client = client(Options {
        visitor_daily_quota: 4.0,
        ..Options::default()
    });
    let user = client.sign_in("ada", "another");
    let visitor = sign_in(&mut client, "visitor", "d");
    let bot = sign_in(&mut client, "bot", "e");
    for _ in 0..10 {
        assert_eq!(client.verify(&user).status, 200);
        assert_eq!(
            client.send_bearer("POST", "/api/v4/posts", &visitor).status,
            403
        );
        assert_eq!(client.send_bearer("GET", "/nowhere", &visitor).status, 404);
    }
    for (path, token) in [
        ("/api/v3/sessions", &visitor),
        ("/api/v3/network-settings/chat", &visitor),
        ("/api/v3/users/ada", &bot),
        ("/api/v3/sessions", &bot),
    ] {
        assert_eq!(client.send_bearer("GET", path, token).status, 200, "{path}");
    }
    for token in [&visitor, &bot] {
        assert_quota_exceeded(&client.verify(token));
        assert_quota_exceeded(&client.send_bearer("GET", "/api/v3/users/ada", token));
    }
    let status = client.verify(&user).status;
    assert_eq!(status, 200, "a signed-in user must have no quota");
}

#[test]
fn the_quota_is_restored_at_midnight_utc() {
    let mut client = client(Options {
        visitor_daily_quota: 1.0,
        ..Options::default()
    });
    let visitor = sign_in(&mut client, "visitor", "d");
    assert_eq!(client.verify(&visitor).status, 200);
    let midnight = (START / DAY).ceil() * DAY;
    client.now = midnight - 1.0;
    assert_eq!(client.verify(&visitor).status, 403);
    client.now = midnight;
    assert_eq!(client.verify(&visitor).status, 200);
}

#[test]
fn the_default_quota_is_a_hundred_reads_a_day() {
    let mut client = client(Options::default());
    let token = sign_in(&mut client, "visitor", "d");
    for _ in 0..100 {
        // Space the calls so that they stay below the rate limit.
        client.now += 100.0;
        assert_eq!(client.verify(&token).status, 200);
    }
    client.now += 100.0;
    assert_quota_exceeded(&client.verify(&token));
}

#[test]
fn a_guest_can_be_banned_and_deleted_like_a_user() {
    let mut client = client(Options::default());
    let token = sign_in(&mut client, "visitor", "d");
    let user_id = client.emulator.users()[0].user_id.clone();
    client.emulator.set_banned(&user_id, true);
    assert_banned(&client.verify(&token));
    assert_banned(&create_guest_session(
        &mut client,
        "visitor",
        json!({"deviceId": "d"}),
    ));
    client.emulator.delete_user(&user_id);
    assert_refused(
        &create_guest_session(&mut client, "visitor", json!({"deviceId": "d"})),
        404,
        400_400,
        "User Not Found.",
    );
}
