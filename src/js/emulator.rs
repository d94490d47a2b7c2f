//! The wasm boundary of the emulator. gloo-net converts requests and responses, and
//! serde-wasm-bindgen converts options and lists.
//!
//! `pkg-template/shared/emulator.js` wraps [`Emulator`]. The wrapper creates each `Request`, passes
//! a copy of the options, and carries out delays and broken connections.

use crate::emulator::{
    Clock, Emulator as Service, Fault, Misuse, Options, RawFields, Reply, Request,
};
use gloo_net::http::{Headers, Request as Incoming, Response};
use js_sys::{Function, Promise};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{future_to_promise, JsFuture};
use web_sys::AbortSignal;

/// An emulator. Its in-flight requests share its state.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Emulator(Rc<Shared>);

/// The shared state of an emulator. No borrow is held while code of the app runs, so a reentrant
/// call cannot panic.
#[derive(Debug)]
struct Shared {
    service: RefCell<Service>,
    clock: RefCell<Clock>,
    /// The initial time of a frozen clock.
    start: Option<f64>,
    /// The listener that receives each recorded request.
    on_request: Option<Function>,
}

/// The result of handling one request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    /// A `Response`, or `undefined` if the connection breaks before any part of it arrives.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    response: JsValue,
    delay_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncate_at: Option<usize>,
}

/// The TLS options of a server, with the names of `node:tls`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TlsOptions<'a> {
    ca: &'a str,
    cert: &'a str,
    key: &'a str,
    request_cert: bool,
}

/// The fields from which JavaScript creates a `SocialPlusError`.
#[derive(Serialize)]
struct ErrorFields<'a> {
    kind: &'static str,
    operation: &'static str,
    message: &'a str,
}

fn real_now() -> f64 {
    js_sys::Date::now()
}

/// Converts a value to plain objects and arrays, as `JSON.parse` does.
fn to_js(value: &impl Serialize) -> JsValue {
    // Serializing the emulator's own types does not fail.
    value
        .serialize(&Serializer::json_compatible())
        .unwrap_or(JsValue::UNDEFINED)
}

fn create_error(kind: &'static str, operation: &'static str, message: &str) -> JsValue {
    to_js(&ErrorFields {
        kind,
        operation,
        message,
    })
}

/// Returns a function that converts a `Misuse` to [`ErrorFields`].
fn from_misuse(kind: &'static str, operation: &'static str) -> impl Fn(Misuse) -> JsValue {
    move |misuse| create_error(kind, operation, &misuse.to_string())
}

/// Deserializes an object that the caller passed. Replaces the deserializer's errors, because they
/// may contain values of the object.
fn parse_fields(
    value: JsValue,
    kind: &'static str,
    operation: &'static str,
) -> Result<RawFields, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|_| create_error(kind, operation, "Expected an object."))
}

/// Creates the `Response` of a reply. `content-length` states the length of the whole body, even if
/// a fault truncates it later.
fn to_response(reply: &Reply) -> Result<JsValue, JsValue> {
    let headers = Headers::new();
    reply
        .headers
        .iter()
        .for_each(|(name, value)| headers.append(name, value));
    // A 204 or a 304 has no body, so it needs no length.
    if !matches!(reply.status, 204 | 304) {
        headers.set("content-length", &reply.body.len().to_string());
    }
    let body = (!reply.body.is_empty()).then_some(reply.body.as_str());
    let response = Response::builder()
        .status(reply.status)
        .headers(headers)
        .body(body);
    response
        .map(|response| web_sys::Response::from(response).into())
        .map_err(|_| {
            create_error(
                "unsupported",
                "fetch",
                "This engine cannot create a response with the requested status or headers.",
            )
        })
}

impl Shared {
    fn now(&self) -> f64 {
        self.clock.borrow().now(real_now())
    }

    async fn handle(
        &self,
        request: web_sys::Request,
        signal: Option<AbortSignal>,
        certificate: Option<Vec<u8>>,
    ) -> Result<JsValue, JsValue> {
        // gloo-net's own `text` panics if the promise of the body rejects with something other than
        // an `Error`.
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
        self.notify_listener(&reply);
        let response = if reply.dropped {
            JsValue::UNDEFINED
        } else {
            to_response(&reply)?
        };
        Ok(to_js(&Outcome {
            response,
            delay_ms: reply.delay_ms,
            truncate_at: reply.truncate_at,
        }))
    }

    /// Passes the recorded request to the listener and ignores what the listener throws.
    fn notify_listener(&self, reply: &Reply) {
        if let Some((on_request, record)) = self.on_request.as_ref().zip(reply.record.as_ref()) {
            let _ = on_request.call1(&JsValue::UNDEFINED, &to_js(record.as_ref()));
        }
    }
}

