//! A minimal client of the emulator, and assertions about replies.

use serde_json::{json, Value};
use social_plus_auth::emulator::{
    Admin, Emulator, Fault, Misuse, Options, RawFields, Reply, Request, Role,
};

/// An arbitrary time: 2026-01-02T03:04:05.678Z.
pub(crate) const START: f64 = 1_767_323_045_678.0;
pub(crate) const HOUR: f64 = 3_600_000.0;
pub(crate) const DAY: f64 = 24.0 * HOUR;

pub(crate) const JSON: Option<&str> = Some("application/json; charset=utf-8");
pub(crate) const TEXT: Option<&str> = Some("text/plain; charset=utf-8");

/// An emulator, and the time of its next request. The methods that send keys assume `ak-1` and
/// `sk-1`, except `mint_with`.
pub(crate) struct Client {
    pub(crate) emulator: Emulator,
    pub(crate) now: f64,
}

/// Creates an emulator in unsecure mode.
pub(crate) fn unsecure() -> Client {
    client(Options::default())
}

/// Creates an emulator in secure mode.
pub(crate) fn secure() -> Client {
    client(Options {
        secure_mode: true,
        ..Options::default()
    })
}

/// Creates an emulator with these options, the API key `ak-1` and the server key `sk-1`.
pub(crate) fn client(options: Options) -> Client {
    let options = Options {
        api_key: Some("ak-1".into()),
        server_key: Some("sk-1".into()),
        ..options
    };
    Client {
        emulator: Emulator::new(options, START, b"tests"),
        now: START,
    }
}

/// Creates a console user for `Options::admins`.
pub(crate) fn admin(username: &str, role: Role, token: Option<&str>) -> Admin {
    Admin {
        username: username.into(),
        role,
        token: token.map(Into::into),
    }
}

/// Converts JSON to the fields that a JavaScript caller would pass.
pub(crate) fn fields(value: Value) -> RawFields {
    serde_json::from_value(value).unwrap()
}

/// Parses options as a JavaScript caller would pass them.
pub(crate) fn parse_options(options: Value) -> Result<Options, Misuse> {
    Options::parse(fields(options))
}

/// Parses a fault as a JavaScript caller would pass it.
pub(crate) fn parse_fault(fault: Value) -> Result<Fault, Misuse> {
    Fault::parse(fields(fault))
}

/// Parses the body of a reply as JSON. Returns `null` if the body is not JSON.
pub(crate) fn body(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or(Value::Null)
}

/// Returns a string field of a reply's JSON body.
#[track_caller]
pub(crate) fn string_field(reply: &Reply, name: &str) -> String {
    body(reply)[name].as_str().unwrap().to_owned()
}

/// Asserts that a reply is an error with exactly this status, code and message.
#[track_caller]
pub(crate) fn assert_refused(reply: &Reply, status: u16, code: u32, message: &str) {
    assert_eq!(reply.status, status);
    assert_eq!(
        body(reply),
        json!({"status": "error", "code": code, "message": message})
    );
    assert_eq!(reply.header("content-type"), JSON);
}

#[track_caller]
pub(crate) fn assert_unauthorized(reply: &Reply) {
    assert_refused(reply, 401, 400_100, "Unauthorized");
}

#[track_caller]
pub(crate) fn assert_banned(reply: &Reply) {
    assert_refused(reply, 403, 400_312, "User is global banned.");
}

/// Asserts that a reply reports exactly these parameters as invalid, in this order.
#[track_caller]
pub(crate) fn assert_invalid_parameters(reply: &Reply, status: u16, names: &[&str]) {
    let body = body(reply);
    let detail: Vec<&str> = body["data"]["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert_eq!(reply.status, status);
    assert_eq!(body["code"], 500_000);
    assert_eq!(body["message"], "Parameters validation error!");
    let reported: Vec<&str> = detail
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(reported, names, "{detail:?}");
}

impl Client {
    pub(crate) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let mut headers = headers.to_vec();
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.emulator
            .handle(self.now, &Request::new(method, path, headers, body))
    }

    /// Requests an auth token for a user.
    pub(crate) fn mint(&mut self, user_id: &str) -> Reply {
        self.mint_with("sk-1", user_id)
    }

    /// Requests an auth token with this server key.
    pub(crate) fn mint_with(&mut self, server_key: &str, user_id: &str) -> Reply {
        self.send(
            "POST",
            "/api/v4/authentication/token",
            &[("x-server-key", server_key)],
            Some(json!({"userId": user_id})),
        )
    }

    /// Mints an auth token for a user and returns it.
    #[track_caller]
    pub(crate) fn mint_token(&mut self, user_id: &str) -> String {
        let reply = self.mint(user_id);
        assert_eq!(reply.status, 200);
        reply.body.trim_matches('"').to_owned()
    }

    /// Requests a session with this body.
    pub(crate) fn create_session(&mut self, version: &str, body: Value) -> Reply {
        self.send(
            "POST",
            &format!("/api/{version}/sessions"),
            &[("x-api-key", "ak-1")],
            Some(body),
        )
    }

    /// Requests a v5 session of a user on device `d`, with an auth token.
    pub(crate) fn redeem(&mut self, user_id: &str, auth_token: &str) -> Reply {
        let body = json!({"userId": user_id, "deviceId": "d", "authToken": auth_token});
        self.create_session("v5", body)
    }

    /// Creates a v5 session and returns its access token.
    #[track_caller]
    pub(crate) fn sign_in(&mut self, user_id: &str, device_id: &str) -> String {
        let reply = self.create_session("v5", json!({"userId": user_id, "deviceId": device_id}));
        assert_eq!(reply.status, 200, "{}", body(&reply)["message"]);
        string_field(&reply, "accessToken")
    }

    /// Sends a request with a bearer token and no body.
    pub(crate) fn send_bearer(&mut self, method: &str, path: &str, token: &str) -> Reply {
        self.send_bearer_with_body(method, path, token, None)
    }

    /// Sends a request with a bearer token.
    pub(crate) fn send_bearer_with_body(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Reply {
        let authorization = format!("Bearer {token}");
        self.send(method, path, &[("authorization", &authorization)], body)
    }

    /// Verifies an access token.
    pub(crate) fn verify(&mut self, token: &str) -> Reply {
        self.send_bearer("GET", "/api/v3/sessions", token)
    }

    /// Sends a request with the admin token and no body.
    pub(crate) fn send_admin(&mut self, method: &str, path: &str) -> Reply {
        let token = self.emulator.admin_token().to_owned();
        self.send_bearer(method, path, &token)
    }

    /// Sends a request with the admin token.
    pub(crate) fn send_admin_with_body(&mut self, method: &str, path: &str, body: Value) -> Reply {
        let token = self.emulator.admin_token().to_owned();
        self.send_bearer_with_body(method, path, &token, Some(body))
    }

    pub(crate) fn add_fault(&mut self, fault: Value) {
        self.emulator.add_fault(parse_fault(fault).unwrap());
    }
}
