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
    ) -> Promise;
    fn pause(ms: f64, signal: &JsValue) -> Promise;
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

#[wasm_bindgen(module = "/src/transport/event.js")]
extern "C" {
    fn report(listener: &JsValue, name: &str, attempt: u32, status: Option<u16>, duration_ms: Option<f64>, detail: Option<&str>);
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
            self.report("attempt", attempt, None, None, None);
            let started = js_sys::Date::now();
            let outcome = read(settled(self.attempt(request)).await);
            if let Ok(response) = &outcome {
                self.report("response", attempt, Some(response.status), Some(js_sys::Date::now() - started), None);
            }
            let error = match outcome.map(|response| (protocol::failure(request.purpose, &response), response)) {
                Ok((None, response)) => return Ok(response),
                Ok((Some(error), _)) | Err(error) => error,
            };
            let Some(ms) = self.retry.delay(&error, attempt, js_sys::Math::random()) else { return Err(error) };
            self.report("retry", attempt, None, Some(ms), Some(error.kind));
            settled(pause(ms, &self.signal)).await;
        }
    }

    fn attempt(&self, request: &Request) -> Promise {
        exchange(
            &self.fetch,
            request.url.expose(),
            request.method,
            request.header_lines().expose(),
            request.body.as_ref().map(|body| body.expose()),
            &self.signal,
            self.timeout_ms,
            limits::BODY_BYTES,
        )
    }

    /// Tells an error that ends the call how many requests it took, and the listener of the error.
    pub(crate) fn failed(&self, error: &mut Error) {
        error.attempts = self.attempts.get();
        self.report("error", error.attempts, error.status, None, Some(error.kind));
    }

    fn report(&self, name: &str, attempt: u32, status: Option<u16>, duration_ms: Option<f64>, detail: Option<Kind>) {
        if !self.on_event.is_undefined() {
            report(&self.on_event, name, attempt, status, duration_ms, detail.map(Kind::name));
        }
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
