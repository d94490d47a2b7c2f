//! The client for a page, an app or a server that has the API key.

use super::builder::{check_credential, Builder};
use super::connection::Connection;
use super::session::to_token;
use super::{
    BotRequest, DefaultTransport, Endpoint, Error, ErrorKind, Secret, Session, SessionRequest,
    SessionVersion, Transport, VisitorRequest,
};
use crate::protocol::{self, bearer};
use std::fmt;

/// Signs users in with the API key. The client is stateless: it keeps no session.
///
/// ```
/// use social_plus_auth::client::{Client, Region, SessionRequest};
/// # use social_plus_auth::client::{emulated::Emulated, Error};
/// # pollster::block_on(async {
/// # let transport = Emulated::default();
/// # let api_key = transport.keys().0;
/// let client = Client::builder(Region::Eu, api_key).transport(transport).build()?;
/// let session = client.create_session(&SessionRequest::new("ada", "device-1")).await?;
/// client.revoke_session(&session.access_token).await?;
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Client<T = DefaultTransport> {
    connection: Connection<T>,
    settings: ClientSettings,
}

/// Builds a [`Client`].
///
/// ```
/// use social_plus_auth::client::{Client, ClientBuilder, Region};
/// let builder: ClientBuilder = Client::builder(Region::Eu, "api-key");
/// ```
pub type ClientBuilder<T = DefaultTransport> = Builder<ClientSettings, T>;

/// The settings of a [`ClientBuilder`].
///
/// ```
/// use social_plus_auth::client::{Builder, Client, ClientSettings, Region};
/// let builder: Builder<ClientSettings> = Client::builder(Region::Eu, "api-key");
/// ```
#[derive(Clone, Debug)]
pub struct ClientSettings {
    api_key: Secret,
    version: SessionVersion,
}

impl Client {
    /// Returns a builder of a client for a region or an endpoint. The API key identifies the
    /// network.
    ///
    /// ```
    /// use social_plus_auth::client::{Client, Region};
    /// # let transport = social_plus_auth::client::emulated::Emulated::default();
    /// let builder = Client::builder(Region::Eu, "api-key");
    /// # builder.transport(transport).build()?;
    /// # Ok::<(), social_plus_auth::client::Error>(())
    /// ```
    pub fn builder(endpoint: impl Into<Endpoint>, api_key: impl Into<Secret>) -> ClientBuilder {
        let settings = ClientSettings {
            api_key: api_key.into(),
            version: SessionVersion::default(),
        };
        Builder::new(endpoint.into(), settings)
    }
}

impl<T> Builder<ClientSettings, T> {
    /// Sets the version of the session call. The default is v5; v3 and v4 return a refresh token.
    ///
    /// ```
    /// use social_plus_auth::client::{Client, Region, SessionVersion};
    /// let builder = Client::builder(Region::Eu, "api-key").session_version(SessionVersion::V4);
    /// ```
    pub fn session_version(mut self, version: SessionVersion) -> Self {
        self.settings.version = version;
        self
    }

    /// Builds the client.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Endpoint};
    /// let endpoint = Endpoint::url("http://not-loopback.example");
    /// let builder = Client::builder(endpoint, "api-key").transport(Emulated::default());
    /// assert!(builder.build().is_err());
    /// ```
    ///
    /// # Errors
    /// `Config` if the endpoint, the API key, the timeout or the retry settings are invalid.
    pub fn build(self) -> Result<Client<T>, Error>
    where
        T: Transport,
    {
        let (connection, settings) = self.connect()?;
        check_credential("apiKey", &settings.api_key)?;
        Ok(Client {
            connection,
            settings,
        })
    }
}

impl<T: Transport> Client<T> {
    /// Creates a session of a user. To renew a session, create another one: except for the legacy
    /// [`Client::refresh_access_token`], the service has no separate call for that.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Error, Region, SessionRequest};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let builder = Client::builder(Region::Eu, transport.keys().0);
    /// # let client = builder.transport(transport).build()?;
    /// let session = client.create_session(&SessionRequest::new("ada", "device-1")).await?;
    /// assert!(session.expires_at > session.issued_at);
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `SecureModeRequired` without an auth token in secure mode; `Unauthorized` for a wrong key or
    /// auth token; `Banned` or `NotFound` for a banned or deleted user; `InvalidRequest` if
    /// a limit is exceeded; `RateLimited`, `Server`, `Network` and `Timeout`, which are transient.
    pub async fn create_session(&self, request: &SessionRequest) -> Result<Session, Error> {
        self.create("create_session", request.borrow()).await
    }

    /// Creates a session of a visitor, in v5 only.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Error, Region};
    /// use social_plus_auth::client::{UserType, VisitorRequest};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let builder = Client::builder(Region::Eu, transport.keys().0);
    /// # let client = builder.transport(transport).build()?;
    /// let session = client.create_visitor_session(&VisitorRequest::new("device-1")).await?;
    /// assert_eq!(session.user_type, Some(UserType::Visitor));
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unauthorized` for a wrong key, or a signature that is missing, wrong or expired;
    /// `Forbidden` if visitor mode is off; other errors as in [`Client::create_session`].
    pub async fn create_visitor_session(&self, request: &VisitorRequest) -> Result<Session, Error> {
        self.create("create_visitor_session", request.borrow())
            .await
    }

    /// Creates a session of a bot, in v5 only.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Error, Region};
    /// use social_plus_auth::client::{BotRequest, UserType};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let builder = Client::builder(Region::Eu, transport.keys().0);
    /// # let client = builder.transport(transport).build()?;
    /// let session = client.create_bot_session(&BotRequest::new("crawler-1")).await?;
    /// assert_eq!(session.user_type, Some(UserType::Bot));
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unauthorized` for a wrong key; `Forbidden` if bots are off; other errors as in
    /// [`Client::create_session`].
    pub async fn create_bot_session(&self, request: &BotRequest) -> Result<Session, Error> {
        self.create("create_bot_session", request.borrow()).await
    }

