//! The console's certificate page: which client certificates there are, by which rules a new one is
//! made, and which of them is good now.

use super::authority::Issued;
use super::clock::moment;
use super::signing_request::SigningRequest;
use super::{Given, Misuse};
use crate::protocol::limits::utf16_len;

/// So many there may be.
const MOST: usize = 2;
/// Longest name, in UTF-16 code units.
const NAME: u32 = 30;
/// Longest signing request, in bytes.
const REQUEST: usize = 16 * 1024;
/// How long one is good unless it is told otherwise: 365 days, in milliseconds.
const LIFETIME_MS: f64 = 365.0 * 86_400_000.0;

/// What a certificate is asked for with.
pub(super) struct Wanted {
    pub(super) request: SigningRequest,
    /// Milliseconds since the epoch.
    not_after: Option<f64>,
}

impl Wanted {
    /// Reads what a JavaScript caller gave. The name is asked for, as the console does; it is
    /// written nowhere.
    pub(super) fn read(mut given: Given) -> Result<Self, Misuse> {
        let name = given.text("name")?.unwrap_or_default();
        if !(1..=NAME).contains(&utf16_len(&name)) {
            return Err(Misuse::new(format!(
                "`name` must have 1 to {NAME} characters."
            )));
        }
        let csr = given
            .text("csr")?
            .filter(|csr| csr.len() <= REQUEST)
            .unwrap_or_default();
        let request =
            SigningRequest::read(&csr).map_err(|what| Misuse::new(format!("`csr` {what}")))?;
        let not_after = given
            .number("notAfter")?
            .map(|ms| moment("notAfter", ms))
            .transpose()?;
        given.nothing_left()?;
        Ok(Self { request, not_after })
    }

    /// From when to when it is to be good, in seconds since the epoch. One that is to have ended
    /// already is made all the same: so a test gets an expired one.
    pub(super) fn seconds(&self, now: f64) -> (u64, u64) {
        let until = self.not_after.unwrap_or(now + LIFETIME_MS);
        ((now.min(until) / 1000.0) as u64, (until / 1000.0) as u64)
    }
}

struct Certificate {
    der: Vec<u8>,
    /// Both in seconds, both included.
    from: u64,
    until: u64,
}

/// Those that were made.
#[derive(Default)]
pub(super) struct Certificates(Vec<Certificate>);

impl Certificates {
    /// Whether there is room for another.
    pub(super) fn has_room(&self) -> Result<(), Misuse> {
        let full = || {
            Misuse::new(format!("There are {MOST} certificates already, and no more can be had: `reset` takes them away."))
        };
        (self.0.len() < MOST).then_some(()).ok_or_else(full)
    }

    pub(super) fn add(&mut self, issued: Issued, (from, until): (u64, u64)) -> String {
        self.0.push(Certificate {
            der: issued.der,
            from,
            until,
        });
        issued.pem
    }

    /// Whether a certificate is one of these, and good now. That its holder has the key, the
    /// handshake has shown.
    pub(super) fn accept(&self, now: f64, der: &[u8]) -> bool {
        let second = (now / 1000.0) as u64;
        self.0
            .iter()
            .any(|one| one.der == der && (one.from..=one.until).contains(&second))
    }
}
