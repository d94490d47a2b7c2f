//! Ending tokens early: one's own, all of a user by an administrator; and the legacy refresh, which
//! outlives its access token.

use crate::support::{assert_parameters, assert_refused, body, client, unsecure, Client};
use serde_json::json;
use social_plus_auth::emulator::{Options, Reply};

fn assert_success(reply: &Reply) {
    assert_eq!((reply.status, body(reply)), (200, json!({"success": true})));
}

#[test]
fn ones_own_token_and_no_other() {
    let mut client = unsecure();
    let (phone, laptop) = (
        client.signed_in("ada", "phone"),
        client.signed_in("ada", "laptop"),
    );
    assert_success(&client.bearer("DELETE", "/api/v4/sessions", &phone));
    assert_refused(&client.verify(&phone), 401, 400_100, "Unauthorized");
    assert_refused(
        &client.bearer("DELETE", "/api/v4/sessions", &phone),
        401,
        400_100,
        "Unauthorized",
    );
    assert_eq!(client.verify(&laptop).status, 200);
    assert_refused(
        &client.send("DELETE", "/api/v4/sessions", &[], None),
        401,
        400_100,
        "Unauthorized",
    );
}

#[test]
fn all_of_a_user_in_each_form() {
    type Form = fn(&mut Client) -> Reply;
    let forms: [Form; 6] = [
        |client| client.admin("DELETE", "/api/v4/sessions/users/a%2Fb?isPublic=true"),
        |client| client.admin("DELETE", "/api/v4/sessions/users/a%2Fb"),
        |client| client.admin("DELETE", "/api/v4/sessions?userId=a%2Fb&isPublic=true"),
        |client| client.admin("DELETE", "/api/v4/sessions?userId=a%2Fb"),
        |client| {
            let bearer = format!("Bearer {}", client.emulator.admin_token());
            client.send(
                "DELETE",
                "/api/v4/sessions",
                &[("authorization", &bearer)],
                Some(json!({"userId": "a/b"})),
            )
        },
        |client| {
            // The service's own id of the user.
            let token = client.signed_in("a/b", "tablet");
            let user = body(&client.bearer("GET", "/api/v3/users/a%2Fb", &token));
            client.admin(
                "DELETE",
                &format!(
                    "/api/v4/sessions/users/{}?isPublic=false",
                    user["users"][0]["userInternalId"].as_str().unwrap()
                ),
            )
        },
    ];
    for form in forms {
        let mut client = unsecure();
        let hers = [
            client.signed_in("a/b", "phone"),
            client.signed_in("a/b", "laptop"),
        ];
        let anothers = client.signed_in("grace", "desk");
        assert_success(&form(&mut client));
        for token in hers {
            assert_refused(&client.verify(&token), 401, 400_100, "Unauthorized");
        }
        assert_eq!(client.verify(&anothers).status, 200);
        client.signed_in("a/b", "phone");
    }
}

#[test]
fn only_an_administrator_may() {
    let mut client = unsecure();
    let token = client.signed_in("ada", "d");
    for path in [
        "/api/v4/sessions/users/ada",
        "/api/v4/sessions?userId=ada",
        "/api/v4/sessions?userId=%zz",
    ] {
        assert_refused(
            &client.bearer("DELETE", path, &token),
            403,
            400_301,
            "Permission denied.",
        );
        assert_refused(
            &client.bearer("DELETE", path, "nonsense"),
            401,
            400_100,
            "Invalid token",
        );
        assert_refused(
            &client.send("DELETE", path, &[("x-api-key", "ak-1")], None),
            401,
            400_100,
            "Unauthorized",
        );
    }
    assert_eq!(client.verify(&token).status, 200);
}

#[test]
fn an_admin_token_expires() {
    let mut client = client(Options {
        admin_token_lifetime_ms: 1000.0,
        ..Options::default()
    });
    client.signed_in("ada", "d");
    client.now += 999.0;
    assert_success(&client.admin("DELETE", "/api/v4/sessions/users/ada"));
    client.now += 1.0;
    assert_refused(
        &client.admin("DELETE", "/api/v4/sessions/users/ada"),
        401,
        400_100,
        "token expired",
    );
    assert_refused(
        &client.admin("DELETE", "/api/v4/sessions"),
        401,
        400_100,
        "token expired",
    );
}

