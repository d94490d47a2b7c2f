//! Simulates the service: sends a client's requests to the emulator and interprets the responses by
//! the rules of the protocol.
//!
//! Most runs extract only the token from the response to a session request, because parsing the
//! whole response would take longer than the rest of the run. Some runs (`checks_responses`) also
//! parse the response, and compare the results.

use crate::truth::{Truth, BOT_KIND, USER_KIND};
use social_plus_auth::emulator::{Emulator, Fault, Options, Reply, Request};
use social_plus_auth::protocol::{failure, Error, Kind, Purpose, Response, SessionRequest};
use social_plus_auth::session::Identity;

/// The time of the service's clock when a run begins: 2026-01-02T03:04:05.678Z.
pub(crate) const START_MS: f64 = 1_767_323_045_678.0;

/// How the service responds to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Behaviour {
    Normal,
    /// The service answers 503.
    Failing,
    /// The service answers 429 with this `Retry-After`, in seconds.
    Limited(u32),
    /// A proxy answers 401 in HTML.
    Html,
    /// The dates of a new session say that it lasts for this long, in milliseconds. The token is
    /// valid for as long as any other.
    Odd(f64),
    /// The service answers a session request with "not found", although the user exists.
    NotFound,
    /// The service answers the renewal of a visitor with the session of another visitor.
    OtherVisitor,
}

/// A session from the service.
pub(crate) struct Issued {
    pub(crate) token: String,
    pub(crate) issued_at: f64,
    pub(crate) expires_at: f64,
}

/// The emulator of the service, with one network (a customer's account).
pub(crate) struct Service {
    emulator: Emulator,
    lifetime: f64,
    /// Whether to parse the responses to session requests with `SessionRequest::parse` too, and to
    /// compare the results.
    pub(crate) checks_responses: bool,
    pub(crate) requests: u64,
}

impl Service {
    pub(crate) fn new(secure: bool, lifetime: f64) -> Self {
        let options = Options {
            api_key: Some("api-key".into()),
            server_key: Some("server-key".into()),
            secure_mode: secure,
            access_token_lifetime_ms: lifetime,
            visitor_daily_quota: f64::INFINITY,
            ..Options::default()
        };
        Self {
            emulator: Emulator::new(options, START_MS, b"simulation"),
            lifetime,
            checks_responses: false,
            requests: 0,
        }
    }

    /// Restores the state at the start. This takes less time than creating another emulator.
    pub(crate) fn reset(&mut self) {
        self.emulator.reset();
        self.requests = 0;
    }

    fn send(&mut self, now: f64, behaviour: Behaviour, request: &Request) -> Reply {
        self.requests += 1;
        let fault = match behaviour {
            Behaviour::Normal | Behaviour::Odd(_) | Behaviour::OtherVisitor => None,
            Behaviour::NotFound => Some((
                404,
                String::new(),
                r#"{"status":"error","code":400400,"message":"Not Found."}"#,
            )),
            Behaviour::Failing => Some((503, String::new(), "<h1>Service Unavailable</h1>")),
            Behaviour::Limited(seconds) => Some((
                429,
                seconds.to_string(),
                r#"{"status":"error","code":400311,"message":"RateLimit Exceed."}"#,
            )),
            Behaviour::Html => Some((401, String::new(), "<h1>Sign in to this network</h1>")),
        };
        if let Some((status, seconds, body)) = fault {
            let headers = if seconds.is_empty() {
                Vec::new()
            } else {
                vec![("retry-after".to_owned(), seconds)]
            };
            self.emulator.add_fault(Fault {
                status: Some(status),
                body: Some(body.into()),
                headers,
                ..Fault::default()
            });
        }
        self.emulator.handle(now, request)
    }

