//! Minting auth tokens in v4 and v3, and redeeming them.

use crate::support::{
    assert_banned, assert_invalid_parameters, assert_refused, assert_unauthorized, body, secure,
    unsecure, Client, JSON, TEXT,
};
use serde_json::json;
use social_plus_auth::emulator::Reply;

const V4: &str = "/api/v4/authentication/token";
const SERVER_KEY: (&str, &str) = ("x-server-key", "sk-1");

fn mint_v3(client: &mut Client, query: &str) -> Reply {
    let path = format!("/api/v3/authentication/token{query}");
    client.send("GET", &path, &[SERVER_KEY], None)
}

#[test]
fn v4_returns_the_token_as_text_in_quotes() {
    let mut client = secure();
    let reply = client.mint("ada");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), TEXT);
    let token = reply
        .body
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap();
    assert!((1..=100).contains(&token.len()));
    assert!(token.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(client.redeem("ada", token).status, 200);
}

#[test]
fn v3_returns_the_token_as_a_json_string() {
    let mut client = secure();
    let reply = mint_v3(&mut client, "?userId=a%20b%26c%3Dd%2F%C3%A9");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), JSON);
    let token = body(&reply).as_str().unwrap().to_owned();
    assert_eq!(client.redeem("a b&c=d/é", &token).status, 200);
}

#[test]
fn a_wrong_server_key_is_rejected_in_plain_text_in_both_modes() {
    for mut client in [secure(), unsecure()] {
        for headers in [
            vec![],
            vec![("x-server-key", "sk-2")],
            vec![("x-server-key", "")],
            vec![("x-api-key", "sk-1")],
        ] {
            for (method, path) in [
                ("POST", V4),
                ("GET", "/api/v3/authentication/token?userId=ada"),
            ] {
                let reply = client.send(method, path, &headers, None);
                assert_eq!(reply.status, 401);
                assert_eq!(reply.body, "Unauthorized");
                assert_eq!(reply.header("content-type"), TEXT);
            }
        }
    }
}

#[test]
fn minting_is_forbidden_in_unsecure_mode() {
    let mut client = unsecure();
    assert_refused(&client.mint("ada"), 403, 400_300, "Forbidden error.");
    let reply = mint_v3(&mut client, "?userId=ada");
    assert_refused(&reply, 403, 400_300, "Forbidden error.");
    client.emulator.set_secure_mode(true);
    assert_eq!(client.mint("ada").status, 200);
}

#[test]
fn v4_requires_a_user_id_of_1_to_50_utf16_code_units() {
    let mut client = secure();
    assert_eq!(client.mint(&"é".repeat(50)).status, 200);
    for user_id in [
        json!("a".repeat(51)),
        json!("👩".repeat(26)),
        json!(""),
        json!(5),
        json!(null),
    ] {
        let parameters = json!({"userId": user_id});
        let reply = client.send("POST", V4, &[SERVER_KEY], Some(parameters));
        assert_invalid_parameters(&reply, 422, &["userId"]);
    }
    let reply = client.send("POST", V4, &[SERVER_KEY], None);
    assert_invalid_parameters(&reply, 422, &["userId"]);
}

#[test]
fn v3_requires_a_user_id_of_1_to_100_characters_and_otherwise_returns_500() {
    let mut client = secure();
    let reply = mint_v3(&mut client, &format!("?userId={}", "a".repeat(100)));
    assert_eq!(reply.status, 200);
    for query in ["", "?userId=", &format!("?userId={}", "a".repeat(101))] {
        assert_invalid_parameters(&mint_v3(&mut client, query), 500, &["userId"]);
    }
}

#[test]
fn an_auth_token_is_valid_only_for_its_user() {
    let mut client = secure();
    let token = client.mint_token("ada");
    assert_unauthorized(&client.redeem("grace", &token));
    assert_unauthorized(&client.redeem("ada", "nonsense"));
    assert_eq!(client.redeem("ada", &token).status, 200);
}

#[test]
fn an_auth_token_can_be_redeemed_repeatedly_even_after_a_later_token_was_minted() {
    let mut client = secure();
    let token = client.mint_token("ada");
    for _ in 0..3 {
        assert_eq!(client.redeem("ada", &token).status, 200);
    }
    let later = client.mint_token("ada");
    assert_ne!(token, later);
    assert_eq!(client.redeem("ada", &token).status, 200);
}

#[test]
fn minting_does_not_create_a_user() {
    let mut client = secure();
    client.mint("ada");
    assert!(client.emulator.users().is_empty());
}

#[test]
fn minting_works_during_a_ban_and_redeeming_works_again_after_it() {
    let mut client = secure();
    let token = client.mint_token("ada");
    client.redeem("ada", &token);
    client.emulator.set_banned("ada", true);
    assert_eq!(client.mint("ada").status, 200);
    assert_banned(&client.redeem("ada", &token));
    client.emulator.set_banned("ada", false);
    assert_eq!(client.redeem("ada", &token).status, 200);
}
