//! Minting an auth token with the server key (contract, "Minting an auth token"). Edge only.

use super::http::{self, Credential, Purpose, Request, Response};
use super::json::{Json, Text, Writer};
use super::{check, limits, Error, Secret, Service};
use alloc::string::String;

/// Which endpoint. v4 keeps the user id out of URLs and access logs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenVersion {
    /// `GET /api/v3/authentication/token`, deprecated.
    V3,
    /// `POST /api/v4/authentication/token`
    #[default]
    V4,
}

impl TokenVersion {
    /// # Errors
    /// `config` for anything but `v3` and `v4`; none is `v4`.
    pub fn parse(text: Option<&str>) -> Result<Self, Error> {
        match text {
            None | Some("v4") => Ok(TokenVersion::V4),
            Some("v3") => Ok(TokenVersion::V3),
            _ => Err(Error::config(
                "`apiVersion` of an auth token must be 'v3' or 'v4'.",
            )),
        }
    }
}

/// The request that mints an auth token for `user_id`, good for ten minutes.
///
/// # Errors
/// `config` for a server key that is missing, over 150 characters or not fit for a header;
/// `invalidRequest` for the user id.
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
    let server_key = check::credential("serverKey", server_key)?;
    if limits::utf16_len(server_key.expose()) > limits::SERVER_KEY {
        return Err(Error::config(
            "`serverKey` may have at most 150 characters.",
        ));
    }
    let credential = Credential::key("x-server-key", server_key);
    let purpose = Purpose::AuthToken;
    match version {
        TokenVersion::V4 => {
            let mut body = Writer::new();
            body.required("userId", user_id, limits::USER_ID)?;
            let url = service.url("/api/v4/authentication/token");
            // The description answers `text/plain` alone: a strict server refuses
            // `application/json` by itself.
            Ok(Request {
                purpose,
                method: "POST",
                url,
                credential,
                accept: "application/json, text/plain",
                body: Some(body.finish()),
            })
        }
        TokenVersion::V3 => {
            check::text("userId", user_id, true, limits::USER_ID_V3_TOKEN)?;
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

/// The auth token in a 200: plain text, a JSON string whatever its label, or in an object under
/// `token` or `authToken`.
///
/// # Errors
/// `invalidResponse` for an empty one, one over 100 characters, or one with white space or `<` in
/// it (a proxy's page, say).
pub fn parse<T: Text>(response: &Response<T>) -> Result<Secret, Error> {
    // JSON is the token itself or has it in a field; any other JSON is none.
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
    let plain = token
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'"' | b'\\'));
    if check::text("", token, true, limits::AUTH_TOKEN).is_err() || !plain {
        return Err(Error::not_the_service(response.status));
    }
    Ok(Secret::from(String::from(token)))
}
