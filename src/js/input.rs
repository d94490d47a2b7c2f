//! What a call is given: one list, in the order of `shared/input.js`, which has checked the type of
//! everything in it. No getter of the caller's runs in here. What the values may be is for the
//! protocol to say.

use super::json::Value;
use crate::protocol::retry::check_timeout;
use crate::protocol::{DeviceInfo, Error, Retry, Secret, Service, SessionKind, SessionRequest};
use core::array::from_fn;

/// The texts of the list, by their order in it; the numbers come before them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text {
    Region,
    Endpoint,
    ApiVersion,
    ApiKey,
    /// The credential that a call has besides: an access token, a refresh token, a server key.
    Credential,
    UserId,
    DeviceId,
    DisplayName,
    ProfileHandle,
    AuthToken,
    DeviceKind,
    DeviceModel,
    SdkVersion,
    AuthSignature,
    AuthSignatureExpiresAt,
    #[cfg(feature = "edge")]
    SessionApiVersion,
    /// What only a call of an administrator has: its body, or another detail.
    #[cfg(feature = "edge")]
    Detail,
}

#[cfg(feature = "edge")]
const TEXTS: usize = Text::Detail as usize + 1;
#[cfg(not(feature = "edge"))]
const TEXTS: usize = Text::AuthSignatureExpiresAt as usize + 1;

/// The list, read. Any of its texts may be a secret.
#[derive(Debug)]
pub(super) struct Input {
    timeout_ms: f64,
    attempts: f64,
    base_delay_ms: f64,
    max_delay_ms: f64,
    texts: [Option<Secret>; TEXTS],
}

impl Input {
    pub(super) fn read() -> Self {
        let usual = Retry::default();
        Input {
            timeout_ms: Value(1).number_or(10_000.0),
            attempts: Value(2).number_or(usual.attempts.into()),
            base_delay_ms: Value(3).number_or(usual.base_delay_ms),
            max_delay_ms: Value(4).number_or(usual.max_delay_ms),
            texts: from_fn(|at| Value(5 + at as i32).text().map(Secret::from)),
        }
    }

    pub(super) fn secret(&self, text: Text) -> Option<&Secret> {
        self.texts.get(text as usize)?.as_ref()
    }

    pub(super) fn text(&self, text: Text) -> Option<&str> {
        self.secret(text).map(Secret::expose)
    }

    pub(super) fn user_id(&self) -> &str {
        self.text(Text::UserId).unwrap_or_default()
    }

    pub(super) fn service(&self) -> Result<Service<'_>, Error> {
        Service::new(self.text(Text::Region), self.text(Text::Endpoint))
    }

    pub(super) fn session(&self, kind: SessionKind) -> SessionRequest<'_> {
        SessionRequest {
            kind,
            user_id: self.user_id(),
            device_id: self.text(Text::DeviceId).unwrap_or_default(),
            display_name: self.text(Text::DisplayName),
            profile_handle: self.text(Text::ProfileHandle),
            auth_token: self.secret(Text::AuthToken),
            device_info: DeviceInfo {
                kind: self.text(Text::DeviceKind),
                model: self.text(Text::DeviceModel),
                sdk_version: self.text(Text::SdkVersion),
            },
            auth_signature: self.secret(Text::AuthSignature),
            auth_signature_expires_at: self.text(Text::AuthSignatureExpiresAt),
        }
    }

    /// The `retry` option.
    pub(super) fn retry(&self) -> Result<Retry, Error> {
        let (attempts, base_delay_ms, max_delay_ms) =
            (self.attempts as u32, self.base_delay_ms, self.max_delay_ms);
        // What is no whole number becomes 0, which is refused.
        let attempts = if self.attempts == f64::from(attempts) {
            attempts
        } else {
            0
        };
        Retry {
            attempts,
            base_delay_ms,
            max_delay_ms,
        }
        .check()
    }

    /// For one attempt, in milliseconds.
    pub(super) fn timeout_ms(&self) -> Result<f64, Error> {
        check_timeout(self.timeout_ms)
    }
}
