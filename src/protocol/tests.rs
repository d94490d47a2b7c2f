//! Tests small parsers and limits that no native test of `tests/vectors.json` reaches.

use super::{admin, auth_token, bearer, Error, Kind, Purpose, Response, Secret, Service};
use alloc::{format, string::String};

fn response(body: &str) -> Response<String> {
    Response {
        status: 200,
        retry_after_ms: None,
        text: String::from(body),
    }
}

#[test]
fn a_verification_needs_an_object() {
    assert!(bearer::parse_verified(&response("{}")).is_ok());
    for body in ["[]", "7", r#""x""#, "null", "<html>", ""] {
        let error = bearer::parse_verified(&response(body)).unwrap_err();
        assert_eq!(error.kind, Kind::InvalidResponse, "{body}");
    }
}

#[test]
fn a_revocation_needs_success() {
    assert!(bearer::parse_revoked(&response(r#"{"success":true}"#)).is_ok());
    for body in [
        "{}",
        r#"{"success":false}"#,
        r#"{"success":"true"}"#,
        "<html>",
    ] {
        let error = bearer::parse_revoked(&response(body)).unwrap_err();
        assert_eq!(error.kind, Kind::InvalidResponse, "{body}");
    }
}

#[test]
fn a_refused_token_counts_as_revoked_only_after_a_retry() {
    for (kind, attempt, is_revoked) in [
        (Kind::Unauthorized, 1, false),
        (Kind::Unauthorized, 2, true),
        (Kind::NotFound, 2, true),
        (Kind::NotFound, 3, true),
        (Kind::Server, 2, false),
        (Kind::Forbidden, 2, false),
    ] {
        let error = Error::new(kind, "");
        assert_eq!(
            bearer::is_revoked(&error, attempt),
            is_revoked,
            "{kind:?} {attempt}"
        );
    }
}

#[test]
fn an_auth_token_has_1_to_100_visible_characters() {
    let good = ["x".into(), "x".repeat(100)];
    for text in &good {
        assert_eq!(auth_token::parse(&response(text)).unwrap().expose(), text);
    }
    for text in ["", " ", "a b", "<p>", r"a\b", "a\"b", &"x".repeat(101)] {
        assert!(auth_token::parse(&response(text)).is_err(), "{text}");
    }
    for body in [r#"{"token":"t"}"#, r#"{"authToken":"t"}"#, r#""t""#, "t\n"] {
        assert_eq!(
            auth_token::parse(&response(body)).unwrap().expose(),
            "t",
            "{body}"
        );
    }
}

#[test]
fn a_server_key_has_at_most_150_characters() {
    let service = Service::new(Some("eu"), None).unwrap();
    let build = |length| {
        let key = Secret::from("k".repeat(length));
        auth_token::request(&service, Some(&key), "ada", Default::default()).map(|_| ())
    };
    assert!(build(150).is_ok());
    assert_eq!(build(151).unwrap_err().field, Some("serverKey"));
}

#[test]
fn a_body_escapes_only_what_json_requires() {
    let service = Service::new(Some("eu"), None).unwrap();
    let key = Secret::from("sk-1");
    let user_id = "a b\"c\\d\u{1f}\u{7f}é";
    let http = auth_token::request(&service, Some(&key), user_id, Default::default()).unwrap();
    let body = http.body.unwrap();
    assert_eq!(
        body.expose(),
        "{\"userId\":\"a b\\u0022c\\u005Cd\\u001F\u{7f}é\"}"
    );
}

#[test]
fn an_admin_token_needs_its_token_and_both_dates() {
    let (token, issued) = (
        r#""adminToken":"t""#,
        r#""issuedAt":"2026-01-01T00:00:00Z""#,
    );
    let expires = r#""expiresAt":"2027-01-01T00:00:00Z""#;
    for purpose in [Purpose::IssueAdminToken, Purpose::GetAdminToken] {
        let parse = |fields: [&str; 2], last: &str| {
            let body = format!("{{{},{},{last}}}", fields[0], fields[1]);
            admin::parse(purpose, &response(&body)).is_ok()
        };
        let other = r#""other":1"#;
        assert!(parse([token, issued], expires));
        assert!(!parse([token, issued], other));
        assert!(!parse([token, other], expires));
        assert!(!parse([other, issued], expires));
    }
}

#[test]
fn the_record_of_a_server_key_needs_its_date_and_its_author() {
    let parse = |body: &str| admin::parse(Purpose::GetServerKeyInfo, &response(body)).is_ok();
    let (at, by) = (
        r#""updatedAt":"2026-01-01T00:00:00Z""#,
        r#""updatedBy":"a""#,
    );
    assert!(parse(&format!("{{{at},{by}}}")));
    assert!(!parse(&format!("{{{at}}}")));
    assert!(!parse(&format!("{{{by}}}")));
}

#[test]
fn the_code_0_is_no_code() {
    let mut failed = response(r#"{"code":0}"#);
    failed.status = 400;
    let error = super::failure(Purpose::Verify, &failed).unwrap();
    assert_eq!(error.code, None);
}

#[test]
fn a_code_selects_its_purpose() {
    for code in 0..=u8::MAX {
        match Purpose::from_code(code) {
            Some(purpose) => assert_eq!(purpose as u8, code),
            None => assert!(code > Purpose::SetNetworkPush as u8, "{code}"),
        }
    }
}

#[test]
fn the_calls_that_replace_or_revoke_a_key_are_sent_once() {
    for purpose in [
        Purpose::IssueAdminToken,
        Purpose::RevokeAdminToken,
        Purpose::IssueServerKey,
    ] {
        assert!(purpose.is_sent_once(), "{purpose:?}");
    }
    for purpose in [Purpose::Session, Purpose::Revoke, Purpose::GetAdminToken] {
        assert!(!purpose.is_sent_once(), "{purpose:?}");
    }
}

#[test]
fn an_error_displays_its_message() {
    assert_eq!(
        format!("{}", Error::new(Kind::Server, "a sentence")),
        "a sentence"
    );
}

#[test]
fn a_debugged_request_or_response_shows_only_its_outline() {
    let service = Service::new(Some("eu"), None).unwrap();
    let token = Secret::from("hunter2");
    let request = bearer::verify(&service, Some(&token)).unwrap();
    assert_eq!(
        format!("{request:?}"),
        r#"Request { purpose: Verify, method: "GET", .. }"#
    );
    assert_eq!(
        format!("{:?}", response("hunter2")),
        "Response { status: 200, .. }"
    );
}
