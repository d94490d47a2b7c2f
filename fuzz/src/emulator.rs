//! Fuzzes `Emulator::handle` with sequences of requests to one emulator.

use super::reader::{Reader, Writer};
use super::seeds::Vectors;
use serde_json::{json, Value};
use social_plus_auth::emulator::{Admin, Emulator, Options, Reply, Request, Role};
use std::cell::RefCell;

const NOW: f64 = 1_767_323_045_678.0;
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "patch", ""];
const PATHS: [&str; 21] = [
    "/api/v5/sessions",
    "/api/v4/sessions",
    "/api/v3/sessions",
    "/api/v5/sessions/visitor",
    "/api/v5/sessions/bot",
    "/api/v4/authentication/token",
    "/api/v3/authentication/token?userId=ada",
    "/v1/accessToken?userId=ada&refreshToken=",
    "/api/v1/admin-token",
    "/admin/v1/token",
    "/api/v4/sessions/users/ada?isPublic=true",
    "/api/v4/sessions?userId=ada&isPublic=true",
    "/api/v3/networks/server-key",
    "/api/v3/network-settings/security-configs",
    "/api/v3/networks/me",
    "/admin/v1/notification/setting",
    "/api/v3/users/ada",
    "/api/v3/users/%F0%9F",
    "/nowhere",
    "https://host.test/api/v5/sessions#a",
    "",
];
const SECRETS: [&str; 4] = [
    "ak-1-of-the-network",
    "sk-1-of-the-network",
    "adm-1-of-the-network",
    "root-1-of-the-network",
];

thread_local! {
    /// A reset emulator is like a new one, and much cheaper to get.
    static EMULATORS: [RefCell<Emulator>; 3] = [(false, false), (true, false), (true, true)]
        .map(|(secure_mode, mtls)| {
            RefCell::new(Emulator::new(create_options(secure_mode, mtls), NOW, b"fuzz"))
        });
}

fn create_options(secure_mode: bool, mtls: bool) -> Options {
    let admin = |username: &str, role, token: &str| Admin {
        username: username.into(),
        role,
        token: Some(token.into()),
    };
    Options {
        api_key: Some(SECRETS[0].into()),
        server_key: Some(SECRETS[1].into()),
        admins: vec![
            admin("admin", Role::Admin, SECRETS[2]),
            admin("root", Role::SuperAdmin, SECRETS[3]),
        ],
        seed: Some(1.0),
        secure_mode,
        mtls,
        ..Options::default()
    }
}

fn check_reply(reply: &Reply, what: &str) {
    let header = |name| reply.header(name);
    assert!(reply.dropped || header("date").is_some(), "{what}: no date");
    for (name, value) in &reply.headers {
        let is_plain = value.bytes().all(|b| (b' '..=b'~').contains(&b));
        assert!(is_plain, "{what}: {name} could split the reply");
    }
    assert!(
        header("access-control-allow-origin").is_none(),
        "{what}: any page can read it"
    );
    match reply.status {
        0 => assert!(reply.dropped),
        200 | 204 => {}
        401 if header("content-type").is_some_and(|kind| kind.starts_with("text/plain")) => {
            assert_eq!(reply.body, "Unauthorized");
        }
        400 | 401 | 403 | 404 | 422 | 429 | 500 => {
            let body: Value = serde_json::from_str(&reply.body).expect("an error is not JSON");
            assert_eq!(body["status"], "error", "{what}");
            assert!(
                body["code"].is_u64() && body["message"].is_string(),
                "{what}"
            );
        }
        other => panic!("{what}: status {other}"),
    }
    if let Some(record) = &reply.record {
        let shown = serde_json::to_string(record.as_ref()).expect("a record is JSON");
        // The API key is public.
        for secret in &SECRETS[1..] {
            assert!(
                !shown.contains(*secret),
                "{what}: the record shows a secret"
            );
        }
    }
}

