//! Revoking access tokens: a user revokes its own token, and an admin revokes all tokens of a user.

use crate::support::{
    assert_banned, assert_invalid_parameters, assert_refused, assert_unauthorized, body, client,
    unsecure, Client,
};
use serde_json::json;
use social_plus_auth::emulator::{Options, Reply};

#[track_caller]
fn assert_success(reply: &Reply) {
    assert_eq!(reply.status, 200);
    assert_eq!(body(reply), json!({"success": true}));
}

#[test]
fn a_user_revokes_its_own_token_and_no_other() {
    let mut client = unsecure();
    let phone = client.sign_in("ada", "phone");
    let laptop = client.sign_in("ada", "laptop");
    assert_success(&client.send_bearer("DELETE", "/api/v4/sessions", &phone));
    assert_unauthorized(&client.verify(&phone));
    assert_unauthorized(&client.send_bearer("DELETE", "/api/v4/sessions", &phone));
    assert_eq!(client.verify(&laptop).status, 200);
    assert_unauthorized(&client.send("DELETE", "/api/v4/sessions", &[], None));
}

#[test]
fn an_admin_revokes_all_tokens_of_a_user_with_each_form_of_the_call() {
    type Form = fn(&mut Client) -> Reply;
    let forms: [Form; 6] = [
        |client| client.send_admin("DELETE", "/api/v4/sessions/users/a%2Fb?isPublic=true"),
        |client| client.send_admin("DELETE", "/api/v4/sessions/users/a%2Fb"),
        |client| client.send_admin("DELETE", "/api/v4/sessions?userId=a%2Fb&isPublic=true"),
        |client| client.send_admin("DELETE", "/api/v4/sessions?userId=a%2Fb"),
        |client| {
            client.send_admin_with_body("DELETE", "/api/v4/sessions", json!({"userId": "a/b"}))
        },
        |client| {
            let token = client.sign_in("a/b", "tablet");
            let user = body(&client.send_bearer("GET", "/api/v3/users/a%2Fb", &token));
            let internal_id = user["users"][0]["userInternalId"].as_str().unwrap();
            let path = format!("/api/v4/sessions/users/{internal_id}?isPublic=false");
            client.send_admin("DELETE", &path)
        },
    ];
    for form in forms {
        let mut client = unsecure();
        let tokens = [
            client.sign_in("a/b", "phone"),
            client.sign_in("a/b", "laptop"),
        ];
        let other_user = client.sign_in("grace", "desk");
        assert_success(&form(&mut client));
        for token in tokens {
            assert_unauthorized(&client.verify(&token));
        }
        assert_eq!(client.verify(&other_user).status, 200);
        client.sign_in("a/b", "phone");
    }
}

#[test]
fn revoking_by_user_id_requires_an_admin_token() {
    let mut client = unsecure();
    let token = client.sign_in("ada", "d");
    for path in [
        "/api/v4/sessions/users/ada",
        "/api/v4/sessions?userId=ada",
        "/api/v4/sessions?userId=%zz",
    ] {
        assert_refused(
            &client.send_bearer("DELETE", path, &token),
            403,
            400_301,
            "Permission denied.",
        );
        assert_refused(
            &client.send_bearer("DELETE", path, "nonsense"),
            401,
            400_100,
            "Invalid token",
        );
        assert_unauthorized(&client.send("DELETE", path, &[("x-api-key", "ak-1")], None));
    }
    assert_eq!(client.verify(&token).status, 200);
}

#[test]
fn an_admin_token_can_revoke_only_until_it_expires() {
    let mut client = client(Options {
        admin_token_lifetime_ms: 1000.0,
        ..Options::default()
    });
    client.sign_in("ada", "d");
    client.now += 999.0;
    assert_success(&client.send_admin("DELETE", "/api/v4/sessions/users/ada"));
    client.now += 1.0;
    assert_refused(
        &client.send_admin("DELETE", "/api/v4/sessions/users/ada"),
        401,
        400_100,
        "token expired",
    );
    assert_refused(
        &client.send_admin("DELETE", "/api/v4/sessions"),
        401,
        400_100,
        "token expired",
    );
}

#[test]
fn revoking_the_tokens_of_an_unknown_user_returns_not_found() {
    let mut client = unsecure();
    client.sign_in("ada", "d");
    assert_refused(
        &client.send_admin("DELETE", "/api/v4/sessions/users/nobody"),
        404,
        400_400,
        "User Not Found.",
    );
    assert_refused(
        &client.send_admin("DELETE", "/api/v4/sessions/users/ada?isPublic=false"),
        404,
        400_400,
        "User Not Found.",
    );
}

#[test]
fn revoking_by_user_id_requires_valid_parameters() {
    let mut client = unsecure();
    client.sign_in("ada", "d");
    assert_invalid_parameters(
        &client.send_admin("DELETE", "/api/v4/sessions/users/ada?isPublic=perhaps"),
        422,
        &["isPublic"],
    );
    for path in [
        "/api/v4/sessions/users/",
        "/api/v4/sessions",
        "/api/v4/sessions?userId=",
    ] {
        assert_invalid_parameters(&client.send_admin("DELETE", path), 422, &["userId"]);
    }
    let reply = client.send_admin_with_body("DELETE", "/api/v4/sessions", json!({"userId": 5}));
    assert_invalid_parameters(&reply, 422, &["userId"]);
}

#[test]
fn the_tokens_of_a_banned_or_deleted_user_cannot_be_revoked() {
    let mut client = unsecure();
    client.sign_in("ada", "d");
    client.emulator.set_banned("ada", true);
    assert_banned(&client.send_admin("DELETE", "/api/v4/sessions/users/ada"));
    client.emulator.delete_user("ada");
    assert_refused(
        &client.send_admin("DELETE", "/api/v4/sessions/users/ada"),
        404,
        400_400,
        "User Not Found.",
    );
}
