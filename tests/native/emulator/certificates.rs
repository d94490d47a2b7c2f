//! The console's certificate page, the certificates themselves, and the calls that mTLS protects.

use crate::support::{body, client, read_options, Client, START};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Emulator, Given, Misuse, Options, Request};
use x509_cert::der::{DecodePem, Encode};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::Certificate;

// The keys of these were thrown away.
const P256: &str = include_str!("requests/p256.csr");
const P384: &str = include_str!("requests/p384.csr");
const RSA: &str = include_str!("requests/rsa.csr");
const ED25519: &str = include_str!("requests/ed25519.csr");
const DAY: f64 = 86_400_000.0;

fn guarded() -> Client {
    client(Options {
        secure_mode: true,
        mtls: true,
        ..Options::default()
    })
}

fn client_of_another_authority() -> Client {
    client(Options {
        secure_mode: true,
        mtls: true,
        seed: Some(2.0),
        ..Options::default()
    })
}

fn create(client: &mut Client, wanted: Value) -> Result<String, Misuse> {
    client
        .emulator
        .create_certificate(client.now, serde_json::from_value::<Given>(wanted).unwrap())
}

fn der(pem: &str) -> Vec<u8> {
    Certificate::from_pem(pem).unwrap().to_der().unwrap()
}

#[track_caller]
fn created(client: &mut Client, not_after: Option<f64>) -> Vec<u8> {
    der(&create(
        client,
        json!({"name": "one", "csr": P256, "notAfter": not_after}),
    )
    .unwrap())
}

/// Whether the authority has signed a certificate.
fn is_signed_by(certificate: &Certificate, authority: &Certificate) -> bool {
    let key = authority
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .unwrap();
    let signature = DerSignature::from_bytes(certificate.signature().as_bytes().unwrap()).unwrap();
    let text = certificate.tbs_certificate().to_der().unwrap();
    let names = certificate.tbs_certificate().issuer() == authority.tbs_certificate().subject();
    names
        && VerifyingKey::from_public_key_der(&key)
            .unwrap()
            .verify(&text, &signature)
            .is_ok()
}

fn unix(seconds: x509_cert::time::Time) -> f64 {
    seconds.to_unix_duration().as_secs_f64()
}

#[test]
fn a_certificate_is_for_the_key_and_the_subject_of_its_request() {
    for (csr, subject) in [
        (P256.to_owned(), "CN=token service"),
        (P384.to_owned(), "O=Acme,CN=token service"),
        (RSA.to_owned(), "O=Acme,CN=token service"),
        (
            P256.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
                .replace('\n', "\r\n"),
            "CN=token service",
        ),
        (format!("\n {P256} \n"), "CN=token service"),
    ] {
        let mut client = guarded();
        let pem = create(&mut client, json!({"name": "one", "csr": csr})).unwrap();
        let certificate = Certificate::from_pem(&pem).unwrap();
        let authority =
            Certificate::from_pem(client.emulator.server_identity().unwrap().ca).unwrap();
        assert!(is_signed_by(&certificate, &authority));
        let tbs = certificate.tbs_certificate();
        assert_eq!(tbs.subject().to_string(), subject);
        let (from, until) = (
            unix(tbs.validity().not_before),
            unix(tbs.validity().not_after),
        );
        assert_eq!(
            (from, until),
            (
                (START / 1000.0).floor(),
                ((START + 365.0 * DAY) / 1000.0).floor()
            )
        );
        let (_, purpose) = tbs.get_extension::<ExtendedKeyUsage>().unwrap().unwrap();
        assert_eq!(
            purpose
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["1.3.6.1.5.5.7.3.2"],
            "clientAuth"
        );
        assert!(
            !tbs.get_extension::<BasicConstraints>()
                .unwrap()
                .unwrap()
                .1
                .ca
        );
    }
}

