//! Tests the limits of a session call, and the parsing of its response.

use super::*;
use alloc::string::ToString;
use serde_json::Value;

fn user() -> SessionRequest<'static> {
    SessionRequest {
        user_id: "ada",
        device_id: "dev-1",
        ..Default::default()
    }
}

fn guest(kind: SessionKind) -> SessionRequest<'static> {
    SessionRequest {
        kind,
        device_id: "dev-1",
        ..Default::default()
    }
}

fn field_of(request: &SessionRequest<'_>, version: SessionVersion) -> Option<&'static str> {
    request.check(version).unwrap_err().field
}

fn build<'k>(request: &SessionRequest<'_>, key: &'k Secret) -> Request<'k> {
    let service = Service::new(Some("eu"), None).unwrap();
    request
        .http(&service, Some(key), SessionVersion::V5)
        .unwrap()
}

#[test]
fn each_version_and_kind_has_its_path() {
    for (kind, version, path) in [
        (SessionKind::User, "v3", "/api/v3/sessions"),
        (SessionKind::User, "v4", "/api/v4/sessions"),
        (SessionKind::User, "v5", "/api/v5/sessions"),
        (SessionKind::Visitor, "v5", "/api/v5/sessions/visitor"),
        (SessionKind::Bot, "v5", "/api/v5/sessions/bot"),
    ] {
        let request = SessionRequest { kind, ..user() };
        let version = SessionVersion::parse(Some(version)).unwrap();
        assert_eq!(request.check(version).unwrap(), path);
    }
    for kind in [SessionKind::Visitor, SessionKind::Bot] {
        for version in [SessionVersion::V3, SessionVersion::V4] {
            assert_eq!(field_of(&guest(kind), version), Some("apiVersion"));
        }
    }
    assert!(SessionVersion::parse(Some("v6")).is_err());
    assert_eq!(SessionVersion::parse(None).unwrap(), SessionVersion::V5);
}

#[test]
fn a_reserved_user_id_is_rejected_in_v5_only() {
    for user_id in ["ADMIN_ada", "DELETED_ada"] {
        let request = SessionRequest { user_id, ..user() };
        assert_eq!(field_of(&request, SessionVersion::V5), Some("userId"));
        assert!(request.check(SessionVersion::V4).is_ok());
    }
    let request = SessionRequest {
        user_id: "xADMIN_",
        ..user()
    };
    assert!(request.check(SessionVersion::V5).is_ok());
}

#[test]
fn a_guest_needs_no_user_id_but_a_device_id() {
    for kind in [SessionKind::Visitor, SessionKind::Bot] {
        assert!(guest(kind).check(SessionVersion::V5).is_ok());
        let without_device = SessionRequest {
            device_id: "",
            ..guest(kind)
        };
        let field = field_of(&without_device, SessionVersion::V5);
        assert_eq!(field, Some("deviceId"));
    }
    let without_user = SessionRequest {
        user_id: "",
        ..user()
    };
    assert_eq!(field_of(&without_user, SessionVersion::V5), Some("userId"));
}

#[test]
fn each_text_has_its_limit() {
    let long = "x".repeat(301);
    let of = |length: usize| &long[..length];
    let secret = |length| Secret::from(of(length).to_string());
    let (token, long_token) = (secret(100), secret(101));
    let handle = |length| SessionRequest {
        profile_handle: Some(of(length)),
        ..user()
    };
    let model = |length| SessionRequest {
        device_info: DeviceInfo {
            model: Some(of(length)),
            ..Default::default()
        },
        ..user()
    };
    let sdk_version = |length| SessionRequest {
        device_info: DeviceInfo {
            sdk_version: Some(of(length)),
            ..Default::default()
        },
        ..user()
    };
    let name = |length| SessionRequest {
        display_name: Some(of(length)),
        ..user()
    };
    let with_token = |token| SessionRequest {
        auth_token: Some(token),
        ..user()
    };
    let (v4, v5) = (SessionVersion::V4, SessionVersion::V5);
    for (good, bad, version, field) in [
        (name(100), name(101), v5, "displayName"),
        (handle(100), handle(101), v5, "profileHandle"),
        (model(300), model(301), v5, "deviceInfo.model"),
        (model(100), model(101), v4, "deviceInfo.model"),
        (
            sdk_version(30),
            sdk_version(31),
            v5,
            "deviceInfo.sdkVersion",
        ),
        (with_token(&token), with_token(&long_token), v5, "authToken"),
    ] {
        assert!(good.check(version).is_ok(), "{field}");
        assert_eq!(field_of(&bad, version), Some(field));
    }
}

#[test]
fn a_profile_handle_needs_v4_or_v5() {
    let request = SessionRequest {
        profile_handle: Some("ada"),
        ..user()
    };
    assert!(request.check(SessionVersion::V4).is_ok());
    let field = field_of(&request, SessionVersion::V3);
    assert_eq!(field, Some("profileHandle"));
    assert!(user().check(SessionVersion::V3).is_ok());
}

#[test]
fn a_device_has_a_known_kind() {
    let with_kind = |kind| SessionRequest {
        device_info: DeviceInfo {
            kind: Some(kind),
            ..Default::default()
        },
        ..user()
    };
    for kind in ["ios", "android", "web", "node"] {
        assert!(with_kind(kind).check(SessionVersion::V5).is_ok(), "{kind}");
    }
    let field = field_of(&with_kind("tv"), SessionVersion::V5);
    assert_eq!(field, Some("deviceInfo.kind"));
}

#[test]
fn a_signature_and_its_date_require_each_other() {
    let signature = Secret::from("0123456789abcdef".repeat(4));
    let with = |signature, date| SessionRequest {
        auth_signature: signature,
        auth_signature_expires_at: date,
        ..guest(SessionKind::Visitor)
    };
    let date = Some("2026-01-01T00:00:00.000Z");
    let v5 = SessionVersion::V5;
    assert!(with(Some(&signature), date).check(v5).is_ok());
    for bad in [
        with(Some(&signature), None),
        with(Some(&signature), Some("")),
        with(None, date),
    ] {
        assert_eq!(field_of(&bad, v5), Some("authSignature"));
    }
    assert!(with(None, Some("")).check(v5).is_ok());
    // A bot has no signature, so the call ignores the date.
    let bot = SessionRequest {
        kind: SessionKind::Bot,
        ..with(None, date)
    };
    assert!(bot.check(v5).is_ok());
}

#[test]
fn a_signature_has_64_lower_case_hex_characters() {
    for text in [
        "0".repeat(63),
        "0".repeat(65),
        "A".repeat(64),
        "g".repeat(64),
        String::new(),
    ] {
        let signature = Secret::from(text);
        let request = SessionRequest {
            auth_signature: Some(&signature),
            auth_signature_expires_at: Some("2026-01-01T00:00:00.000Z"),
            ..guest(SessionKind::Visitor)
        };
        let field = field_of(&request, SessionVersion::V5);
        assert_eq!(field, Some("authSignature"), "{:?}", signature.expose());
    }
}

#[test]
fn each_kind_of_session_sends_only_its_own_parameters() {
    let (key, token) = (Secret::from("ak-1".to_string()), "t".to_string());
    let (token, signature) = (Secret::from(token), Secret::from("a".repeat(64)));
    let all = SessionRequest {
        display_name: Some("Ada"),
        profile_handle: Some("ada"),
        auth_token: Some(&token),
        auth_signature: Some(&signature),
        auth_signature_expires_at: Some("2026-01-01T00:00:00.000Z"),
        ..user()
    };
    for (kind, purpose, fields) in [
        (
            SessionKind::User,
            Purpose::SecureSession,
            vec![
                "authToken",
                "deviceId",
                "displayName",
                "profileHandle",
                "userId",
            ],
        ),
        (
            SessionKind::Visitor,
            Purpose::GuestSession,
            vec!["authSignature", "authSignatureExpiresAt", "deviceId"],
        ),
        (SessionKind::Bot, Purpose::GuestSession, vec!["deviceId"]),
    ] {
        let http = build(&SessionRequest { kind, ..all }, &key);
        assert_eq!(http.purpose, purpose, "{kind:?}");
        let body: Value = serde_json::from_str(http.body.unwrap().expose()).unwrap();
        let mut sent: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
        sent.sort();
        assert_eq!(sent, fields, "{kind:?}");
    }
    assert_eq!(build(&user(), &key).purpose, Purpose::Session);
}

const NOW: f64 = 1_767_225_600_000.0;

fn parse(user_id: &str, body: &str) -> Result<Session<Value>, Error> {
    let response = Response {
        status: 200,
        retry_after_ms: None,
        text: String::from(body),
    };
    SessionRequest::parse(user_id, &response, NOW)
}

#[test]
fn an_empty_refresh_token_or_user_type_counts_as_absent() {
    let body = |value: &str| {
        format!(
            r#"{{"accessToken":"t","refreshToken":{value},"userType":{value},
            "users":[{{"userId":"ada"}}]}}"#
        )
    };
    for value in [r#""""#, r#""a b""#, "7", "null"] {
        let session = parse("ada", &body(value)).unwrap();
        assert_eq!(session.refresh_token, None, "{value}");
        assert_eq!(session.user_type, None, "{value}");
    }
    let session = parse("ada", &body(r#""rt-1""#)).unwrap();
    assert_eq!(session.refresh_token, Some(Value::from("rt-1")));
}

#[test]
fn a_banned_or_deleted_user_gets_no_session() {
    for (flag, kind) in [("isGlobalBan", Kind::Banned), ("isDeleted", Kind::NotFound)] {
        let body = |value| {
            format!(r#"{{"accessToken":"t","users":[{{"userId":"ada","{flag}":{value}}}]}}"#)
        };
        let error = parse("ada", &body("true")).unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(200)));
        for value in ["false", "null", "1"] {
            assert!(parse("ada", &body(value)).is_ok(), "{flag}: {value}");
        }
    }
}

