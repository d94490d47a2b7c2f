//! Faults: which requests they happen to, how often, and what is left of the answer.

use crate::support::{body, read_fault, unsecure, Client, START};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Drop, Fault};
use social_plus_auth::protocol::date::format_http;

fn with(faults: &[Value]) -> Client {
    let mut client = unsecure();
    faults.iter().for_each(|fault| {
        client
            .emulator
            .add_fault(read_fault(fault.clone()).unwrap())
    });
    client
}

fn statuses(client: &mut Client, count: usize) -> Vec<u16> {
    (0..count)
        .map(|_| client.send("GET", "/api/v3/sessions", &[], None).status)
        .collect()
}

#[test]
fn a_fault_happens_once_or_so_many_times_or_always() {
    assert_eq!(
        statuses(&mut with(&[json!({"status": 503})]), 3),
        [503, 401, 401]
    );
    assert_eq!(
        statuses(&mut with(&[json!({"status": 503, "times": 2})]), 3),
        [503, 503, 401]
    );
    let mut client = unsecure();
    client.emulator.add_fault(Fault {
        status: Some(503),
        times: Some(f64::INFINITY),
        ..Fault::default()
    });
    assert_eq!(statuses(&mut client, 50), [503; 50]);
    client.emulator.clear_faults();
    assert_eq!(statuses(&mut client, 1), [401]);
}

#[test]
fn the_first_that_matches_is_used() {
    let mut client = with(&[
        json!({"path": "/elsewhere", "status": 501}),
        json!({"method": "post", "status": 502}),
        json!({"path": "/api/v3/*", "method": "get", "status": 503}),
        json!({"path": "/api/v3/sessions", "status": 504}),
    ]);
    assert_eq!(statuses(&mut client, 3), [503, 504, 401]);
    assert_eq!(client.send("POST", "/elsewhere", &[], None).status, 501);
    assert_eq!(client.send("POST", "/elsewhere", &[], None).status, 502);
}

#[test]
fn a_preflight_uses_up_no_fault_but_its_own() {
    let preflight = [
        ("origin", "http://localhost"),
        ("access-control-request-method", "GET"),
    ];
    let mut client = with(&[
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
    assert_eq!(statuses(&mut client, 1), [503]);
}

#[test]
fn an_answer_of_its_own_keeps_the_service_from_acting() {
    let mut client = with(&[
        json!({"status": 503, "body": "<h1>503</h1>", "headers": {"Content-Type": "text/html", "retry-after": "7"}}),
    ]);
    let reply = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
    assert_eq!((reply.status, reply.body.as_str()), (503, "<h1>503</h1>"));
    assert_eq!(
        (reply.header("content-type"), reply.header("retry-after")),
        (Some("text/html"), Some("7"))
    );
    assert!(client.emulator.users().is_empty());
    for (fault, kind) in [
        (
            json!({"body": "{}"}),
            Some("application/json; charset=utf-8"),
        ),
        (json!({"body": "oops"}), Some("text/plain; charset=utf-8")),
        (json!({"status": 500}), None),
        (json!({"status": 204, "body": "not with 204"}), None),
    ] {
        client
            .emulator
            .add_fault(read_fault(fault.clone()).unwrap());
        let reply = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
        assert_eq!(reply.header("content-type"), kind, "{fault}");
    }
    assert!(client.emulator.users().is_empty());
}

#[test]
fn headers_alone_are_added_to_the_services_own_answer() {
    let mut client = with(&[json!({"headers": {"x-proxy": "1", "date": "never"}})]);
    let reply = client.create("v5", json!({"userId": "ada", "deviceId": "d"}));
    assert_eq!(
        (reply.status, reply.header("x-proxy"), reply.header("date")),
        (200, Some("1"), Some("never"))
    );
    assert_eq!(
        reply
            .headers
            .iter()
            .filter(|(name, _)| name == "date")
            .count(),
        1
    );
}

#[test]
fn a_broken_connection_before_or_after_the_service_has_acted() {
    let mut client = with(&[json!({"drop": true}), json!({"drop": "afterHandling"})]);
    let wanted = json!({"userId": "ada", "deviceId": "d"});
    assert!(client.create("v5", wanted.clone()).dropped);
    assert!(client.emulator.users().is_empty());
    assert!(client.create("v5", wanted.clone()).dropped);
    assert_eq!(client.emulator.sessions(START).len(), 1);
    assert!(!client.create("v5", wanted).dropped);
    let seen: Vec<u16> = client
        .emulator
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(seen, [0, 200, 200]);
}

#[test]
fn delays_cuts_and_skews_leave_the_service_to_act() {
    let mut client = with(&[
        json!({"delayMs": 250.5}),
        json!({"truncateAt": 5}),
        json!({"truncateAt": 1e6}),
        json!({"clockSkewMs": -3_600_000}),
    ]);
    let wanted = json!({"userId": "ada", "deviceId": "d"});
    assert_eq!(client.create("v5", wanted.clone()).delay_ms, 250.5);
    let cut = client.create("v5", wanted.clone());
    assert_eq!(cut.truncate_at, Some(5));
    assert!(
        cut.body.len() > 5,
        "the whole is there: its length is what content-length will claim"
    );
    assert_eq!(
        client.create("v5", wanted.clone()).truncate_at,
        None,
        "behind the end nothing is cut"
    );
    let skewed = client.create("v5", wanted);
    assert_eq!(
        skewed.header("date"),
        Some(format_http(START - 3_600_000.0).as_str())
    );
    assert!(
        body(&skewed)["issuedAt"]
            .as_str()
            .unwrap()
            .starts_with("2026-01-02T03:04:05"),
        "the service itself is on time"
    );
}

#[test]
fn a_wrong_fault_is_refused_by_the_name_of_its_field() {
    for (fault, name) in [
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
        let message = read_fault(fault.clone()).unwrap_err().to_string();
        assert!(message.contains(name), "{fault}: {message}");
    }
    assert_eq!(
        read_fault(json!({"drop": true})).unwrap().drop,
        Some(Drop::BeforeHandling)
    );
    assert_eq!(
        read_fault(json!({"drop": "afterHandling"})).unwrap().drop,
        Some(Drop::AfterHandling)
    );
}
