//! The legacy refresh: exchanging the refresh token of a v3 or v4 session for an access token.

use crate::support::{
    assert_banned, assert_invalid_parameters, assert_unauthorized, body, string_field, unsecure,
    Client, DAY,
};
use serde_json::{json, Value};
use social_plus_auth::emulator::Reply;

fn refresh(client: &mut Client, user_id: &str, refresh_token: &str) -> Reply {
    let path = format!("/v1/accessToken?userId={user_id}&refreshToken={refresh_token}");
    client.send("GET", &path, &[("x-api-key", "ak-1")], None)
}

/// Creates a session of `ada` on device `d` and returns the response body.
fn create(client: &mut Client, version: &str) -> Value {
    body(&client.create_session(version, json!({"userId": "ada", "deviceId": "d"})))
}

#[test]
fn a_refresh_replaces_the_access_token_of_the_device() {
    for version in ["v3", "v4"] {
        let mut client = unsecure();
        let session = create(&mut client, version);
        let reply = refresh(
            &mut client,
            "ada",
            session["refreshToken"].as_str().unwrap(),
        );
        let access_token = string_field(&reply, "accessToken");
        assert_eq!(body(&reply), json!({"accessToken": access_token}));
        assert_eq!(client.verify(&access_token).status, 200);
        assert_unauthorized(&client.verify(session["accessToken"].as_str().unwrap()));
    }
}

#[test]
fn a_refresh_token_outlives_its_access_tokens() {
    let mut client = unsecure();
    let session = create(&mut client, "v4");
    let refresh_token = session["refreshToken"].as_str().unwrap();
    let mut access_token = session["accessToken"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        client.now += 40.0 * DAY;
        assert_unauthorized(&client.verify(&access_token));
        let reply = refresh(&mut client, "ada", refresh_token);
        access_token = string_field(&reply, "accessToken");
        assert_eq!(client.verify(&access_token).status, 200);
    }
}

#[test]
fn a_refresh_token_is_valid_only_for_its_user() {
    let mut client = unsecure();
    let session = create(&mut client, "v4");
    let refresh_token = session["refreshToken"].as_str().unwrap();
    assert_unauthorized(&refresh(&mut client, "grace", refresh_token));
}

#[test]
fn a_refresh_token_ends_with_its_session() {
    let mut client = unsecure();
    let replaced = create(&mut client, "v4");
    let revoked = create(&mut client, "v4");
    let refresh_token = replaced["refreshToken"].as_str().unwrap();
    assert_unauthorized(&refresh(&mut client, "ada", refresh_token));
    let access_token = revoked["accessToken"].as_str().unwrap();
    client.send_bearer("DELETE", "/api/v4/sessions", access_token);
    let refresh_token = revoked["refreshToken"].as_str().unwrap();
    assert_unauthorized(&refresh(&mut client, "ada", refresh_token));
}

#[test]
fn a_banned_user_cannot_refresh() {
    let mut client = unsecure();
    let session = create(&mut client, "v4");
    client.emulator.set_banned("ada", true);
    let refresh_token = session["refreshToken"].as_str().unwrap();
    assert_banned(&refresh(&mut client, "ada", refresh_token));
}

#[test]
fn a_refresh_requires_the_api_key_and_both_parameters() {
    let mut client = unsecure();
    for (query, missing) in [
        ("", &["userId", "refreshToken"][..]),
        ("?userId=ada", &["refreshToken"]),
    ] {
        let path = format!("/v1/accessToken{query}");
        let reply = client.send("GET", &path, &[("x-api-key", "ak-1")], None);
        assert_invalid_parameters(&reply, 422, missing);
    }
    let path = "/v1/accessToken?userId=ada&refreshToken=r";
    assert_unauthorized(&client.send("GET", path, &[], None));
}
