//! The default transport on wasm32. It calls the global `fetch`; gloo-net builds the requests.

use super::retry::to_milliseconds;
use super::{Secret, Transport, TransportError, MAX_RESPONSE_BYTES};
use gloo_net::http::{Headers, RequestBuilder};
use http::header::RETRY_AFTER;
use http::Method;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStream, ReadableStreamDefaultReader, RequestRedirect, Response,
};

/// Sends requests with the global `fetch`, in pages, workers and other JavaScript runtimes.
///
/// ```
/// # #[cfg(target_arch = "wasm32")] {
/// use social_plus_auth::client::{Client, Fetch, Region};
/// let client = Client::builder(Region::Eu, "api-key").transport(Fetch).build()?;
/// # }
/// # Ok::<(), social_plus_auth::client::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Fetch;

#[wasm_bindgen]
extern "C" {
    // gloo-net's own `send` panics if `fetch` rejects with a value that is not an `Error`, or
    // resolves to a value that is not a `Response`.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(request: &web_sys::Request) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(callback: &Function, milliseconds: f64) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;
}

impl Transport for Fetch {
    async fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let controller = AbortController::new().map_err(|_| TransportError::Network)?;
        let abort = AbortOnDrop(controller);
        let request = to_js(&request, &abort.0)?;
        let promise = global_fetch(&request).map_err(|error| classify(&error))?;
        let response = JsFuture::from(Promise::resolve(&promise))
            .await
            .map_err(|error| classify(&error))?;
        read(
            response
                .dyn_into()
                .map_err(|_| TransportError::InvalidResponse)?,
        )
        .await
    }

    async fn sleep(&self, duration: Duration) {
        let mut timer = ClearOnDrop(JsValue::UNDEFINED);
        let promise = Promise::new(&mut |resolve, _| {
            // If `setTimeout` throws, the promise stays pending: an attempt then never times out,
            // and a retry never starts.
            timer.0 = set_timeout(&resolve, to_milliseconds(duration)).unwrap_or_default();
        });
        // The promise never rejects.
        let _ = JsFuture::from(promise).await;
    }
}

/// Aborts the request when its future is dropped. An abort after the end of the response has no
/// effect.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Clears a timer when its future is dropped. Clearing a timer that has fired has no effect.
struct ClearOnDrop(JsValue);

impl Drop for ClearOnDrop {
    fn drop(&mut self) {
        let _ = clear_timeout(&self.0);
    }
}

/// Converts a request. `Headers.set` accepts the header values because they are printable ASCII.
/// For other text it would throw an error that repeats the value.
fn to_js(
    request: &http::Request<Option<Secret>>,
    controller: &AbortController,
) -> Result<web_sys::Request, TransportError> {
    let headers = Headers::new();
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| TransportError::Network)?;
        headers.set(name.as_str(), value);
    }
    let builder = RequestBuilder::new(&request.uri().to_string())
        .method(request.method().clone())
        .headers(headers)
        .redirect(RequestRedirect::Manual)
        .abort_signal(Some(&controller.signal()));
    let request = match request.body() {
        Some(body) if *request.method() != Method::GET => builder.body(body.expose()),
        _ => builder.build(),
    };
    request
        .map(web_sys::Request::from)
        .map_err(|_| TransportError::Network)
}

async fn read(response: Response) -> Result<http::Response<Vec<u8>>, TransportError> {
    let status = response.status();
    if status == 0 {
        return Err(TransportError::Redirect);
    }
    let body = match response.body() {
        Some(stream) => read_stream(&stream).await?,
        None => Vec::new(),
    };
    let mut builder = http::Response::builder().status(status);
    let headers = gloo_net::http::Response::from(response).headers();
    if let Some(value) = headers.get(RETRY_AFTER.as_str()) {
        builder = builder.header(RETRY_AFTER, value);
    }
    builder
        .body(body)
        .map_err(|_| TransportError::InvalidResponse)
}

async fn read_stream(stream: &ReadableStream) -> Result<Vec<u8>, TransportError> {
    if stream.locked() {
        return Err(TransportError::InvalidResponse);
    }
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut body = Vec::new();
    loop {
        let result = JsFuture::from(reader.read())
            .await
            .map_err(|_| TransportError::Network)?;
        let field = |name: &str| {
            Reflect::get(&result, &name.into()).map_err(|_| TransportError::InvalidResponse)
        };
        if field("done")?.is_truthy() {
            return Ok(body);
        }
        let chunk: Uint8Array = field("value")?
            .dyn_into()
            .map_err(|_| TransportError::InvalidResponse)?;
        let length = usize::try_from(chunk.length()).unwrap_or(usize::MAX);
        // The caller drops `AbortOnDrop`, which cancels the rest of the stream.
        if length > MAX_RESPONSE_BYTES - body.len() {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk.to_vec());
    }
}

/// Classifies an error of `fetch` by its text. The result omits the text, which may repeat a
/// header's value.
fn classify(error: &JsValue) -> TransportError {
    const CONNECTION_CLOSED: [&str; 5] = [
        "connection lost",
        "connection closed",
        "connection was closed",
        "handshake",
        "econnreset",
    ];
    let message = error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()).to_ascii_lowercase())
        .unwrap_or_default();
    if CONNECTION_CLOSED
        .iter()
        .any(|words| message.contains(words))
    {
        TransportError::ConnectionClosed
    } else {
        TransportError::Network
    }
}
