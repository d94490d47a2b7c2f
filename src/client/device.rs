//! The description of a device.

use crate::protocol;

/// The kind of a device.
///
/// ```
/// use social_plus_auth::client::DeviceKind;
/// assert_eq!(DeviceKind::Web.name(), "web");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceKind {
    /// An iPhone or iPad.
    Ios,
    /// An Android device.
    Android,
    /// A browser.
    Web,
    /// A server.
    Node,
}

impl DeviceKind {
    /// Returns the name that the service uses for the kind.
    ///
    /// ```
    /// assert_eq!(social_plus_auth::client::DeviceKind::Ios.name(), "ios");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DeviceKind::Ios => "ios",
            DeviceKind::Android => "android",
            DeviceKind::Web => "web",
            DeviceKind::Node => "node",
        }
    }
}

/// Describes a device to the service.
///
/// ```
/// use social_plus_auth::client::{DeviceInfo, DeviceKind, SessionRequest};
/// let device = DeviceInfo {
///     kind: Some(DeviceKind::Web),
///     model: Some("Firefox".into()),
///     ..DeviceInfo::default()
/// };
/// let request = SessionRequest::new("ada", "device-1").device_info(device);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceInfo {
    /// The kind of device.
    pub kind: Option<DeviceKind>,
    /// The model: at most 100 characters, or at most 300 in v5.
    pub model: Option<String>,
    /// The version of the SDK: at most 30 characters.
    pub sdk_version: Option<String>,
}

impl DeviceInfo {
    pub(super) fn borrow(&self) -> protocol::DeviceInfo<'_> {
        protocol::DeviceInfo {
            kind: self.kind.map(DeviceKind::name),
            model: self.model.as_deref(),
            sdk_version: self.sdk_version.as_deref(),
        }
    }
}
