//! The service's refusals, each with exactly the body and the status that the contract gives.

use super::guests::UserType;
use super::message::Reply;
use crate::protocol::codes;
use serde::Serialize;

pub(super) const JSON: &str = "application/json; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// The shape of every refusal but one, its fields in the service's order.
#[derive(Serialize)]
struct Failure<'a> {
    status: &'static str,
    code: u32,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    detail: &'a [String],
}

fn error(status: u16, code: u32, message: &str) -> Reply {
    Reply::json(
        status,
        &Failure {
            status: "error",
            code,
            message,
            data: None,
        },
    )
}

/// The API key, the auth token or the access token is missing, unknown or at its end.
pub(super) fn unauthorized() -> Reply {
    admin_unauthorized("Unauthorized")
}

/// An administrator's token is: the message tells more than a user's does.
pub(super) fn admin_unauthorized(message: &str) -> Reply {
    error(401, codes::UNAUTHORIZED, message)
}

/// The server key is wrong: the one refusal that is no JSON.
pub(super) fn server_key() -> Reply {
    Reply::new(401, TEXT, "Unauthorized")
}

/// A mode is off where it is needed, or secure mode is on and no auth token came.
pub(super) fn forbidden() -> Reply {
    error(403, codes::FORBIDDEN, "Forbidden error.")
}

/// The token is good, and not for this.
pub(super) fn permission_denied() -> Reply {
    error(403, codes::PERMISSION_DENIED, "Permission denied.")
}

/// Visitors and bots read only.
pub(super) fn read_only(user_type: UserType) -> Reply {
    let [code, _] = if user_type == UserType::Bot {
        codes::BOT
    } else {
        codes::VISITOR
    };
    error(403, code, "Not permitted: visitors and bots read only.")
}

/// Visitors and bots have read as much today as they may.
pub(super) fn quota() -> Reply {
    error(403, codes::QUOTA, "The daily quota is used up.")
}

/// The user is globally banned.
pub(super) fn banned() -> Reply {
    error(403, codes::GLOBAL_BAN, "User is global banned.")
}

/// No such user, administrator or path.
pub(super) fn not_found(what: &str) -> Reply {
    error(404, codes::NOT_FOUND, &format!("{what} Not Found."))
}

/// The body is no JSON object.
pub(super) fn bad_request() -> Reply {
    error(400, codes::BAD_REQUEST, "Bad request.")
}

/// The body is larger than the service reads.
pub(super) fn too_large() -> Reply {
    error(413, codes::BAD_REQUEST, "Bad request.")
}

/// More calls of one user than are allowed; good again after so many seconds.
pub(super) fn rate_limit(retry_after_seconds: f64) -> Reply {
    let mut reply = error(429, codes::RATE_LIMIT, "RateLimit Exceed.");
    reply.set("retry-after", retry_after_seconds.to_string());
    reply
}

/// Parameters are refused; each line of the detail names one and never repeats its value. The
/// status is 422, or 500 in the oldest calls.
pub(super) fn parameters(status: u16, detail: &[String]) -> Reply {
    let failure = Failure {
        status: "error",
        code: codes::BUSINESS,
        message: "Parameters validation error!",
        data: Some(Detail { detail }),
    };
    Reply::json(status, &failure)
}
