//! The cases of the wire contract (tests/vectors.json), natively: what each request says to the
//! letter, and what each answer comes to.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use serde_json::{json, Map, Value};
use social_plus_auth::protocol::auth_token::{self, TokenVersion};
use social_plus_auth::protocol::date::format_iso;
use social_plus_auth::protocol::{
    bearer, failure, DeviceInfo, Error, Purpose, Request, Response, Secret, Service, Session,
    SessionRequest, SessionVersion,
};

const NOW: f64 = 1_767_225_600_000.0;

fn vectors(part: &str, operations: &[&str]) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let wanted = |case: &&Value| operations.contains(&case["operation"].as_str().unwrap());
    all[part]
        .as_array()
        .unwrap()
        .iter()
        .filter(wanted)
        .cloned()
        .collect()
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value[field].as_str()
}

fn secret(value: &Value, field: &str) -> Option<Secret> {
    text(value, field).map(|text| Secret::from(String::from(text)))
}

fn session_request<'a>(input: &'a Value, auth_token: Option<&'a Secret>) -> SessionRequest<'a> {
    SessionRequest {
        user_id: text(input, "userId").unwrap(),
        device_id: text(input, "deviceId").unwrap(),
        display_name: text(input, "displayName"),
        profile_handle: text(input, "profileHandle"),
        auth_token,
        device_info: input
            .get("deviceInfo")
            .map_or_else(DeviceInfo::default, |info| DeviceInfo {
                kind: text(info, "kind"),
                model: text(info, "model"),
                sdk_version: text(info, "sdkVersion"),
            }),
        ..SessionRequest::default()
    }
}

/// Holds what a request borrows.
struct Secrets {
    key: Option<Secret>,
    token: Option<Secret>,
}

fn secrets(case: &Value) -> Secrets {
    let key = if case["operation"] == "createAuthToken" {
        "serverKey"
    } else {
        "apiKey"
    };
    let token = if case["operation"] == "createSession" {
        "authToken"
    } else {
        "accessToken"
    };
    Secrets {
        key: secret(&case["options"], key),
        token: secret(&case["input"], token),
    }
}

fn built<'a>(case: &'a Value, secrets: &'a Secrets) -> Result<Request<'a>, Error> {
    let (options, input) = (&case["options"], &case["input"]);
    let service = Service::new(options["region"].as_str(), options["endpoint"].as_str())?;
    let version = options["apiVersion"].as_str();
    let (key, token) = (secrets.key.as_ref(), secrets.token.as_ref());
    match case["operation"].as_str().unwrap() {
        "createAuthToken" => auth_token::request(
            &service,
            key,
            input["userId"].as_str().unwrap(),
            TokenVersion::parse(version)?,
        ),
        "createSession" => {
            session_request(input, token).http(&service, key, SessionVersion::parse(version)?)
        }
        "verifySession" => bearer::verify(&service, token),
        "revokeSession" => bearer::revoke(&service, token),
        other => panic!("no builder for {other}"),
    }
}

#[test]
fn every_request_is_what_the_contract_says_to_the_letter() {
    let cases = vectors(
        "requests",
        &[
            "createAuthToken",
            "createSession",
            "verifySession",
            "revokeSession",
        ],
    );
    assert_eq!(cases.len(), 8, "cases went missing");
    for case in cases {
        let secrets = secrets(&case);
        let request = built(&case, &secrets).unwrap();
        let lines = request.header_lines();
        let lines: Vec<&str> = lines.expose().lines().collect();
        let headers: Map<String, Value> = lines
            .chunks(2)
            .map(|pair| (pair[0].into(), pair[1].into()))
            .collect();
        let mut said =
            json!({ "method": request.method, "url": request.url.expose(), "headers": headers });
        if let Some(body) = &request.body {
            said["body"] = serde_json::from_str(body.expose()).unwrap();
        }
        assert_eq!(said, case["request"], "{}", case["name"]);
    }
}

fn response(case: &Value, body: &str) -> Response<String> {
    let given = &case["response"];
    Response {
        status: given["status"].as_u64().unwrap() as u16,
        retry_after_ms: text(&given["headers"], "retry-after")
            .map(|seconds| seconds.parse::<f64>().unwrap() * 1000.0),
        text: String::from(body),
    }
}

fn read_token(response: &Response<String>) -> Result<Secret, Error> {
    failure(Purpose::AuthToken, response).map_or_else(|| auth_token::parse(response), Err)
}

