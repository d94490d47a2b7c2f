//! What lets a page of another origin call the service, and read the two headers that a client
//! needs. `x-server-key` is not among the headers that a browser may send: a page must not hold
//! that key.

use super::message::{Reply, Request};

const ALLOWED_METHODS: &str = "GET, POST, PUT, DELETE";
const ALLOWED_HEADERS: &str = "authorization, content-type, set-access-token-cookie, x-api-key";
const EXPOSED_HEADERS: &str = "date, retry-after";

/// Whether a browser asks for leave before it sends the request proper.
pub(super) fn is_preflight(request: &Request) -> bool {
    request.method() == "OPTIONS"
        && request.header("origin").is_some()
        && request.header("access-control-request-method").is_some()
}

/// The answer to such a question. It is the same for every path, as it is at the service's door.
pub(super) fn preflight() -> Reply {
    let mut reply = Reply::new(204, "", "");
    reply.set("access-control-allow-methods", ALLOWED_METHODS);
    reply.set("access-control-allow-headers", ALLOWED_HEADERS);
    reply.set("access-control-max-age", "600");
    reply
}

/// What every answer carries.
pub(super) fn mark(reply: &mut Reply, request: &Request) {
    // The origin itself rather than `*`: the official SDK asks for a cookie, and a request with
    // credentials may not be answered with `*`.
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
