//! The client for workers and servers that hold the server key.

use super::builder::{check_credential, Builder};
use super::connection::{Call, Connection};
use super::serialize::{iso_date, token};
use super::sign_in::create_session;
use super::{
    DefaultTransport, Endpoint, Error, Secret, Session, SessionRequest, SessionVersion,
    TokenVersion, Transport,
};
use crate::protocol::{self, auth_token, limits};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::SystemTime;

/// Mints auth tokens with the server key. Keep the key in the platform's secret store, never in a
/// page.
///
/// ```
/// use social_plus_auth::client::{Edge, Region};
/// # use social_plus_auth::client::{emulated::Emulated, Error};
/// # pollster::block_on(async {
/// # let transport = Emulated::secure();
/// # let server_key = transport.keys().1;
/// let edge = Edge::builder(Region::Eu, server_key).transport(transport).build()?;
/// let token = edge.create_auth_token("ada").await?;
/// assert_eq!(token.user_id, "ada");
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Edge<T = DefaultTransport> {
    connection: Connection<T>,
    settings: EdgeSettings,
}

/// Builds an [`Edge`].
///
/// ```
/// use social_plus_auth::client::{Edge, EdgeBuilder, Region};
/// let builder: EdgeBuilder = Edge::builder(Region::Eu, "server-key");
/// ```
pub type EdgeBuilder<T = DefaultTransport> = Builder<EdgeSettings, T>;

/// The settings of an [`EdgeBuilder`].
///
/// ```
/// use social_plus_auth::client::{Builder, Edge, EdgeSettings, Region};
/// let builder: Builder<EdgeSettings> = Edge::builder(Region::Eu, "server-key");
/// ```
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    server_key: Secret,
    api_key: Option<Secret>,
    token_version: TokenVersion,
    session_version: SessionVersion,
}

/// An auth token. Until it expires, it can sign one user in any number of times. It serializes to
/// the JSON of the npm package, including the token. `Debug` omits the token.
///
/// ```
/// use social_plus_auth::client::AuthToken;
/// # let json = r#"{"token":"t-1","userId":"ada","expiresAt":"2026-01-02T03:04:05.678Z"}"#;
/// let token: AuthToken = serde_json::from_str(json)?;
/// assert!(!format!("{token:?}").contains("t-1"));
/// assert_eq!(serde_json::to_string(&token)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuthToken {
    /// The token.
    #[serde(with = "token")]
    pub token: Secret,
    /// The user whom the token signs in.
    pub user_id: String,
    /// When the token expires: ten minutes after the start of the call that minted it.
    #[serde(with = "iso_date")]
    pub expires_at: SystemTime,
}

impl From<AuthToken> for Secret {
    fn from(token: AuthToken) -> Self {
        token.token
    }
}

impl Edge {
    /// Returns a builder of an edge client for a region or an endpoint. The server key has at most
    /// 150 characters.
    ///
    /// ```
    /// use social_plus_auth::client::{Edge, Region};
    /// # let transport = social_plus_auth::client::emulated::Emulated::default();
    /// let builder = Edge::builder(Region::Eu, "server-key");
    /// # builder.transport(transport).build()?;
    /// # Ok::<(), social_plus_auth::client::Error>(())
    /// ```
    pub fn builder(endpoint: impl Into<Endpoint>, server_key: impl Into<Secret>) -> EdgeBuilder {
        let settings = EdgeSettings {
            server_key: server_key.into(),
            api_key: None,
            token_version: TokenVersion::default(),
            session_version: SessionVersion::default(),
        };
        Builder::new(endpoint.into(), settings)
    }
}

impl<T> Builder<EdgeSettings, T> {
    /// Sets the API key, which [`Edge::exchange_session`] needs.
    ///
    /// ```
    /// use social_plus_auth::client::{Edge, Region};
    /// let builder = Edge::builder(Region::Eu, "server-key").api_key("api-key");
    /// ```
    pub fn api_key(mut self, api_key: impl Into<Secret>) -> Self {
        self.settings.api_key = Some(api_key.into());
        self
    }

    /// Sets the version of the call that mints auth tokens. The default is v4, which keeps the user
    /// id out of URLs and access logs.
    ///
    /// ```
    /// use social_plus_auth::client::{Edge, Region, TokenVersion};
    /// let builder = Edge::builder(Region::Eu, "server-key").token_version(TokenVersion::V3);
    /// ```
    pub fn token_version(mut self, version: TokenVersion) -> Self {
        self.settings.token_version = version;
        self
    }

