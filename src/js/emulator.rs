//! The emulator for JavaScript: requests and responses through gloo-net, options and lists through
//! serde-wasm-bindgen. The JavaScript around it (`pkg-template/shared/emulator.js`) makes the
//! `Request`, hands over copies of options, and carries out delays and broken connections.

use crate::emulator::{Clock, Emulator as Service, Fault, Given, Misuse, Options, Reply, Request};
use gloo_net::http::{Headers, Request as Incoming, Response};
use js_sys::{Function, Promise};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, JsFuture};
use web_sys::AbortSignal;

/// One emulator with its clock, shared with the requests that are under way.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Emulator(Rc<Emulated>);

/// Everything is borrowed for as long as Rust runs and never while JavaScript does, so that no call
/// meets another.
#[derive(Debug)]
struct Emulated {
    service: RefCell<Service>,
    clock: RefCell<Clock>,
    start: Option<f64>,
    /// Told of every request.
    on_request: Option<Function>,
}

/// What one request comes to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    /// A `Response`, or `undefined` if the connection breaks.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    response: JsValue,
    delay_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate_at: Option<usize>,
}

/// Options of `node:https`, by its names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    ca: &'a str,
    cert: &'a str,
    key: &'a str,
    request_cert: bool,
}

/// The fields of a `SocialPlusError`.
#[derive(Serialize)]
struct Refusal<'a> {
    kind: &'static str,
    operation: &'static str,
    message: &'a str,
}

fn real_now() -> f64 {
    js_sys::Date::now()
}

/// As plain objects and arrays, as `JSON.parse` would make them.
fn out(value: &impl Serialize) -> JsValue {
    // Our own structures have nothing that cannot be written.
    value
        .serialize(&Serializer::json_compatible())
        .unwrap_or(JsValue::UNDEFINED)
}

fn refusal(kind: &'static str, operation: &'static str, message: &str) -> JsValue {
    out(&Refusal {
        kind,
        operation,
        message,
    })
}

fn misuse(kind: &'static str, operation: &'static str) -> impl Fn(Misuse) -> JsValue {
    move |misuse| refusal(kind, operation, &misuse.to_string())
}

/// An options object. Errors of the deserializer repeat values, so that none of them is passed on.
fn given(value: JsValue, kind: &'static str, operation: &'static str) -> Result<Given, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|_| refusal(kind, operation, "An object is needed."))
}

/// The response to send, its length that of the whole body.
fn response(reply: &Reply) -> Result<JsValue, JsValue> {
    let headers = Headers::new();
    reply
        .headers
        .iter()
        .for_each(|(name, value)| headers.append(name, value));
    // 204 and 304 must not have it.
    if !matches!(reply.status, 204 | 304) {
        headers.set("content-length", &reply.body.len().to_string());
    }
    let body = (!reply.body.is_empty()).then_some(reply.body.as_str());
    let response = Response::builder()
        .status(reply.status)
        .headers(headers)
        .body(body);
    let failed = |_| {
        refusal(
            "unsupported",
            "fetch",
            "This engine cannot make such a response.",
        )
    };
    response
        .map(|response| web_sys::Response::from(response).into())
        .map_err(failed)
}

impl Emulated {
    fn now(&self) -> f64 {
        self.clock.borrow().now(real_now())
    }

    async fn handle(
        &self,
        request: web_sys::Request,
        signal: Option<AbortSignal>,
        certificate: Option<Vec<u8>>,
    ) -> Result<JsValue, JsValue> {
        // Not gloo-net's own reading, which would not survive a body that fails with something
        // other than an `Error`.
        let body = JsFuture::from(request.text()?)
            .await?
            .as_string()
            .unwrap_or_default();
        if let Some(signal) = signal.filter(AbortSignal::aborted) {
            return Err(signal.reason());
        }
        let incoming = Incoming::from(request);
        let request = Request::new(
            incoming.method().as_str(),
            &incoming.url(),
            incoming.headers().entries(),
            body,
        )
        .with_certificate(certificate);
        let now = self.now();
        let reply = self.service.borrow_mut().handle(now, &request);
        self.tell(&reply);
        let response = if reply.dropped {
            JsValue::UNDEFINED
        } else {
            response(&reply)?
        };
        Ok(out(&Outcome {
            response,
            delay_ms: reply.delay_ms,
            truncate_at: reply.truncate_at,
        }))
    }

    /// Tells the listener, if there is one, of the request that was answered so. What it throws is
    /// its own affair.
    fn tell(&self, reply: &Reply) {
        if let Some((on_request, record)) = self.on_request.as_ref().zip(reply.record.as_ref()) {
            let _ = on_request.call1(&JsValue::UNDEFINED, &out(record.as_ref()));
        }
    }
}

