//! The authentication service in memory, sans-I/O. For development and tests, never for production.
//!
//! [`Emulator::handle`] takes the time and one request and gives one reply; it has no clock, no
//! randomness but a seeded generator, and no connection, so that the same seed and the same calls
//! give the same tokens on every engine. What a reply's fault asks for (delay, drop, truncate) is
//! carried out by whoever carries the reply.
//!
//! Public under the features `emulator` and `unstable`: options, faults and records follow the needs
//! of the npm package, and change in any release.
//!
//! ```
//! use social_plus_auth::emulator::{Emulator, Options, Request};
//! let mut emulator = Emulator::new(Options { api_key: Some("key".into()), ..Options::default() }, 0.0, b"entropy");
//! let headers = [("x-api-key", "key"), ("content-type", "application/json")];
//! let request = Request::new("POST", "/api/v5/sessions", headers, r#"{"userId":"ada","deviceId":"d"}"#);
//! let reply = emulator.handle(0.0, &request);
//! assert_eq!(reply.status, 200);
//! assert!(reply.body.contains(r#""userType":"signed-in""#));
//! ```

mod admins;
mod authority;
mod certificates;
mod clock;
mod cors;
mod errors;
mod faults;
mod given;
mod guests;
mod message;
mod operations;
mod options;
mod parameters;
mod random;
mod rate;
mod record;
mod server_keys;
mod sessions;
mod signature;
mod signing_request;
mod state;
mod users;

pub use admins::{Admin, Role};
pub use authority::ServerIdentity;
pub use clock::Clock;
pub use faults::{Drop, Fault};
pub use given::Given;
pub use message::{Reply, Request};
pub use options::Options;
pub use record::RecordedRequest;
pub use sessions::SessionInfo;
pub use users::UserInfo;

use crate::protocol::date::format_http;
use authority::Authority;
use certificates::Wanted;
use faults::Faults;
use random::Random;
use record::Record;
use state::{Keys, State};
use std::cell::OnceCell;
use std::fmt;

/// Something that a caller of the emulator (not of the service) got wrong. The message names the
/// field and never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misuse(String);

impl Misuse {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

/// The whole service: one network with its keys, users, sessions, certificates and faults.
pub struct Emulator {
    state: State,
    faults: Faults,
    record: Record,
    /// Made when it is needed first.
    authority: OnceCell<Option<Authority>>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator")
            .field("options", &self.state.options)
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// An emulator that starts at `now`. `entropy` decides every key, token and id, unless the
    /// options have a seed.
    pub fn new(options: Options, now: f64, entropy: &[u8]) -> Self {
        let random = options.seed.map_or_else(
            || Random::new(entropy),
            |seed| Random::new(&seed.to_be_bytes()),
        );
        let keys = Keys::new(&options, now, random);
        let random = keys.random.clone();
        let state = State::new(options, keys, random);
        Self {
            state,
            faults: Faults::default(),
            record: Record::default(),
            authority: OnceCell::new(),
        }
    }

    /// Answers one request that comes in at `now`.
    pub fn handle(&mut self, now: f64, request: &Request) -> Reply {
        let preflight = cors::is_preflight(request);
        let fault = self.faults.take(request, preflight).unwrap_or_default();
        let mut reply = match fault.instead() {
            _ if fault.drop == Some(Drop::BeforeHandling) => Reply::none(),
            // mTLS stands before everything that answers.
            _ if !preflight
                && operations::is_protected(&self.state, request)
                && self.state.lacks_certificate(now, request) =>
            {
                Reply::none()
            }
            Some(reply) if fault.drop.is_none() => reply,
            _ if preflight => cors::preflight(),
            _ => operations::answer(&mut self.state, now, request),
        };
        if !preflight {
            let record = RecordedRequest::new(request, reply.status, now, |text| {
                self.state.holds_secret(text)
            });
            reply.record = Some(self.record.add(record));
        }
        cors::mark(&mut reply, request);
        reply.set("date", format_http((now + fault.clock_skew_ms).max(0.0)));
        if matches!(reply.status, 204 | 205 | 304) {
            reply.body.clear();
        }
        if reply.body.is_empty() {
            reply.headers.retain(|(name, _)| name != "content-type");
        }
        fault
            .headers
            .into_iter()
            .for_each(|(name, value)| reply.set(&name, value));
        reply.delay_ms = fault.delay_ms;
        reply.dropped |= fault.drop.is_some();
        // A cut behind the end cuts nothing.
        reply.truncate_at = fault.truncate_at.filter(|bytes| *bytes < reply.body.len());
        reply
    }