/// Sends one request. Returns the token in the reply, if any, for the following requests.
fn send(emulator: &mut Emulator, reader: &mut Reader<'_>, now: f64, token: &str) -> Option<String> {
    let method = reader.pick(&METHODS);
    let path = match reader.byte() {
        255 => reader.text(),
        byte => PATHS[usize::from(byte) % PATHS.len()].to_owned(),
    };
    let bearer = match reader.byte() % 5 {
        0 => format!("Bearer {token}"),
        1 => format!("Bearer {}", SECRETS[2]),
        2 => format!("Bearer {}", SECRETS[3]),
        3 => reader.text(),
        _ => String::new(),
    };
    let mut headers = vec![
        ("authorization".to_owned(), bearer),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    if reader.byte() % 8 > 0 {
        headers.extend([
            ("x-api-key".to_owned(), SECRETS[0].to_owned()),
            ("x-server-key".to_owned(), SECRETS[1].to_owned()),
        ]);
    } else {
        headers.push((reader.text(), reader.text()));
    }
    let body = reader.text().replace("$TOKEN", token);
    let what = format!("{method} {path} {body}");
    let request = Request::new(method, &path, headers, body);
    let reply = emulator.handle(now, &request);
    check_reply(&reply, &what);
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    body["accessToken"]
        .as_str()
        .or_else(|| body.as_str())
        .map(str::to_owned)
}

pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let which = usize::from(reader.byte() % 3);
    EMULATORS.with(|emulators| {
        let mut emulator = emulators[which].borrow_mut();
        emulator.reset();
        let mut now = NOW;
        let mut token = String::new();
        for _ in 0..16 {
            if reader.is_empty() {
                break;
            }
            now += f64::from(reader.byte()) * f64::from(reader.byte()) * 60_000.0;
            token = send(&mut emulator, &mut reader, now, &token).unwrap_or(token);
        }
    });
}

fn request(writer: Writer, method: u8, path: u8, bearer: u8, body: &str) -> Writer {
    writer
        .byte(0)
        .byte(0)
        .byte(method)
        .byte(path)
        .byte(bearer)
        .byte(1)
        .text(body)
}

/// Returns a copy of a body for each value that replaces all of its fields.
fn spoil(body: &Value) -> Vec<String> {
    let Value::Object(fields) = body else {
        return Vec::new();
    };
    let long = "x".repeat(400);
    [
        json!(""),
        json!(long),
        json!(-1),
        json!(true),
        json!({}),
        json!([{"x": 1}]),
        json!([]),
    ]
    .into_iter()
    .map(|value| {
        let spoiled = fields.keys().map(|name| (name.clone(), value.clone()));
        Value::Object(spoiled.collect()).to_string()
    })
    .collect()
}

pub fn seeds(vectors: &Vectors) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let session = r#"{"userId":"ada","deviceId":"d","displayName":"Ada"}"#;
    let secure = r#"{"userId":"ada","deviceId":"d","authToken":"$TOKEN"}"#;
    for which in 0..3 {
        let start = || Writer::default().byte(which);
        let mut life = request(start(), 1, 5, 4, r#"{"userId":"ada"}"#);
        life = request(life, 1, 0, 4, secure);
        life = request(life, 1, 0, 4, session);
        life = request(life, 0, 2, 0, "");
        life = request(life, 0, 16, 0, "");
        life = request(life, 3, 1, 0, "");
        all.push(life.finish());
        for path in 0..PATHS.len() as u8 {
            for (method, bearer) in [(0, 1), (1, 1), (2, 1), (3, 2), (4, 4)] {
                all.push(request(start(), method, path, bearer, session).finish());
            }
        }
        for given in vectors.requests() {
            let path = given["path"].as_str().or_else(|| given["url"].as_str());
            let method = METHODS
                .iter()
                .position(|method| given["method"] == **method)
                .unwrap_or(0);
            let body = Some(&given["body"]).filter(|body| !body.is_null());
            let mut bodies = spoil(&given["body"]);
            bodies.push(body.map(Value::to_string).unwrap_or_default());
            all.extend(bodies.iter().map(|body| {
                let writer = start().byte(0).byte(0).byte(method as u8).byte(255);
                let writer = writer.text(path.unwrap_or_default()).byte(1).byte(1);
                writer.text(body).finish()
            }));
        }
    }
    all
}
