//! An in-memory, sans-I/O emulation of the authentication service, for development and tests.
//!
//! [`Emulator::handle`] takes the current time and one [`Request`] and returns one [`Reply`]. The
//! emulator reads no clock: its caller passes the time, for example from a [`Clock`]. It opens no
//! connection, and its only randomness comes from a generator that the caller seeds. Therefore the
//! same seed and the same calls at the same times produce the same tokens on every engine.
//!
//! The module is public under the features `emulator` and `unstable`: any release may change it.
//!
//! | type | purpose |
//! |---|---|
//! | [`Emulator`] | one network: its keys, users, sessions, certificates and faults |
//! | [`Options`] | the settings of an emulator |
//! | [`Request`], [`Reply`] | HTTP messages as plain values |
//! | [`Fault`] | a failure to inject into matching requests |
//! | [`Clock`] | the time that a test controls |
//! | [`RecordedRequest`], [`UserInfo`], [`SessionInfo`] | the emulator's state, for assertions |
//!
//! Never use the emulator in production: anyone who can reach it can sign in as any user.

mod admins;
mod auth_tokens;
mod authority;
mod client_certificates;
mod clock;
mod cors;
mod errors;
mod faults;
mod guests;
mod operations;
mod options;
mod parameters;
mod random;
mod rate_limit;
mod raw_fields;
mod reply;
mod request;
mod request_log;
mod server_keys;
mod sessions;
mod signature;
mod signing_request;
mod state;
mod users;

pub use admins::{Admin, Role};
pub use authority::ServerIdentity;
pub use clock::Clock;
pub use faults::{DropPoint, Fault};
pub use options::Options;
pub use raw_fields::RawFields;
pub use reply::Reply;
pub use request::Request;
pub use request_log::RecordedRequest;
pub use sessions::SessionInfo;
pub use users::UserInfo;

use crate::protocol::date::format_http;
use authority::Authority;
use client_certificates::CertificateRequest;
use faults::Faults;
use random::Random;
use request_log::RequestLog;
use state::{Keys, State};
use std::cell::OnceCell;
use std::fmt;

/// An error of the emulator itself, not of the emulated service: an invalid option, fault, clock
/// setting or request for a certificate, or a certificate authority that could not be created.
///
/// The message says what is wrong and never contains the value of a field.
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