#[wasm_bindgen]
impl Emulator {
    /// `entropy` decides keys, tokens and ids, unless there is a seed.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: JsValue,
        on_request: Option<Function>,
        entropy: &[u8],
    ) -> Result<Emulator, JsValue> {
        let options = given(options, "config", "createEmulator")
            .and_then(|given| Options::read(given).map_err(misuse("config", "createEmulator")))?;
        let start = options.now;
        let clock = Clock::new(start);
        let service = RefCell::new(Service::new(options, clock.now(real_now()), entropy));
        Ok(Self(Rc::new(Emulated {
            service,
            clock: RefCell::new(clock),
            start,
            on_request,
        })))
    }

    /// Answers a request, unless its caller has given up by the time its body is there.
    /// `certificate` is what the client showed, as DER. The promise keeps the emulator alive by
    /// itself.
    pub fn handle(
        &self,
        request: web_sys::Request,
        signal: Option<AbortSignal>,
        certificate: Option<Vec<u8>>,
    ) -> Promise {
        let emulated = Rc::clone(&self.0);
        future_to_promise(async move { emulated.handle(request, signal, certificate).await })
    }

    /// What a TLS server of this emulator is set up with.
    pub fn identity(&self) -> Result<JsValue, JsValue> {
        let service = self.0.service.borrow();
        let identity = service
            .server_identity()
            .map_err(misuse("unsupported", "listen"))?;
        Ok(out(&Identity {
            ca: &identity.ca,
            cert: &identity.certificate,
            key: &identity.key,
            request_cert: service.asks_for_certificates(),
        }))
    }

    #[wasm_bindgen(js_name = createCertificate)]
    pub fn create_certificate(&self, request: JsValue) -> Result<String, JsValue> {
        let given = given(request, "invalidRequest", "createCertificate")?;
        let now = self.now();
        self.0
            .service
            .borrow_mut()
            .create_certificate(now, given)
            .map_err(misuse("invalidRequest", "createCertificate"))
    }

    #[wasm_bindgen(getter, js_name = apiKey)]
    pub fn api_key(&self) -> String {
        self.0.service.borrow().api_key().to_owned()
    }

    #[wasm_bindgen(getter, js_name = serverKey)]
    pub fn server_key(&self) -> String {
        self.0.service.borrow().server_key().to_owned()
    }

    #[wasm_bindgen(getter, js_name = adminToken)]
    pub fn admin_token(&self) -> String {
        self.0.service.borrow().admin_token().to_owned()
    }

    #[wasm_bindgen(getter, js_name = visitorSecret)]
    pub fn visitor_secret(&self) -> String {
        self.0.service.borrow().visitor_secret().to_owned()
    }

    pub fn now(&self) -> f64 {
        self.0.now()
    }

    pub fn advance(&self, ms: f64) -> Result<(), JsValue> {
        self.0
            .clock
            .borrow_mut()
            .advance(ms, real_now())
            .map_err(misuse("invalidRequest", "clock.advance"))
    }

    pub fn set(&self, epoch_ms: f64) -> Result<(), JsValue> {
        self.0
            .clock
            .borrow_mut()
            .set(epoch_ms, real_now())
            .map_err(misuse("invalidRequest", "clock.set"))
    }

    #[wasm_bindgen(js_name = addFault)]
    pub fn add_fault(&self, fault: JsValue) -> Result<(), JsValue> {
        let given = given(fault, "invalidRequest", "faults.add")?;
        let fault = Fault::read(given).map_err(misuse("invalidRequest", "faults.add"))?;
        self.0.service.borrow_mut().add_fault(fault);
        Ok(())
    }

    #[wasm_bindgen(js_name = clearFaults)]
    pub fn clear_faults(&self) {
        self.0.service.borrow_mut().clear_faults();
    }

    pub fn requests(&self) -> JsValue {
        let requests = self.0.service.borrow().requests();
        out(&requests)
    }

    pub fn users(&self) -> JsValue {
        let users = self.0.service.borrow().users();
        out(&users)
    }

    pub fn sessions(&self) -> JsValue {
        let now = self.now();
        let sessions = self.0.service.borrow().sessions(now);
        out(&sessions)
    }

    #[wasm_bindgen(js_name = banUser)]
    pub fn ban_user(&self, user_id: &str) -> Result<(), JsValue> {
        found(
            self.0.service.borrow_mut().set_banned(user_id, true),
            "banUser",
        )
    }

    #[wasm_bindgen(js_name = unbanUser)]
    pub fn unban_user(&self, user_id: &str) -> Result<(), JsValue> {
        found(
            self.0.service.borrow_mut().set_banned(user_id, false),
            "unbanUser",
        )
    }

    #[wasm_bindgen(js_name = deleteUser)]
    pub fn delete_user(&self, user_id: &str) -> Result<(), JsValue> {
        found(
            self.0.service.borrow_mut().delete_user(user_id),
            "deleteUser",
        )
    }

    #[wasm_bindgen(js_name = setSecureMode)]
    pub fn set_secure_mode(&self, enabled: bool) {
        self.0.service.borrow_mut().set_secure_mode(enabled);
    }

    pub fn reset(&self) {
        self.0.service.borrow_mut().reset();
        *self.0.clock.borrow_mut() = Clock::new(self.0.start);
    }
}

fn found(found: bool, operation: &'static str) -> Result<(), JsValue> {
    if found {
        Ok(())
    } else {
        Err(refusal(
            "notFound",
            operation,
            "No user has this `userId`: users are made by their first session.",
        ))
    }
}
