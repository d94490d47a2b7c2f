//! A client of a few lines, so that a test says only what it is about.

use serde_json::{json, Value};
use social_plus_auth::emulator::{Emulator, Fault, Given, Misuse, Options, Reply, Request};

/// Some moment: 2026-01-02T03:04:05.678Z.
pub(crate) const START: f64 = 1_767_323_045_678.0;

/// An emulator with keys that a test can write down, and the time that it is asked at.
pub(crate) struct Client {
    pub(crate) emulator: Emulator,
    pub(crate) now: f64,
}

/// An emulator in unsecure mode.
pub(crate) fn unsecure() -> Client {
    client(Options::default())
}

/// An emulator in secure mode.
pub(crate) fn secure() -> Client {
    client(Options {
        secure_mode: true,
        ..Options::default()
    })
}

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

/// Options as JavaScript would give them.
pub(crate) fn read_options(options: Value) -> Result<Options, Misuse> {
    Options::read(serde_json::from_value::<Given>(options).unwrap())
}

/// A fault as JavaScript would give it.
pub(crate) fn read_fault(fault: Value) -> Result<Fault, Misuse> {
    Fault::read(serde_json::from_value::<Given>(fault).unwrap())
}

pub(crate) fn body(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap_or(Value::Null)
}

/// A refusal is exactly this: its status, its code, its message, and nothing else.
#[track_caller]
pub(crate) fn assert_refused(reply: &Reply, status: u16, code: u32, message: &str) {
    assert_eq!(
        (reply.status, body(reply)),
        (
            status,
            json!({"status": "error", "code": code, "message": message})
        )
    );
    assert_eq!(
        reply.header("content-type"),
        Some("application/json; charset=utf-8")
    );
}

/// Parameters are refused, and these are named.
#[track_caller]
pub(crate) fn assert_parameters(reply: &Reply, status: u16, names: &[&str]) {
    let body = body(reply);
    let detail: Vec<&str> = body["data"]["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert_eq!(
        (reply.status, &body["code"], &body["message"]),
        (
            status,
            &json!(500_000),
            &json!("Parameters validation error!")
        )
    );
    let named: Vec<&str> = detail
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(named, names, "{detail:?}");
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

    pub(crate) fn mint(&mut self, user_id: &str) -> Reply {
        self.send(
            "POST",
            "/api/v4/authentication/token",
            &[("x-server-key", "sk-1")],
            Some(json!({"userId": user_id})),
        )
    }

    /// An auth token for this user.
    #[track_caller]
    pub(crate) fn minted(&mut self, user_id: &str) -> String {
        let reply = self.mint(user_id);
        assert_eq!(reply.status, 200);
        reply.body.trim_matches('"').to_owned()
    }

    pub(crate) fn create(&mut self, version: &str, body: Value) -> Reply {
        self.send(
            "POST",
            &format!("/api/{version}/sessions"),
            &[("x-api-key", "ak-1")],
            Some(body),
        )
    }

    /// An access token of a new v5 session.
    #[track_caller]
    pub(crate) fn signed_in(&mut self, user_id: &str, device_id: &str) -> String {
        let reply = self.create("v5", json!({"userId": user_id, "deviceId": device_id}));
        assert_eq!(reply.status, 200, "{}", body(&reply)["message"]);
        body(&reply)["accessToken"].as_str().unwrap().to_owned()
    }

    pub(crate) fn bearer(&mut self, method: &str, path: &str, token: &str) -> Reply {
        self.send(
            method,
            path,
            &[("authorization", &format!("Bearer {token}"))],
            None,
        )
    }

    pub(crate) fn verify(&mut self, token: &str) -> Reply {
        self.bearer("GET", "/api/v3/sessions", token)
    }

    pub(crate) fn admin(&mut self, method: &str, path: &str) -> Reply {
        let token = self.emulator.admin_token().to_owned();
        self.bearer(method, path, &token)
    }
}