    async fn create(
        &self,
        operation: &'static str,
        request: protocol::SessionRequest<'_>,
    ) -> Result<Session, Error> {
        let mut call = self.connection.call(operation);
        create_session(
            &mut call,
            &self.connection,
            &self.settings.api_key,
            self.settings.version,
            &request,
        )
        .await
    }

    /// Asks the service whether an access token is valid. If the service rejects the token, the
    /// result is [`Verification::Invalid`], not an error.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Error, Region, Secret};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let builder = Client::builder(Region::Eu, transport.keys().0);
    /// # let client = builder.transport(transport).build()?;
    /// let verification = client.verify_session(&Secret::from("unknown")).await?;
    /// assert!(!verification.is_valid());
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidRequest` for a token that is empty or unsafe in a header; `Network`, `Timeout`,
    /// `Server`, `RateLimited` or `QuotaExceeded`; an error of any kind if the response is not the
    /// service's but, for example, a proxy's. After an error the token may or may not be valid.
    pub async fn verify_session(&self, access_token: &Secret) -> Result<Verification, Error> {
        let request = self
            .connection
            .service()
            .and_then(|service| bearer::verify(&service, Some(access_token)));
        let mut call = self.connection.call("verify_session");
        match call.send(request, bearer::parse_verified).await {
            Ok(()) => Ok(Verification::Valid),
            Err(error) if is_refusal(&error) => Ok(Verification::Invalid(error.kind())),
            Err(error) => Err(error),
        }
    }

    /// Revokes an access token.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Error, Region, SessionRequest};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// # let builder = Client::builder(Region::Eu, transport.keys().0);
    /// # let client = builder.transport(transport).build()?;
    /// # let session = client.create_session(&SessionRequest::new("ada", "device-1")).await?;
    /// client.revoke_session(&session.access_token).await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unauthorized` or `NotFound` if the token is already invalid. In a retry, either counts as a
    /// success, because an earlier attempt, whose response was lost, may have revoked the token.
    pub async fn revoke_session(&self, access_token: &Secret) -> Result<(), Error> {
        let request = self
            .connection
            .service()
            .and_then(|service| bearer::revoke(&service, Some(access_token)));
        let mut call = self.connection.call("revoke_session");
        match call.send(request, bearer::parse_revoked).await {
            // An earlier attempt may have revoked the token.
            Err(error)
                if call.attempts() > 1
                    && matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::NotFound) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    /// Returns a new access token for the refresh token of a v3 or v4 session. Uses the legacy
    /// `/v1/accessToken`, the only call that puts a token into a URL: prefer a new session.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Client, Error, Region};
    /// use social_plus_auth::client::{SessionRequest, SessionVersion};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::default();
    /// let builder = Client::builder(Region::Eu, transport.keys().0);
    /// let client = builder.session_version(SessionVersion::V4).transport(transport).build()?;
    /// let session = client.create_session(&SessionRequest::new("ada", "device-1")).await?;
    /// let refresh_token = session.refresh_token.unwrap();
    /// let access_token = client.refresh_access_token("ada", &refresh_token).await?;
    /// assert!(client.verify_session(&access_token).await?.is_valid());
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Unauthorized` for a refresh token that the service does not know.
    pub async fn refresh_access_token(
        &self,
        user_id: &str,
        refresh_token: &Secret,
    ) -> Result<Secret, Error> {
        let request = self.connection.service().and_then(|service| {
            let api_key = Some(&self.settings.api_key);
            bearer::refresh(&service, api_key, user_id, Some(refresh_token))
        });
        let mut call = self.connection.call("refresh_access_token");
        call.send(request, |response| {
            let token = bearer::parse_refreshed(response)?;
            to_token(token).ok_or_else(|| protocol::Error::not_the_service(response.status))
        })
        .await
    }
}

/// Sends the request for a session as part of `call`, and reads the session in the response.
pub(super) async fn create_session<T: Transport>(
    call: &mut super::connection::Call<'_, T>,
    connection: &Connection<T>,
    api_key: &Secret,
    version: SessionVersion,
    session_request: &protocol::SessionRequest<'_>,
) -> Result<Session, Error> {
    let request = connection
        .service()
        .and_then(|service| session_request.http(&service, Some(api_key), version));
    call.send(request, |response| {
        let session =
            protocol::SessionRequest::parse(session_request.user_id, response, connection.now())?;
        Session::read(session, session_request, response.status)
    })
    .await
}

/// Returns whether the error means that the service rejected the token. Only a response with an
/// error code or the status 401 counts as the service's: a proxy may have sent any other response.
fn is_refusal(error: &Error) -> bool {
    let is_about_token = matches!(
        error.kind(),
        ErrorKind::Unauthorized | ErrorKind::Banned | ErrorKind::NotFound
    );
    is_about_token && (error.code().is_some() || error.status() == Some(401))
}

impl<T> fmt::Debug for Client<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The service's verdict on an access token.
///
/// ```
/// use social_plus_auth::client::{ErrorKind, Verification};
/// assert!(Verification::Valid.is_valid());
/// assert!(!Verification::Invalid(ErrorKind::Banned).is_valid());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The token is valid.
    Valid,
    /// The token is not valid: `Unauthorized`, `Banned` or `NotFound`.
    Invalid(ErrorKind),
}

impl Verification {
    /// Returns whether the token is valid.
    ///
    /// ```
    /// assert!(social_plus_auth::client::Verification::Valid.is_valid());
    /// ```
    #[must_use]
    pub fn is_valid(self) -> bool {
        self == Verification::Valid
    }
}
