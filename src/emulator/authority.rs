//! The emulator's certificate authority. It signs the certificates of the server and of clients.
//!
//! The keys of the authority and the server come from the emulator's generator, and signatures are
//! deterministic. So the same seed produces identical certificates of the authority and the server.

use super::random::Random;
use super::signing_request::SigningRequest;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::time::Duration;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder, Result};
use x509_cert::certificate::{Certificate, TbsCertificate};
use x509_cert::der::asn1::{GeneralizedTime, Ia5String};
use x509_cert::der::oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use x509_cert::der::{Encode, EncodePem};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
};
use x509_cert::ext::pkix::{SubjectAltName, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_cert::time::{Time, Validity};
use x509_cert::SubjectPublicKeyInfo;

/// The validity of the certificates of the authority and the server: 2020 to 2100, in seconds since
/// the epoch. Clients check the validity against the real clock, which may differ from the
/// emulator's clock.
const SERVER_VALIDITY: (u64, u64) = (1_577_836_800, 4_102_444_800);

/// The certificates and key of a TLS server for the emulator, as PEM.
#[derive(Clone)]
pub struct ServerIdentity {
    /// The certificate of the authority. Clients must trust the authority, and the server must
    /// accept only client certificates that the authority has signed.
    pub ca: String,
    /// The server certificate for `localhost`, `127.0.0.1` and `::1`.
    pub certificate: String,
    /// The private key of the server certificate.
    pub key: String,
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerIdentity").finish_non_exhaustive()
    }
}

/// An issued client certificate.
pub(super) struct IssuedCertificate {
    pub(super) pem: String,
    pub(super) der: Vec<u8>,
}

/// The certificate authority and the server identity that it has signed.
pub(super) struct Authority {
    signer: SigningKey,
    name: Name,
    pub(super) server: ServerIdentity,
}

impl Authority {
    /// Creates the authority. Returns `None` only if the certificate library fails, which no known
    /// input causes.
    pub(super) fn new(mut random: Random) -> Option<Self> {
        let (signer, server_key) = (draw_key(&mut random)?, draw_key(&mut random)?);
        let name = Name::from_str("CN=social-plus-auth emulator").ok()?;
        let pem = |certificate: Result<Certificate>| certificate.ok()?.to_pem(LineEnding::LF).ok();

        let constraints = BasicConstraints {
            ca: true,
            path_len_constraint: Some(0),
        };
        let usage = KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign);
        let own_key = to_public_key_info(&signer)?;
        let ca = build_certificate(
            &signer,
            &name,
            name.clone(),
            SERVER_VALIDITY,
            own_key,
            random.draw_bytes(16),
            |builder| {
                builder.add_extension(&constraints)?;
                Ok(builder.add_extension(&usage)?)
            },
        );

        let loopback = [
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]
        .map(GeneralName::from);
        let names = [
            &[GeneralName::DnsName(Ia5String::new("localhost").ok()?)],
            &loopback[..],
        ]
        .concat();
        let subject = Name::from_str("CN=localhost").ok()?;
        let certificate = build_certificate(
            &signer,
            &name,
            subject,
            SERVER_VALIDITY,
            to_public_key_info(&server_key)?,
            random.draw_bytes(16),
            |builder| {
                add_leaf_extensions(builder, ExtendedKeyUsage(vec![ID_KP_SERVER_AUTH]))?;
                Ok(builder.add_extension(&SubjectAltName(names))?)
            },
        );
        let key = server_key.to_pkcs8_pem(LineEnding::LF).ok()?.to_string();
        let server = ServerIdentity {
            ca: pem(ca)?,
            certificate: pem(certificate)?,
            key,
        };
        Some(Self {
            signer,
            name,
            server,
        })
    }

    /// Issues a client certificate. `validity` contains the first and the last second of its
    /// validity, counted from the epoch.
    ///
    /// Returns `None` if the subject or key of the request does not fit into a certificate.
    pub(super) fn issue(
        &self,
        request: SigningRequest,
        validity: (u64, u64),
        serial: Vec<u8>,
    ) -> Option<IssuedCertificate> {
        let certificate = build_certificate(
            &self.signer,
            &self.name,
            request.subject,
            validity,
            request.public_key,
            serial,
            |builder| add_leaf_extensions(builder, ExtendedKeyUsage(vec![ID_KP_CLIENT_AUTH])),
        );
        let certificate = certificate.ok()?;
        Some(IssuedCertificate {
            pem: certificate.to_pem(LineEnding::LF).ok()?,
            der: certificate.to_der().ok()?,
        })
    }
}

/// Draws a private key. Skips the very few 32-byte values that are not valid keys.
fn draw_key(random: &mut Random) -> Option<SigningKey> {
    std::iter::repeat_with(|| SigningKey::from_slice(&random.draw_bytes(32)))
        .find_map(std::result::Result::ok)
}

fn to_public_key_info(key: &SigningKey) -> Option<SubjectPublicKeyInfo> {
    SubjectPublicKeyInfo::try_from(key.verifying_key().to_public_key_der().ok()?.as_bytes()).ok()
}

/// Adds the extensions of a certificate that cannot sign other certificates.
fn add_leaf_extensions(
    builder: &mut CertificateBuilder<Names>,
    purpose: ExtendedKeyUsage,
) -> Result<()> {
    builder.add_extension(&BasicConstraints {
        ca: false,
        path_len_constraint: None,
    })?;
    builder.add_extension(&KeyUsage(KeyUsages::DigitalSignature.into()))?;
    Ok(builder.add_extension(&purpose)?)
}

fn build_certificate(
    signer: &SigningKey,
    issuer: &Name,
    subject: Name,
    (from, until): (u64, u64),
    public_key: SubjectPublicKeyInfo,
    mut serial: Vec<u8>,
    extend: impl FnOnce(&mut CertificateBuilder<Names>) -> Result<()>,
) -> Result<Certificate> {
    // A serial number must be positive: clear its sign bit, and set a bit so that it is not zero.
    serial
        .first_mut()
        .into_iter()
        .for_each(|first| *first = *first & 0x7f | 0x40);
    let time =
        |seconds| GeneralizedTime::from_unix_duration(Duration::from_secs(seconds)).map(Time::from);
    let names = Names {
        issuer: issuer.clone(),
        subject,
    };
    let mut builder = CertificateBuilder::new(
        names,
        SerialNumber::new(&serial)?,
        Validity::new(time(from)?, time(until)?),
        public_key,
    )?;
    extend(&mut builder)?;
    builder.build::<_, DerSignature>(signer)
}

/// The names of a certificate's issuer and subject. The builder adds two extensions, which identify
/// the keys of the issuer and the subject by their digests.
struct Names {
    issuer: Name,
    subject: Name,
}

impl BuilderProfile for Names {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        subject_key: SubjectPublicKeyInfoRef<'_>,
        issuer_key: SubjectPublicKeyInfoRef<'_>,
        certificate: &TbsCertificate,
    ) -> Result<Vec<Extension>> {
        let subject_id = SubjectKeyIdentifier::try_from(subject_key)?
            .to_extension(certificate.subject(), &[])?;
        let issuer_id = AuthorityKeyIdentifier::try_from(issuer_key)?
            .to_extension(certificate.subject(), &[])?;
        Ok(vec![subject_id, issuer_id])
    }
}