#[test]
fn a_lifetime_comes_from_the_response_or_else_is_a_day() {
    let lifetime = |dates: &str| {
        let body = format!(r#"{{"accessToken":"t","users":[{{"userId":"ada"}}]{dates}}}"#);
        let session = parse("ada", &body).unwrap();
        (session.issued_at - NOW, session.expires_at - NOW)
    };
    let day = 86_400_000.0;
    assert_eq!(lifetime(""), (0.0, day));
    let issued = r#","issuedAt":"2026-01-01T00:00:05Z""#;
    assert_eq!(lifetime(issued), (5_000.0, 5_000.0 + day));
    let expires = r#","expiresAt":"2026-01-01T00:00:09Z""#;
    assert_eq!(lifetime(expires), (0.0, 9_000.0));
    assert_eq!(lifetime(&format!("{issued}{expires}")), (5_000.0, 9_000.0));
}

#[test]
fn a_date_that_the_response_lacks_comes_from_the_jwt() {
    // The claims are {"iat":1767225605,"exp":1767225609}.
    let token = "e30.eyJpYXQiOjE3NjcyMjU2MDUsImV4cCI6MTc2NzIyNTYwOX0.sig";
    for (dates, issued_at, expires_at) in [
        ("", 5_000.0, 9_000.0),
        (r#","issuedAt":"2026-01-01T00:00:01Z""#, 1_000.0, 9_000.0),
        (r#","expiresAt":"2026-01-01T00:00:08Z""#, 5_000.0, 8_000.0),
    ] {
        let body = format!(r#"{{"accessToken":"{token}","users":[{{"userId":"ada"}}]{dates}}}"#);
        let session = parse("ada", &body).unwrap();
        assert_eq!(session.issued_at - NOW, issued_at, "{dates}");
        assert_eq!(session.expires_at - NOW, expires_at, "{dates}");
    }
}

#[test]
fn a_debugged_session_shows_only_its_lifetime() {
    let body = r#"{"accessToken":"hunter2","users":[{"userId":"ada"}]}"#;
    let shown = format!("{:?}", parse("ada", body).unwrap());
    assert!(
        shown.contains("issued_at") && shown.contains("expires_at"),
        "{shown}"
    );
    assert!(
        !shown.contains("hunter2") && !shown.contains("ada"),
        "{shown}"
    );
}
