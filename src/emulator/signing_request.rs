//! A certificate signing request (PKCS #10): its subject and its key, once it has shown that
//! whoever made it holds that key.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::pkcs8::DecodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::der::oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use x509_cert::der::{DecodePem, Encode};
use x509_cert::name::Name;
use x509_cert::request::CertReq;
use x509_cert::SubjectPublicKeyInfo;

/// What some tools write over the same thing.
const OTHER_LABEL: (&str, &str) = (" NEW CERTIFICATE REQUEST-----", " CERTIFICATE REQUEST-----");

/// What a certificate is made from.
pub(super) struct SigningRequest {
    pub(super) subject: Name,
    pub(super) public_key: SubjectPublicKeyInfo,
}

impl SigningRequest {
    /// Reads PEM. `Err` is what is wrong with it, to go behind the name of the field.
    pub(super) fn read(pem: &str) -> Result<Self, &'static str> {
        let pem = pem.trim().replace(OTHER_LABEL.0, OTHER_LABEL.1);
        let request = CertReq::from_pem(pem.as_bytes())
            .map_err(|_| "must be a certificate signing request in PEM.")?;
        match is_signed(&request) {
            None => Err("must have a key on P-256 or P-384 or an RSA key, and be signed with SHA-256, SHA-384 or SHA-512."),
            Some(false) => Err("must be signed with the key that it names."),
            Some(true) => Ok(Self { subject: request.info.subject, public_key: request.info.public_key }),
        }
    }
}

/// Whether the request is signed with its own key; `None` for kinds of keys and signatures that are
/// not known here. Only public keys are ever used, so that no timing tells anything.
fn is_signed(request: &CertReq) -> Option<bool> {
    let (text, key) = (
        request.info.to_der().ok()?,
        request.info.public_key.to_der().ok()?,
    );
    let signature = request.signature.as_bytes()?;
    let algorithm = request.algorithm.oid;
    let (digest, padding) = match algorithm {
        ECDSA_WITH_SHA_256 | SHA_256_WITH_RSA_ENCRYPTION => (
            Sha256::digest(&text).to_vec(),
            Pkcs1v15Sign::new::<Sha256>(),
        ),
        ECDSA_WITH_SHA_384 | SHA_384_WITH_RSA_ENCRYPTION => (
            Sha384::digest(&text).to_vec(),
            Pkcs1v15Sign::new::<Sha384>(),
        ),
        ECDSA_WITH_SHA_512 | SHA_512_WITH_RSA_ENCRYPTION => (
            Sha512::digest(&text).to_vec(),
            Pkcs1v15Sign::new::<Sha512>(),
        ),
        _ => return None,
    };
    if [ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512].contains(&algorithm) {
        if let Ok(key) = p256::ecdsa::VerifyingKey::from_public_key_der(&key) {
            let signature = p256::ecdsa::DerSignature::from_bytes(signature);
            return Some(
                signature.is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
            );
        }
        let key = p384::ecdsa::VerifyingKey::from_public_key_der(&key).ok()?;
        let signature = p384::ecdsa::DerSignature::from_bytes(signature);
        return Some(
            signature.is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()),
        );
    }
    Some(
        RsaPublicKey::from_public_key_der(&key)
            .ok()?
            .verify(padding, &digest, signature)
            .is_ok(),
    )
}
