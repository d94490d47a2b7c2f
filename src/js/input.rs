//! What a call is given: one list, in the order of `shared/input.js`, which has checked the type of everything in it. No getter of the caller's runs in
//! here. What the values may be is for the protocol to say.

use super::json::Value;
use crate::protocol::retry::check_timeout;
use crate::protocol::{DeviceInfo, Error, Retry, Secret, Service, SessionRequest};
use alloc::string::String;

/// The list, read.
#[derive(Debug)]
pub(super) struct Input {
    timeout_ms: f64,
    attempts: f64,
    base_delay_ms: f64,
    max_delay_ms: f64,
    region: Option<String>,
    endpoint: Option<String>,
    pub(super) api_version: Option<String>,
    pub(super) api_key: Option<Secret>,
    /// The credential that a call has besides: an access token, a refresh token, a server key.
    pub(super) credential: Option<Secret>,
    pub(super) session: SessionRequest,
    #[cfg(feature = "edge")]
    pub(super) session_api_version: Option<String>,
    /// What only a call of an administrator has: its body, or another detail.
    #[cfg(feature = "edge")]
    pub(super) detail: Option<Secret>,
}

impl Input {
    pub(super) fn read() -> Self {
        let usual = Retry::default();
        let mut place = 4;
        let mut text = || {
            place += 1;
            Value(place).text()
        };
        Input {
            timeout_ms: Value(1).number_or(10_000.0),
            attempts: Value(2).number_or(usual.attempts.into()),
            base_delay_ms: Value(3).number_or(usual.base_delay_ms),
            max_delay_ms: Value(4).number_or(usual.max_delay_ms),
            region: text(),
            endpoint: text(),
            api_version: text(),
            api_key: text().map(Secret::from),
            credential: text().map(Secret::from),
            session: SessionRequest {
                user_id: text().unwrap_or_default(),
                device_id: text().unwrap_or_default(),
                display_name: text(),
                profile_handle: text(),
                auth_token: text().map(Secret::from),
                device_info: DeviceInfo { kind: text(), model: text(), sdk_version: text() },
                auth_signature: text().map(Secret::from),
                auth_signature_expires_at: text(),
                ..SessionRequest::default()
            },
            #[cfg(feature = "edge")]
            session_api_version: text(),
            #[cfg(feature = "edge")]
            detail: text().map(Secret::from),
        }
    }

    pub(super) fn service(&self) -> Result<Service, Error> {
        Service::new(self.region.as_deref(), self.endpoint.as_deref())
    }

    /// The `retry` option.
    pub(super) fn retry(&self) -> Result<Retry, Error> {
        let (attempts, base_delay_ms, max_delay_ms) = (self.attempts as u32, self.base_delay_ms, self.max_delay_ms);
        // What is no whole number becomes 0, which is refused.
        let attempts = if self.attempts == f64::from(attempts) { attempts } else { 0 };
        Retry { attempts, base_delay_ms, max_delay_ms }.check()
    }

    /// For one attempt, in milliseconds.
    pub(super) fn timeout_ms(&self) -> Result<f64, Error> {
        check_timeout(self.timeout_ms)
    }
}
