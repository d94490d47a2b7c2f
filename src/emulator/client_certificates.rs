//! Emulates the console's certificate page: validates requests for client certificates, and checks
//! whether a certificate is valid.

use super::authority::IssuedCertificate;
use super::clock::check_timestamp;
use super::signing_request::SigningRequest;
use super::{Misuse, RawFields};
use crate::protocol::limits::utf16_len;

const MAX_CERTIFICATES: usize = 2;
/// The longest name, in UTF-16 code units.
const MAX_NAME: u32 = 30;
const MAX_CSR_BYTES: usize = 16 * 1024;
/// 365 days, in milliseconds.
const DEFAULT_LIFETIME_MS: f64 = 365.0 * 86_400_000.0;

/// A validated request for a client certificate.
pub(super) struct CertificateRequest {
    pub(super) signing_request: SigningRequest,
    /// The requested expiry, in milliseconds since the epoch.
    not_after: Option<f64>,
}

impl CertificateRequest {
    /// Parses the fields that a JavaScript caller passes. `name` is required, as in the console,
    /// but is not stored.
    pub(super) fn parse(mut fields: RawFields) -> Result<Self, Misuse> {
        let name_length = utf16_len(&fields.take_string("name")?.unwrap_or_default());
        if !(1..=MAX_NAME).contains(&name_length) {
            return Err(Misuse::new(format!(
                "`name` must be 1 to {MAX_NAME} characters (got {name_length})."
            )));
        }
        let csr = fields.take_string("csr")?.unwrap_or_default();
        if csr.len() > MAX_CSR_BYTES {
            return Err(Misuse::new(format!(
                "`csr` must be at most {MAX_CSR_BYTES} bytes (got {}).",
                csr.len()
            )));
        }
        let signing_request = SigningRequest::parse(&csr)
            .map_err(|problem| Misuse::new(format!("`csr` {problem}")))?;
        let not_after = fields
            .take_number("notAfter")?
            .map(|ms| check_timestamp("notAfter", ms))
            .transpose()?;
        fields.reject_unknown()?;
        Ok(Self {
            signing_request,
            not_after,
        })
    }

    /// Returns the first and last second of the certificate's validity, counted from the epoch.
    ///
    /// An expiry in the past is allowed, so that a test can create an expired certificate.
    pub(super) fn validity_seconds(&self, now: f64) -> (u64, u64) {
        let until = self.not_after.unwrap_or(now + DEFAULT_LIFETIME_MS);
        ((now.min(until) / 1000.0) as u64, (until / 1000.0) as u64)
    }
}

struct Certificate {
    der: Vec<u8>,
    /// The first second of the validity, counted from the epoch.
    from: u64,
    /// The last second of the validity, counted from the epoch.
    until: u64,
}

/// The client certificates of the network.
#[derive(Default)]
pub(super) struct ClientCertificates(Vec<Certificate>);

impl ClientCertificates {
    /// Checks that another certificate may be created.
    pub(super) fn check_capacity(&self) -> Result<(), Misuse> {
        if self.0.len() < MAX_CERTIFICATES {
            return Ok(());
        }
        Err(Misuse::new(format!(
            "A network has at most {MAX_CERTIFICATES} certificates. Call `reset` to remove them."
        )))
    }

    /// Stores a certificate and returns it as PEM.
    pub(super) fn add(&mut self, issued: IssuedCertificate, (from, until): (u64, u64)) -> String {
        self.0.push(Certificate {
            der: issued.der,
            from,
            until,
        });
        issued.pem
    }

    /// Returns whether this emulator issued a certificate and the certificate is valid now. The TLS
    /// handshake has already proved that the client holds the private key.
    pub(super) fn is_valid(&self, now: f64, der: &[u8]) -> bool {
        let second = (now / 1000.0) as u64;
        self.0
            .iter()
            .any(|issued| issued.der == der && (issued.from..=issued.until).contains(&second))
    }
}
