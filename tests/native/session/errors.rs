//! Errors of the service, in the form in which a machine receives them.

use social_plus_auth::protocol::{codes, Kind};
use social_plus_auth::session::{Reason, ServiceError};

/// Returns the error that ends the session for this reason, as the response to a renewal.
pub(crate) const fn definite(reason: Reason) -> ServiceError {
    match reason {
        Reason::Unauthorized => error(Kind::Unauthorized, Some(codes::UNAUTHORIZED), 401),
        Reason::GlobalBan => error(Kind::Banned, Some(codes::GLOBAL_BAN), 403),
        Reason::UserDeleted => error(Kind::NotFound, None, 200),
    }
}

/// Returns the error for this reason, as the response to a verification. A ban or a deletion then
/// ends the session; `Unauthorized` only makes the tab renew.
pub(crate) const fn verification_error(reason: Reason) -> ServiceError {
    match reason {
        Reason::UserDeleted => not_found(),
        _ => definite(reason),
    }
}

/// Returns the error of a verification in which the service rejects the token.
pub(crate) const fn rejected() -> ServiceError {
    definite(Reason::Unauthorized)
}

/// Returns the service's "not found" error.
pub(crate) const fn not_found() -> ServiceError {
    error(Kind::NotFound, Some(codes::NOT_FOUND), 404)
}

/// Returns a transient error with the pause that the service requests; 0 for none.
pub(crate) const fn transient(retry_after_ms: f64) -> ServiceError {
    ServiceError {
        retry_after_ms,
        ..error(Kind::Server, None, 503)
    }
}

/// Returns the result of a revocation: success or a transient error.
pub(crate) const fn revocation_result(is_revoked: bool) -> Result<(), ServiceError> {
    if is_revoked {
        Ok(())
    } else {
        Err(transient(0.0))
    }
}

const fn error(kind: Kind, code: Option<u32>, status: u16) -> ServiceError {
    ServiceError {
        kind,
        code,
        status: Some(status),
        retry_after_ms: 0.0,
    }
}
