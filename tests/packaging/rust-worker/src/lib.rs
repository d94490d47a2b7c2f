//! A Cloudflare worker in Rust. It mints auth tokens and creates sessions for a page of the same
//! origin.

use serde_json::json;
use social_plus_auth::client::{Edge, Endpoint, Error, Secret, SessionRequest};
use social_plus_auth::client::{Transport, TransportError};
use std::time::Duration;
use worker::wasm_bindgen::JsValue;
use worker::{event, AbortController, Context, Delay, Env, Fetch, Headers, Method, Request};
use worker::{RequestInit, RequestRedirect, Response};

/// The user of every request. A real app would authenticate the user instead.
const USER: &str = "ada";

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> worker::Result<Response> {
    let endpoint = Endpoint::url(env.var("ENDPOINT")?.to_string());
    let server_key = env.secret("SERVER_KEY")?.to_string();
    let api_key = env.secret("API_KEY")?.to_string();
    let edge = Edge::builder(endpoint, server_key)
        .api_key(api_key)
        .transport(WorkerFetch)
        .build();
    let edge = match edge {
        Ok(edge) => edge,
        Err(error) => return respond_with_error(&error),
    };
    match request.path().as_str() {
        "/auth/token" => match edge.create_auth_token(USER).await {
            Ok(token) => Response::from_json(&token),
            Err(error) => respond_with_error(&error),
        },
        "/auth/session" => {
            let request = SessionRequest::new(USER, "worker-device");
            match edge.exchange_session(&request).await {
                Ok(session) => Response::from_json(&session),
                Err(error) => respond_with_error(&error),
            }
        }
        _ => Response::error("Not found", 404),
    }
}

fn respond_with_error(error: &Error) -> worker::Result<Response> {
    let body = json!({
        "kind": error.kind().name(),
        "operation": error.operation(),
        "attempts": error.attempts(),
    });
    Ok(Response::from_json(&body)?.with_status(502))
}

/// Sends requests with the worker's own `fetch`.
struct WorkerFetch;

impl Transport for WorkerFetch {
    async fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let controller = AbortOnDrop(Some(AbortController::default()));
        let signal = controller.0.as_ref().map(AbortController::signal);
        let fetch =
            Fetch::Request(to_worker_request(request).map_err(|_| TransportError::Network)?);
        let response = match signal {
            Some(signal) => fetch.send_with_signal(&signal).await,
            None => fetch.send().await,
        };
        let mut response = response.map_err(|_| TransportError::Network)?;
        let mut answer = http::Response::builder().status(response.status_code());
        if let Ok(Some(value)) = response.headers().get("retry-after") {
            answer = answer.header("retry-after", value);
        }
        let body = response
            .bytes()
            .await
            .map_err(|_| TransportError::Network)?;
        answer
            .body(body)
            .map_err(|_| TransportError::InvalidResponse)
    }

    async fn sleep(&self, duration: Duration) {
        Delay::from(duration).await;
    }
}

fn to_worker_request(request: http::Request<Option<Secret>>) -> worker::Result<Request> {
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method().to_string()))
        .with_headers(Headers::from(request.headers()))
        .with_redirect(RequestRedirect::Manual);
    if let Some(body) = request.body() {
        init.with_body(Some(JsValue::from_str(body.expose())));
    }
    Request::new_with_init(&request.uri().to_string(), &init)
}

/// Aborts the request when its future is dropped.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}
