//! One HTTP request in, one answer out: over `fetch(url, init)`, with a timeout for each attempt, the caller's signal, and retries. Knows no endpoint.
//!
//! `fetch` is called with an address and an init, never with a `Request`: making one costs more than all the rest of a call, and loses what a
//! runtime's own init may carry (`dispatcher`, `client`, `tls`, `cf`). For the same reason gloo-net, whose builder makes a `Request` and whose `send`
//! panics on what a foreign fetch may do, serves in the emulator and not here.

mod interrupt;

use crate::protocol::{self, limits, Error, Kind, Request, Response, Retry};
use alloc::string::String;
use interrupt::{Cause, Interrupt};
use js_sys::{Function, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

#[wasm_bindgen(module = "/src/transport/exchange.js")]
extern "C" {
    fn exchange(fetch: &JsValue, url: &str, method: &str, headers: &str, body: Option<&str>, signal: &AbortSignal, limit: usize)
        -> Promise;

    /// What `exchange` resolves to, unless it is a number; made there, so its getters cannot throw.
    type Answer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Answer) -> u16;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Answer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Answer) -> JsString;
}

#[wasm_bindgen(module = "/src/transport/event.js")]
extern "C" {
    fn report(
        listener: &Function,
        name: &str,
        operation: &str,
        attempt: u32,
        status: Option<u16>,
        duration_ms: Option<f64>,
        detail: Option<&str>,
    );
}

/// How the requests of one call are made.
#[derive(Debug)]
pub(crate) struct Call {
    /// The call, by its JavaScript name.
    pub(crate) operation: &'static str,
    /// The caller's fetch, or undefined.
    pub(crate) fetch: JsValue,
    /// For one attempt, in milliseconds.
    pub(crate) timeout_ms: f64,
    /// How often, how far apart.
    pub(crate) retry: Retry,
    /// The caller's listener.
    pub(crate) on_event: Option<Function>,
    /// The caller's signal, or undefined.
    pub(crate) signal: JsValue,
}

impl Call {
    /// Sends until there is an answer that is no failure, or no further attempt is worth it.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response<JsString>, Error> {
        let interrupt = Interrupt::new(&self.signal)?;
        let mut attempts = 0;
        loop {
            if interrupt.is_aborted() {
                return Err(Error { attempts, ..aborted() });
            }
            attempts += 1;
            self.report("attempt", attempts, None, None, None);
            let started = js_sys::Date::now();
            let outcome = self.attempt(request, &interrupt).await;
            let now = js_sys::Date::now();
            let failure = match outcome {
                Ok(response) => {
                    self.report("response", attempts, Some(response.status), Some(now - started), None);
                    match protocol::failure(request.purpose, &response, now) {
                        None => return Ok(response),
                        Some(error) => error,
                    }
                }
                Err(error) => error,
            };
            let error = Error { attempts, ..failure };
            let Some(ms) = self.retry.delay(&error, attempts, js_sys::Math::random()) else { return Err(error) };
            self.report("retry", attempts, None, Some(ms), Some(error.kind));
            let _ = interrupt.race(None, ms).await;
        }
    }

    /// Tells the caller's listener, if there is one.
    pub(crate) fn report(&self, name: &str, attempt: u32, status: Option<u16>, duration_ms: Option<f64>, detail: Option<Kind>) {
        if let Some(listener) = &self.on_event {
            report(listener, name, self.operation, attempt, status, duration_ms, detail.map(Kind::name));
        }
    }

    async fn attempt(&self, request: &Request, interrupt: &Interrupt) -> Result<Response<JsString>, Error> {
        let controller =
            AbortController::new().map_err(|_| Error::new(Kind::Unsupported, "This JavaScript engine has no AbortController."))?;
        let headers = request.header_lines();
        let body = request.body.as_ref().map(|body| body.expose());
        let signal = controller.signal();
        let promise = exchange(&self.fetch, request.url.expose(), request.method, headers.expose(), body, &signal, limits::BODY_BYTES);
        match interrupt.race(Some(JsFuture::from(promise)), self.timeout_ms).await {
            Ok(value) => read(value),
            Err(cause) => {
                controller.abort();
                Err(match cause {
                    Cause::Elapsed => Error::new(Kind::Timeout, "There was no whole answer within `timeoutMs`."),
                    Cause::Aborted => aborted(),
                })
            }
        }
    }
}

/// The answer, or the trouble that exchange.js numbers.
fn read(value: JsValue) -> Result<Response<JsString>, Error> {
    match value.as_f64() {
        None => {
            let answer: Answer = value.unchecked_into();
            Ok(Response { status: answer.status(), retry_after: answer.retry_after(), text: answer.text() })
        }
        Some(1.0) => {
            Err(Error::new(Kind::Network, "There was no answer, or it was cut short: check the network, the region or endpoint, and CORS."))
        }
        Some(2.0) => Err(Error::new(Kind::InvalidResponse, "`fetch` gave something that is no response.")),
        Some(_) => Err(Error::new(Kind::InvalidResponse, "The answer is over 1 MiB, so it is not the service's.")),
    }
}

fn aborted() -> Error {
    Error::new(Kind::Aborted, "The call was aborted by its signal.")
}
