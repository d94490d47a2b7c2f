//! CORS preflights, and the response headers that let a page from another origin read the response.

use crate::support::unsecure;
use serde_json::json;

const ORIGIN: (&str, &str) = ("origin", "http://localhost:3000");

fn split_list(text: &str) -> Vec<&str> {
    text.split(", ").collect()
}

#[test]
fn a_preflight_allows_only_the_headers_that_clients_send() {
    let mut client = unsecure();
    for path in [
        "/api/v5/sessions",
        "/api/v4/sessions",
        "/api/v3/network-settings/chat",
        "/nowhere",
    ] {
        let headers = [ORIGIN, ("access-control-request-method", "POST")];
        let reply = client.send("OPTIONS", path, &headers, None);
        assert_eq!(reply.status, 204);
        assert_eq!(reply.body, "");
        assert_eq!(reply.header("content-type"), None);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN.1));
        let allowed = [
            "authorization",
            "content-type",
            "set-access-token-cookie",
            "x-api-key",
        ];
        assert_eq!(
            split_list(reply.header("access-control-allow-headers").unwrap()),
            allowed,
            "allowed headers: clients in browsers never send x-server-key"
        );
        let methods = split_list(reply.header("access-control-allow-methods").unwrap());
        for method in ["GET", "POST", "PUT", "DELETE"] {
            assert!(methods.contains(&method), "{method} must be allowed");
        }
    }
}

#[test]
fn preflights_are_not_recorded() {
    let mut client = unsecure();
    let headers = [ORIGIN, ("access-control-request-method", "POST")];
    client.send("OPTIONS", "/api/v5/sessions", &headers, None);
    assert!(client.emulator.requests().is_empty());
}

#[test]
fn a_page_from_another_origin_can_read_every_response() {
    let mut client = unsecure();
    let session = client.send(
        "POST",
        "/api/v5/sessions",
        &[ORIGIN, ("x-api-key", "ak-1")],
        Some(json!({"userId": "ada", "deviceId": "d"})),
    );
    let refused = client.send("GET", "/api/v3/sessions", &[ORIGIN], None);
    let unknown = client.send("GET", "/nowhere", &[ORIGIN], None);
    client.add_fault(json!({"status": 503}));
    let faulty = client.send("GET", "/api/v3/sessions", &[ORIGIN], None);
    for (reply, status) in [
        (session, 200),
        (refused, 401),
        (unknown, 404),
        (faulty, 503),
    ] {
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), Some(ORIGIN.1));
        let credentials = reply.header("access-control-allow-credentials");
        assert_eq!(credentials, Some("true"));
        let exposed = split_list(reply.header("access-control-expose-headers").unwrap());
        assert_eq!(exposed, ["date", "retry-after"]);
        assert_eq!(reply.header("vary"), Some("origin"));
    }
    let plain = client.send("GET", "/api/v3/sessions", &[], None);
    assert_eq!(plain.header("access-control-allow-origin"), Some("*"));
}
