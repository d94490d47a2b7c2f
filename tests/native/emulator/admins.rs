//! Admin tokens: who gets one, how long it is good, and how it ends.

use crate::support::{assert_parameters, assert_refused, body, client, Client, START};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Admin, Options, Reply, Role};
use social_plus_auth::protocol::date::format_iso;

const HOUR: f64 = 3_600_000.0;
const DAY: f64 = 24.0 * HOUR;
const PATH: &str = "/admin/v1/token";

/// A super-admin, two admins, and one who is neither, each with a token that a test can write down.
fn staffed() -> Client {
    let admin = |username: &str, role| Admin {
        username: username.into(),
        role,
        token: Some(format!("{username}-token")),
    };
    let admins = vec![
        admin("root", Role::SuperAdmin),
        admin("grace", Role::Admin),
        admin("alan", Role::Admin),
        admin("nobody", Role::None),
    ];
    client(Options {
        admins,
        ..Options::default()
    })
}

fn issue(client: &mut Client, token: &str) -> Reply {
    client.bearer("POST", "/api/v1/admin-token", token)
}

#[track_caller]
fn issued(client: &mut Client, token: &str) -> String {
    let reply = issue(client, token);
    assert_eq!(reply.status, 200, "{}", reply.body);
    body(&reply)["adminToken"].as_str().unwrap().to_owned()
}

fn revoke(client: &mut Client, token: &str, wanted: Value) -> Reply {
    client.send(
        "DELETE",
        PATH,
        &[("authorization", &format!("Bearer {token}"))],
        Some(wanted),
    )
}

/// Any call that takes an admin token.
fn use_it(client: &mut Client, token: &str) -> Reply {
    client.bearer("GET", "/api/v3/networks/me", token)
}

#[test]
fn a_new_token_is_good_for_a_year_and_can_be_read_again() {
    for path in ["/api/v1/admin-token", PATH] {
        let mut client = staffed();
        client.now += 5.0;
        let reply = client.bearer("POST", path, "grace-token");
        let (issued_at, expires_at) = (
            format_iso(START + 5.0),
            format_iso(START + 5.0 + 365.0 * DAY),
        );
        let token = body(&reply)["adminToken"].as_str().unwrap().to_owned();
        assert_eq!(
            body(&reply),
            json!({"adminToken": token, "issuedAt": issued_at, "expiresAt": expires_at})
        );
        assert_eq!(client.emulator.admin_token(), token);
        for bearer in [&token, "grace-token"] {
            assert_eq!(body(&client.bearer("GET", PATH, bearer)), body(&reply));
        }
        assert_eq!(
            body(&client.bearer("GET", PATH, "alan-token"))["adminToken"],
            "alan-token",
            "each has its own"
        );
        client.now = START + 5.0 + 365.0 * DAY - 1.0;
        assert_eq!(use_it(&mut client, &token).status, 200);
        client.now += 1.0;
        assert_refused(&use_it(&mut client, &token), 401, 400_100, "token expired");
    }
}

#[test]
fn the_one_before_is_good_for_its_grace_period() {
    for (hours, ends_after) in [
        (None, 24.0),
        (Some(json!(2)), 2.0),
        (Some(json!(0.5)), 0.5),
        (Some(json!(0)), 0.0),
    ] {
        let mut client = staffed();
        if let Some(hours) = hours {
            let wanted = json!({"adminToken": {"expiresInHours": hours}});
            let headers = [("authorization", "Bearer root-token")];
            assert_eq!(
                client
                    .send(
                        "PUT",
                        "/api/v3/network-settings/security-configs",
                        &headers,
                        Some(wanted)
                    )
                    .status,
                200
            );
        }
        let new = issued(&mut client, "grace-token");
        if ends_after > 0.0 {
            client.now += ends_after * HOUR - 1.0;
            assert_eq!(use_it(&mut client, "grace-token").status, 200);
            client.now += 1.0;
        }
        assert_refused(
            &use_it(&mut client, "grace-token"),
            401,
            400_100,
            "token expired",
        );
        assert_eq!(use_it(&mut client, &new).status, 200);
        assert_eq!(
            use_it(&mut client, "alan-token").status,
            200,
            "another's stays"
        );
    }
}

#[test]
fn each_has_its_own_grace_period_and_never_more_than_its_lifetime() {
    let mut client = staffed();
    client.now += 365.0 * DAY - HOUR;
    let second = issued(&mut client, "grace-token");
    client.now += HOUR - 1.0;
    let third = issued(&mut client, "grace-token");
    assert_ne!(second, third);
    client.now += 1.0;
    assert_refused(
        &use_it(&mut client, "grace-token"),
        401,
        400_100,
        "token expired",
    );
    client.now += DAY - 2.0;
    assert_eq!(use_it(&mut client, &second).status, 200);
    client.now += 1.0;
    assert_refused(&use_it(&mut client, &second), 401, 400_100, "token expired");
    assert_eq!(use_it(&mut client, &third).status, 200);
}

#[test]
fn an_admin_revokes_its_own_and_a_super_admin_any() {
    for (by, whom) in [("grace-token", "grace"), ("root-token", "grace")] {
        let mut client = staffed();
        let new = issued(&mut client, "grace-token");
        assert_eq!(
            body(&revoke(&mut client, by, json!({"username": whom}))),
            json!({"success": true})
        );
        for token in ["grace-token", &new] {
            assert_refused(&use_it(&mut client, token), 401, 400_100, "Invalid token");
        }
        client.now += 400.0 * DAY;
        assert_refused(&use_it(&mut client, &new), 401, 400_100, "Invalid token");
        client.now = START;
        assert_eq!(use_it(&mut client, "alan-token").status, 200);
        assert_eq!(
            client.emulator.admin_token(),
            new,
            "the last one is still shown"
        );
    }
    let mut client = staffed();
    for whom in ["root", "nobody"] {
        assert_eq!(
            revoke(&mut client, "root-token", json!({"username": whom})).status,
            if whom == "root" { 200 } else { 401 }
        );
    }
}

