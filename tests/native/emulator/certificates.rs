//! Tests the client certificates that the emulator creates, and its server certificate.

use crate::support::{client, fields, Client, DAY, START};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, DecodePublicKey};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Emulator, Misuse, Options};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use x509_cert::der::asn1::Ia5String;
use x509_cert::der::{DecodePem, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::Certificate;

// The private keys of these requests were discarded.
pub(crate) const P256: &str = include_str!("requests/p256.csr");
const P384: &str = include_str!("requests/p384.csr");
const RSA: &str = include_str!("requests/rsa.csr");
const ED25519: &str = include_str!("requests/ed25519.csr");

/// Creates an emulator with mTLS in secure mode.
pub(crate) fn with_mtls() -> Client {
    client(Options {
        secure_mode: true,
        mtls: true,
        ..Options::default()
    })
}

/// Creates a client certificate and returns it as PEM.
pub(crate) fn create_certificate(client: &mut Client, request: Value) -> Result<String, Misuse> {
    client
        .emulator
        .create_certificate(client.now, fields(request))
}

#[track_caller]
fn creation_error(client: &mut Client, request: Value) -> String {
    create_certificate(client, request).unwrap_err().to_string()
}

/// Returns whether the authority has issued and signed a certificate.
fn is_signed_by(certificate: &Certificate, authority: &Certificate) -> bool {
    let key = authority
        .tbs_certificate()
        .subject_public_key_info()
        .to_der()
        .unwrap();
    let signature = DerSignature::from_bytes(certificate.signature().as_bytes().unwrap()).unwrap();
    let message = certificate.tbs_certificate().to_der().unwrap();
    certificate.tbs_certificate().issuer() == authority.tbs_certificate().subject()
        && VerifyingKey::from_public_key_der(&key)
            .unwrap()
            .verify(&message, &signature)
            .is_ok()
}

fn unix_seconds(time: x509_cert::time::Time) -> f64 {
    time.to_unix_duration().as_secs_f64()
}

#[test]
fn the_authority_issues_client_certificates_for_the_requested_subject_and_a_year() {
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
        let mut client = with_mtls();
        let pem = create_certificate(&mut client, json!({"name": "one", "csr": csr})).unwrap();
        let certificate = Certificate::from_pem(&pem).unwrap();
        let authority =
            Certificate::from_pem(client.emulator.server_identity().unwrap().ca).unwrap();
        assert!(is_signed_by(&certificate, &authority));
        let tbs = certificate.tbs_certificate();
        assert_eq!(tbs.subject().to_string(), subject);
        let from = unix_seconds(tbs.validity().not_before);
        let until = unix_seconds(tbs.validity().not_after);
        assert_eq!(from, (START / 1000.0).floor());
        assert_eq!(until, ((START + 365.0 * DAY) / 1000.0).floor());
        let (_, purpose) = tbs.get_extension::<ExtendedKeyUsage>().unwrap().unwrap();
        assert_eq!(
            purpose
                .0
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            ["1.3.6.1.5.5.7.3.2"],
            "the only purpose must be clientAuth"
        );
        assert!(!is_authority(&certificate));
    }
}

/// Returns whether a certificate may sign others.
fn is_authority(certificate: &Certificate) -> bool {
    let constraints = certificate
        .tbs_certificate()
        .get_extension::<BasicConstraints>();
    constraints.unwrap().unwrap().1.ca
}

#[test]
fn the_server_identity_is_for_loopback_and_signed_by_the_authority() {
    let identity = with_mtls().emulator.server_identity().unwrap();
    let authority = Certificate::from_pem(&identity.ca).unwrap();
    let server = Certificate::from_pem(&identity.certificate).unwrap();
    assert!(is_signed_by(&authority, &authority));
    assert!(is_signed_by(&server, &authority));
    assert!(is_authority(&authority));
    let (_, names) = server
        .tbs_certificate()
        .get_extension::<SubjectAltName>()
        .unwrap()
        .unwrap();
    let expected = [
        GeneralName::DnsName(Ia5String::new("localhost").unwrap()),
        GeneralName::from(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        GeneralName::from(IpAddr::V6(Ipv6Addr::LOCALHOST)),
    ];
    assert_eq!(names.0, expected);
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
}

#[test]
fn the_debug_output_of_the_server_identity_omits_the_private_key() {
    let identity = with_mtls().emulator.server_identity().unwrap();
    assert!(!format!("{identity:?}").contains("PRIVATE"));
}

#[test]
fn equal_seeds_give_equal_certificates_and_different_seeds_give_different_ones() {
    let create_all = |seed: Option<f64>, entropy: &[u8]| {
        let mut emulator = Emulator::new(
            Options {
                seed,
                secure_mode: true,
                ..Options::default()
            },
            START,
            entropy,
        );
        let request = fields(json!({"name": "one", "csr": P256}));
        let certificate = emulator.create_certificate(START, request).unwrap();
        let identity = emulator.server_identity().unwrap();
        [certificate, identity.ca, identity.certificate, identity.key]
    };
    let first = create_all(Some(1.0), b"a");
    assert_eq!(first, create_all(Some(1.0), b"b"));
    for other in [create_all(Some(2.0), b"a"), create_all(None, b"a")] {
        for (one, other) in first.iter().zip(&other) {
            assert_ne!(one, other);
        }
    }
}

#[test]
fn the_error_of_an_invalid_request_names_its_field_and_hides_its_value() {
    let tampered = P256.replacen("MIH", "MIG", 1);
    for (request, expected) in [
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
        let mut client = with_mtls();
        let message = creation_error(&mut client, request);
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("s3cr3t"), "{message}");
    }
}

#[test]
fn a_name_may_have_30_characters() {
    let longest = json!({"name": "é".repeat(30), "csr": P256});
    assert!(create_certificate(&mut with_mtls(), longest).is_ok());
}

#[test]
fn at_most_two_certificates_can_be_created_until_a_reset() {
    let request = json!({"name": "one", "csr": P256});
    let mut client = with_mtls();
    assert!(create_certificate(&mut client, request.clone()).is_ok());
    let invalid = json!({"name": "one", "csr": "none"});
    assert!(create_certificate(&mut client, invalid).is_err());
    assert!(
        create_certificate(&mut client, request.clone()).is_ok(),
        "a rejected request must not count"
    );
    let message = creation_error(&mut client, request.clone());
    assert!(message.contains("at most 2 certificates"), "{message}");
    client.emulator.reset();
    assert!(create_certificate(&mut client, request).is_ok());
}

#[test]
fn a_certificate_can_be_created_only_in_secure_mode() {
    let mut client = with_mtls();
    client.emulator.set_secure_mode(false);
    let message = creation_error(&mut client, json!({"name": "one", "csr": P256}));
    assert!(message.contains("Secure mode is off"), "{message}");
}

#[test]
fn a_signing_request_must_be_signed_with_its_own_key() {
    let mut request = x509_cert::request::CertReq::from_pem(P256).unwrap();
    let other = x509_cert::request::CertReq::from_pem(P384).unwrap();
    request.info.subject = other.info.subject;
    let csr = x509_cert::der::EncodePem::to_pem(&request, p256::pkcs8::LineEnding::LF).unwrap();
    let message = creation_error(&mut with_mtls(), json!({"name": "one", "csr": csr}));
    assert_eq!(
        message,
        "`csr` must be signed with the private key of its public key."
    );
}
