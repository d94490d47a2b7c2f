//! The emulator's own certificate authority: it signs the certificate that the server shows, and
//! those of clients. Its key is drawn like everything else, and signatures are deterministic, so
//! that with a seed every certificate comes again to the byte.

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

/// The server's own certificates are good from 2020 to 2100, in seconds since the epoch: clients
/// judge them by the real clock, and the emulator may stand at any other.
const SERVER_YEARS: (u64, u64) = (1_577_836_800, 4_102_444_800);

/// What a server of the emulator shows its clients, as PEM.
#[derive(Clone)]
pub struct ServerIdentity {
    /// The authority, for clients to trust; and the only one whose certificates are asked for.
    pub ca: String,
    /// For `localhost`, `127.0.0.1` and `::1`.
    pub certificate: String,
    /// The private key that goes with it.
    pub key: String,
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerIdentity").finish_non_exhaustive()
    }
}

/// A client's certificate.
pub(super) struct Issued {
    pub(super) pem: String,
    pub(super) der: Vec<u8>,
}

/// The authority, with the one server certificate that it needs.
pub(super) struct Authority {
    signer: SigningKey,
    name: Name,
    pub(super) server: ServerIdentity,
}

impl Authority {
    /// `None` never happens: every part of it is ours.
    pub(super) fn new(mut random: Random) -> Option<Self> {
        let (signer, server_key) = (draw_key(&mut random)?, draw_key(&mut random)?);
        let name = Name::from_str("CN=social-plus-auth emulator").ok()?;
        let pem = |certificate: Result<Certificate>| certificate.ok()?.to_pem(LineEnding::LF).ok();

        let constraints = BasicConstraints {
            ca: true,
            path_len_constraint: Some(0),
        };
        let usage = KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign);
        let own = spki(&signer)?;
        let ca = sign(
            &signer,
            &name,
            name.clone(),
            SERVER_YEARS,
            own,
            random.bytes(16),
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
        let certificate = sign(
            &signer,
            &name,
            subject,
            SERVER_YEARS,
            spki(&server_key)?,
            random.bytes(16),
            |builder| {
                for_end(builder, ExtendedKeyUsage(vec![ID_KP_SERVER_AUTH]))?;
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

    /// A client's certificate, good between two moments in seconds since the epoch.
    pub(super) fn issue(
        &self,
        request: SigningRequest,
        seconds: (u64, u64),
        serial: Vec<u8>,
    ) -> Option<Issued> {
        let certificate = sign(
            &self.signer,
            &self.name,
            request.subject,
            seconds,
            request.public_key,
            serial,
            |builder| for_end(builder, ExtendedKeyUsage(vec![ID_KP_CLIENT_AUTH])),
        );
        let certificate = certificate.ok()?;
        Some(Issued {
            pem: certificate.to_pem(LineEnding::LF).ok()?,
            der: certificate.to_der().ok()?,
        })
    }
}

/// Nearly every 32 bytes are a private key; those that are none are drawn again.
fn draw_key(random: &mut Random) -> Option<SigningKey> {
    std::iter::repeat_with(|| SigningKey::from_slice(&random.bytes(32)))
        .find_map(std::result::Result::ok)
}

fn spki(key: &SigningKey) -> Option<SubjectPublicKeyInfo> {
    SubjectPublicKeyInfo::try_from(key.verifying_key().to_public_key_der().ok()?.as_bytes()).ok()
}

/// What a certificate has that signs no others.
fn for_end(builder: &mut CertificateBuilder<Names>, purpose: ExtendedKeyUsage) -> Result<()> {
    builder.add_extension(&BasicConstraints {
        ca: false,
        path_len_constraint: None,
    })?;
    builder.add_extension(&KeyUsage(KeyUsages::DigitalSignature.into()))?;
    Ok(builder.add_extension(&purpose)?)
}

fn sign(
    signer: &SigningKey,
    issuer: &Name,
    subject: Name,
    (from, until): (u64, u64),
    public_key: SubjectPublicKeyInfo,
    mut serial: Vec<u8>,
    extend: impl FnOnce(&mut CertificateBuilder<Names>) -> Result<()>,
) -> Result<Certificate> {
    // A serial number is positive, and not zero.
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

/// Who signs for whom. Both keys are named by their digests, as every certificate has it.
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
        own: SubjectPublicKeyInfoRef<'_>,
        issuers: SubjectPublicKeyInfoRef<'_>,
        certificate: &TbsCertificate,
    ) -> Result<Vec<Extension>> {
        let own = SubjectKeyIdentifier::try_from(own)?.to_extension(certificate.subject(), &[])?;
        let issuers =
            AuthorityKeyIdentifier::try_from(issuers)?.to_extension(certificate.subject(), &[])?;
        Ok(vec![own, issuers])
    }
}