fn read_session(response: &Response<String>) -> Result<Session<Value>, Error> {
    failure(Purpose::SecureSession, response)
        .map_or_else(|| SessionRequest::parse("ada", response, NOW), Err)
}

/// What an answer came to, in the shape of a case's `error`, `token` or `session`.
fn outcome(case: &Value, body: &str) -> Value {
    let failed = |error: Error| {
        let mut said = json!({ "kind": error.kind.name(), "retryable": error.retryable });
        for (name, value) in [
            ("status", json!(error.status)),
            ("code", json!(error.code)),
            ("retryAfterMs", json!(error.retry_after_ms)),
        ] {
            if !value.is_null() {
                said[name] = value;
            }
        }
        json!({ "error": said })
    };
    let response = response(case, body);
    match case["operation"].as_str().unwrap() {
        "createAuthToken" => {
            read_token(&response).map_or_else(failed, |token| json!({ "token": token.expose() }))
        }
        _ => read_session(&response).map_or_else(failed, |session| {
            let mut said = json!({
                "issuedAt": format_iso(session.issued_at),
                "expiresAt": format_iso(session.expires_at),
                "userId": session.user["userId"],
            });
            for (name, value) in [
                ("refreshToken", session.refresh_token),
                ("userType", session.user_type),
            ] {
                if let Some(value) = value {
                    said[name] = value;
                }
            }
            json!({ "session": said })
        }),
    }
}

#[test]
fn every_answer_comes_to_what_the_contract_says() {
    let cases = vectors("responses", &["createAuthToken", "createSession"]);
    assert_eq!(cases.len(), 15, "cases went missing");
    for mut case in cases {
        let body = text(&case["response"], "body").unwrap();
        let mut said = outcome(&case, body);
        // The wire has whole numbers where Rust counts in fractions.
        for value in [&mut said["error"], &mut case["error"]] {
            if let Some(ms) = value.get("retryAfterMs").and_then(Value::as_f64) {
                value["retryAfterMs"] = json!(ms);
            }
        }
        for part in ["error", "token", "session"] {
            assert_eq!(
                said.get(part).unwrap_or(&Value::Null),
                case.get(part).unwrap_or(&Value::Null),
                "{}: {part}",
                case["name"]
            );
        }
    }
}

#[test]
fn an_answer_cut_anywhere_is_no_session() {
    for case in vectors("responses", &["createSession"])
        .into_iter()
        .filter(|case| case.get("session").is_some())
    {
        let body = text(&case["response"], "body").unwrap();
        for at in 0..body.len() {
            let said = outcome(&case, &body[..at]);
            assert_eq!(
                said["error"]["kind"], "invalidResponse",
                "{} cut at byte {at}",
                case["name"]
            );
        }
    }
}

#[test]
fn an_answer_spoiled_anywhere_is_read_without_a_panic() {
    for case in vectors("responses", &["createAuthToken", "createSession"]) {
        let body = text(&case["response"], "body").unwrap();
        for at in 0..body.len() {
            for spoil in [
                "",
                "\"",
                "}",
                "[",
                "0",
                "-",
                "e",
                "\\",
                "\u{0}",
                "é",
                "9999999999",
            ] {
                let spoiled = [&body[..at], spoil, &body[at + 1..]].concat();
                let said = outcome(&case, &spoiled);
                assert!(said.is_object());
            }
        }
    }
}

#[test]
fn nothing_that_is_printed_shows_a_secret() {
    for case in vectors(
        "requests",
        &[
            "createAuthToken",
            "createSession",
            "verifySession",
            "revokeSession",
        ],
    ) {
        let shown = format!("{:?}", built(&case, &secrets(&case)).unwrap());
        for held in ["sk-1", "ak-1", "at-1", "s9qne0wEqVb2", "ada"] {
            assert!(
                !shown.contains(held),
                "{}: the request shows {held}",
                case["name"]
            );
        }
    }
    for case in vectors("responses", &["createAuthToken", "createSession"]) {
        let body = text(&case["response"], "body").unwrap();
        let response = response(&case, body);
        let shown = match case["operation"].as_str().unwrap() {
            "createAuthToken" => format!("{:?} {:?}", response, read_token(&response)),
            _ => format!("{:?} {:?}", response, read_session(&response)),
        };
        for held in [
            "s9qne0wEqVb2",
            "opaque",
            "rt-1",
            "rt-2",
            "eyJ",
            "Wi-Fi",
            "is too long",
        ] {
            assert!(!shown.contains(held), "{}: {held} shows", case["name"]);
        }
    }
}
