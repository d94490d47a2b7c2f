//! Parses certificate signing requests (PKCS #10) and verifies their self-signature, which proves
//! that the requester holds the private key.

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

/// A nonstandard PEM label that some tools write, and its standard equivalent.
const LABEL_REPLACEMENT: (&str, &str) =
    (" NEW CERTIFICATE REQUEST-----", " CERTIFICATE REQUEST-----");

/// The verified contents of a signing request.
pub(super) struct SigningRequest {
    pub(super) subject: Name,
    pub(super) public_key: SubjectPublicKeyInfo,
}

impl SigningRequest {
    /// Parses and verifies a request in PEM.
    ///
    /// # Errors
    /// Returns the part of the error message that follows the field's name.
    pub(super) fn parse(pem: &str) -> Result<Self, &'static str> {
        let pem = pem.trim().replace(LABEL_REPLACEMENT.0, LABEL_REPLACEMENT.1);
        let request = CertReq::from_pem(pem.as_bytes())
            .map_err(|_| "must be a certificate signing request in PEM.")?;
        match has_own_signature(&request) {
            None => Err(
                "must have a P-256, P-384 or RSA key and be signed with SHA-256, SHA-384 or \
                 SHA-512.",
            ),
            Some(false) => Err("must be signed with the private key of its public key."),
            Some(true) => Ok(Self {
                subject: request.info.subject,
                public_key: request.info.public_key,
            }),
        }
    }
}

/// Returns whether the request is signed with its own key, or `None` if its key or its signature
/// algorithm is unsupported or malformed. The check uses no private key, so its timing reveals no
/// secret.
fn has_own_signature(request: &CertReq) -> Option<bool> {
    let (signed_data, key) = (
        request.info.to_der().ok()?,
        request.info.public_key.to_der().ok()?,
    );
    let signature = request.signature.as_bytes()?;
    let algorithm = request.algorithm.oid;
    let (digest, padding) = match algorithm {
        ECDSA_WITH_SHA_256 | SHA_256_WITH_RSA_ENCRYPTION => (
            Sha256::digest(&signed_data).to_vec(),
            Pkcs1v15Sign::new::<Sha256>(),
        ),
        ECDSA_WITH_SHA_384 | SHA_384_WITH_RSA_ENCRYPTION => (
            Sha384::digest(&signed_data).to_vec(),
            Pkcs1v15Sign::new::<Sha384>(),
        ),
        ECDSA_WITH_SHA_512 | SHA_512_WITH_RSA_ENCRYPTION => (
            Sha512::digest(&signed_data).to_vec(),
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