#[test]
fn the_server_shows_a_certificate_of_its_own_for_loopback() {
    let identity = guarded().emulator.server_identity().unwrap();
    let (authority, server) = (
        Certificate::from_pem(&identity.ca).unwrap(),
        Certificate::from_pem(&identity.certificate).unwrap(),
    );
    assert!(is_signed_by(&authority, &authority) && is_signed_by(&server, &authority));
    assert!(
        authority
            .tbs_certificate()
            .get_extension::<BasicConstraints>()
            .unwrap()
            .unwrap()
            .1
            .ca
    );
    let (_, names) = server
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .unwrap()
        .unwrap();
    assert_eq!(names.0.len(), 3, "localhost and both loopback addresses");
    let key = p256::ecdsa::SigningKey::from_pkcs8_pem(&identity.key).unwrap();
    let public = server
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .unwrap();
    assert_eq!(
        VerifyingKey::from_public_key_der(&public).unwrap(),
        *key.verifying_key()
    );
    assert!(!format!("{identity:?}").contains("PRIVATE"));
}

#[test]
fn a_seed_repeats_every_certificate_and_no_two_emulators_share_one() {
    let made = |seed: Option<f64>, entropy: &[u8]| {
        let mut emulator = Emulator::new(
            Options {
                seed,
                secure_mode: true,
                ..Options::default()
            },
            START,
            entropy,
        );
        let given = serde_json::from_value::<Given>(json!({"name": "one", "csr": P256})).unwrap();
        let certificate = emulator.create_certificate(START, given).unwrap();
        let identity = emulator.server_identity().unwrap();
        [certificate, identity.ca, identity.certificate, identity.key]
    };
    assert_eq!(made(Some(1.0), b"a"), made(Some(1.0), b"b"));
    for other in [made(Some(2.0), b"a"), made(None, b"a")] {
        assert!(made(Some(1.0), b"a")
            .iter()
            .zip(&other)
            .all(|(one, other)| one != other));
    }
}

#[test]
fn the_consoles_rules() {
    let tampered = P256.replacen("MIH", "MIG", 1);
    for (wanted, naming) in [
        (json!({}), "`name`"),
        (json!({"name": "", "csr": P256}), "`name`"),
        (json!({"name": "é".repeat(31), "csr": P256}), "`name`"),
        (json!({"name": 5, "csr": P256}), "`name`"),
        (json!({"name": "one"}), "`csr`"),
        (json!({"name": "one", "csr": ""}), "`csr`"),
        (json!({"name": "one", "csr": "s3cr3t"}), "`csr`"),
        (json!({"name": "one", "csr": tampered}), "`csr`"),
        (
            json!({"name": "one", "csr": "s3cr3t".repeat(5000)}),
            "`csr`",
        ),
        (json!({"name": "one", "csr": ED25519}), "P-256"),
        (
            json!({"name": "one", "csr": P256, "notAfter": -1}),
            "`notAfter`",
        ),
        (
            json!({"name": "one", "csr": P256, "notAfter": "s3cr3t"}),
            "`notAfter`",
        ),
        (json!({"name": "one", "csr": P256, "days": 1}), "`days`"),
    ] {
        let mut client = guarded();
        let message = create(&mut client, wanted.clone()).unwrap_err().to_string();
        assert!(
            message.contains(naming) && !message.contains("s3cr3t"),
            "{message}"
        );
    }
    let mut client = guarded();
    assert!(create(&mut client, json!({"name": "é".repeat(30), "csr": P256})).is_ok());
    assert!(
        create(&mut client, json!({"name": "one", "csr": "none"})).is_err(),
        "what is refused takes no room"
    );
    assert!(create(&mut client, json!({"name": "two", "csr": P256})).is_ok());
    let message = create(&mut client, json!({"name": "three", "csr": P256}))
        .unwrap_err()
        .to_string();
    assert!(message.contains("2 certificates"), "{message}");
    client.emulator.reset();
    assert!(create(&mut client, json!({"name": "three", "csr": P256})).is_ok());
    client.emulator.set_secure_mode(false);
    let message = create(&mut client, json!({"name": "four", "csr": P256}))
        .unwrap_err()
        .to_string();
    assert!(message.contains("Secure mode is off"), "{message}");
}