#[wasm_bindgen]
impl Emulator {
    /// Creates an emulator. Keys, tokens and ids that the options do not set derive from the seed
    /// in the options or, without a seed, from `entropy`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        options: JsValue,
        on_request: Option<Function>,
        entropy: &[u8],
    ) -> Result<Emulator, JsValue> {
        let fields = parse_fields(options, "config", "createEmulator")?;
        let options = Options::parse(fields).map_err(from_misuse("config", "createEmulator"))?;
        let start = options.now;
        let clock = Clock::new(start);
        let service = RefCell::new(Service::new(options, clock.now(real_now()), entropy));
        Ok(Self(Rc::new(Shared {
            service,
            clock: RefCell::new(clock),
            start,
            on_request,
        })))
    }

    /// Handles a request and resolves to its `Outcome`. Rejects if the body cannot be read, if
    /// `signal` is aborted before the body has arrived, or if the engine cannot create the
    /// response.
    ///
    /// `certificate` is the client's certificate (DER). The promise keeps the emulator alive.
    pub fn handle(
        &self,
        request: web_sys::Request,
        signal: Option<AbortSignal>,
        certificate: Option<Vec<u8>>,
    ) -> Promise {
        let shared = Rc::clone(&self.0);
        future_to_promise(async move { shared.handle(request, signal, certificate).await })
    }

    /// Returns the options for a TLS server of this emulator.
    #[wasm_bindgen(js_name = tlsOptions)]
    pub fn tls_options(&self) -> Result<JsValue, JsValue> {
        let service = self.0.service.borrow();
        let identity = service
            .server_identity()
            .map_err(from_misuse("unsupported", "listen"))?;
        Ok(to_js(&TlsOptions {
            ca: &identity.ca,
            cert: &identity.certificate,
            key: &identity.key,
            request_cert: service.requires_client_certificates(),
        }))
    }

    #[wasm_bindgen(js_name = createCertificate)]
    pub fn create_certificate(&self, request: JsValue) -> Result<String, JsValue> {
        let fields = parse_fields(request, "invalidRequest", "createCertificate")?;
        let now = self.now();
        self.0
            .service
            .borrow_mut()
            .create_certificate(now, fields)
            .map_err(from_misuse("invalidRequest", "createCertificate"))
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
            .map_err(from_misuse("invalidRequest", "clock.advance"))
    }

    pub fn set(&self, epoch_ms: f64) -> Result<(), JsValue> {
        self.0
            .clock
            .borrow_mut()
            .set(epoch_ms, real_now())
            .map_err(from_misuse("invalidRequest", "clock.set"))
    }

    #[wasm_bindgen(js_name = addFault)]
    pub fn add_fault(&self, fault: JsValue) -> Result<(), JsValue> {
        let fields = parse_fields(fault, "invalidRequest", "faults.add")?;
        let fault = Fault::parse(fields).map_err(from_misuse("invalidRequest", "faults.add"))?;
        self.0.service.borrow_mut().add_fault(fault);
        Ok(())
    }

    #[wasm_bindgen(js_name = clearFaults)]
    pub fn clear_faults(&self) {
        self.0.service.borrow_mut().clear_faults();
    }

    pub fn requests(&self) -> JsValue {
        let requests = self.0.service.borrow().requests();
        to_js(&requests)
    }

    pub fn users(&self) -> JsValue {
        let users = self.0.service.borrow().users();
        to_js(&users)
    }

    pub fn sessions(&self) -> JsValue {
        let now = self.now();
        let sessions = self.0.service.borrow().sessions(now);
        to_js(&sessions)
    }

    #[wasm_bindgen(js_name = banUser)]
    pub fn ban_user(&self, user_id: &str) -> Result<(), JsValue> {
        check_found(
            self.0.service.borrow_mut().set_banned(user_id, true),
            "banUser",
        )
    }

    #[wasm_bindgen(js_name = unbanUser)]
    pub fn unban_user(&self, user_id: &str) -> Result<(), JsValue> {
        check_found(
            self.0.service.borrow_mut().set_banned(user_id, false),
            "unbanUser",
        )
    }

    #[wasm_bindgen(js_name = deleteUser)]
    pub fn delete_user(&self, user_id: &str) -> Result<(), JsValue> {
        check_found(
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

/// Returns a `notFound` error unless the user exists.
fn check_found(found: bool, operation: &'static str) -> Result<(), JsValue> {
    if found {
        Ok(())
    } else {
        Err(create_error(
            "notFound",
            operation,
            "No user has this `userId`. A user is created by its first session.",
        ))
    }
}
