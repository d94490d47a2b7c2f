//! The service's error replies, with the statuses and codes of the contract.

use super::guests::UserType;
use super::reply::{Reply, TEXT};
use crate::protocol::codes;
use serde::Serialize;

/// The JSON body of an error. The order of the fields is that of the service.
#[derive(Serialize)]
struct ErrorBody<'a> {
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

fn reply_with_error(status: u16, code: u32, message: &str) -> Reply {
    Reply::json(
        status,
        &ErrorBody {
            status: "error",
            code,
            message,
            data: None,
        },
    )
}

/// Replies that an API key, a token or a visitor signature is missing or invalid. A missing auth
/// token gets the reply [`forbidden`] instead.
pub(super) fn unauthorized() -> Reply {
    admin_unauthorized("Unauthorized")
}

/// Replies that an admin token is unknown, revoked or expired. `message` distinguishes an expired
/// token from the others.
pub(super) fn admin_unauthorized(message: &str) -> Reply {
    reply_with_error(401, codes::UNAUTHORIZED, message)
}

/// Replies that the server key is missing, wrong or expired. This is the only error in plain text.
pub(super) fn wrong_server_key() -> Reply {
    Reply::new(401, TEXT, "Unauthorized")
}

/// Replies that a required mode is off, or that secure mode is on and the auth token is missing.
pub(super) fn forbidden() -> Reply {
    reply_with_error(403, codes::FORBIDDEN, "Forbidden error.")
}

/// Replies that the token is valid but lacks the permission.
pub(super) fn permission_denied() -> Reply {
    reply_with_error(403, codes::PERMISSION_DENIED, "Permission denied.")
}

/// Replies that a visitor or bot has tried to do more than read.
pub(super) fn read_only(user_type: UserType) -> Reply {
    let [code, _] = if user_type == UserType::Bot {
        codes::BOT
    } else {
        codes::VISITOR
    };
    reply_with_error(403, code, "Not permitted: visitors and bots read only.")
}

/// Replies that visitors and bots have used up their daily quota of reads.
pub(super) fn quota_exceeded() -> Reply {
    reply_with_error(403, codes::QUOTA, "The daily quota is used up.")
}

/// Replies that the user is globally banned.
pub(super) fn banned() -> Reply {
    reply_with_error(403, codes::GLOBAL_BAN, "User is global banned.")
}

/// Replies that a user, admin or path does not exist.
pub(super) fn not_found(what: &str) -> Reply {
    reply_with_error(404, codes::NOT_FOUND, &format!("{what} Not Found."))
}

/// Replies that the body is not a JSON object.
pub(super) fn bad_request() -> Reply {
    reply_with_error(400, codes::BAD_REQUEST, "Bad request.")
}

/// Replies that the body exceeds the limit.
pub(super) fn too_large() -> Reply {
    reply_with_error(413, codes::BAD_REQUEST, "Bad request.")
}

/// Replies that a user has made too many calls and may call again after `retry_after_seconds`.
pub(super) fn rate_limited(retry_after_seconds: f64) -> Reply {
    let mut reply = reply_with_error(429, codes::RATE_LIMIT, "RateLimit Exceed.");
    reply.set("retry-after", retry_after_seconds.to_string());
    reply
}

/// Replies that parameters are invalid. Each line of `detail` names one parameter and never
/// contains its value. The status is 422, or 500 for the v3 auth-token call.
pub(super) fn invalid_parameters(status: u16, detail: &[String]) -> Reply {
    let body = ErrorBody {
        status: "error",
        code: codes::BUSINESS,
        message: "Parameters validation error!",
        data: Some(Detail { detail }),
    };
    Reply::json(status, &body)
}