#[test]
fn a_request_must_be_signed_with_its_own_key() {
    let key = |csr: &str| x509_cert::request::CertReq::from_pem(csr).unwrap();
    let (mut request, other) = (key(P256), key(P384));
    request.info.subject = other.info.subject;
    let csr = x509_cert::der::EncodePem::to_pem(&request, p256::pkcs8::LineEnding::LF).unwrap();
    let message = create(&mut guarded(), json!({"name": "one", "csr": csr}))
        .unwrap_err()
        .to_string();
    assert_eq!(message, "`csr` must be signed with the key that it names.");
}

type Header = (&'static str, String);

/// Every protected call, and the status that it has with a certificate.
fn protected(client: &Client) -> Vec<(&'static str, &'static str, Header, Option<Value>, u16)> {
    let admin = || {
        (
            "authorization",
            format!("Bearer {}", client.emulator.admin_token()),
        )
    };
    let server = || ("x-server-key", "sk-1".to_owned());
    vec![
        (
            "POST",
            "/api/v4/authentication/token",
            server(),
            Some(json!({"userId": "ada"})),
            200,
        ),
        (
            "GET",
            "/api/v3/authentication/token?userId=ada",
            server(),
            None,
            200,
        ),
        (
            "POST",
            "/api/v4/authentication/token",
            ("x-server-key", "wrong".into()),
            Some(json!({"userId": "ada"})),
            401,
        ),
        ("GET", "/admin/v1/token", admin(), None, 200),
        (
            "GET",
            "/admin/v1/token",
            ("x-none", String::new()),
            None,
            401,
        ),
        ("GET", "/api/v3/networks/server-key", admin(), None, 200),
        (
            "GET",
            "/api/v3/network-settings/security-configs",
            admin(),
            None,
            200,
        ),
        ("GET", "/api/v3/networks/me", admin(), None, 200),
        ("DELETE", "/api/v4/sessions/users/ada", admin(), None, 404),
        ("DELETE", "/api/v4/sessions?userId=ada", admin(), None, 404),
        ("GET", "/api/v3/sessions", admin(), None, 401),
        ("GET", "/nowhere", admin(), None, 404),
    ]
}

fn ask(
    client: &mut Client,
    method: &str,
    path: &str,
    header: &Header,
    wanted: Option<&Value>,
    der: Option<Vec<u8>>,
) -> u16 {
    let headers = [
        (header.0, header.1.as_str()),
        ("content-type", "application/json"),
    ];
    let request = Request::new(
        method,
        path,
        headers,
        wanted.map(Value::to_string).unwrap_or_default(),
    )
    .with_certificate(der);
    let reply = client.emulator.handle(client.now, &request);
    assert_eq!(reply.dropped, reply.status == 0, "{method} {path}");
    reply.status
}

#[test]
fn the_protected_calls_are_answered_with_a_good_certificate_only() {
    let mut client = guarded();
    let good = created(&mut client, None);
    let foreign = created(&mut client_of_another_authority(), None);
    for (method, path, header, wanted, status) in protected(&client) {
        for bad in [
            None,
            Some(vec![]),
            Some(b"junk".to_vec()),
            Some(foreign.clone()),
            Some([&good[..], b"x"].concat()),
        ] {
            assert_eq!(
                ask(&mut client, method, path, &header, wanted.as_ref(), bad),
                0,
                "{method} {path}"
            );
        }
        assert_eq!(client.emulator.requests().last().unwrap().status, 0);
        assert_eq!(
            ask(
                &mut client,
                method,
                path,
                &header,
                wanted.as_ref(),
                Some(good.clone())
            ),
            status,
            "{method} {path}"
        );
    }
}

#[test]
fn all_other_calls_are_answered_without() {
    let mut client = guarded();
    let key = [
        ("x-api-key", "ak-1"),
        ("origin", "http://a.test"),
        ("access-control-request-method", "POST"),
    ];
    for (method, path, wanted, status) in [
        ("OPTIONS", "/api/v4/authentication/token", None, 204),
        (
            "POST",
            "/api/v5/sessions",
            Some(json!({"userId": "ada", "deviceId": "d", "authToken": "t"})),
            401,
        ),
        (
            "POST",
            "/api/v5/sessions/visitor",
            Some(json!({"deviceId": "d"})),
            200,
        ),
        ("GET", "/api/v3/sessions", None, 401),
        ("DELETE", "/api/v4/sessions", None, 401),
        ("GET", "/nowhere", None, 404),
    ] {
        let reply = client.send(method, path, &key, wanted);
        assert_eq!(
            (reply.status, reply.dropped),
            (status, false),
            "{method} {path}"
        );
    }
    let token = {
        let good = created(&mut client, None);
        let headers = [
            ("x-server-key", "sk-1"),
            ("content-type", "application/json"),
        ];
        let request = Request::new(
            "POST",
            "/api/v4/authentication/token",
            headers,
            r#"{"userId":"ada"}"#,
        )
        .with_certificate(Some(good));
        client
            .emulator
            .handle(client.now, &request)
            .body
            .trim_matches('"')
            .to_owned()
    };
    let session = client.create(
        "v5",
        json!({"userId": "ada", "deviceId": "d", "authToken": token}),
    );
    assert_eq!(
        client
            .verify(body(&session)["accessToken"].as_str().unwrap())
            .status,
        200
    );
}

#[test]
fn a_certificate_is_good_by_the_emulators_clock_to_the_second() {
    let second = (START / 1000.0).floor() * 1000.0;
    for (not_after, now, good) in [
        (None, START, true),
        (None, second, true),
        (None, second - 1.0, false),
        (None, second + 365.0 * DAY + 999.0, true),
        (None, second + 365.0 * DAY + 1000.0, false),
        (Some(START + 5000.0), second + 5999.0, true),
        (Some(START + 5000.0), second + 6000.0, false),
        (Some(START - DAY), START, false),
        (Some(START - DAY), second - DAY, true),
        (
            Some(START + 100.0 * 365.0 * DAY),
            START + 99.0 * 365.0 * DAY,
            true,
        ),
    ] {
        let mut client = guarded();
        let certificate = created(&mut client, not_after);
        client.now = now;
        let header = ("x-server-key", "sk-1".to_owned());
        let status = ask(
            &mut client,
            "POST",
            "/api/v4/authentication/token",
            &header,
            Some(&json!({"userId": "ada"})),
            Some(certificate),
        );
        assert_eq!(status, if good { 200 } else { 0 }, "{not_after:?} {now}");
    }
}

#[test]
fn two_certificates_are_good_at_once_and_none_after_a_reset() {
    let mut client = guarded();
    let (one, two) = (created(&mut client, None), created(&mut client, None));
    assert_ne!(one, two);
    let good = |client: &mut Client, certificate: &Vec<u8>| {
        let header = ("x-server-key", "sk-1".to_owned());
        ask(
            client,
            "POST",
            "/api/v4/authentication/token",
            &header,
            Some(&json!({"userId": "ada"})),
            Some(certificate.clone()),
        ) == 200
    };
    assert!(good(&mut client, &one) && good(&mut client, &two));
    let before = client.emulator.server_identity().unwrap().ca;
    client.emulator.reset();
    assert!(!good(&mut client, &one) && !good(&mut client, &two));
    assert_eq!(
        client.emulator.server_identity().unwrap().ca,
        before,
        "the authority stays"
    );
}

#[test]
fn mtls_is_in_force_in_secure_mode_only() {
    assert!(read_options(json!({"mtls": true, "secureMode": true})).is_ok());
    let mut client = guarded();
    client.emulator.set_secure_mode(false);
    assert_eq!(client.admin("GET", "/api/v3/networks/me").status, 200);
    client.emulator.set_secure_mode(true);
    assert_eq!(client.admin("GET", "/api/v3/networks/me").status, 0);
    let mut open = crate::support::secure();
    assert_eq!(open.mint("ada").status, 200, "without mTLS nobody asks");
    assert!(create(&mut open, json!({"name": "for later", "csr": P256})).is_ok());
}

#[test]
fn a_fault_does_not_answer_in_its_place() {
    let mut client = guarded();
    client
        .emulator
        .add_fault(crate::support::read_fault(json!({"status": 503})).unwrap());
    assert_eq!(client.mint("ada").status, 0);
}