    /// Names the network.
    pub fn api_key(&self) -> &str {
        &self.state.keys.api_key
    }

    /// What mints auth tokens: the newest, if it was replaced.
    pub fn server_key(&self) -> &str {
        &self.state.server_keys.current
    }

    /// The newest token of the first admin, or, if there is none, of the first super-admin; empty
    /// if no one has any. A revoke does not change it.
    pub fn admin_token(&self) -> &str {
        self.state.admins.shown()
    }

    /// What visitors' sessions are signed with.
    pub fn visitor_secret(&self) -> &str {
        &self.state.keys.visitor_secret
    }

    /// Lets something go wrong with requests to come.
    pub fn add_fault(&mut self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// The last 1000 requests, newest last.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.record.all()
    }

    /// Every user, in the order in which they came.
    pub fn users(&self) -> Vec<UserInfo> {
        self.state.users.info()
    }

    /// Every session, in the order in which they began; of those that have ended the last 1000.
    pub fn sessions(&self, now: f64) -> Vec<SessionInfo> {
        let honoured = |user_id: &str| {
            self.state
                .users
                .get(user_id)
                .is_some_and(|user| !user.banned && !user.deleted)
        };
        self.state.sessions.info(now, honoured)
    }

    /// Bans a user globally, or lifts the ban. `false` if nobody has that id.
    pub fn set_banned(&mut self, user_id: &str, banned: bool) -> bool {
        self.state
            .users
            .get_mut(user_id)
            .map(|user| user.banned = banned)
            .is_some()
    }

    /// Deletes a user for good. `false` if nobody has that id.
    pub fn delete_user(&mut self, user_id: &str) -> bool {
        self.state
            .users
            .get_mut(user_id)
            .map(|user| user.deleted = true)
            .is_some()
    }

    /// Switches secure mode, as the console does.
    pub fn set_secure_mode(&mut self, enabled: bool) {
        self.state.secure_mode = enabled;
    }

    fn authority(&self) -> Result<&Authority, Misuse> {
        let made = self
            .authority
            .get_or_init(|| Authority::new(self.state.keys.random.fork("certificates")));
        made.as_ref()
            .ok_or_else(|| Misuse::new("No certificate can be made here."))
    }

    /// What a server of this emulator shows over TLS: the same for as long as the emulator lives.
    ///
    /// # Errors
    /// None that can happen.
    pub fn server_identity(&self) -> Result<ServerIdentity, Misuse> {
        Ok(self.authority()?.server.clone())
    }

    /// Whether such a server is to ask its clients for certificates.
    pub fn asks_for_certificates(&self) -> bool {
        self.state.options.mtls
    }

    /// The console's certificate page. Returns PEM.
    ///
    /// # Errors
    /// When secure mode is off; for a name, signing request or date that cannot be used; for a
    /// third certificate.
    pub fn create_certificate(&mut self, now: f64, given: Given) -> Result<String, Misuse> {
        if !self.state.secure_mode {
            return Err(Misuse::new(
                "Secure mode is off: the console makes certificates in secure mode only.",
            ));
        }
        let wanted = Wanted::read(given)?;
        self.state.certificates.has_room()?;
        let (seconds, serial) = (wanted.seconds(now), self.state.random.bytes(16));
        let issued = self.authority()?.issue(wanted.request, seconds, serial);
        let issued = issued.ok_or_else(|| {
            Misuse::new("`csr` has a subject or a key that no certificate can hold.")
        })?;
        Ok(self.state.certificates.add(issued, seconds))
    }

    /// Back to how the options had it: no users, sessions, tokens, certificates, faults or
    /// requests; keys and admin tokens are those of the start again, and the authority stays.
    pub fn reset(&mut self) {
        let keys = self.state.keys.clone();
        // With a seed the tokens come again as they did; without one no token of before may come
        // again and be good.
        let random = if self.state.options.seed.is_some() {
            keys.random.clone()
        } else {
            self.state.random.clone()
        };
        self.state = State::new(self.state.options.clone(), keys, random);
        self.faults.clear();
        self.record = Record::default();
    }
}
