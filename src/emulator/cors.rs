//! CORS: lets pages of loopback origins, and of origins in the options, call the service and read
//! the two response headers that a client needs.
//!
//! The real service allows every origin. The emulator does not: keys that derive from a seed are
//! predictable, so any page that the developer opens could administer the emulator with them.
//!
//! `x-server-key` is not an allowed request header, because a page must never hold the server key.

use super::reply::Reply;
use super::request::Request;
use crate::protocol::service::{is_loopback, parse_host};

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

/// Returns whether an `Origin` is `http://` or `https://` with a loopback host, perhaps with a
/// port.
fn is_loopback_origin(origin: &str) -> bool {
    let authority = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))
        .filter(|authority| !authority.contains('/') && !authority.ends_with(':'));
    authority
        .and_then(|authority| parse_host(authority.as_bytes()))
        .is_some_and(|host| is_loopback(host) || host.ends_with(b".localhost"))
}

/// Adds the CORS headers that every reply to an allowed origin contains, and `vary` to all replies.
pub(super) fn add_headers(reply: &mut Reply, request: &Request, allow_origins: &[String]) {
    reply.set("vary", "origin");
    let allowed = request
        .header("origin")
        .filter(|origin| is_loopback_origin(origin) || allow_origins.iter().any(|o| o == origin));
    // Repeat the origin instead of `*`: the official SDK sends requests with credentials, and for
    // such requests browsers reject `*`.
    if let Some(origin) = allowed {
        reply.set("access-control-allow-origin", origin);
        reply.set("access-control-allow-credentials", "true");
        reply.set("access-control-expose-headers", EXPOSED_HEADERS);
    }
}
