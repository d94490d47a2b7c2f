//! Faults: which requests they match, how often, and how they change the reply.

use crate::support::{parse_fault, string_field, unsecure, Client, JSON, START, TEXT};
use serde_json::{json, Value};
use social_plus_auth::emulator::{DropPoint, Fault, Reply};
use social_plus_auth::protocol::date::format_http;

fn with_faults(faults: impl IntoIterator<Item = Value>) -> Client {
    let mut client = unsecure();
    faults.into_iter().for_each(|fault| client.add_fault(fault));
    client
}

fn create(client: &mut Client) -> Reply {
    client.create_session("v5", json!({"userId": "ada", "deviceId": "d"}))
}

/// Sends `count` requests, and returns the statuses of the replies.
fn send_requests(client: &mut Client, count: usize) -> Vec<u16> {
    (0..count)
        .map(|_| client.send("GET", "/api/v3/sessions", &[], None).status)
        .collect()
}

#[test]
fn a_fault_affects_one_request_unless_times_sets_another_number() {
    assert_eq!(
        send_requests(&mut with_faults([json!({"status": 503})]), 3),
        [503, 401, 401]
    );
    assert_eq!(
        send_requests(&mut with_faults([json!({"status": 503, "times": 2})]), 3),
        [503, 503, 401]
    );
    let mut client = unsecure();
    client.emulator.add_fault(Fault {
        status: Some(503),
        times: Some(f64::INFINITY),
        ..Fault::default()
    });
    assert_eq!(send_requests(&mut client, 50), [503; 50]);
    client.emulator.clear_faults();
    assert_eq!(send_requests(&mut client, 1), [401]);
}

#[test]
fn each_request_takes_the_first_fault_that_matches() {
    let mut client = with_faults([
        json!({"path": "/elsewhere", "status": 501}),
        json!({"method": "post", "status": 502}),
        json!({"path": "/api/v3/*", "method": "get", "status": 503}),
        json!({"path": "/api/v3/sessions", "status": 504}),
    ]);
    assert_eq!(send_requests(&mut client, 3), [503, 504, 401]);
    assert_eq!(client.send("POST", "/elsewhere", &[], None).status, 501);
    assert_eq!(client.send("POST", "/elsewhere", &[], None).status, 502);
}

#[test]
fn a_preflight_takes_only_a_fault_for_the_method_options() {
    let preflight = [
        ("origin", "http://localhost"),
        ("access-control-request-method", "GET"),
    ];
    let mut client = with_faults([
        json!({"status": 503}),
        json!({"method": "OPTIONS", "status": 500}),
    ]);
    assert_eq!(
        client
            .send("OPTIONS", "/api/v3/sessions", &preflight, None)
            .status,
        500
    );
    assert_eq!(
        client
            .send("OPTIONS", "/api/v3/sessions", &preflight, None)
            .status,
        204
    );
    assert_eq!(send_requests(&mut client, 1), [503]);
}

#[test]
fn a_fault_with_a_status_or_a_body_prevents_the_service_from_acting() {
    let mut client = with_faults([
        json!({"status": 503}),
        json!({"body": "oops"}),
        json!({"status": 503, "body": "<h1>503</h1>", "headers": {
            "Content-Type": "text/html",
            "retry-after": "7",
        }}),
    ]);
    create(&mut client);
    create(&mut client);
    let reply = create(&mut client);
    assert_eq!(reply.status, 503);
    assert_eq!(reply.body, "<h1>503</h1>");
    assert_eq!(reply.header("content-type"), Some("text/html"));
    assert_eq!(reply.header("retry-after"), Some("7"));
    assert!(client.emulator.users().is_empty());
}

#[test]
fn the_content_type_of_a_fault_follows_its_body() {
    for (fault, content_type) in [
        (json!({"body": "{}"}), JSON),
        (json!({"body": "oops"}), TEXT),
        (json!({"status": 500}), None),
        (json!({"status": 204, "body": "not with 204"}), None),
    ] {
        let mut client = with_faults([fault.clone()]);
        let reply = create(&mut client);
        assert_eq!(reply.header("content-type"), content_type, "{fault}");
    }
}

