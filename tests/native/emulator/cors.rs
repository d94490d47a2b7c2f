//! CORS preflights, and the response headers that let a page from another origin read the response.

use crate::support::{client, unsecure};
use serde_json::json;
use social_plus_auth::emulator::Options;

const ORIGIN: (&str, &str) = ("origin", "http://localhost:3000");

fn split_list(text: &str) -> Vec<&str> {
    text.split(", ").collect()
}

#[test]
fn a_preflight_allows_the_services_methods_and_only_the_headers_that_pages_send() {
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
            "only these headers may be allowed: a page must never send x-server-key"
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
fn a_page_from_a_loopback_origin_can_read_every_response() {
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
    // A request without `origin` gets no permission, because no page sent it from another origin.
    let plain = client.send("GET", "/api/v3/sessions", &[], None);
    assert_eq!(plain.header("access-control-allow-origin"), None);
}

/// Returns whether a page of the origin can read a response and can send a preflighted request.
fn is_readable(options: Options, origin: &str) -> bool {
    let mut client = client(options);
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "DELETE"),
    ];
    let preflight = client.send("OPTIONS", "/admin/v1/token", &headers, None);
    let reply = client.send("GET", "/api/v3/networks/me", &headers[..1], None);
    for (reply, status) in [(&preflight, 204), (&reply, 401)] {
        assert_eq!(reply.status, status, "{origin}");
        assert_eq!(reply.header("vary"), Some("origin"), "{origin}");
        assert_eq!(
            reply.header("access-control-allow-origin").is_some(),
            reply.header("access-control-allow-credentials").is_some(),
            "{origin}"
        );
    }
    let [first, second] =
        [&preflight, &reply].map(|reply| reply.header("access-control-allow-origin"));
    assert_eq!(first, second, "{origin}");
    assert!(first.is_none_or(|allowed| allowed == origin), "{origin}");
    first.is_some()
}

#[test]
fn by_default_only_pages_of_loopback_origins_can_read_responses() {
    for origin in [
        "http://localhost",
        "http://localhost:3000",
        "https://app.localhost:8443",
        "http://127.0.0.1:5173",
        "http://127.1.2.3",
        "https://[::1]:1",
    ] {
        assert!(is_readable(Options::default(), origin), "{origin}");
    }
    for origin in [
        "null",
        "",
        "*",
        "https://attacker.example",
        "http://localhost.attacker.example",
        "http://attackerlocalhost",
        "http://127.0.0.1.attacker.example",
        "http://127.0.0.256",
        "http://[::2]",
        "http://localhost:",
        "http://localhost:65536",
        "http://localhost@attacker.example",
        "http://localhost/",
        "http://localhost\r\nset-cookie: a=b",
        "ftp://localhost",
        "file://",
    ] {
        assert!(!is_readable(Options::default(), origin), "{origin:?}");
    }
}

#[test]
fn a_page_of_an_origin_in_the_options_can_read_responses() {
    let options = || Options {
        allow_origins: vec![
            "https://preview.example".into(),
            "capacitor://localhost".into(),
            "null".into(),
        ],
        ..Options::default()
    };
    for origin in [
        "https://preview.example",
        "capacitor://localhost",
        "null",
        "http://localhost:1",
    ] {
        assert!(is_readable(options(), origin), "{origin}");
    }
    for origin in [
        "http://preview.example",
        "https://preview.example:444",
        "https://a.preview.example",
        "https://preview.example.attacker.example",
    ] {
        assert!(!is_readable(options(), origin), "{origin}");
    }
}
