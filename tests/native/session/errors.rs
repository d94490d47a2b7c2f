//! Errors of the service, as a machine receives them.

use social_plus_auth::protocol::{codes, Kind};
use social_plus_auth::session::{Reason, ServiceError};

/// Returns the error of a request for a session by which the service ends the session.
pub(crate) const fn definite(reason: Reason) -> ServiceError {
    match reason {
        Reason::Unauthorized => error(Kind::Unauthorized, Some(codes::UNAUTHORIZED), 401),
        Reason::GlobalBan => error(Kind::Banned, Some(codes::GLOBAL_BAN), 403),
        Reason::UserDeleted => error(Kind::NotFound, None, 200),
    }
}

/// Returns the error of a verification by which the service ends the session.
pub(crate) const fn terminated(reason: Reason) -> ServiceError {
    match reason {
        Reason::UserDeleted => not_found(),
        _ => definite(reason),
    }
}

/// Returns the error of a verification of a token that the service does not honour.
pub(crate) const fn rejected() -> ServiceError {
    definite(Reason::Unauthorized)
}

/// Returns the error of a service that does not know something.
pub(crate) const fn not_found() -> ServiceError {
    error(Kind::NotFound, Some(codes::NOT_FOUND), 404)
}

/// Returns a transient error, with the pause that the service asks for.
pub(crate) const fn transient(retry_after_ms: f64) -> ServiceError {
    ServiceError {
        retry_after_ms,
        ..error(Kind::Server, None, 503)
    }
}

/// Returns the answer to a revocation.
pub(crate) const fn revocation(is_revoked: bool) -> Result<(), ServiceError> {
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
