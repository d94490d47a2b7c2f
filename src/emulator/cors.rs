//! CORS: lets pages of other origins call the service and read the two response headers that a
//! client needs.
//!
//! `x-server-key` is not an allowed request header, because a page must never hold the server key.

use super::reply::Reply;
use super::request::Request;

const ALLOWED_METHODS: &str = "GET, POST, PUT, DELETE";
const ALLOWED_HEADERS: &str = "authorization, content-type, set-access-token-cookie, x-api-key";
const EXPOSED_HEADERS: &str = "date, retry-after";

/// Returns whether the request is a CORS preflight.
pub(super) fn is_preflight(request: &Request) -> bool {
    request.method() == "OPTIONS"
        && request.header("origin").is_some()
        && request.header("access-control-request-method").is_some()
}

/// Returns the reply to a preflight. The reply is the same for every path.
pub(super) fn reply_to_preflight() -> Reply {
    let mut reply = Reply::new(204, "", "");
    reply.set("access-control-allow-methods", ALLOWED_METHODS);
    reply.set("access-control-allow-headers", ALLOWED_HEADERS);
    reply.set("access-control-max-age", "600");
    reply
}

/// Adds the CORS headers that every reply contains.
pub(super) fn add_headers(reply: &mut Reply, request: &Request) {
    // Repeat the origin instead of `*`: the official SDK sends requests with credentials, and for
    // such requests browsers reject `*`.
    match request
        .header("origin")
        .filter(|origin| origin.bytes().all(|b| b.is_ascii_graphic()))
    {
        Some(origin) => {
            reply.set("access-control-allow-origin", origin);
            reply.set("access-control-allow-credentials", "true");
        }
        None => reply.set("access-control-allow-origin", "*"),
    }
    reply.set("access-control-expose-headers", EXPOSED_HEADERS);
    reply.set("vary", "origin");
}
