//! Tests that dropping the future of a call cancels the call, and that futures and clients are
//! `Send`.

use crate::support::{ada, run, unsecure};
use social_plus_auth::client::{Client, Region, Secret, Transport, TransportError};
use social_plus_auth::emulator::Fault;
use std::future::{pending, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A transport that never responds, and counts the requests that are in flight.
#[derive(Default)]
struct Hanging(AtomicUsize);

/// Decrements the count when the future of its request is dropped.
struct InFlight<'t>(&'t Hanging);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0 .0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Transport for Hanging {
    async fn send(
        &self,
        _: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let _in_flight = InFlight(self);
        pending().await
    }

    async fn sleep(&self, _: Duration) {
        pending().await
    }
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn dropping_a_call_drops_its_request() {
    let transport = Arc::new(Hanging::default());
    let client = Client::builder(Region::Eu, "api-key")
        .transport(transport.clone())
        .build()
        .unwrap();
    let request = ada();
    {
        let mut call = pin!(client.create_session(&request));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
        assert_eq!(transport.0.load(Ordering::Relaxed), 1);
    }
    assert_eq!(transport.0.load(Ordering::Relaxed), 0);
}

#[test]
fn a_dropped_call_is_not_retried() {
    let world = unsecure();
    world.add_fault(Fault {
        delay_ms: 1_000.0,
        ..Fault::default()
    });
    assert!(poll_once(world.client.create_session(&ada())).is_pending());
    assert_eq!(world.request_count(), 1);
    // Only this call may send a second request.
    run(world.client.create_session(&ada())).unwrap();
    assert_eq!(world.request_count(), 2);
}

#[test]
fn clients_and_the_futures_of_their_calls_are_send() {
    fn require_send(_: &impl Send) {}
    let world = unsecure();
    let request = ada();
    require_send(&world.client.create_session(&request));
    require_send(&world.edge.create_auth_token("ada"));
    require_send(&world.edge.exchange_session(&request));
    require_send(&world.client);
}
