//! Minting: v4 and v3, the server key, secure mode, whom a token is good for.

use crate::support::{assert_parameters, assert_refused, body, secure, unsecure, Client};
use serde_json::json;
use social_plus_auth::emulator::Reply;

fn mint_v3(client: &mut Client, query: &str) -> Reply {
    client.send(
        "GET",
        &format!("/api/v3/authentication/token{query}"),
        &[("x-server-key", "sk-1")],
        None,
    )
}

fn redeem(client: &mut Client, user_id: &str, token: &str) -> Reply {
    client.create(
        "v5",
        json!({"userId": user_id, "deviceId": "d", "authToken": token}),
    )
}

#[test]
fn v4_answers_text_in_quotes() {
    let mut client = secure();
    let reply = client.mint("ada");
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let token = reply
        .body
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap()
        .to_owned();
    assert!((1..=100).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(redeem(&mut client, "ada", &token).status, 200);
}

#[test]
fn v3_answers_a_json_string() {
    let mut client = secure();
    let reply = mint_v3(&mut client, "?userId=a%20b%26c%3Dd%2F%C3%A9");
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    let token = body(&reply).as_str().unwrap().to_owned();
    assert_eq!(redeem(&mut client, "a b&c=d/é", &token).status, 200);
}

#[test]
fn a_wrong_server_key_is_refused_in_plain_text_in_either_mode() {
    for mut client in [secure(), unsecure()] {
        for headers in [
            vec![],
            vec![("x-server-key", "sk-2")],
            vec![("x-server-key", "")],
            vec![("x-api-key", "sk-1")],
        ] {
            for (method, path) in [
                ("POST", "/api/v4/authentication/token"),
                ("GET", "/api/v3/authentication/token?userId=ada"),
            ] {
                let reply = client.send(method, path, &headers, None);
                assert_eq!((reply.status, reply.body.as_str()), (401, "Unauthorized"));
                assert_eq!(
                    reply.header("content-type"),
                    Some("text/plain; charset=utf-8")
                );
            }
        }
    }
}

#[test]
fn without_secure_mode_there_is_nothing_to_mint() {
    let mut client = unsecure();
    assert_refused(&client.mint("ada"), 403, 400_300, "Forbidden error.");
    assert_refused(
        &mint_v3(&mut client, "?userId=ada"),
        403,
        400_300,
        "Forbidden error.",
    );
    client.emulator.set_secure_mode(true);
    assert_eq!(client.mint("ada").status, 200);
}

#[test]
fn parameters_have_their_limits() {
    let mut client = secure();
    assert_eq!(client.mint(&"é".repeat(50)).status, 200);
    for user_id in [
        json!("a".repeat(51)),
        json!("👩".repeat(26)),
        json!(""),
        json!(5),
        json!(null),
    ] {
        let reply = client.send(
            "POST",
            "/api/v4/authentication/token",
            &[("x-server-key", "sk-1")],
            Some(json!({"userId": user_id})),
        );
        assert_parameters(&reply, 422, &["userId"]);
    }
    let reply = client.send(
        "POST",
        "/api/v4/authentication/token",
        &[("x-server-key", "sk-1")],
        None,
    );
    assert_parameters(&reply, 422, &["userId"]);
    assert_eq!(
        mint_v3(&mut client, &format!("?userId={}", "a".repeat(100))).status,
        200
    );
    for query in ["", "?userId=", &format!("?userId={}", "a".repeat(101))] {
        assert_parameters(&mint_v3(&mut client, query), 500, &["userId"]);
    }
}

#[test]
fn a_token_is_good_for_its_user_alone_and_more_than_once() {
    let mut client = secure();
    let token = client.minted("ada");
    assert_refused(
        &redeem(&mut client, "grace", &token),
        401,
        400_100,
        "Unauthorized",
    );
    for _ in 0..3 {
        assert_eq!(redeem(&mut client, "ada", &token).status, 200);
    }
    assert_refused(
        &redeem(&mut client, "ada", "nonsense"),
        401,
        400_100,
        "Unauthorized",
    );
    let another = client.minted("ada");
    assert_ne!(token, another);
    assert_eq!(
        redeem(&mut client, "ada", &token).status,
        200,
        "a later token does not end it"
    );
}

#[test]
fn minting_makes_no_user_and_a_ban_ends_no_auth_token() {
    let mut client = secure();
    let token = client.minted("ada");
    assert!(client.emulator.users().is_empty());
    redeem(&mut client, "ada", &token);
    client.emulator.set_banned("ada", true);
    assert_eq!(client.mint("ada").status, 200);
    assert_refused(
        &redeem(&mut client, "ada", &token),
        403,
        400_312,
        "User is global banned.",
    );
    client.emulator.set_banned("ada", false);
    assert_eq!(redeem(&mut client, "ada", &token).status, 200);
}
