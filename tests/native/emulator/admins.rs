//! Admin tokens: issuing, grace periods, expiry, revoking and permissions by role.

use crate::support::{
    admin, assert_invalid_parameters, assert_refused, assert_unauthorized, body, client,
    string_field, Client, DAY, HOUR, START,
};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Options, Reply, Role};
use social_plus_auth::protocol::date::format_iso;

const PATH: &str = "/admin/v1/token";
const CONFIGS: &str = "/api/v3/network-settings/security-configs";

/// Creates a network with one super-admin, two admins and one console user with the role
/// `none`. The token of each is the name with `-token` appended.
fn with_console_users() -> Client {
    let staff = [
        ("root", Role::SuperAdmin),
        ("grace", Role::Admin),
        ("alan", Role::Admin),
        ("nobody", Role::None),
    ];
    let admins = staff.map(|(name, role)| admin(name, role, Some(&format!("{name}-token"))));
    client(Options {
        admins: admins.to_vec(),
        ..Options::default()
    })
}

#[track_caller]
fn issue(client: &mut Client, token: &str) -> String {
    let reply = client.send_bearer("POST", "/api/v1/admin-token", token);
    assert_eq!(reply.status, 200, "{}", reply.body);
    string_field(&reply, "adminToken")
}

fn revoke(client: &mut Client, token: &str, parameters: Value) -> Reply {
    client.send_bearer_with_body("DELETE", PATH, token, Some(parameters))
}

/// Makes a call that requires an admin token.
fn call(client: &mut Client, token: &str) -> Reply {
    client.send_bearer("GET", "/api/v3/networks/me", token)
}

#[track_caller]
fn assert_expired(reply: &Reply) {
    assert_refused(reply, 401, 400_100, "token expired");
}

#[track_caller]
fn assert_invalid_token(reply: &Reply) {
    assert_refused(reply, 401, 400_100, "Invalid token");
}

#[track_caller]
fn assert_denied(reply: &Reply) {
    assert_refused(reply, 403, 400_301, "Permission denied.");
}

#[test]
fn issuing_returns_a_token_that_is_valid_for_a_year() {
    for path in ["/api/v1/admin-token", PATH] {
        let mut client = with_console_users();
        client.now += 5.0;
        let reply = client.send_bearer("POST", path, "grace-token");
        let token = string_field(&reply, "adminToken");
        let expected = json!({
            "adminToken": token,
            "issuedAt": format_iso(START + 5.0),
            "expiresAt": format_iso(START + 5.0 + 365.0 * DAY),
        });
        assert_eq!(body(&reply), expected);
        assert_eq!(client.emulator.admin_token(), token);
        client.now = START + 5.0 + 365.0 * DAY - 1.0;
        assert_eq!(call(&mut client, &token).status, 200);
        client.now += 1.0;
        assert_expired(&call(&mut client, &token));
    }
}

#[test]
fn each_admin_can_read_its_own_newest_token() {
    let mut client = with_console_users();
    let new = issue(&mut client, "grace-token");
    for (bearer, newest) in [
        (new.as_str(), new.as_str()),
        ("grace-token", &new),
        ("alan-token", "alan-token"),
    ] {
        let reply = client.send_bearer("GET", PATH, bearer);
        assert_eq!(string_field(&reply, "adminToken"), newest);
    }
}

#[test]
fn a_replaced_token_expires_after_the_grace_period() {
    for (configured_hours, grace_hours) in [
        (None, 24.0),
        (Some(2.0), 2.0),
        (Some(0.5), 0.5),
        (Some(0.0), 0.0),
    ] {
        let mut client = with_console_users();
        if let Some(hours) = configured_hours {
            let config = json!({"adminToken": {"expiresInHours": hours}});
            let reply = client.send_bearer_with_body("PUT", CONFIGS, "root-token", Some(config));
            assert_eq!(reply.status, 200);
        }
        let new = issue(&mut client, "grace-token");
        if grace_hours > 0.0 {
            client.now += grace_hours * HOUR - 1.0;
            assert_eq!(call(&mut client, "grace-token").status, 200);
            client.now += 1.0;
        }
        assert_expired(&call(&mut client, "grace-token"));
        assert_eq!(call(&mut client, &new).status, 200);
        assert_eq!(call(&mut client, "alan-token").status, 200);
    }
}

#[test]
fn a_grace_period_never_exceeds_the_lifetime_of_its_token() {
    let mut client = with_console_users();
    client.now += 365.0 * DAY - HOUR;
    issue(&mut client, "grace-token");
    client.now += HOUR - 1.0;
    assert_eq!(call(&mut client, "grace-token").status, 200);
    client.now += 1.0;
    assert_expired(&call(&mut client, "grace-token"));
}

#[test]
fn every_replaced_token_has_its_own_grace_period() {
    let mut client = with_console_users();
    let second = issue(&mut client, "grace-token");
    client.now += HOUR;
    let third = issue(&mut client, "grace-token");
    assert_ne!(second, third);
    client.now = START + DAY;
    assert_expired(&call(&mut client, "grace-token"));
    client.now += HOUR - 1.0;
    assert_eq!(call(&mut client, &second).status, 200);
    client.now += 1.0;
    assert_expired(&call(&mut client, &second));
    assert_eq!(call(&mut client, &third).status, 200);
}

