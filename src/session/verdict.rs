//! What an error of the service means for the session (rule 10). Only the service's own word ends a
//! session; everything else is transient.

use super::wire::Reason;
use crate::protocol::{codes, Error, Kind};

/// The error of a call, as far as the machine judges it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceError {
    /// What went wrong.
    pub kind: Kind,
    /// The service's own code, if the response had one.
    pub code: Option<u32>,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// How long the service asks to be left alone, in milliseconds; 0 if it does not say.
    pub retry_after_ms: f64,
}

impl From<&Error> for ServiceError {
    fn from(error: &Error) -> Self {
        ServiceError {
            kind: error.kind,
            code: error.code,
            status: error.status,
            retry_after_ms: error.retry_after_ms.unwrap_or(0.0),
        }
    }
}

/// Why the service gave no session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Failure {
    /// The service has ended the session.
    Definite(Reason),
    /// The service does not know something, perhaps the user. Verifying the token tells.
    NotFound,
    /// The cause may pass. The service asks to be left alone for so long, in milliseconds.
    Transient(f64),
}

/// What the service says about a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It does not honour the token. A renewal tells why.
    Rejected,
    /// It has ended the session.
    Terminated(Reason),
    /// It could not be asked. It asks to be left alone for so long, in milliseconds.
    Unknown(f64),
}

const UNAUTHORIZED_STATUS: u16 = 401;
const OK_STATUS: u16 = 200;

impl ServiceError {
    /// An error that says nothing.
    #[cfg(not(target_arch = "wasm32"))]
    pub const NONE: ServiceError = ServiceError {
        kind: Kind::Network,
        code: None,
        status: None,
        retry_after_ms: 0.0,
    };

    /// The kinds that make a difference. All others are judged like [`Kind::Network`].
    pub const DECISIVE_KINDS: [Kind; 3] = [Kind::Unauthorized, Kind::Banned, Kind::NotFound];

    /// Judges the error of a request for a session.
    pub(super) fn of_session(&self) -> Failure {
        match (self.code, self.kind) {
            (Some(codes::UNAUTHORIZED), _) => Failure::Definite(Reason::Unauthorized),
            (Some(codes::GLOBAL_BAN), _) => Failure::Definite(Reason::GlobalBan),
            (Some(codes::NOT_FOUND), _) => Failure::NotFound,
            // Flags on the user, in a response that is otherwise a success.
            (None, Kind::Banned) if self.status == Some(OK_STATUS) => {
                Failure::Definite(Reason::GlobalBan)
            }
            (None, Kind::NotFound) if self.status == Some(OK_STATUS) => {
                Failure::Definite(Reason::UserDeleted)
            }
            _ => Failure::Transient(self.retry_after_ms),
        }
    }

    /// Judges the error of a verification. A proxy's page has no code and says nothing of the
    /// token.
    pub(super) fn of_verification(&self) -> Verdict {
        match self.kind {
            Kind::Banned if self.code.is_some() => Verdict::Terminated(Reason::GlobalBan),
            Kind::NotFound if self.code.is_some() => Verdict::Terminated(Reason::UserDeleted),
            _ if self.is_unauthorized() => Verdict::Rejected,
            _ => Verdict::Unknown(self.retry_after_ms),
        }
    }

    /// Returns whether the service no longer knows the token, so that it counts as revoked.
    pub(super) fn means_revoked(&self) -> bool {
        self.kind == Kind::NotFound && self.code.is_some() || self.is_unauthorized()
    }

    fn is_unauthorized(&self) -> bool {
        self.kind == Kind::Unauthorized && self.code.is_some()
            || self.status == Some(UNAUTHORIZED_STATUS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: Kind, code: Option<u32>, status: Option<u16>) -> ServiceError {
        ServiceError {
            kind,
            code,
            status,
            retry_after_ms: 7.0,
        }
    }

    #[test]
    fn only_the_services_own_word_ends_a_session() {
        let unauthorized = error(Kind::Unauthorized, Some(codes::UNAUTHORIZED), Some(401));
        let banned = error(Kind::Banned, Some(codes::GLOBAL_BAN), Some(403));
        let flagged = error(Kind::Banned, None, Some(200));
        let deleted = error(Kind::NotFound, None, Some(200));
        assert_eq!(
            unauthorized.of_session(),
            Failure::Definite(Reason::Unauthorized)
        );
        assert_eq!(banned.of_session(), Failure::Definite(Reason::GlobalBan));
        assert_eq!(flagged.of_session(), Failure::Definite(Reason::GlobalBan));
        assert_eq!(deleted.of_session(), Failure::Definite(Reason::UserDeleted));
        let unknown_user = error(Kind::NotFound, Some(codes::NOT_FOUND), Some(404));
        assert_eq!(unknown_user.of_session(), Failure::NotFound);
    }

    #[test]
    fn a_proxys_page_or_any_other_error_is_transient() {
        for transient in [
            error(Kind::Unauthorized, None, Some(401)),
            error(Kind::Banned, None, Some(403)),
            error(Kind::NotFound, None, Some(404)),
            error(Kind::InvalidResponse, None, Some(200)),
            error(Kind::RateLimited, Some(codes::RATE_LIMIT), Some(429)),
            error(Kind::SecureModeRequired, Some(codes::FORBIDDEN), Some(403)),
            error(Kind::Network, None, None),
        ] {
            assert_eq!(
                transient.of_session(),
                Failure::Transient(7.0),
                "{transient:?}"
            );
        }
    }

    #[test]
    fn a_verification_terminates_only_by_a_code() {
        let banned = error(Kind::Banned, Some(codes::GLOBAL_BAN), Some(403));
        assert_eq!(
            banned.of_verification(),
            Verdict::Terminated(Reason::GlobalBan)
        );
        let deleted = error(Kind::NotFound, Some(codes::NOT_FOUND), Some(404));
        assert_eq!(
            deleted.of_verification(),
            Verdict::Terminated(Reason::UserDeleted)
        );
        let page = error(Kind::NotFound, None, Some(404));
        assert_eq!(page.of_verification(), Verdict::Unknown(7.0));
        let portal = error(Kind::Banned, None, Some(403));
        assert_eq!(portal.of_verification(), Verdict::Unknown(7.0));
    }

    #[test]
    fn every_401_rejects_a_token() {
        for code in [None, Some(codes::UNAUTHORIZED), Some(codes::FORBIDDEN)] {
            for kind in [Kind::Unauthorized, Kind::Forbidden] {
                let rejected = error(kind, code, Some(401));
                assert_eq!(
                    rejected.of_verification(),
                    Verdict::Rejected,
                    "{rejected:?}"
                );
                assert!(rejected.means_revoked(), "{rejected:?}");
            }
        }
    }

    #[test]
    fn a_token_counts_as_revoked_once_the_service_does_not_know_it() {
        assert!(error(Kind::NotFound, Some(codes::NOT_FOUND), Some(404)).means_revoked());
        assert!(!error(Kind::NotFound, None, Some(404)).means_revoked());
        assert!(!error(Kind::Server, Some(codes::BUSINESS), Some(500)).means_revoked());
        assert!(!error(Kind::Network, None, None).means_revoked());
    }
}
