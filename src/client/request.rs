//! The requests for a session of a user, a visitor or a bot.

use super::{DeviceInfo, Secret};
use crate::protocol::{self, SessionKind};

/// A request to sign a user in on a device. Lengths are numbers of UTF-16 code units. If a request
/// exceeds a limit, the call fails before it sends anything.
///
/// ```
/// use social_plus_auth::client::SessionRequest;
/// let request = SessionRequest::new("ada", "device-1")
///     .auth_token("auth-token")
///     .display_name("Ada Lovelace");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SessionRequest {
    user_id: String,
    device_id: String,
    display_name: Option<String>,
    profile_handle: Option<String>,
    auth_token: Option<Secret>,
    device_info: DeviceInfo,
}

impl SessionRequest {
    /// Creates a request to sign in the user `user_id` (1 to 50 characters) on the device
    /// `device_id` (1 to 150 characters). In v5 a user id cannot start with `ADMIN_` or `DELETED_`.
    /// If the user does not exist, the service creates the user. A new session of a device revokes
    /// the device's previous access token.
    ///
    /// ```
    /// let request = social_plus_auth::client::SessionRequest::new("ada", "device-1");
    /// ```
    pub fn new(user_id: impl Into<String>, device_id: impl Into<String>) -> Self {
        SessionRequest {
            user_id: user_id.into(),
            device_id: device_id.into(),
            display_name: None,
            profile_handle: None,
            auth_token: None,
            device_info: DeviceInfo::default(),
        }
    }

    /// Sets the auth token, which secure mode requires. A backend mints it for this user. It is
    /// valid for ten minutes.
    ///
    /// ```
    /// # use social_plus_auth::client::SessionRequest;
    /// let request = SessionRequest::new("ada", "device-1").auth_token("auth-token");
    /// assert!(!format!("{request:?}").contains("auth-token"));
    /// ```
    pub fn auth_token(mut self, token: impl Into<Secret>) -> Self {
        self.auth_token = Some(token.into());
        self
    }

    /// Changes the user's name: at most 100 characters.
    ///
    /// ```
    /// # use social_plus_auth::client::SessionRequest;
    /// let request = SessionRequest::new("ada", "device-1").display_name("Ada Lovelace");
    /// ```
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// Changes the user's profile handle: at most 100 characters. v3 has no profile handles.
    ///
    /// ```
    /// # use social_plus_auth::client::SessionRequest;
    /// let request = SessionRequest::new("ada", "device-1").profile_handle("ada.l");
    /// ```
    pub fn profile_handle(mut self, handle: impl Into<String>) -> Self {
        self.profile_handle = Some(handle.into());
        self
    }

    /// Sets the description of the device.
    ///
    /// ```
    /// # use social_plus_auth::client::{DeviceInfo, DeviceKind, SessionRequest};
    /// let device = DeviceInfo { kind: Some(DeviceKind::Node), ..DeviceInfo::default() };
    /// let request = SessionRequest::new("ada", "device-1").device_info(device);
    /// ```
    pub fn device_info(mut self, info: DeviceInfo) -> Self {
        self.device_info = info;
        self
    }

    pub(super) fn borrow(&self) -> protocol::SessionRequest<'_> {
        protocol::SessionRequest {
            user_id: &self.user_id,
            device_id: &self.device_id,
            display_name: self.display_name.as_deref(),
            profile_handle: self.profile_handle.as_deref(),
            auth_token: self.auth_token.as_ref(),
            device_info: self.device_info.borrow(),
            ..protocol::SessionRequest::default()
        }
    }
}

/// A request to sign a visitor in on a device. A visitor is anonymous and can only read.
///
/// ```
/// use social_plus_auth::client::VisitorRequest;
/// let request = VisitorRequest::new("device-1");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct VisitorRequest {
    device_id: String,
    device_info: DeviceInfo,
    signature: Option<(Secret, String)>,
}

impl VisitorRequest {
    /// Creates a request to sign a visitor in on the device `device_id` (1 to 150 characters).
    ///
    /// ```
    /// let request = social_plus_auth::client::VisitorRequest::new("device-1");
    /// ```
    pub fn new(device_id: impl Into<String>) -> Self {
        VisitorRequest {
            device_id: device_id.into(),
            device_info: DeviceInfo::default(),
            signature: None,
        }
    }

    /// Sets the description of the device.
    ///
    /// ```
    /// # use social_plus_auth::client::{DeviceInfo, VisitorRequest};
    /// let request = VisitorRequest::new("device-1").device_info(DeviceInfo::default());
    /// ```
    pub fn device_info(mut self, info: DeviceInfo) -> Self {
        self.device_info = info;
        self
    }

    /// Sets the signature that secure visitor mode requires: 64 lower-case hex characters.
    /// `expires_at` must repeat the signed date, character for character.
    ///
    /// ```
    /// # use social_plus_auth::client::VisitorRequest;
    /// let signature = "0".repeat(64);
    /// let expires_at = "2026-01-02T03:04:05.678Z";
    /// let request = VisitorRequest::new("device-1").signature(signature, expires_at);
    /// ```
    pub fn signature(
        mut self,
        signature: impl Into<Secret>,
        expires_at: impl Into<String>,
    ) -> Self {
        self.signature = Some((signature.into(), expires_at.into()));
        self
    }

    pub(super) fn borrow(&self) -> protocol::SessionRequest<'_> {
        let signature = self.signature.as_ref();
        protocol::SessionRequest {
            kind: SessionKind::Visitor,
            device_id: &self.device_id,
            device_info: self.device_info.borrow(),
            auth_signature: signature.map(|(signature, _)| signature),
            auth_signature_expires_at: signature.map(|(_, expires_at)| expires_at.as_str()),
            ..protocol::SessionRequest::default()
        }
    }
}

/// A request to sign a bot in on a device. A bot, for example a search engine, can only read.
///
/// ```
/// use social_plus_auth::client::BotRequest;
/// let request = BotRequest::new("crawler-1");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct BotRequest {
    device_id: String,
    device_info: DeviceInfo,
}

impl BotRequest {
    /// Creates a request to sign a bot in on the device `device_id` (1 to 150 characters).
    ///
    /// ```
    /// let request = social_plus_auth::client::BotRequest::new("crawler-1");
    /// ```
    pub fn new(device_id: impl Into<String>) -> Self {
        BotRequest {
            device_id: device_id.into(),
            device_info: DeviceInfo::default(),
        }
    }

    /// Sets the description of the device.
    ///
    /// ```
    /// # use social_plus_auth::client::{BotRequest, DeviceInfo};
    /// let request = BotRequest::new("crawler-1").device_info(DeviceInfo::default());
    /// ```
    pub fn device_info(mut self, info: DeviceInfo) -> Self {
        self.device_info = info;
        self
    }

    pub(super) fn borrow(&self) -> protocol::SessionRequest<'_> {
        protocol::SessionRequest {
            kind: SessionKind::Bot,
            device_id: &self.device_id,
            device_info: self.device_info.borrow(),
            ..protocol::SessionRequest::default()
        }
    }
}