#[test]
fn revoking_ends_all_tokens_of_a_console_user() {
    for revoker in ["grace-token", "root-token"] {
        let mut client = with_console_users();
        let new = issue(&mut client, "grace-token");
        let reply = revoke(&mut client, revoker, json!({"username": "grace"}));
        assert_eq!(body(&reply), json!({"success": true}));
        for token in ["grace-token", &new] {
            assert_invalid_token(&call(&mut client, token));
        }
        assert_eq!(call(&mut client, "alan-token").status, 200);
        let shown = client.emulator.admin_token();
        assert_eq!(shown, new, "the emulator must still show the newest token");
        client.now += 400.0 * DAY;
        assert_invalid_token(&call(&mut client, &new));
    }
}

#[test]
fn a_super_admin_can_revoke_its_own_token() {
    let mut client = with_console_users();
    let reply = revoke(&mut client, "root-token", json!({"username": "root"}));
    assert_eq!(reply.status, 200);
    let reply = revoke(&mut client, "root-token", json!({"username": "nobody"}));
    assert_invalid_token(&reply);
}

#[test]
fn revoking_requires_permission_and_a_known_username() {
    let denied = (403, 400_301, "Permission denied.");
    let unknown = (404, 400_400, "username Not Found.");
    for (revoker, username, (status, code, message)) in [
        ("grace-token", "alan", denied),
        ("grace-token", "root", denied),
        ("grace-token", "unheard-of", unknown),
        ("root-token", "unheard-of", unknown),
        ("nobody-token", "nobody", denied),
        ("nobody-token", "grace", denied),
        ("nobody-token", "unheard-of", denied),
        ("nonsense", "grace", (401, 400_100, "Invalid token")),
    ] {
        let mut client = with_console_users();
        let reply = revoke(&mut client, revoker, json!({"username": username}));
        assert_refused(&reply, status, code, message);
        assert_eq!(call(&mut client, "alan-token").status, 200);
    }
}

#[test]
fn a_username_must_be_1_to_50_characters() {
    let mut client = with_console_users();
    for parameters in [
        json!({}),
        json!({"username": ""}),
        json!({"username": "a".repeat(51)}),
        json!({"username": 5}),
    ] {
        let reply = revoke(&mut client, "grace-token", parameters);
        assert_invalid_parameters(&reply, 422, &["username"]);
    }
    let longest = json!({"username": "é".repeat(50)});
    assert_eq!(revoke(&mut client, "grace-token", longest).status, 404);
}

#[test]
fn only_an_admin_can_issue_or_read_admin_tokens_and_issue_server_keys() {
    let mut client = with_console_users();
    for token in ["root-token", "nobody-token"] {
        for (method, path) in [
            ("POST", "/api/v1/admin-token"),
            ("POST", PATH),
            ("GET", PATH),
            ("POST", "/api/v3/networks/server-key"),
        ] {
            assert_denied(&client.send_bearer(method, path, token));
        }
    }
    assert_eq!(client.emulator.server_key(), "sk-1");
}

#[test]
fn only_admins_and_super_admins_can_manage_the_network_and_revoke_user_sessions() {
    let push = json!({"level": "network", "isPushNotifiable": false});
    let secure_mode = json!({"useSecureAuthentication": false});
    for (method, path, parameters) in [
        ("GET", "/api/v3/networks/server-key", None),
        ("GET", CONFIGS, None),
        ("PUT", CONFIGS, Some(json!({}))),
        ("GET", "/api/v3/networks/me", None),
        ("PUT", "/api/v3/networks/me", Some(secure_mode)),
        ("POST", "/admin/v1/notification/setting", Some(push)),
        ("DELETE", "/api/v4/sessions/users/ada", None),
    ] {
        let mut client = with_console_users();
        let user = client.sign_in("ada", "d");
        let mut send =
            |token: &str| client.send_bearer_with_body(method, path, token, parameters.clone());
        assert_denied(&send("nobody-token"));
        assert_denied(&send(&user));
        assert_invalid_token(&send("sk-1"));
        for token in ["root-token", "grace-token"] {
            assert_eq!(send(token).status, 200, "{method} {path} {token}");
        }
        for header in [("x-api-key", "ak-1"), ("x-admin-token", "grace-token")] {
            assert_unauthorized(&client.send(method, path, &[header], None));
        }
    }
}

#[test]
fn the_default_admin_has_a_token_and_can_revoke_only_its_own() {
    let mut client = client(Options::default());
    let token = client.emulator.admin_token().to_owned();
    assert_eq!(call(&mut client, &token).status, 200);
    assert_denied(&revoke(&mut client, &token, json!({"username": "root"})));
    let reply = revoke(&mut client, &token, json!({"username": "admin"}));
    assert_eq!(reply.status, 200);
}

#[test]
fn the_emulator_shows_the_token_of_the_first_admin_or_otherwise_of_the_first_super_admin() {
    let nobody = admin("n", Role::None, Some("n"));
    let super_admin = admin("s", Role::SuperAdmin, Some("s"));
    let [first, second] = ["a", "b"].map(|name| admin(name, Role::Admin, Some(name)));
    for (admins, shown) in [
        (vec![], ""),
        (vec![nobody], ""),
        (vec![admin("s", Role::SuperAdmin, None)], ""),
        (vec![super_admin.clone()], "s"),
        (vec![super_admin, first, second], "a"),
    ] {
        let options = Options {
            admins,
            ..Options::default()
        };
        assert_eq!(client(options).emulator.admin_token(), shown);
    }
}

#[test]
fn a_reset_restores_the_initial_tokens() {
    let mut client = with_console_users();
    let new = issue(&mut client, "grace-token");
    revoke(&mut client, "root-token", json!({"username": "grace"}));
    client.emulator.reset();
    assert_eq!(client.emulator.admin_token(), "grace-token");
    assert_eq!(call(&mut client, "grace-token").status, 200);
    assert_invalid_token(&call(&mut client, &new));
}
