//! Tests timeouts, retries and `Retry-After`.

use crate::support::{ada, run, status_fault, unsecure, World};
use social_plus_auth::client::emulated::Emulated;
use social_plus_auth::client::{
    Client, ErrorKind, Region, Retry, Secret, Transport, TransportError,
};
use social_plus_auth::emulator::{DropPoint, Fault};
use std::time::Duration;

/// Creates a session. Returns the kind of the error, if any, and the duration of the call.
fn time_create_session(world: &World) -> (Option<ErrorKind>, Duration) {
    let start = world.transport.now();
    let error = run(world.client.create_session(&ada())).err();
    (
        error.map(|error| error.kind()),
        world.transport.now() - start,
    )
}

#[test]
fn a_request_is_retried_after_transient_failures() {
    let world = unsecure();
    world.add_fault(status_fault(500, 2.0, &[]));
    let (error, elapsed) = time_create_session(&world);
    assert_eq!(error, None);
    assert_eq!(world.request_count(), 3);
    assert!(elapsed <= Duration::from_millis(750), "{elapsed:?}");
}

#[test]
fn a_call_fails_after_three_failed_attempts() {
    let world = unsecure();
    world.add_fault(status_fault(500, 3.0, &[]));
    let error = run(world.client.create_session(&ada())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.attempts(), 3);
    assert!(error.is_retryable());
}

#[test]
fn a_request_is_not_retried_after_a_401() {
    let world = unsecure();
    world.add_fault(status_fault(401, 1.0, &[]));
    let error = run(world.client.create_session(&ada())).unwrap_err();
    assert_eq!(error.attempts(), 1);
    assert!(!error.is_retryable());
}

#[test]
fn a_retry_waits_for_retry_after() {
    let world = unsecure();
    world.add_fault(status_fault(429, 1.0, &[("retry-after", "3")]));
    let (error, elapsed) = time_create_session(&world);
    assert_eq!(error, None);
    assert_eq!(elapsed, Duration::from_secs(3));
}

#[test]
fn a_retry_waits_until_the_date_of_retry_after() {
    let world = unsecure();
    let date = "Thu, 01 Jan 2026 00:00:05 GMT";
    world.add_fault(status_fault(503, 1.0, &[("retry-after", date)]));
    let (error, elapsed) = time_create_session(&world);
    assert_eq!(error, None);
    assert_eq!(elapsed, Duration::from_secs(5));
}

#[test]
fn a_call_does_not_wait_for_a_long_retry_after() {
    let world = unsecure();
    world.add_fault(status_fault(429, 1.0, &[("retry-after", "9")]));
    let error = run(world.client.create_session(&ada())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(9)));
    assert_eq!(error.attempts(), 1);
}

#[test]
fn an_attempt_ends_at_the_timeout_and_is_retried() {
    let world = unsecure();
    world.add_fault(Fault {
        delay_ms: 60_000.0,
        times: Some(1.0),
        ..Fault::default()
    });
    let (error, elapsed) = time_create_session(&world);
    assert_eq!(error, None);
    assert_eq!(world.request_count(), 2);
    let timeout = Duration::from_secs(10);
    assert!(elapsed >= timeout);
    assert!(elapsed <= timeout + Duration::from_millis(250));
}

#[test]
fn a_response_just_before_the_timeout_is_accepted() {
    let world = unsecure();
    world.add_fault(Fault {
        delay_ms: 9_999.0,
        times: Some(1.0),
        ..Fault::default()
    });
    let (error, elapsed) = time_create_session(&world);
    assert_eq!(error, None);
    assert_eq!(elapsed, Duration::from_millis(9_999));
}

#[test]
fn a_client_without_retries_reports_the_timeout() {
    let transport = Emulated::default();
    let client = Client::builder(Region::Eu, transport.keys().0)
        .retry(Retry::NONE)
        .timeout(Duration::from_secs(2))
        .transport(transport.clone())
        .build()
        .unwrap();
    let slow = Fault {
        delay_ms: 3_000.0,
        ..Fault::default()
    };
    transport.with(|emulator, _| emulator.add_fault(slow));
    let error = run(client.create_session(&ada())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.attempts(), 1);
}

#[test]
fn a_revocation_succeeds_after_its_response_was_lost() {
    let world = unsecure();
    let token = world.sign_in().access_token;
    world.add_fault(Fault {
        drop: Some(DropPoint::AfterHandling),
        ..Fault::default()
    });
    run(world.client.revoke_session(&token)).unwrap();
}

#[test]
fn a_request_is_retried_after_a_truncated_response() {
    let world = unsecure();
    world.add_fault(Fault {
        truncate_at: Some(10),
        ..Fault::default()
    });
    assert_eq!(time_create_session(&world).0, None);
    assert_eq!(world.request_count(), 2);
}

/// A transport that fails every request, records each sleep, and returns a fixed random number.
struct Unreachable {
    random: f64,
    sleeps: std::sync::Mutex<Vec<Duration>>,
}

impl Transport for Unreachable {
    async fn send(
        &self,
        _: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        Err(TransportError::Network)
    }

    async fn sleep(&self, duration: Duration) {
        self.sleeps.lock().unwrap().push(duration);
    }

    fn random(&self) -> f64 {
        self.random
    }
}

#[test]
fn the_backoff_doubles_and_has_full_jitter() {
    for (random, delays_ms) in [
        (1.0, [250, 500, 1000, 2000]),
        (0.5, [125, 250, 500, 1000]),
        (0.0, [0; 4]),
    ] {
        let transport = std::sync::Arc::new(Unreachable {
            random,
            sleeps: std::sync::Mutex::default(),
        });
        let client = Client::builder(Region::Eu, "api-key")
            .retry(Retry {
                attempts: 5,
                ..Retry::default()
            })
            .transport(transport.clone())
            .build()
            .unwrap();
        let error = run(client.create_session(&ada())).unwrap_err();
        assert_eq!(error.attempts(), 5);
        let sleeps = transport.sleeps.lock().unwrap();
        assert_eq!(*sleeps, delays_ms.map(Duration::from_millis));
    }
}