#[test]
fn a_fault_with_only_headers_sets_them_on_the_services_own_reply() {
    let mut client = with_faults([json!({"headers": {"x-proxy": "1", "date": "never"}})]);
    let reply = create(&mut client);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-proxy"), Some("1"));
    let dates: Vec<_> = reply
        .headers
        .iter()
        .filter(|(name, _)| name == "date")
        .collect();
    assert_eq!(dates, [&("date".to_owned(), "never".to_owned())]);
}

#[test]
fn a_fault_can_break_the_connection_before_or_after_the_service_acts() {
    let mut client = with_faults([json!({"drop": true}), json!({"drop": "afterHandling"})]);
    assert!(create(&mut client).dropped);
    assert!(client.emulator.users().is_empty());
    assert!(create(&mut client).dropped);
    assert_eq!(client.emulator.sessions(START).len(), 1);
    assert!(!create(&mut client).dropped);
    let recorded: Vec<u16> = client
        .emulator
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(recorded, [0, 200, 200]);
}

#[test]
fn a_fault_can_delay_the_reply() {
    let mut client = with_faults([json!({"delayMs": 250.5})]);
    let reply = create(&mut client);
    assert_eq!(reply.delay_ms, 250.5);
    assert_eq!(reply.status, 200);
}

#[test]
fn a_fault_can_truncate_the_reply() {
    let mut client = with_faults([json!({"truncateAt": 5}), json!({"truncateAt": 1e6})]);
    let truncated = create(&mut client);
    assert_eq!(truncated.truncate_at, Some(5));
    assert!(
        truncated.body.len() > 5,
        "the body must stay whole, because content-length counts all of it"
    );
    let whole = create(&mut client);
    assert_eq!(
        whole.truncate_at, None,
        "a body that is shorter than the limit must not be truncated"
    );
}

#[test]
fn a_fault_can_skew_the_date_header_but_not_the_service() {
    let mut client = with_faults([json!({"clockSkewMs": -3_600_000})]);
    let reply = create(&mut client);
    let date = format_http(START - 3_600_000.0);
    assert_eq!(reply.header("date"), Some(date.as_str()));
    assert!(string_field(&reply, "issuedAt").starts_with("2026-01-02T03:04:05"));
}

#[test]
fn the_error_of_an_invalid_fault_names_its_field_or_the_missing_effect() {
    for (fault, expected) in [
        (json!({"times": 0, "status": 500}), "`times`"),
        (json!({"times": 1.5, "status": 500}), "`times`"),
        (json!({"status": 101}), "`status`"),
        (json!({"status": 600}), "`status`"),
        (json!({"status": "503"}), "`status`"),
        (json!({"delayMs": -1}), "`delayMs`"),
        (json!({"delayMs": 1e12}), "`delayMs`"),
        (json!({"truncateAt": 0.5}), "`truncateAt`"),
        (json!({"clockSkewMs": 1e15}), "`clockSkewMs`"),
        (json!({"drop": "never"}), "`drop`"),
        (json!({"drop": 1}), "`drop`"),
        (json!({"path": 1, "status": 500}), "`path`"),
        (json!({"headers": {"a b": "c"}}), "`headers`"),
        (json!({"headers": {"a": "b\r\nc: d"}}), "`headers`"),
        (json!({"headers": {"content-length": "1"}}), "`headers`"),
        (json!({"headers": {"a": {"b": "c"}}}), "`headers`"),
        (json!({"headers": ["a"]}), "`headers`"),
        (json!({"latency": 5}), "`latency`"),
        (json!({}), "needs an effect"),
        (
            json!({"path": "/", "times": 3, "drop": false, "delayMs": 0}),
            "needs an effect",
        ),
    ] {
        let message = parse_fault(fault.clone()).unwrap_err().to_string();
        assert!(message.contains(expected), "{fault}: {message}");
    }
}

#[test]
fn drop_is_parsed_from_true_or_after_handling() {
    assert_eq!(
        parse_fault(json!({"drop": true})).unwrap().drop,
        Some(DropPoint::BeforeHandling)
    );
    assert_eq!(
        parse_fault(json!({"drop": "afterHandling"})).unwrap().drop,
        Some(DropPoint::AfterHandling)
    );
}
