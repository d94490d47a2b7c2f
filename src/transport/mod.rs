//! One HTTP request in, one answer out: over `fetch(url, init)`, with a timeout for each attempt, the caller's signal, and retries. Knows no endpoint.
//!
//! `fetch` is called with an address and an init, never with a `Request`: making one costs more than all the rest of a call, and loses what a
//! runtime's own init may carry (`dispatcher`, `client`, `tls`, `cf`). For the same reason gloo-net, whose builder makes a `Request` and whose `send`
//! panics on what a foreign fetch may do, serves in the emulator and not here. A single attempt is JavaScript (exchange.js says why: 2.5 KB brotli
//! and two thirds of the crossings less); what is sent, what an answer means and whether to try again is decided here.

use crate::protocol::{self, limits, Error, Kind, Request, Response, Retry};
use core::cell::Cell;
use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/src/transport/exchange.js")]
extern "C" {
    #[allow(clippy::too_many_arguments)]
    fn exchange(
        fetch: &JsValue,
        url: &str,
        method: &str,
        headers: &str,
        body: Option<&str>,
        signal: &JsValue,
        timeout_ms: f64,
        limit: usize,
        on_event: &JsValue,
        attempt: u32,
    ) -> Promise;
    fn pause(ms: f64, signal: &JsValue, on_event: &JsValue, attempt: u32, kind: &str) -> Promise;
    fn aborted(signal: &JsValue) -> bool;

    /// What `exchange` resolves to, unless it is a number; made there, so its getters cannot throw.
    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfterMs)]
    fn retry_after_ms(this: &Answer) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Answer) -> JsString;
}

/// How the requests of one call are made.
#[derive(Debug)]
pub(crate) struct Call {
    /// The caller's fetch, or undefined.
    fetch: JsValue,
    /// The caller's listener, or undefined.
    on_event: JsValue,
    /// The caller's signal, or undefined.
    signal: JsValue,
    /// For one attempt, in milliseconds.
    timeout_ms: f64,
    retry: Retry,
    /// Requests sent so far.
    attempts: Cell<u32>,
}

impl Call {
    pub(crate) fn new(fetch: JsValue, on_event: JsValue, signal: JsValue, timeout_ms: f64, retry: Retry) -> Self {
        Call { fetch, on_event, signal, timeout_ms, retry, attempts: Cell::new(0) }
    }

    /// Sends until there is an answer that is no failure, or no further attempt is worth it.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response<JsString>, Error> {
        let mut attempt = 0;
        loop {
            if aborted(&self.signal) {
                return Err(Error::new(Kind::Aborted, ABORTED));
            }
            attempt += 1;
            self.attempts.set(self.attempts.get() + 1);
            let answer = read(settled(self.attempt(request, attempt)).await);
            let error = match answer.map(|response| (protocol::failure(request.purpose, &response), response)) {
                Ok((None, response)) => return Ok(response),
                Ok((Some(error), _)) | Err(error) => error,
            };
            let Some(ms) = self.retry.delay(&error, attempt, js_sys::Math::random()) else { return Err(error) };
            settled(pause(ms, &self.signal, &self.on_event, attempt, error.kind.name())).await;
        }
    }

    fn attempt(&self, request: &Request, attempt: u32) -> Promise {
        exchange(
            &self.fetch,
            request.url.expose(),
            request.method,
            request.header_lines().expose(),
            request.body.as_ref().map(|body| body.expose()),
            &self.signal,
            self.timeout_ms,
            limits::BODY_BYTES,
            &self.on_event,
            attempt,
        )
    }

    /// How many requests the call has sent.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.get()
    }
}

/// The promises of exchange.js never reject.
async fn settled(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.unwrap_or_default()
}

/// The answer, or the trouble that exchange.js numbers.
fn read(value: JsValue) -> Result<Response<JsString>, Error> {
    let Some(trouble) = value.as_f64() else {
        let answer: Answer = value.unchecked_into();
        return Ok(Response { status: answer.status(), retry_after_ms: answer.retry_after_ms(), text: answer.text() });
    };
    Err(match trouble as u32 {
        1 => Error::new(Kind::Network, "There was no answer, or it was cut short: check the network, the region or endpoint, and CORS."),
        2 => Error::new(Kind::InvalidResponse, "`fetch` gave something that is no response."),
        3 => Error::new(Kind::InvalidResponse, "The answer is over 1 MiB, so it is not the service's."),
        4 => Error::new(Kind::Timeout, "There was no whole answer within `timeoutMs`."),
        _ => Error::new(Kind::Aborted, ABORTED),
    })
}

const ABORTED: &str = "The call was aborted by its signal.";
