//! Fuzzes the builders of requests: any user id, key and option.

use super::reader::{Reader, Writer};
use super::seeds::Vectors;
use serde_json::Value;
use social_plus_auth::protocol::admin::{AdminRequest, PushEvent, SecurityConfig};
use social_plus_auth::protocol::auth_token::{self, TokenVersion};
use social_plus_auth::protocol::{
    bearer, DeviceInfo, Error, Request, Secret, Service, SessionKind, SessionRequest,
    SessionVersion,
};

const HOST: &str = "https://apix.eu.amity.co";

/// Checks a request: it goes to the service, its headers are whole, its body is JSON.
fn check(request: Result<Request<'_>, Error>, key: &str) {
    let Ok(request) = request else {
        return;
    };
    let url = request.url.expose();
    let path = url.strip_prefix(HOST).expect("another host");
    assert!(path.starts_with('/') && url.bytes().all(|b| b.is_ascii_graphic()));
    assert!(
        !path.contains("/../") && !path.contains('#'),
        "another path"
    );
    let lines = request.header_lines();
    let lines: Vec<_> = lines.expose().split('\n').collect();
    assert_eq!(lines.len(), if request.body.is_some() { 6 } else { 4 });
    assert!(lines[1].ends_with(key) && !lines[1].contains('\r'));
    if let Some(body) = &request.body {
        let body: Value = serde_json::from_str(body.expose()).expect("the body is not JSON");
        assert!(body.is_object());
    }
    if key.len() > 16 {
        assert!(!format!("{request:?}").contains(key), "Debug shows a key");
    }
}

/// Checks that the body holds the texts that the caller passed, and not more.
fn check_session(
    request: &SessionRequest<'_>,
    service: &Service<'_>,
    key: &Secret,
    version: SessionVersion,
) {
    let built = request.http(service, Some(key), version);
    if let Ok(Request {
        body: Some(body), ..
    }) = &built
    {
        let body: Value = serde_json::from_str(body.expose()).expect("the body is not JSON");
        assert_eq!(body["deviceId"], request.device_id);
        if request.kind == SessionKind::User {
            assert_eq!(body["userId"], request.user_id);
            assert!((1..=50).contains(&request.user_id.encode_utf16().count()));
            let reserved = ["ADMIN_", "DELETED_"]
                .iter()
                .any(|p| request.user_id.starts_with(p));
            assert!(
                !reserved || version != SessionVersion::V5,
                "a reserved user id"
            );
        }
    }
    check(built, key.expose());
}

pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let service = Service::new(Some("eu"), None).expect("a known region");
    let [key, user_id, device_id] = [reader.text(), reader.text(), reader.text()];
    let key_text = Secret::from(key.clone());
    let [display_name, profile_handle, token, signature, date, model, sdk_version] =
        std::array::from_fn(|_| reader.optional_text());
    let (auth_token, auth_signature) = (token.map(Secret::from), signature.map(Secret::from));
    let request = SessionRequest {
        kind: reader.pick(&[SessionKind::User, SessionKind::Visitor, SessionKind::Bot]),
        user_id: &user_id,
        device_id: &device_id,
        display_name: display_name.as_deref(),
        profile_handle: profile_handle.as_deref(),
        auth_token: auth_token.as_ref(),
        device_info: DeviceInfo {
            kind: reader.pick(&[None, Some("web"), Some("node"), Some("x")]),
            model: model.as_deref(),
            sdk_version: sdk_version.as_deref(),
        },
        auth_signature: auth_signature.as_ref(),
        auth_signature_expires_at: date.as_deref(),
    };
    let version = reader.pick(&[SessionVersion::V3, SessionVersion::V4, SessionVersion::V5]);
    check_session(&request, &service, &key_text, version);
    for version in [TokenVersion::V3, TokenVersion::V4] {
        check(
            auth_token::request(&service, Some(&key_text), &user_id, version),
            &key,
        );
    }
    check(bearer::verify(&service, Some(&key_text)), &key);
    check(bearer::revoke(&service, Some(&key_text)), &key);
    let refresh = auth_token.as_ref();
    check(
        bearer::refresh(&service, Some(&key_text), &user_id, refresh),
        &key,
    );
    let config = SecurityConfig {
        server_key_expires_in_hours: reader.flag().then(|| reader.number() as u32),
        server_key_api_scope_enabled: reader.pick(&[None, Some(true), Some(false)]),
        admin_token_expires_in_hours: reader.flag().then(|| reader.number() as u32),
    };
    let events = vec![
        PushEvent {
            name: device_id.clone(),
            enabled: reader.flag()
        };
        usize::from(reader.byte() % 32)
    ];
    for call in [
        AdminRequest::IssueAdminToken,
        AdminRequest::RevokeAdminToken { username: &user_id },
        AdminRequest::RevokeUserSessions {
            user_id: &user_id,
            is_public: reader.flag(),
        },
        AdminRequest::SetSecurityConfig(config),
        AdminRequest::SetSecureMode { enabled: true },
        AdminRequest::SetNetworkPush {
            enabled: true,
            events: Some(&events),
        },
    ] {
        check(call.http(&service, Some(&key_text)), &key);
    }
}

pub fn seeds(vectors: &Vectors) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for request in vectors.requests() {
        let text = |name: &str| {
            request["body"][name]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        for version in 0..3 {
            let mut writer = Writer::default().text("a-server-key-of-the-network");
            for name in [
                "userId",
                "deviceId",
                "displayName",
                "profileHandle",
                "authToken",
                "authSignature",
                "authSignatureExpiresAt",
            ] {
                writer = writer.text(&text(name));
            }
            writer = writer.text("Pixel 9").text("7.1.0");
            all.push(
                writer
                    .byte(version)
                    .byte(1)
                    .byte(version)
                    .byte(1)
                    .number(2.0)
                    .finish(),
            );
        }
    }
    for user_id in ["ada", ".", "..", "a/b?c#d&e=é", "ADMIN_a", "👩"] {
        let writer = Writer::default().text("sk-1").text(user_id).text("d");
        all.push(writer.finish());
    }
    all
}
