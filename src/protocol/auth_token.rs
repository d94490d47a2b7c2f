//! Builds and parses the call that mints an auth token with the server key (`docs/contract.md`,
//! "Minting an auth token"). Edge only.

use super::body::Writer;
use super::http::{self, Credential, Request, Response};
use super::json::{Json, Text};
use super::limits::utf16_len;
use super::{check, limits, Error, Kind, Purpose, Secret, Service};
use alloc::string::String;

/// The version of the minting endpoint. v4 keeps the user id out of URLs and access logs.
///
/// ```
/// use social_plus_auth::protocol::auth_token::TokenVersion;
/// assert_eq!(TokenVersion::default(), TokenVersion::V4);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenVersion {
    /// `GET /api/v3/authentication/token`, deprecated.
    V3,
    /// `POST /api/v4/authentication/token`
    #[default]
    V4,
}

impl TokenVersion {
    /// Parses an `apiVersion`; the default is `v4`.
    ///
    /// # Errors
    /// `config` for any text other than `v3` and `v4`.
    pub fn parse(text: Option<&str>) -> Result<Self, Error> {
        match text {
            None | Some("v4") => Ok(TokenVersion::V4),
            Some("v3") => Ok(TokenVersion::V3),
            _ => Err(Error::config(
                "apiVersion",
                "of an auth token must be 'v3' or 'v4'.",
            )),
        }
    }
}

/// Builds the request that mints an auth token for `user_id`. The token is valid for ten minutes.
///
/// # Errors
/// `config` for a server key that is missing, over 150 characters or unsafe in a header;
/// `invalidRequest` for a user id that is empty or too long.
///
/// ```
/// use social_plus_auth::protocol::{auth_token, auth_token::TokenVersion, Secret, Service};
/// let service = Service::new(Some("eu"), None)?;
/// let key = Secret::from(String::from("sk-1"));
/// let http = auth_token::request(&service, Some(&key), "ada", TokenVersion::V4)?;
/// assert_eq!(http.body.unwrap().expose(), r#"{"userId":"ada"}"#);
/// # Ok::<(), social_plus_auth::protocol::Error>(())
/// ```
pub fn request<'a>(
    service: &Service<'_>,
    server_key: Option<&'a Secret>,
    user_id: &str,
    version: TokenVersion,
) -> Result<Request<'a>, Error> {
    let server_key = check::credential(Kind::Config, "serverKey", server_key)?;
    check::at_most(
        Kind::Config,
        "serverKey",
        server_key.expose(),
        limits::MAX_SERVER_KEY_LENGTH,
    )?;
    let credential = Credential::key("x-server-key", server_key);
    let purpose = Purpose::AuthToken;
    match version {
        TokenVersion::V4 => {
            check::required("userId", user_id, limits::MAX_USER_ID_LENGTH)?;
            let mut body = Writer::new();
            body.text("userId", user_id);
            // The published API description lists `text/plain` as the only response type, so a
            // strict server may refuse `application/json` alone.
            Ok(Request {
                purpose,
                method: "POST",
                url: service.url("/api/v4/authentication/token"),
                credential,
                accept: "application/json, text/plain",
                body: Some(body.finish()),
            })
        }
        TokenVersion::V3 => {
            check::required("userId", user_id, limits::MAX_USER_ID_LENGTH_V3_TOKEN)?;
            let mut url = service.url("/api/v3/authentication/token?userId=");
            http::push_encoded(&mut url, user_id);
            Ok(Request {
                purpose,
                method: "GET",
                url,
                credential,
                accept: http::JSON,
                body: None,
            })
        }
    }
}

/// Reads the auth token from a 200 response of any content type: plain text, a JSON string, or an
/// object with the token in `token` or `authToken`.
///
/// # Errors
/// `invalidResponse` if the token is empty, is over 100 characters, or contains `<`, `"`, `\` or a
/// character that is not visible ASCII. These rules reject a proxy's HTML page.
pub fn parse<T: Text>(response: &Response<T>) -> Result<Secret, Error> {
    let text = match response.text.parse() {
        None => response.text.read(),
        Some(json) => {
            let token = json
                .get("token")
                .or_else(|| json.get("authToken"))
                .unwrap_or(json);
            Secret::from(token.text().unwrap_or_default())
        }
    };
    let token = text.expose().trim_ascii();
    let is_plain = token
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'"' | b'\\'));
    if token.is_empty() || utf16_len(token) > limits::MAX_AUTH_TOKEN_LENGTH || !is_plain {
        return Err(Error::not_the_service(response.status));
    }
    Ok(Secret::from(String::from(token)))
}