    /// Sets the version of the session call in [`Edge::exchange_session`]. The default is v5.
    ///
    /// ```
    /// use social_plus_auth::client::{Edge, Region, SessionVersion};
    /// let builder = Edge::builder(Region::Eu, "server-key").session_version(SessionVersion::V4);
    /// ```
    pub fn session_version(mut self, version: SessionVersion) -> Self {
        self.settings.session_version = version;
        self
    }

    /// Builds the edge client.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Edge, Region};
    /// let builder = Edge::builder(Region::Eu, "").transport(Emulated::default());
    /// assert!(builder.build().is_err());
    /// ```
    ///
    /// # Errors
    /// `Config` if the endpoint, a key, the timeout or the retry settings are invalid. `build` does
    /// not check the length of the server key; the calls that use the key do.
    pub fn build(self) -> Result<Edge<T>, Error>
    where
        T: Transport,
    {
        let (connection, settings) = self.connect()?;
        check_credential("serverKey", &settings.server_key)?;
        if let Some(api_key) = &settings.api_key {
            check_credential("apiKey", api_key)?;
        }
        Ok(Edge {
            connection,
            settings,
        })
    }
}

impl<T: Transport> Edge<T> {
    /// Mints an auth token for a user whom the app has authenticated. The user id has 1 to 50
    /// characters (1 to 100 in v3). Never take it from the body of a request: the token signs that
    /// user in.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Edge, Error, Region};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::secure();
    /// # let edge = Edge::builder(Region::Eu, transport.keys().1).transport(transport).build()?;
    /// let token = edge.create_auth_token("ada").await?;
    /// let json = serde_json::to_string(&token).unwrap();
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Config` for a server key of more than 150 characters; `Unauthorized` for a wrong server
    /// key; `Forbidden` if secure mode is off; `InvalidRequest` for an invalid user id; `Network`,
    /// `Timeout` and `Server`, which are transient.
    pub async fn create_auth_token(&self, user_id: &str) -> Result<AuthToken, Error> {
        // The service counts the lifetime from a later time. So the token does not expire before
        // `expires_at`.
        let started = self.connection.now();
        let mut call = self.connection.call("create_auth_token");
        let token = self.mint(&mut call, user_id).await?;
        Ok(AuthToken {
            token,
            user_id: user_id.to_owned(),
            expires_at: iso_date::at(started + limits::AUTH_TOKEN_LIFETIME_MS),
        })
    }

    async fn mint(&self, call: &mut Call<'_, T>, user_id: &str) -> Result<Secret, Error> {
        let request = self.connection.service().and_then(|service| {
            let EdgeSettings {
                server_key,
                token_version,
                ..
            } = &self.settings;
            auth_token::request(&service, Some(server_key), user_id, *token_version)
        });
        call.send(request, auth_token::parse).await
    }

    /// Creates a session in secure mode: mints an auth token and exchanges it for a session. Return
    /// the session to the client whose device id is in the request. This call ignores an auth token
    /// in the request.
    ///
    /// ```
    /// # use social_plus_auth::client::{emulated::Emulated, Edge, Error, Region, SessionRequest};
    /// # pollster::block_on(async {
    /// # let transport = Emulated::secure();
    /// # let (api_key, server_key) = transport.keys();
    /// let edge = Edge::builder(Region::Eu, server_key)
    ///     .api_key(api_key)
    ///     .transport(transport)
    ///     .build()?;
    /// let session = edge.exchange_session(&SessionRequest::new("ada", "device-1")).await?;
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `Config` if the API key is missing, and the errors of [`Edge::create_auth_token`] and
    /// [`Client::create_session`](super::Client::create_session).
    pub async fn exchange_session(&self, request: &SessionRequest) -> Result<Session, Error> {
        const OPERATION: &str = "exchange_session";
        let EdgeSettings {
            api_key,
            session_version,
            ..
        } = &self.settings;
        let mut session_request = request.borrow();
        session_request.auth_token = None;
        // Check the session request first, so that no auth token is minted for an invalid request.
        let api_key = self
            .connection
            .service()
            .and_then(|service| session_request.http(&service, api_key.as_ref(), *session_version))
            .map_err(|error| Error::new(error, OPERATION))
            .map(|_| api_key.clone().unwrap_or_default())?;
        let mut call = self.connection.call(OPERATION);
        let auth_token = self.mint(&mut call, session_request.user_id).await?;
        let session_request = protocol::SessionRequest {
            auth_token: Some(&auth_token),
            ..session_request
        };
        create_session(
            &mut call,
            &self.connection,
            &api_key,
            *session_version,
            &session_request,
        )
        .await
    }
}

impl<T> fmt::Debug for Edge<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
