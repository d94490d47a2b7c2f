//! Fuzzes the parsers of responses: any status and any body of any call.

use super::reader::{Reader, Writer};
use super::seeds::{Vectors, ERRORS, SESSION};
use serde_json::Value;
use social_plus_auth::protocol::{
    admin, auth_token, bearer, failure, Error, Purpose, Response, Retry, SessionRequest,
};

const PURPOSES: [Purpose; 18] = [
    Purpose::Session,
    Purpose::SecureSession,
    Purpose::GuestSession,
    Purpose::Verify,
    Purpose::Revoke,
    Purpose::Refresh,
    Purpose::AuthToken,
    Purpose::IssueAdminToken,
    Purpose::GetAdminToken,
    Purpose::RevokeAdminToken,
    Purpose::RevokeUserSessions,
    Purpose::IssueServerKey,
    Purpose::GetServerKeyInfo,
    Purpose::GetSecurityConfig,
    Purpose::SetSecurityConfig,
    Purpose::GetNetwork,
    Purpose::SetSecureMode,
    Purpose::SetNetworkPush,
];
const NOW: f64 = 1_767_323_045_678.0;

/// Adds the texts of a JSON value that could be a secret: no message contains a tilde.
fn collect_texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('~') => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, into)),
        Value::Object(fields) => fields.values().for_each(|item| collect_texts(item, into)),
        _ => {}
    }
}

/// Checks that an error repeats nothing of the body.
fn check_error(error: &Error, texts: &[String]) {
    let shown = format!("{error} {error:?}");
    for text in texts {
        assert!(!shown.contains(text.as_str()), "an error repeats the body");
    }
    for attempt in 1..4 {
        let delay = Retry::default().delay(error, attempt, 0.5);
        assert!(delay.is_none_or(|ms| (0.0..=8_000.0).contains(&ms)));
    }
}

fn check_token(token: &str) {
    assert!(!token.is_empty(), "an empty token");
    assert!(token.bytes().all(|b| b.is_ascii_graphic()), "not visible");
}

/// Runs the parsers of all calls on a response that is no failure.
fn parse_all(response: &Response<String>, user_id: &str, fail: &dyn Fn(&Error)) {
    match auth_token::parse(response) {
        Ok(token) => {
            check_token(token.expose());
            assert!(token.expose().len() <= 100 && !token.expose().contains(['<', '"', '\\']));
        }
        Err(error) => fail(&error),
    }
    match SessionRequest::parse(user_id, response, NOW) {
        Ok(session) => {
            check_token(session.access_token.as_str().expect("a token is a text"));
            assert!(session.issued_at.is_finite() && session.expires_at.is_finite());
            if !user_id.is_empty() {
                assert_eq!(session.user["userId"], user_id, "another user's session");
            }
        }
        Err(error) => fail(&error),
    }
    let _ = bearer::parse_verified(response).map_err(|error| fail(&error));
    let _ = bearer::parse_revoked(response).map_err(|error| fail(&error));
    match bearer::parse_refreshed(response) {
        Ok(token) => check_token(token.as_str().expect("a token is a text")),
        Err(error) => fail(&error),
    }
    for purpose in PURPOSES {
        let _ = admin::parse(purpose, response).map_err(|error| fail(&error));
    }
}

pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let purpose = reader.pick(&PURPOSES);
    let status = u16::from_be_bytes([reader.byte(), reader.byte()]);
    let retry_after_ms = reader.flag().then(|| reader.number().abs().min(1e15));
    let user_id = reader.text();
    let text = reader.text();
    let mut texts = Vec::new();
    if let Ok(json) = serde_json::from_str(&text) {
        collect_texts(&json, &mut texts);
    }
    let response = Response {
        status,
        retry_after_ms,
        text,
    };
    match failure(purpose, &response) {
        Some(error) => {
            check_error(&error, &texts);
            let _ = bearer::is_revoked(&error, 2);
        }
        None => {
            assert!((200..300).contains(&status), "an error counts as a success");
            parse_all(&response, &user_id, &|error| check_error(error, &texts));
        }
    }
}

fn seed(purpose: u8, status: u16, user_id: &str, body: &str) -> Vec<u8> {
    let [high, low] = status.to_be_bytes();
    Writer::default()
        .byte(purpose)
        .byte(high)
        .byte(low)
        .byte(0)
        .text(user_id)
        .text(body)
        .finish()
}

pub fn seeds(vectors: &Vectors) -> Vec<Vec<u8>> {
    let mut all: Vec<_> = vectors
        .responses()
        .iter()
        .map(|(status, body)| seed(0, *status, "ada", body))
        .collect();
    all.extend(
        (0..18).flat_map(|purpose| ERRORS.map(|(status, body)| seed(purpose, status, "ada", body))),
    );
    all.extend([
        seed(0, 200, "ada", SESSION),
        seed(5, 200, "", r#"{"accessToken":"~at-1"}"#),
        seed(6, 200, "", r#"{"authToken":"~at-1"}"#),
        seed(6, 200, "", "at-1"),
        seed(4, 200, "", r#"{"success":true}"#),
    ]);
    all
}