/// One emulated network with its keys, users, sessions, certificates and faults.
///
/// ```
/// use social_plus_auth::emulator::{Emulator, Options, Request};
///
/// let options = Options {
///     api_key: Some("key".into()),
///     ..Options::default()
/// };
/// let mut emulator = Emulator::new(options, 0.0, b"entropy");
/// let request = Request::new(
///     "POST",
///     "/api/v5/sessions",
///     [("x-api-key", "key"), ("content-type", "application/json")],
///     r#"{"userId":"ada","deviceId":"d"}"#,
/// );
/// let reply = emulator.handle(0.0, &request);
/// assert_eq!(reply.status, 200);
/// assert!(reply.body.contains(r#""userType":"signed-in""#));
/// ```
pub struct Emulator {
    state: State,
    faults: Faults,
    requests: RequestLog,
    /// Created on first use, because generating its keys takes time.
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
    /// Creates an emulator whose network is created at `now`, in milliseconds since the epoch.
    ///
    /// Every key, token and id that the options do not set derives from [`Options::seed`] or,
    /// without a seed, from `entropy`.
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
            requests: RequestLog::default(),
            authority: OnceCell::new(),
        }
    }

    /// Handles one request that arrives at `now`, in milliseconds since the epoch, and returns the
    /// reply.
    ///
    /// The caller must apply `delay_ms`, `dropped` and `truncate_at` of the [`Reply`] when it
    /// delivers the reply.
    pub fn handle(&mut self, now: f64, request: &Request) -> Reply {
        let is_preflight = cors::is_preflight(request);
        let fault = self.faults.take(request, is_preflight).unwrap_or_default();
        let mut reply = match fault.replacement_reply() {
            _ if fault.drop == Some(DropPoint::BeforeHandling) => Reply::new_dropped(),
            // The TLS handshake precedes every reply, including the reply of a fault.
            _ if !is_preflight
                && operations::is_protected(&self.state, request)
                && self.state.is_missing_certificate(now, request) =>
            {
                Reply::new_dropped()
            }
            Some(reply) if fault.drop.is_none() => reply,
            _ if is_preflight => cors::reply_to_preflight(),
            _ => operations::perform(&mut self.state, now, request),
        };
        if !is_preflight {
            let recorded = RecordedRequest::new(request, reply.status, now, |text| {
                self.state.has_secret(text)
            });
            reply.record = Some(self.requests.add(recorded));
        }
        cors::add_headers(&mut reply, request, &self.state.options.allow_origins);
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
        reply.truncate_at = fault.truncate_at.filter(|bytes| *bytes < reply.body.len());
        reply
    }

    /// Returns the API key, which clients send as `x-api-key`.
    pub fn api_key(&self) -> &str {
        &self.state.keys.api_key
    }

    /// Returns the current server key, which backends send as `x-server-key`.
    ///
    /// `POST /api/v3/networks/server-key` replaces it.
    pub fn server_key(&self) -> &str {
        &self.state.server_keys.current
    }

    /// Returns the newest token of the first admin in [`Options::admins`] that has a token.
    ///
    /// If no admin has a token, returns the newest token of the first super-admin that has a token,
    /// or else an empty string. The token may be revoked or expired.
    pub fn admin_token(&self) -> &str {
        self.state.admins.default_token()
    }

    /// Returns the secret that signs visitor sessions.
    pub fn visitor_secret(&self) -> &str {
        &self.state.keys.visitor_secret
    }

    /// Adds a fault for future requests. Each request takes the first fault that matches it.
    pub fn add_fault(&mut self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Returns the last 1000 requests, oldest first, without preflights.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.to_vec()
    }

    /// Returns every user, in order of creation.
    pub fn users(&self) -> Vec<UserInfo> {
        self.state.users.to_info()
    }

    /// Returns the sessions in order of creation: all sessions that were neither revoked nor
    /// replaced, and of the others the 1000 that ended last.
    pub fn sessions(&self, now: f64) -> Vec<SessionInfo> {
        let is_active = |user_id: &str| {
            self.state
                .users
                .get(user_id)
                .is_some_and(|user| !user.banned && !user.deleted)
        };
        self.state.sessions.to_info(now, is_active)
    }

    /// Bans a user globally, or lifts the ban. Returns `false` if the user does not exist.
    pub fn set_banned(&mut self, user_id: &str, banned: bool) -> bool {
        self.state
            .users
            .get_mut(user_id)
            .map(|user| user.banned = banned)
            .is_some()
    }

    /// Deletes a user permanently. Returns `false` if the user does not exist.
    pub fn delete_user(&mut self, user_id: &str) -> bool {
        self.state
            .users
            .get_mut(user_id)
            .map(|user| user.deleted = true)
            .is_some()
    }

    /// Switches secure mode on or off, as the console does. Existing sessions stay valid.
    pub fn set_secure_mode(&mut self, enabled: bool) {
        self.state.secure_mode = enabled;
    }

    fn authority(&self) -> Result<&Authority, Misuse> {
        self.authority
            .get_or_init(|| Authority::new(self.state.keys.random.fork("certificates")))
            .as_ref()
            .ok_or_else(|| Misuse::new("The certificate authority could not be created."))
    }

    /// Returns the TLS identity of a server for this emulator. The identity is constant for the
    /// emulator's lifetime: [`reset`](Self::reset) does not change it.
    ///
    /// # Errors
    /// If the certificate authority could not be created, which no known input causes.
    pub fn server_identity(&self) -> Result<ServerIdentity, Misuse> {
        Ok(self.authority()?.server.clone())
    }

    /// Returns whether a TLS server for this emulator must request client certificates
    /// ([`Options::mtls`]).
    pub fn requires_client_certificates(&self) -> bool {
        self.state.options.mtls
    }

    /// Issues a client certificate, as the console's certificate page does. Returns it as PEM.
    ///
    /// `fields` holds `name` (1 to 30 characters), `csr` (PEM, at most 16 KiB) and optionally
    /// `notAfter` (milliseconds since the epoch; by default 365 days after `now`).
    ///
    /// # Errors
    /// If secure mode is off, if a field is invalid, if two certificates already exist, or if the
    /// certificate authority could not be created.
    pub fn create_certificate(&mut self, now: f64, fields: RawFields) -> Result<String, Misuse> {
        if !self.state.secure_mode {
            return Err(Misuse::new(
                "Secure mode is off. Turn it on before you create a certificate.",
            ));
        }
        let request = CertificateRequest::parse(fields)?;
        self.state.client_certificates.check_capacity()?;
        let validity = request.validity_seconds(now);
        let serial = self.state.random.draw_bytes(16);
        let issued = self
            .authority()?
            .issue(request.signing_request, validity, serial)
            .ok_or_else(|| {
                Misuse::new("`csr` has a subject or a key that a certificate cannot contain.")
            })?;
        Ok(self.state.client_certificates.add(issued, validity))
    }

    /// Restores the state that [`new`](Self::new) created: removes all users, sessions, auth
    /// tokens, certificates, faults and recorded requests, and restores the initial settings, keys
    /// and admin tokens. The certificate authority stays.
    ///
    /// With a seed, the emulator then draws the same tokens again. Without a seed, the emulator
    /// draws new access tokens and auth tokens, so that none from before the reset becomes valid
    /// again.
    pub fn reset(&mut self) {
        let keys = self.state.keys.clone();
        let random = if self.state.options.seed.is_some() {
            keys.random.clone()
        } else {
            self.state.random.clone()
        };
        self.state = State::new(self.state.options.clone(), keys, random);
        self.faults.clear();
        self.requests = RequestLog::default();
    }
}