#[test]
fn whom_it_cannot_be_done_to() {
    let mut client = unsecure();
    client.signed_in("ada", "d");
    assert_refused(
        &client.admin("DELETE", "/api/v4/sessions/users/nobody"),
        404,
        400_400,
        "User Not Found.",
    );
    assert_refused(
        &client.admin("DELETE", "/api/v4/sessions/users/ada?isPublic=false"),
        404,
        400_400,
        "User Not Found.",
    );
    assert_parameters(
        &client.admin("DELETE", "/api/v4/sessions/users/ada?isPublic=perhaps"),
        422,
        &["isPublic"],
    );
    for path in [
        "/api/v4/sessions/users/",
        "/api/v4/sessions",
        "/api/v4/sessions?userId=",
    ] {
        assert_parameters(&client.admin("DELETE", path), 422, &["userId"]);
    }
    let bearer = format!("Bearer {}", client.emulator.admin_token());
    let reply = client.send(
        "DELETE",
        "/api/v4/sessions",
        &[("authorization", &bearer)],
        Some(json!({"userId": 5})),
    );
    assert_parameters(&reply, 422, &["userId"]);
    client.emulator.set_banned("ada", true);
    assert_refused(
        &client.admin("DELETE", "/api/v4/sessions/users/ada"),
        403,
        400_312,
        "User is global banned.",
    );
    client.emulator.delete_user("ada");
    assert_refused(
        &client.admin("DELETE", "/api/v4/sessions/users/ada"),
        404,
        400_400,
        "User Not Found.",
    );
}

fn refresh(client: &mut Client, query: &str) -> Reply {
    client.send(
        "GET",
        &format!("/v1/accessToken{query}"),
        &[("x-api-key", "ak-1")],
        None,
    )
}

#[test]
fn a_refresh_token_gives_a_new_access_token_even_after_the_old_one_expired() {
    let mut client = unsecure();
    for version in ["v3", "v4"] {
        let created = body(&client.create(version, json!({"userId": "ada", "deviceId": version})));
        let query = format!(
            "?userId=ada&refreshToken={}",
            created["refreshToken"].as_str().unwrap()
        );
        let reply = refresh(&mut client, &query);
        let first = body(&reply)["accessToken"].as_str().unwrap().to_owned();
        assert_eq!(body(&reply).as_object().unwrap().len(), 1);
        assert_eq!(client.verify(&first).status, 200);
        assert_eq!(
            client
                .verify(created["accessToken"].as_str().unwrap())
                .status,
            401,
            "the device has one token"
        );
        client.now += 40.0 * 86_400_000.0;
        assert_eq!(client.verify(&first).status, 401);
        let second = body(&refresh(&mut client, &query))["accessToken"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(client.verify(&second).status, 200);
    }
}

#[test]
fn a_refresh_token_ends_with_its_session() {
    let mut client = unsecure();
    let created =
        |client: &mut Client| body(&client.create("v4", json!({"userId": "ada", "deviceId": "d"})));
    let query = |session: &serde_json::Value| {
        format!(
            "?userId=ada&refreshToken={}",
            session["refreshToken"].as_str().unwrap()
        )
    };
    let first = created(&mut client);
    assert_refused(
        &refresh(&mut client, &query(&first).replace("ada", "grace")),
        401,
        400_100,
        "Unauthorized",
    );
    let second = created(&mut client);
    assert_refused(
        &refresh(&mut client, &query(&first)),
        401,
        400_100,
        "Unauthorized",
    );
    client.bearer(
        "DELETE",
        "/api/v4/sessions",
        second["accessToken"].as_str().unwrap(),
    );
    assert_refused(
        &refresh(&mut client, &query(&second)),
        401,
        400_100,
        "Unauthorized",
    );
    let third = created(&mut client);
    client.emulator.set_banned("ada", true);
    assert_refused(
        &refresh(&mut client, &query(&third)),
        403,
        400_312,
        "User is global banned.",
    );
}

#[test]
fn a_refresh_needs_its_key_and_its_parameters() {
    let mut client = unsecure();
    assert_parameters(&refresh(&mut client, ""), 422, &["userId", "refreshToken"]);
    assert_parameters(&refresh(&mut client, "?userId=ada"), 422, &["refreshToken"]);
    let reply = client.send(
        "GET",
        "/v1/accessToken?userId=ada&refreshToken=r",
        &[],
        None,
    );
    assert_refused(&reply, 401, 400_100, "Unauthorized");
}
