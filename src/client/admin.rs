//! The client for backend tools that hold an admin token.

use super::admin_types::read_security_config;
use super::builder::{check_credential, Builder};
use super::connection::Connection;
use super::session::to_token;
use super::{
    AdminToken, DefaultTransport, Endpoint, Error, Network, PushEvent, Secret, SecurityConfig,
    ServerKeyInfo, Transport,
};
use crate::protocol;
use crate::protocol::admin::{self, AdminRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;

/// Administers a network with an admin token. Keep the token in the platform's secret store, never
/// in a page.
///
/// Calls that issue a credential or revoke an admin token are never retried: a delayed first
/// attempt could invalidate the credential that a retry or a later call returned. After `Network`
/// or `Timeout`, check whether the service has issued or revoked the credential.
///
/// Some calls use console paths, which are no longer in the public API description. The
/// documentation of each such call says so.
///
/// ```
/// use social_plus_auth::client::{Admin, Region};
/// # use social_plus_auth::client::{emulated::Emulated, Error};
/// # pollster::block_on(async {
/// # let transport = Emulated::default();
/// # let admin_token = transport.admin_token();
/// let admin = Admin::builder(Region::Eu, admin_token).transport(transport).build()?;
/// assert!(!admin.get_network().await?.use_secure_authentication);
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Admin<T = DefaultTransport> {
    connection: Connection<T>,
    settings: AdminSettings,
}

/// Builds an [`Admin`].
///
/// ```
/// use social_plus_auth::client::{Admin, AdminBuilder, Region};
/// let builder: AdminBuilder = Admin::builder(Region::Eu, "admin-token");
/// ```
pub type AdminBuilder<T = DefaultTransport> = Builder<AdminSettings, T>;

/// The settings of an [`AdminBuilder`].
///
/// ```
/// use social_plus_auth::client::{Admin, AdminSettings, Builder, Region};
/// let builder: Builder<AdminSettings> = Admin::builder(Region::Eu, "admin-token");
/// ```
#[derive(Clone, Debug)]
pub struct AdminSettings {
    admin_token: Secret,
}

impl Admin {
    /// Returns a builder of an admin client for a region or an endpoint.
    ///
    /// ```
    /// use social_plus_auth::client::{Admin, Region};
    /// # let transport = social_plus_auth::client::emulated::Emulated::default();
    /// let builder = Admin::builder(Region::Eu, "admin-token");
    /// # builder.transport(transport).build()?;
    /// # Ok::<(), social_plus_auth::client::Error>(())
    /// ```
    pub fn builder(endpoint: impl Into<Endpoint>, admin_token: impl Into<Secret>) -> AdminBuilder {
        let settings = AdminSettings {
            admin_token: admin_token.into(),
        };
        Builder::new(endpoint.into(), settings)
    }
}

impl<T> Builder<AdminSettings, T> {
    /// Builds the admin client.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Region};
    /// let builder = Admin::builder(Region::Eu, "").transport(Emulated::default());
    /// assert!(builder.build().is_err());
    /// ```
    ///
    /// # Errors
    /// `Config` if the endpoint, the admin token, the timeout or the retry settings are invalid.
    pub fn build(self) -> Result<Admin<T>, Error>
    where
        T: Transport,
    {
        let (connection, settings) = self.connect()?;
        check_credential("adminToken", &settings.admin_token)?;
        Ok(Admin {
            connection,
            settings,
        })
    }
}

impl<T: Transport> Admin<T> {
    /// Issues an admin token. The old token stays valid for its grace period, by default 24 hours.
    /// This call is never retried.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// let token = admin.issue_admin_token().await?;
    /// assert!(token.expires_at > token.issued_at);
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unauthorized` for an admin token that is wrong, expired or revoked.
    pub async fn issue_admin_token(&self) -> Result<AdminToken, Error> {
        let call = AdminRequest::IssueAdminToken;
        self.send("issue_admin_token", call, deserialize).await
    }

    /// Returns the current admin token. This call uses a console path.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// let token = admin.get_admin_token().await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unauthorized` for an admin token that is wrong, expired or revoked.
    pub async fn get_admin_token(&self) -> Result<AdminToken, Error> {
        let call = AdminRequest::GetAdminToken;
        self.send("get_admin_token", call, deserialize).await
    }

    /// Revokes the token of an administrator. The username has 1 to 50 characters. An admin may
    /// revoke only its own token; a super-admin may revoke any token. This call uses a console path
    /// and is never retried.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// admin.revoke_admin_token("admin").await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Forbidden` if an admin revokes the token of another admin; `NotFound` for an unknown
    /// username.
    pub async fn revoke_admin_token(&self, username: &str) -> Result<(), Error> {
        let call = AdminRequest::RevokeAdminToken { username };
        self.send("revoke_admin_token", call, |_| Some(())).await
    }

    /// Revokes all access tokens of a user. `user_id` (1 to 50 characters) is the app's id if
    /// `is_public`, otherwise the service's internal id. In secure mode the user's client then
    /// needs a new auth token, and the backend can refuse to mint one. In unsecure mode the user
    /// can sign in again.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// # use social_plus_auth::client::{Client, SessionRequest};
    /// # let builder = Client::builder(Region::Eu, transport.keys().0);
    /// # let client = builder.transport(transport).build()?;
    /// # client.create_session(&SessionRequest::new("ada", "device-1")).await?;
    /// admin.revoke_user_sessions("ada", true).await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `NotFound` for an unknown user, `Banned` for a banned one.
    pub async fn revoke_user_sessions(&self, user_id: &str, is_public: bool) -> Result<(), Error> {
        let call = AdminRequest::RevokeUserSessions { user_id, is_public };
        self.send("revoke_user_sessions", call, |_| Some(())).await
    }

    /// Issues a server key and returns it. No other call returns the new key. The old key
    /// stays valid for its grace period, by default one hour. This call is never retried.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// let server_key = admin.issue_server_key().await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Forbidden` for an admin token without the permission.
    pub async fn issue_server_key(&self) -> Result<Secret, Error> {
        let call = AdminRequest::IssueServerKey;
        self.send("issue_server_key", call, to_token).await
    }

    /// Returns when the server key was last changed, and by whom.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// let info = admin.get_server_key_info().await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Forbidden` for an admin token without the permission.
    pub async fn get_server_key_info(&self) -> Result<ServerKeyInfo, Error> {
        let call = AdminRequest::GetServerKeyInfo;
        self.send("get_server_key_info", call, deserialize).await
    }

    /// Returns the settings of [`SecurityConfig`]: the grace periods of replaced credentials, and
    /// `apiScopeEnabled` of server keys.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// let config = admin.get_security_config().await?;
    /// assert_eq!(config.server_key_expires_in_hours, Some(1));
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Forbidden` for an admin token without the permission.
    pub async fn get_security_config(&self) -> Result<SecurityConfig, Error> {
        let call = AdminRequest::GetSecurityConfig;
        let convert = |body| Some(read_security_config(&body));
        self.send("get_security_config", call, convert).await
    }

    /// Changes the settings of [`SecurityConfig`], and returns all of them. `None` leaves a setting
    /// unchanged.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// use social_plus_auth::client::SecurityConfig;
    /// let config = SecurityConfig {
    ///     server_key_expires_in_hours: Some(2),
    ///     ..SecurityConfig::default()
    /// };
    /// let config = admin.set_security_config(config).await?;
    /// assert_eq!(config.server_key_expires_in_hours, Some(2));
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidRequest` if a period exceeds 1 000 000 hours; `Forbidden` for an admin token without
    /// the permission.
    pub async fn set_security_config(
        &self,
        config: SecurityConfig,
    ) -> Result<SecurityConfig, Error> {
        let call = AdminRequest::SetSecurityConfig(config);
        let convert = |body| Some(read_security_config(&body));
        self.send("set_security_config", call, convert).await
    }

    /// Returns the settings of the network. This call uses a console path.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// let network = admin.get_network().await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Forbidden` for an admin token without the permission.
    pub async fn get_network(&self) -> Result<Network, Error> {
        let call = AdminRequest::GetNetwork;
        self.send("get_network", call, deserialize).await
    }

    /// Switches secure mode on or off. Without secure mode anyone can sign in as any user. This
    /// call uses a console path.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// admin.set_secure_mode(true).await?;
    /// assert!(admin.get_network().await?.use_secure_authentication);
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Forbidden` for an admin token without the permission.
    pub async fn set_secure_mode(&self, enabled: bool) -> Result<(), Error> {
        let call = AdminRequest::SetSecureMode { enabled };
        self.send("set_secure_mode", call, |_| Some(())).await
    }

    /// Switches the push notifications of the network on or off. `events` (1 to 24 entries)
    /// switches individual events on or off; `None` leaves all of them unchanged. This call uses a
    /// console path.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Admin, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let admin_token = transport.admin_token();
    /// # let admin = Admin::builder(Region::Eu, admin_token).transport(transport.clone()).build()?;
    /// use social_plus_auth::client::PushEvent;
    /// let event = PushEvent {
    ///     name: "message.created".into(),
    ///     enabled: false,
    /// };
    /// admin.set_network_push(true, Some(&[event])).await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidRequest` if the events are invalid; `Forbidden` for an admin token without the
    /// permission.
    pub async fn set_network_push(
        &self,
        enabled: bool,
        events: Option<&[PushEvent]>,
    ) -> Result<(), Error> {
        let call = AdminRequest::SetNetworkPush { enabled, events };
        self.send("set_network_push", call, |_| Some(())).await
    }

    /// Sends a request and converts the JSON of its response.
    async fn send<R>(
        &self,
        operation: &'static str,
        request: AdminRequest<'_>,
        convert: impl Fn(Value) -> Option<R>,
    ) -> Result<R, Error> {
        let request = self
            .connection
            .service()
            .and_then(|service| request.http(&service, Some(&self.settings.admin_token)))
            .map_err(|error| Error::new(error, operation))?;
        let purpose = request.purpose;
        let mut call = self.connection.call(operation);
        call.send(Ok(request), |response| {
            let body = admin::parse(purpose, response)?;
            convert(body).ok_or_else(|| protocol::Error::not_the_service(response.status))
        })
        .await
    }
}

/// Converts the body of a response to a struct with its fields. If that fails, returns `None` and
/// drops serde_json's own error, which may contain a value of the response.
fn deserialize<R: DeserializeOwned>(body: Value) -> Option<R> {
    serde_json::from_value(body).ok()
}

impl<T> fmt::Debug for Admin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admin")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
