//! Runs cases of the wire contract (`tests/vectors.json`) natively: checks the exact request of
//! each operation in [`REQUESTS`], and the result of each response to an operation in
//! [`RESPONSES`]. Also parses cut and corrupted responses, and searches debug output for secrets.
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

/// 2026-01-01T00:00:00Z.
const NOW: f64 = 1_767_225_600_000.0;

/// The operations whose requests `build_request` can build.
const REQUESTS: [&str; 4] = [
    "createAuthToken",
    "createSession",
    "verifySession",
    "revokeSession",
];
/// The operations whose responses `read_result` can parse.
const RESPONSES: [&str; 2] = ["createAuthToken", "createSession"];

/// Returns the cases of `part` (`requests` or `responses`) for these operations.
fn vectors(part: &str, operations: &[&str]) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let is_selected = |case: &&Value| operations.contains(&case["operation"].as_str().unwrap());
    all[part]
        .as_array()
        .unwrap()
        .iter()
        .filter(is_selected)
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

/// The secrets of a case, from which its request borrows.
struct Secrets {
    key: Option<Secret>,
    token: Option<Secret>,
}

fn read_secrets(case: &Value) -> Secrets {
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

fn build_request<'a>(case: &'a Value, secrets: &'a Secrets) -> Result<Request<'a>, Error> {
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
fn requests_are_exactly_as_the_contract_says() {
    let cases = vectors("requests", &REQUESTS);
    assert_eq!(cases.len(), 8, "the number of cases has changed");
    for case in cases {
        let secrets = read_secrets(&case);
        let request = build_request(&case, &secrets).unwrap();
        let lines = request.header_lines();
        let lines: Vec<&str> = lines.expose().lines().collect();
        let headers: Map<String, Value> = lines
            .chunks(2)
            .map(|pair| (pair[0].into(), pair[1].into()))
            .collect();
        let mut actual =
            json!({ "method": request.method, "url": request.url.expose(), "headers": headers });
        if let Some(body) = &request.body {
            actual["body"] = serde_json::from_str(body.expose()).unwrap();
        }
        assert_eq!(actual, case["request"], "{}", case["name"]);
    }
}

fn response(case: &Value, body: &str) -> Response<String> {
    let response = &case["response"];
    Response {
        status: response["status"].as_u64().unwrap() as u16,
        retry_after_ms: text(&response["headers"], "retry-after")
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

/// Parses a response. Returns the result in the shape of a case's `error`, `token` or `session`.
fn read_result(case: &Value, body: &str) -> Value {
    let error_json = |error: Error| {
        let mut actual = json!({ "kind": error.kind.name(), "retryable": error.retryable });
        for (name, value) in [
            ("status", json!(error.status)),
            ("code", json!(error.code)),
            ("retryAfterMs", json!(error.retry_after_ms)),
        ] {
            if !value.is_null() {
                actual[name] = value;
            }
        }
        json!({ "error": actual })
    };
    let response = response(case, body);
    match case["operation"].as_str().unwrap() {
        "createAuthToken" => read_token(&response)
            .map_or_else(error_json, |token| json!({ "token": token.expose() })),
        _ => read_session(&response).map_or_else(error_json, |session| {
            let mut actual = json!({
                "issuedAt": format_iso(session.issued_at),
                "expiresAt": format_iso(session.expires_at),
                "userId": session.user["userId"],
            });
            for (name, value) in [
                ("refreshToken", session.refresh_token),
                ("userType", session.user_type),
            ] {
                if let Some(value) = value {
                    actual[name] = value;
                }
            }
            json!({ "session": actual })
        }),
    }
}

#[test]
fn responses_have_the_results_that_the_contract_says() {
    let cases = vectors("responses", &RESPONSES);
    assert_eq!(cases.len(), 16, "the number of cases has changed");
    for mut case in cases {
        let body = text(&case["response"], "body").unwrap();
        let mut actual = read_result(&case, body);
        // serde_json considers an integer and an `f64` to be different, so both become an `f64`.
        for value in [&mut actual["error"], &mut case["error"]] {
            if let Some(ms) = value.get("retryAfterMs").and_then(Value::as_f64) {
                value["retryAfterMs"] = json!(ms);
            }
        }
        for part in ["error", "token", "session"] {
            assert_eq!(
                actual.get(part).unwrap_or(&Value::Null),
                case.get(part).unwrap_or(&Value::Null),
                "{}: {part}",
                case["name"]
            );
        }
    }
}

#[test]
fn a_session_response_cut_at_any_byte_is_invalid() {
    for case in vectors("responses", &["createSession"])
        .into_iter()
        .filter(|case| case.get("session").is_some())
    {
        let body = text(&case["response"], "body").unwrap();
        for at in 0..body.len() {
            let actual = read_result(&case, &body[..at]);
            assert_eq!(
                actual["error"]["kind"], "invalidResponse",
                "{} cut at byte {at}",
                case["name"]
            );
        }
    }
}

#[test]
fn parsing_a_response_corrupted_at_any_byte_does_not_panic() {
    for case in vectors("responses", &RESPONSES) {
        let body = text(&case["response"], "body").unwrap();
        for at in 0..body.len() {
            for replacement in [
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
                let corrupted = [&body[..at], replacement, &body[at + 1..]].concat();
                let actual = read_result(&case, &corrupted);
                assert!(actual.is_object());
            }
        }
    }
}

#[test]
fn debug_output_contains_no_secret_no_user_id_and_no_text_of_a_response() {
    for case in vectors("requests", &REQUESTS) {
        let shown = format!("{:?}", build_request(&case, &read_secrets(&case)).unwrap());
        for hidden in ["sk-1", "ak-1", "at-1", "s9qne0wEqVb2", "ada"] {
            assert!(
                !shown.contains(hidden),
                "{}: the request shows {hidden}",
                case["name"]
            );
        }
    }
    for case in vectors("responses", &RESPONSES) {
        let body = text(&case["response"], "body").unwrap();
        let response = response(&case, body);
        let shown = match case["operation"].as_str().unwrap() {
            "createAuthToken" => format!("{:?} {:?}", response, read_token(&response)),
            _ => format!("{:?} {:?}", response, read_session(&response)),
        };
        for hidden in [
            "s9qne0wEqVb2",
            "opaque",
            "rt-1",
            "rt-2",
            "eyJ",
            "Wi-Fi",
            "is too long",
        ] {
            assert!(
                !shown.contains(hidden),
                "{}: the response or its result shows {hidden}",
                case["name"]
            );
        }
    }
}
