//! The calls that mTLS protects, and when a client certificate is valid.

use crate::certificates::{create_certificate, with_mtls, P256};
use crate::support::{client, secure, string_field, Client, DAY, START};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Options, Request};
use x509_cert::der::{DecodePem, Encode};
use x509_cert::Certificate;

const MINT: &str = "/api/v4/authentication/token";

/// Creates a client certificate and returns it as DER.
#[track_caller]
fn create_der(client: &mut Client, not_after: Option<f64>) -> Vec<u8> {
    let request = json!({"name": "one", "csr": P256, "notAfter": not_after});
    let pem = create_certificate(client, request).unwrap();
    Certificate::from_pem(pem).unwrap().to_der().unwrap()
}

/// A call that can be sent with or without a client certificate.
struct Call {
    method: &'static str,
    path: &'static str,
    header: (&'static str, String),
    parameters: Option<Value>,
}

/// Returns the call that mints an auth token.
fn mint_call(server_key: &str) -> Call {
    Call {
        method: "POST",
        path: MINT,
        header: ("x-server-key", server_key.to_owned()),
        parameters: Some(json!({"userId": "ada"})),
    }
}

impl Call {
    /// Sends the call and returns the status, or 0 if the connection was dropped.
    fn send(&self, client: &mut Client, certificate: Option<Vec<u8>>) -> u16 {
        let headers = [
            (self.header.0, self.header.1.as_str()),
            ("content-type", "application/json"),
        ];
        let body = self
            .parameters
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default();
        let request =
            Request::new(self.method, self.path, headers, body).with_certificate(certificate);
        let reply = client.emulator.handle(client.now, &request);
        assert_eq!(reply.dropped, reply.status == 0);
        reply.status
    }
}

/// Returns protected calls, each with the status that it gets if its client certificate is valid.
fn protected_calls(client: &Client) -> Vec<(Call, u16)> {
    let call = |method, path, header, status| {
        let call = Call {
            method,
            path,
            header,
            parameters: None,
        };
        (call, status)
    };
    let bearer = format!("Bearer {}", client.emulator.admin_token());
    let admin =
        |method, path, status| call(method, path, ("authorization", bearer.clone()), status);
    vec![
        (mint_call("sk-1"), 200),
        (mint_call("wrong"), 401),
        call(
            "GET",
            "/api/v3/authentication/token?userId=ada",
            ("x-server-key", "sk-1".into()),
            200,
        ),
        call("GET", "/admin/v1/token", ("x-none", String::new()), 401),
        admin("GET", "/admin/v1/token", 200),
        admin("GET", "/api/v3/networks/server-key", 200),
        admin("GET", "/api/v3/network-settings/security-configs", 200),
        admin("GET", "/api/v3/networks/me", 200),
        admin("DELETE", "/api/v4/sessions/users/ada", 404),
        admin("DELETE", "/api/v4/sessions?userId=ada", 404),
        admin("GET", "/api/v3/sessions", 401),
        admin("GET", "/nowhere", 404),
    ]
}

#[test]
fn protected_calls_require_a_valid_certificate() {
    let mut client = with_mtls();
    let valid = create_der(&mut client, None);
    let mut other_network = self::client(Options {
        secure_mode: true,
        mtls: true,
        seed: Some(2.0),
        ..Options::default()
    });
    let foreign = create_der(&mut other_network, None);
    for (call, status) in protected_calls(&client) {
        let description = format!("{} {}", call.method, call.path);
        for invalid in [
            None,
            Some(vec![]),
            Some(b"junk".to_vec()),
            Some(foreign.clone()),
            Some([&valid[..], b"x"].concat()),
        ] {
            assert_eq!(call.send(&mut client, invalid), 0, "{description}");
        }
        assert_eq!(client.emulator.requests().last().unwrap().status, 0);
        let actual = call.send(&mut client, Some(valid.clone()));
        assert_eq!(actual, status, "{description}");
    }
}

#[test]
fn calls_that_need_no_server_key_and_no_admin_token_require_no_certificate() {
    let mut client = with_mtls();
    let headers = [
        ("x-api-key", "ak-1"),
        ("origin", "http://a.test"),
        ("access-control-request-method", "POST"),
    ];
    let session = json!({"userId": "ada", "deviceId": "d", "authToken": "t"});
    let visitor = json!({"deviceId": "d"});
    for (method, path, parameters, status) in [
        ("OPTIONS", MINT, None, 204),
        ("POST", "/api/v5/sessions", Some(session), 401),
        ("POST", "/api/v5/sessions/visitor", Some(visitor), 200),
        ("GET", "/api/v3/sessions", None, 401),
        ("DELETE", "/api/v4/sessions", None, 401),
        ("GET", "/nowhere", None, 404),
    ] {
        let reply = client.send(method, path, &headers, parameters);
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(!reply.dropped, "{method} {path}");
    }
}

#[test]
fn a_client_needs_no_certificate_to_redeem_a_token_that_was_minted_with_a_certificate() {
    let mut client = with_mtls();
    let certificate = create_der(&mut client, None);
    let headers = [
        ("x-server-key", "sk-1"),
        ("content-type", "application/json"),
    ];
    let request = Request::new("POST", MINT, headers, r#"{"userId":"ada"}"#)
        .with_certificate(Some(certificate));
    let minted = client.emulator.handle(client.now, &request);
    let session = client.redeem("ada", minted.body.trim_matches('"'));
    let access_token = string_field(&session, "accessToken");
    assert_eq!(client.verify(&access_token).status, 200);
}

#[test]
fn a_certificate_is_valid_to_the_exact_second_by_the_emulators_clock() {
    let second = (START / 1000.0).floor() * 1000.0;
    let year = 365.0 * DAY;
    for (not_after, now, is_valid) in [
        (None, START, true),
        (None, second, true),
        (None, second - 1.0, false),
        (None, second + year + 999.0, true),
        (None, second + year + 1000.0, false),
        (Some(START + 5000.0), second + 5999.0, true),
        (Some(START + 5000.0), second + 6000.0, false),
        (Some(START - DAY), START, false),
        (Some(START - DAY), second - DAY, true),
        (Some(START + 100.0 * year), START + 99.0 * year, true),
    ] {
        let mut client = with_mtls();
        let certificate = create_der(&mut client, not_after);
        client.now = now;
        let status = mint_call("sk-1").send(&mut client, Some(certificate));
        let expected = if is_valid { 200 } else { 0 };
        assert_eq!(status, expected, "{not_after:?} {now}");
    }
}

#[test]
fn two_certificates_are_valid_at_the_same_time_until_a_reset() {
    let mut client = with_mtls();
    let certificates = [create_der(&mut client, None), create_der(&mut client, None)];
    assert_ne!(certificates[0], certificates[1]);
    for certificate in &certificates {
        let status = mint_call("sk-1").send(&mut client, Some(certificate.clone()));
        assert_eq!(status, 200);
    }
    client.emulator.reset();
    for certificate in certificates {
        let status = mint_call("sk-1").send(&mut client, Some(certificate));
        assert_eq!(status, 0);
    }
}

#[test]
fn the_certificate_authority_survives_a_reset() {
    let mut client = with_mtls();
    let before = client.emulator.server_identity().unwrap().ca;
    client.emulator.reset();
    assert_eq!(client.emulator.server_identity().unwrap().ca, before);
}

#[test]
fn certificates_are_required_only_in_secure_mode() {
    let mut client = with_mtls();
    client.emulator.set_secure_mode(false);
    assert_eq!(client.send_admin("GET", "/api/v3/networks/me").status, 200);
    client.emulator.set_secure_mode(true);
    assert_eq!(client.send_admin("GET", "/api/v3/networks/me").status, 0);
}

#[test]
fn without_mtls_a_certificate_can_be_created_but_is_not_required() {
    let mut client = secure();
    assert_eq!(client.mint("ada").status, 200);
    assert!(create_certificate(&mut client, json!({"name": "for later", "csr": P256})).is_ok());
}

#[test]
fn a_fault_cannot_answer_a_request_that_lacks_a_required_certificate() {
    let mut client = with_mtls();
    client.add_fault(json!({"status": 503}));
    assert_eq!(client.mint("ada").status, 0);
}
