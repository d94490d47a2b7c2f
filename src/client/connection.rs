//! Sends the requests of a call, with a timeout for each attempt and with retries.

use super::retry::{to_duration, to_milliseconds};
use super::{Endpoint, Error, Transport, TransportError, MAX_RESPONSE_BYTES};
use crate::protocol::json::Text;
use crate::protocol::{
    self, date, failure, limits, retry, Kind, Request, Response, Retry, Secret, Service,
};
use http::{header, HeaderName, HeaderValue};
use serde_json::Value;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

type Result<T> = std::result::Result<T, protocol::Error>;

/// The state that all calls of a client share.
#[derive(Clone)]
pub(super) struct Connection<T> {
    endpoint: Endpoint,
    timeout: Duration,
    retry: Retry,
    transport: T,
}

impl<T> Connection<T> {
    /// Checks the settings and creates a connection.
    pub(super) fn new(
        endpoint: Endpoint,
        timeout: Duration,
        retry: super::Retry,
        transport: T,
    ) -> Result<Self> {
        endpoint.service()?;
        retry::check_timeout(to_milliseconds(timeout))?;
        Ok(Connection {
            retry: retry.check()?,
            endpoint,
            timeout,
            transport,
        })
    }

    pub(super) fn service(&self) -> Result<Service<'_>> {
        self.endpoint.service()
    }

    /// Starts a call. Its errors report `operation`.
    pub(super) fn call(&self, operation: &'static str) -> Call<'_, T> {
        Call {
            connection: self,
            operation,
            retry: self.retry,
            attempts: 0,
        }
    }
}

impl<T: Transport> Connection<T> {
    /// Returns the time in milliseconds since the epoch.
    pub(super) fn now(&self) -> f64 {
        to_milliseconds(self.transport.now())
    }

    async fn attempt(&self, request: &Request<'_>) -> Result<Response<Secret>> {
        let sending = self.transport.send(to_http(request)?);
        let response = match run_with_timeout(sending, self.transport.sleep(self.timeout)).await {
            Some(response) => response.map_err(TransportError::describe)?,
            None => return Err(protocol::Error::new(Kind::Timeout, TIMED_OUT)),
        };
        let (parts, body) = response.into_parts();
        if body.len() > MAX_RESPONSE_BYTES {
            return Err(TransportError::TooLarge.describe());
        }
        let retry_after_ms = parts
            .headers
            .get(header::RETRY_AFTER)
            .and_then(|value| parse_retry_after(value.to_str().ok()?, self.now()));
        Ok(Response {
            status: parts.status.as_u16(),
            retry_after_ms,
            // The status of a response counts even if its body is not UTF-8.
            text: Secret::from(String::from_utf8(body).unwrap_or_default()),
        })
    }
}

const TIMED_OUT: &str = "Request timed out: no complete response within the timeout.";

/// One call of the client. It counts the attempts of all its requests.
pub(super) struct Call<'c, T> {
    connection: &'c Connection<T>,
    operation: &'static str,
    retry: Retry,
    attempts: u32,
}

impl<T: Transport> Call<'_, T> {
    /// Sends a request until it succeeds or must not be retried, and parses the response with
    /// `read`.
    pub(super) async fn send<R>(
        &mut self,
        request: Result<Request<'_>>,
        read: impl Fn(&Response<Secret>) -> Result<R>,
    ) -> std::result::Result<R, Error> {
        let request = request.map_err(|error| self.to_error(error))?;
        let transport = &self.connection.transport;
        let retry = if request.purpose.is_sent_once() {
            Retry::NONE
        } else {
            self.retry
        };
        let mut attempt = 0;
        loop {
            attempt += 1;
            self.attempts += 1;
            let response = self.connection.attempt(&request).await;
            let result = response.and_then(|response| match failure(request.purpose, &response) {
                None => read(&response),
                Some(error) => Err(error),
            });
            let error = match result {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            match retry.delay(&error, attempt, transport.random()) {
                None => return Err(self.to_error(error)),
                Some(pause_ms) => transport.sleep(to_duration(pause_ms)).await,
            }
        }
    }

    /// Returns the number of attempts of all requests so far.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts
    }

    fn to_error(&self, error: protocol::Error) -> Error {
        Error::after(error, self.operation, self.attempts)
    }
}

/// Converts a request to the types of the crate `http`, and marks its credential as sensitive.
fn to_http(request: &Request<'_>) -> Result<http::Request<Option<Secret>>> {
    let unsendable = || {
        protocol::Error::new(
            Kind::Config,
            "The request cannot be sent: check the endpoint, and the length of keys and tokens.",
        )
    };
    let credential = request.credential;
    let mut value = Secret::with_capacity(credential.value.expose().len() + 8);
    value.push_str(credential.scheme);
    value.push_str(credential.value.expose());
    let mut value = HeaderValue::from_str(value.expose()).map_err(|_| unsendable())?;
    value.set_sensitive(true);
    let mut builder = http::Request::builder()
        .method(request.method)
        .uri(request.url.expose())
        .header(HeaderName::from_static(credential.header), value)
        .header(header::ACCEPT, request.accept);
    if request.body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/json");
    }
    builder.body(request.body.clone()).map_err(|_| unsendable())
}

/// Runs `work` and returns its result. If `timer` completes first, drops `work` and returns `None`.
async fn run_with_timeout<W: Future>(
    work: W,
    timer: impl Future<Output = ()>,
) -> Option<W::Output> {
    let (mut work, mut timer) = (pin!(work), pin!(timer));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Parses `Retry-After`, which is a number of seconds or a date. Returns the time to wait from
/// `now`, in milliseconds.
fn parse_retry_after(text: &str, now: f64) -> Option<f64> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: f64 = text.parse().ok()?;
        // A longer time than any timer ends the call: no `max_delay` reaches it.
        return Some((seconds * 1000.0).min(limits::MAX_TIMER_MS + 1.0));
    }
    date::parse_http(text).map(|at| (at - now).max(0.0))
}

/// The text of a response is a [`Secret`], so that it is wiped on drop.
impl Text for Secret {
    type Json = Value;

    fn parse(&self) -> Option<Value> {
        serde_json::from_str(self.expose()).ok()
    }

    fn read(&self) -> Secret {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = 10_000.0;
        for (text, ms) in [
            ("2", Some(2_000.0)),
            (" 0 ", Some(0.0)),
            ("99999999999999999999", Some(limits::MAX_TIMER_MS + 1.0)),
            ("Thu, 01 Jan 1970 00:00:12 GMT", Some(2_000.0)),
            ("Thu, 01 Jan 1970 00:00:01 GMT", Some(0.0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(parse_retry_after(text, now), ms, "{text}");
        }
    }
}