    /// Creates a session on a device.
    pub(crate) fn create(
        &mut self,
        now: f64,
        behaviour: Behaviour,
        (identity, device): (Identity, usize),
        auth: Option<&str>,
    ) -> Result<Issued, Error> {
        let user_id = Truth::user_id(identity);
        let path = match identity.kind {
            USER_KIND => "/api/v5/sessions",
            BOT_KIND => "/api/v5/sessions/bot",
            _ => "/api/v5/sessions/visitor",
        };
        let mut body = format!(r#"{{"deviceId":"device-{device}""#);
        if let Some(user_id) = &user_id {
            body += &format!(r#","userId":"{user_id}""#);
        }
        if let (Some(_), Some(auth)) = (&user_id, auth) {
            body += &format!(r#","authToken":"{auth}""#);
        }
        body.push('}');
        let headers = [
            ("x-api-key", "api-key"),
            ("content-type", "application/json"),
        ];
        let reply = self.send(now, behaviour, &Request::new("POST", path, headers, body));
        let purpose = match (&user_id, auth) {
            (Some(_), Some(_)) => Purpose::SecureSession,
            (Some(_), None) => Purpose::Session,
            (None, _) => Purpose::GuestSession,
        };
        check_reply(purpose, &reply)?;
        let token = reply
            .body
            .split_once(r#""accessToken":""#)
            .and_then(|(_, rest)| rest.split_once('"'));
        let token = token
            .ok_or_else(|| Error::not_the_service(reply.status))?
            .0
            .to_owned();
        let lifetime = match behaviour {
            Behaviour::Odd(lifetime) => lifetime,
            _ => self.lifetime,
        };
        let issued = Issued {
            token,
            issued_at: now,
            expires_at: now + lifetime,
        };
        if self.checks_responses && lifetime == self.lifetime {
            let response = to_response(&reply);
            let session =
                SessionRequest::parse(user_id.as_deref().unwrap_or_default(), &response, now)?;
            assert_eq!(session.issued_at, issued.issued_at);
            assert_eq!(session.expires_at, issued.expires_at);
            assert_eq!(session.access_token.as_str(), Some(issued.token.as_str()));
        }
        Ok(issued)
    }

    fn send_with_token(
        &mut self,
        now: f64,
        behaviour: Behaviour,
        method: &str,
        path: &str,
        token: &str,
    ) -> Reply {
        let behaviour = match behaviour {
            Behaviour::NotFound => Behaviour::Normal,
            other => other,
        };
        self.send(
            now,
            behaviour,
            &Request::new(
                method,
                path,
                [("authorization", format!("Bearer {token}"))],
                "",
            ),
        )
    }

    /// Asks the service whether a token is valid.
    pub(crate) fn verify(
        &mut self,
        now: f64,
        behaviour: Behaviour,
        token: &str,
    ) -> Result<(), Error> {
        let reply = self.send_with_token(now, behaviour, "GET", "/api/v3/sessions", token);
        check_reply(Purpose::Verify, &reply)
    }

    /// Revokes a token.
    pub(crate) fn revoke(
        &mut self,
        now: f64,
        behaviour: Behaviour,
        token: &str,
    ) -> Result<(), Error> {
        let reply = self.send_with_token(now, behaviour, "DELETE", "/api/v4/sessions", token);
        check_reply(Purpose::Revoke, &reply)
    }

    /// Creates an auth token, as the app's backend does.
    pub(crate) fn mint(&mut self, now: f64, user: &str) -> String {
        let headers = [
            ("x-server-key", "server-key"),
            ("content-type", "application/json"),
        ];
        let reply = self.send(
            now,
            Behaviour::Normal,
            &Request::new(
                "POST",
                "/api/v4/authentication/token",
                headers,
                format!(r#"{{"userId":"{user}"}}"#),
            ),
        );
        reply.body.trim_matches('"').to_owned()
    }

    /// Revokes every token of a user.
    pub(crate) fn revoke_all(&mut self, now: f64, user: &str) {
        let token = self.emulator.admin_token().to_owned();
        self.send_with_token(
            now,
            Behaviour::Normal,
            "DELETE",
            &format!("/api/v4/sessions/users/{user}"),
            &token,
        );
    }

    pub(crate) fn set_banned(&mut self, user: &str, banned: bool) -> bool {
        self.emulator.set_banned(user, banned)
    }

    pub(crate) fn delete(&mut self, user: &str) -> bool {
        self.emulator.delete_user(user)
    }
}

fn to_response(reply: &Reply) -> Response<String> {
    let seconds = reply
        .header("retry-after")
        .and_then(|text| text.parse::<f64>().ok());
    Response {
        status: reply.status,
        retry_after_ms: seconds.map(|seconds| seconds * 1000.0),
        text: reply.body.clone(),
    }
}

fn check_reply(purpose: Purpose, reply: &Reply) -> Result<(), Error> {
    // The status 200 means success, whatever the body.
    if reply.status == 200 {
        return Ok(());
    }
    failure(purpose, &to_response(reply))
        .map_or_else(|| Err(Error::new(Kind::InvalidResponse, "")), Err)
}