#[test]
fn who_may_revoke_whom() {
    let denied = (403, 400_301, "Permission denied.");
    let unknown = (404, 400_400, "username Not Found.");
    for (by, whom, (status, code, message)) in [
        ("grace-token", "alan", denied),
        ("grace-token", "root", denied),
        ("grace-token", "unheard-of", unknown),
        ("root-token", "unheard-of", unknown),
        ("nobody-token", "nobody", denied),
        ("nobody-token", "grace", denied),
        ("nobody-token", "unheard-of", denied),
        ("nonsense", "grace", (401, 400_100, "Invalid token")),
    ] {
        let mut client = staffed();
        assert_refused(
            &revoke(&mut client, by, json!({"username": whom})),
            status,
            code,
            message,
        );
        assert_eq!(use_it(&mut client, "alan-token").status, 200);
    }
}

#[test]
fn a_username_has_its_limits() {
    let mut client = staffed();
    for wanted in [
        json!({}),
        json!({"username": ""}),
        json!({"username": "a".repeat(51)}),
        json!({"username": 5}),
    ] {
        assert_parameters(
            &revoke(&mut client, "grace-token", wanted),
            422,
            &["username"],
        );
    }
    assert_eq!(
        revoke(
            &mut client,
            "grace-token",
            json!({"username": "é".repeat(50)})
        )
        .status,
        404
    );
}

#[test]
fn super_admins_and_others_are_issued_nothing() {
    let mut client = staffed();
    for token in ["root-token", "nobody-token"] {
        for (method, path) in [
            ("POST", "/api/v1/admin-token"),
            ("POST", PATH),
            ("GET", PATH),
            ("POST", "/api/v3/networks/server-key"),
        ] {
            assert_refused(
                &client.bearer(method, path, token),
                403,
                400_301,
                "Permission denied.",
            );
        }
    }
    assert_eq!(client.emulator.server_key(), "sk-1");
}

#[test]
fn a_super_admin_has_the_other_calls_and_no_call_is_anyone_elses() {
    let push = json!({"level": "network", "isPushNotifiable": false});
    for (method, path, wanted) in [
        ("GET", "/api/v3/networks/server-key", None),
        ("GET", "/api/v3/network-settings/security-configs", None),
        (
            "PUT",
            "/api/v3/network-settings/security-configs",
            Some(json!({})),
        ),
        ("GET", "/api/v3/networks/me", None),
        (
            "PUT",
            "/api/v3/networks/me",
            Some(json!({"useSecureAuthentication": false})),
        ),
        ("POST", "/admin/v1/notification/setting", Some(push)),
        ("DELETE", "/api/v4/sessions/users/ada", None),
    ] {
        let mut client = staffed();
        let user = client.signed_in("ada", "d");
        let mut send = |token: &str| {
            client.send(
                method,
                path,
                &[("authorization", &format!("Bearer {token}"))],
                wanted.clone(),
            )
        };
        for token in ["nobody-token", &user] {
            assert_refused(&send(token), 403, 400_301, "Permission denied.");
        }
        assert_refused(&send("sk-1"), 401, 400_100, "Invalid token");
        for token in ["root-token", "grace-token"] {
            assert_eq!(send(token).status, 200, "{method} {path} {token}");
        }
        assert_refused(
            &client.send(method, path, &[("x-api-key", "ak-1")], None),
            401,
            400_100,
            "Unauthorized",
        );
        assert_refused(
            &client.send(method, path, &[("x-admin-token", "grace-token")], None),
            401,
            400_100,
            "Unauthorized",
        );
    }
}

#[test]
fn by_default_there_is_an_admin_with_a_token() {
    let mut client = client(Options::default());
    let token = client.emulator.admin_token().to_owned();
    assert_eq!(use_it(&mut client, &token).status, 200);
    assert_refused(
        &revoke(&mut client, &token, json!({"username": "root"})),
        403,
        400_301,
        "Permission denied.",
    );
    assert_eq!(
        revoke(&mut client, &token, json!({"username": "admin"})).status,
        200
    );
}

#[test]
fn whose_token_is_shown() {
    let admin = |username: &str, role, token: Option<&str>| Admin {
        username: username.into(),
        role,
        token: token.map(Into::into),
    };
    for (admins, shown) in [
        (vec![], ""),
        (vec![admin("n", Role::None, Some("n"))], ""),
        (vec![admin("s", Role::SuperAdmin, None)], ""),
        (vec![admin("s", Role::SuperAdmin, Some("s"))], "s"),
        (
            vec![
                admin("s", Role::SuperAdmin, Some("s")),
                admin("a", Role::Admin, Some("a")),
                admin("b", Role::Admin, Some("b")),
            ],
            "a",
        ),
    ] {
        assert_eq!(
            client(Options {
                admins,
                ..Options::default()
            })
            .emulator
            .admin_token(),
            shown
        );
    }
}

#[test]
fn a_reset_leads_back_to_the_tokens_of_the_start() {
    let mut client = staffed();
    let new = issued(&mut client, "grace-token");
    revoke(&mut client, "root-token", json!({"username": "grace"}));
    client.emulator.reset();
    assert_eq!(client.emulator.admin_token(), "grace-token");
    assert_eq!(use_it(&mut client, "grace-token").status, 200);
    assert_refused(&use_it(&mut client, &new), 401, 400_100, "Invalid token");
}
