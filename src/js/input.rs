//! Reads the input of a call from a list, whose indexes `wire::Input` defines. `shared/input.js`
//! has already read the caller's options into the list and checked their types, so no getter of the
//! caller runs while wasm is on the stack. The protocol checks the limits.

use super::json::Value;
use crate::protocol::limits::DEFAULT_TIMEOUT_MS;
use crate::protocol::retry::check_timeout;
use crate::protocol::wire::Input as Place;
use crate::protocol::{DeviceInfo, Error, Retry, Secret, Service, SessionKind, SessionRequest};
use core::array::from_fn;

const FIRST_TEXT: usize = Place::Region as usize;
#[cfg(feature = "edge")]
const LAST_TEXT: usize = Place::SessionApiVersion as usize;
#[cfg(not(feature = "edge"))]
const LAST_TEXT: usize = Place::AuthSignatureExpiresAt as usize;

/// The values of a call, except those that only administration calls have. Every text is treated as
/// a secret.
#[derive(Debug)]
pub(super) struct Input {
    timeout_ms: f64,
    attempts: f64,
    base_delay_ms: f64,
    max_delay_ms: f64,
    texts: [Option<Secret>; LAST_TEXT + 1 - FIRST_TEXT],
}

impl Input {
    pub(super) fn read() -> Self {
        let default = Retry::default();
        let number = |place: Place, default| Value::at(place as u8).number_or(default);
        Input {
            timeout_ms: number(Place::TimeoutMs, DEFAULT_TIMEOUT_MS),
            attempts: number(Place::Attempts, default.attempts.into()),
            base_delay_ms: number(Place::BaseDelayMs, default.base_delay_ms),
            max_delay_ms: number(Place::MaxDelayMs, default.max_delay_ms),
            texts: from_fn(|at| Value::at((FIRST_TEXT + at) as u8).text().map(Secret::from)),
        }
    }

    /// Returns the text at a place from `FIRST_TEXT` to `LAST_TEXT`.
    pub(super) fn secret(&self, place: Place) -> Option<&Secret> {
        self.texts.get(place as usize - FIRST_TEXT)?.as_ref()
    }

    pub(super) fn text(&self, place: Place) -> Option<&str> {
        self.secret(place).map(Secret::expose)
    }

    pub(super) fn user_id(&self) -> &str {
        self.text(Place::UserId).unwrap_or_default()
    }

    pub(super) fn service(&self) -> Result<Service<'_>, Error> {
        Service::new(self.text(Place::Region), self.text(Place::Endpoint))
    }

    pub(super) fn session(&self, kind: SessionKind) -> SessionRequest<'_> {
        SessionRequest {
            kind,
            user_id: self.user_id(),
            device_id: self.text(Place::DeviceId).unwrap_or_default(),
            display_name: self.text(Place::DisplayName),
            profile_handle: self.text(Place::ProfileHandle),
            auth_token: self.secret(Place::AuthToken),
            device_info: DeviceInfo {
                kind: self.text(Place::DeviceKind),
                model: self.text(Place::DeviceModel),
                sdk_version: self.text(Place::SdkVersion),
            },
            auth_signature: self.secret(Place::AuthSignature),
            auth_signature_expires_at: self.text(Place::AuthSignatureExpiresAt),
        }
    }

    /// Returns the checked `retry` option.
    pub(super) fn retry(&self) -> Result<Retry, Error> {
        let attempts = self.attempts as u32;
        let is_whole = self.attempts == f64::from(attempts);
        Retry {
            // Pass 0 for a fraction, because `check` rejects 0.
            attempts: if is_whole { attempts } else { 0 },
            base_delay_ms: self.base_delay_ms,
            max_delay_ms: self.max_delay_ms,
        }
        .check()
    }

    /// Returns the checked time limit of one attempt, in milliseconds.
    pub(super) fn timeout_ms(&self) -> Result<f64, Error> {
        check_timeout(self.timeout_ms)
    }
}
