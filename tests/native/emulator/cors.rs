//! What a browser asks before it lets a page of another origin call, and read the answer.

use crate::support::unsecure;
use serde_json::json;

const ORIGIN: (&str, &str) = ("origin", "http://localhost:3000");

fn words(text: &str) -> Vec<&str> {
    text.split(", ").collect()
}

#[test]
fn a_preflight_allows_what_the_clients_send_and_nothing_more() {
    let mut client = unsecure();
    for path in [
        "/api/v5/sessions",
        "/api/v4/sessions",
        "/api/v3/network-settings/chat",
        "/nowhere",
    ] {
        let reply = client.send(
            "OPTIONS",
            path,
            &[ORIGIN, ("access-control-request-method", "POST")],
            None,
        );
        assert_eq!((reply.status, reply.body.as_str()), (204, ""));
        assert_eq!(reply.header("content-type"), None);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN.1));
        assert_eq!(
            words(reply.header("access-control-allow-headers").unwrap()),
            [
                "authorization",
                "content-type",
                "set-access-token-cookie",
                "x-api-key"
            ],
            "and never x-server-key"
        );
        let methods = words(reply.header("access-control-allow-methods").unwrap());
        assert!(["GET", "POST", "PUT", "DELETE"]
            .iter()
            .all(|method| methods.contains(method)));
    }
    assert!(
        client.emulator.requests().is_empty(),
        "preflights are not recorded"
    );
}

#[test]
fn every_answer_can_be_read() {
    let mut client = unsecure();
    let session = client.send(
        "POST",
        "/api/v5/sessions",
        &[ORIGIN, ("x-api-key", "ak-1")],
        Some(json!({"userId": "ada", "deviceId": "d"})),
    );
    let refused = client.send("GET", "/api/v3/sessions", &[ORIGIN], None);
    let unknown = client.send("GET", "/nowhere", &[ORIGIN], None);
    client
        .emulator
        .add_fault(crate::support::read_fault(json!({"status": 503})).unwrap());
    let faulty = client.send("GET", "/api/v3/sessions", &[ORIGIN], None);
    for (reply, status) in [
        (session, 200),
        (refused, 401),
        (unknown, 404),
        (faulty, 503),
    ] {
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN.1));
        assert_eq!(
            reply.header("access-control-allow-credentials"),
            Some("true")
        );
        assert_eq!(
            words(reply.header("access-control-expose-headers").unwrap()),
            ["date", "retry-after"]
        );
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    let plain = client.send("GET", "/api/v3/sessions", &[], None);
    assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
}
