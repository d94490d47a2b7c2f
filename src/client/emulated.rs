//! A transport to an emulator in the same process, for tests. Its clock is virtual: it stands still
//! until a call waits, and then jumps to the end of the wait that ends first.
//!
//! The module is public with the features `emulator` and `unstable`. It may change in any release.

use super::{Secret, Transport, TransportError};
use crate::emulator::{Emulator, Options, Reply, Request};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// Sends requests to an emulator in the same process, on a virtual clock. Clones share the emulator
/// and the clock.
///
/// ```
/// use social_plus_auth::client::{emulated::Emulated, Client, ErrorKind, Region, SessionRequest};
/// # use social_plus_auth::client::Error;
/// # pollster::block_on(async {
/// let transport = Emulated::secure();
/// let client = Client::builder(Region::Eu, transport.keys().0).transport(transport).build()?;
/// let request = SessionRequest::new("ada", "device-1");
/// let error = client.create_session(&request).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::SecureModeRequired);
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Emulated(Arc<Mutex<World>>);

#[derive(Debug)]
struct World {
    emulator: Emulator,
    now: Duration,
    /// The number and the end time of each pending wait.
    waits: Vec<(u64, Duration)>,
    next_wait: u64,
}

/// 2026-01-01T00:00:00Z
const START: Duration = Duration::from_secs(1_767_225_600);

impl Emulated {
    /// Starts an emulator. The clock starts at [`Options::now`] or, without that option, at the
    /// beginning of 2026.
    ///
    /// ```
    /// use social_plus_auth::client::emulated::Emulated;
    /// use social_plus_auth::emulator::Options;
    /// let transport = Emulated::new(Options { visitors: false, ..Options::default() });
    /// ```
    #[must_use]
    pub fn new(options: Options) -> Self {
        let now = options
            .now
            .map_or(START, |ms| Duration::from_secs_f64(ms.max(0.0) / 1000.0));
        Emulated(Arc::new(Mutex::new(World {
            emulator: Emulator::new(options, to_milliseconds(now), b"emulated"),
            now,
            waits: Vec::new(),
            next_wait: 0,
        })))
    }

    /// Starts an emulator in secure mode.
    ///
    /// ```
    /// let transport = social_plus_auth::client::emulated::Emulated::secure();
    /// ```
    #[must_use]
    pub fn secure() -> Self {
        Emulated::new(Options {
            secure_mode: true,
            ..Options::default()
        })
    }

    fn lock_world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the API key and the server key.
    ///
    /// ```
    /// # use social_plus_auth::client::emulated::Emulated;
    /// let (api_key, server_key) = Emulated::default().keys();
    /// ```
    #[must_use]
    pub fn keys(&self) -> (Secret, Secret) {
        self.with(|emulator, _| {
            let key = |key: &str| Secret::from(key.to_owned());
            (key(emulator.api_key()), key(emulator.server_key()))
        })
    }

    /// Returns the default admin token of the emulator ([`Emulator::admin_token`]).
    ///
    /// ```
    /// # use social_plus_auth::client::emulated::Emulated;
    /// let admin_token = Emulated::default().admin_token();
    /// ```
    #[must_use]
    pub fn admin_token(&self) -> Secret {
        self.with(|emulator, _| Secret::from(emulator.admin_token()))
    }

    /// Calls `use_emulator` with the emulator and the time, in milliseconds since the epoch.
    ///
    /// ```
    /// # use social_plus_auth::client::emulated::Emulated;
    /// let transport = Emulated::default();
    /// transport.with(|emulator, _now| emulator.set_secure_mode(true));
    /// ```
    pub fn with<R>(&self, use_emulator: impl FnOnce(&mut Emulator, f64) -> R) -> R {
        let world = &mut *self.lock_world();
        use_emulator(&mut world.emulator, to_milliseconds(world.now))
    }

    /// Moves the clock forward.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Transport};
    /// # use std::time::Duration;
    /// let transport = Emulated::default();
    /// let start = transport.now();
    /// transport.advance(Duration::from_secs(60));
    /// assert_eq!(transport.now() - start, Duration::from_secs(60));
    /// ```
    pub fn advance(&self, duration: Duration) {
        self.lock_world().now += duration;
    }

    fn wait(&self, duration: Duration) -> Wait {
        let world = &mut *self.lock_world();
        let number = world.next_wait;
        world.next_wait += 1;
        world.waits.push((number, world.now + duration));
        Wait {
            emulated: self.clone(),
            number,
            was_polled: false,
        }
    }
}

impl Default for Emulated {
    fn default() -> Self {
        Emulated::new(Options::default())
    }
}

impl Transport for Emulated {
    async fn send(
        &self,
        request: http::Request<Option<Secret>>,
    ) -> Result<http::Response<Vec<u8>>, TransportError> {
        let reply = self.with(|emulator, now| emulator.handle(now, &to_emulator(&request)));
        self.wait(Duration::from_secs_f64(reply.delay_ms / 1000.0))
            .await;
        from_emulator(reply)
    }

    async fn sleep(&self, duration: Duration) {
        self.wait(duration).await;
    }

    fn now(&self) -> Duration {
        self.lock_world().now
    }
}

fn to_emulator(request: &http::Request<Option<Secret>>) -> Request {
    let headers = request.headers().iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str(), value)
    });
    let body = request.body().as_ref().map_or("", Secret::expose);
    let url = request.uri().to_string();
    Request::new(request.method().as_str(), &url, headers, body)
}

fn from_emulator(reply: Reply) -> Result<http::Response<Vec<u8>>, TransportError> {
    if reply.dropped {
        return Err(TransportError::ConnectionClosed);
    }
    if reply.truncate_at.is_some() {
        return Err(TransportError::Network);
    }
    let mut response = http::Response::builder().status(reply.status);
    for (name, value) in &reply.headers {
        response = response.header(name, value);
    }
    response
        .body(reply.body.into_bytes())
        .map_err(|_| TransportError::InvalidResponse)
}

fn to_milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// A future that completes when the clock reaches its end time. If the end time is still ahead, the
/// first poll returns `Pending`, so that other ready futures run first. A later poll moves the
/// clock to the end time, unless another pending wait ends earlier.
struct Wait {
    emulated: Emulated,
    number: u64,
    was_polled: bool,
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let was_polled = std::mem::replace(&mut self.was_polled, true);
        let world = &mut *self.emulated.lock_world();
        let Some((_, end)) = world.waits.iter().find(|(wait, _)| *wait == self.number) else {
            return Poll::Ready(());
        };
        let end = *end;
        let is_next = world.waits.iter().all(|(_, other)| end <= *other);
        if end <= world.now || (was_polled && is_next) {
            world.now = world.now.max(end);
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let waits = &mut self.emulated.lock_world().waits;
        waits.retain(|(wait, _)| *wait != self.number);
    }
}
