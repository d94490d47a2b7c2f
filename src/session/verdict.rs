//! Classifies errors of the service by their effect on the session (rule 10). Only a definite
//! response of the service ends a session. If a renewal reports an unknown user, a verification
//! follows; if a verification rejects the token, a renewal follows. Every other error is transient.

use super::wire::Reason;
use crate::protocol::{codes, Error, Kind};

/// The parts of a call's error that the machine evaluates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceError {
    /// The kind of error.
    pub kind: Kind,
    /// The service's own code, if the response had one.
    pub code: Option<u32>,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// The `Retry-After` of the response in milliseconds, or 0.
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

/// Why a session request failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Failure {
    /// The service has definitely refused to create a session, for this reason.
    Definite(Reason),
    /// The service did not find the user or something else. A verification of the token shows
    /// whether the user exists.
    NotFound,
    /// A transient error, with the `Retry-After` of the response in milliseconds, or 0.
    Transient(f64),
}

/// The result of a failed verification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    /// The service rejected the token. A renewal reveals the reason.
    Rejected,
    /// The service has ended the session.
    Terminated(Reason),
    /// A transient error, with the `Retry-After` of the response in milliseconds, or 0.
    Unknown(f64),
}

const UNAUTHORIZED_STATUS: u16 = 401;
const OK_STATUS: u16 = 200;

impl ServiceError {
    /// A network error without details.
    #[cfg(not(target_arch = "wasm32"))]
    pub const NETWORK: ServiceError = ServiceError {
        kind: Kind::Network,
        code: None,
        status: None,
        retry_after_ms: 0.0,
    };

    /// The kinds of error that matter to the machine. It treats all others like [`Kind::Network`].
    pub const DECISIVE_KINDS: [Kind; 3] = [Kind::Unauthorized, Kind::Banned, Kind::NotFound];

    /// Classifies the error of a session request.
    pub(super) fn session_failure(&self) -> Failure {
        match (self.code, self.kind) {
            (Some(codes::UNAUTHORIZED), _) => Failure::Definite(Reason::Unauthorized),
            (Some(codes::GLOBAL_BAN), _) => Failure::Definite(Reason::GlobalBan),
            (Some(codes::NOT_FOUND), _) => Failure::NotFound,
            // The client found a flag on the user in a successful response.
            (None, Kind::Banned) if self.status == Some(OK_STATUS) => {
                Failure::Definite(Reason::GlobalBan)
            }
            (None, Kind::NotFound) if self.status == Some(OK_STATUS) => {
                Failure::Definite(Reason::UserDeleted)
            }
            _ => Failure::Transient(self.retry_after_ms),
        }
    }

    /// Classifies the error of a verification. Only an error with a code of the service can end the
    /// session, because the error page of a proxy has no code.
    pub(super) fn verification_verdict(&self) -> Verdict {
        match self.kind {
            Kind::Banned if self.code.is_some() => Verdict::Terminated(Reason::GlobalBan),
            Kind::NotFound if self.code.is_some() => Verdict::Terminated(Reason::UserDeleted),
            _ if self.is_unauthorized() => Verdict::Rejected,
            _ => Verdict::Unknown(self.retry_after_ms),
        }
    }

    /// Returns whether the service no longer knows the token, so that it counts as revoked. Only an
    /// error with a code comes from the service: a proxy that answers 401 has revoked nothing.
    pub(super) fn means_revoked(&self) -> bool {
        (self.kind == Kind::NotFound || self.is_unauthorized()) && self.code.is_some()
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
    fn a_ban_a_deletion_and_a_rejected_credential_are_definite_but_not_found_is_not() {
        let unauthorized = error(Kind::Unauthorized, Some(codes::UNAUTHORIZED), Some(401));
        let banned = error(Kind::Banned, Some(codes::GLOBAL_BAN), Some(403));
        let flagged = error(Kind::Banned, None, Some(200));
        let deleted = error(Kind::NotFound, None, Some(200));
        assert_eq!(
            unauthorized.session_failure(),
            Failure::Definite(Reason::Unauthorized)
        );
        assert_eq!(
            banned.session_failure(),
            Failure::Definite(Reason::GlobalBan)
        );
        assert_eq!(
            flagged.session_failure(),
            Failure::Definite(Reason::GlobalBan)
        );
        assert_eq!(
            deleted.session_failure(),
            Failure::Definite(Reason::UserDeleted)
        );
        let unknown_user = error(Kind::NotFound, Some(codes::NOT_FOUND), Some(404));
        assert_eq!(unknown_user.session_failure(), Failure::NotFound);
    }

    #[test]
    fn other_errors_of_a_session_request_are_transient() {
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
                transient.session_failure(),
                Failure::Transient(7.0),
                "{transient:?}"
            );
        }
    }

    #[test]
    fn a_verification_ends_a_session_only_if_the_error_has_a_code() {
        let banned = error(Kind::Banned, Some(codes::GLOBAL_BAN), Some(403));
        assert_eq!(
            banned.verification_verdict(),
            Verdict::Terminated(Reason::GlobalBan)
        );
        let deleted = error(Kind::NotFound, Some(codes::NOT_FOUND), Some(404));
        assert_eq!(
            deleted.verification_verdict(),
            Verdict::Terminated(Reason::UserDeleted)
        );
        let page = error(Kind::NotFound, None, Some(404));
        assert_eq!(page.verification_verdict(), Verdict::Unknown(7.0));
        let portal = error(Kind::Banned, None, Some(403));
        assert_eq!(portal.verification_verdict(), Verdict::Unknown(7.0));
    }

    #[test]
    fn every_401_rejects_a_token() {
        for code in [None, Some(codes::UNAUTHORIZED), Some(codes::FORBIDDEN)] {
            for kind in [Kind::Unauthorized, Kind::Forbidden] {
                let rejected = error(kind, code, Some(401));
                assert_eq!(
                    rejected.verification_verdict(),
                    Verdict::Rejected,
                    "{rejected:?}"
                );
                let has_code = code.is_some();
                assert_eq!(rejected.means_revoked(), has_code, "{rejected:?}");
            }
        }
    }

    #[test]
    fn a_token_counts_as_revoked_if_the_service_does_not_know_it() {
        assert!(error(Kind::NotFound, Some(codes::NOT_FOUND), Some(404)).means_revoked());
        assert!(!error(Kind::NotFound, None, Some(404)).means_revoked());
        assert!(!error(Kind::Server, Some(codes::BUSINESS), Some(500)).means_revoked());
        assert!(!error(Kind::Network, None, None).means_revoked());
    }
}
