//! Tests the admin requests: their paths, their bodies and the fields that they reject.

use super::*;
use serde_json::{json, Value};

fn request(call: AdminRequest<'_>) -> Result<(String, Option<Value>), Error> {
    let service = Service::new(Some("eu"), None).unwrap();
    let token = Secret::from(String::from("token"));
    let request = call.http(&service, Some(&token))?;
    let path = request
        .url
        .expose()
        .strip_prefix("https://apix.eu.amity.co")
        .unwrap();
    let body = request.body.as_ref();
    Ok((
        format!("{} {path}", request.method),
        body.map(|body| serde_json::from_str(body.expose()).unwrap()),
    ))
}

fn rejected_field(call: AdminRequest<'_>) -> Option<&'static str> {
    request(call).unwrap_err().field
}

#[test]
fn only_a_user_id_that_is_a_dot_segment_is_sent_in_the_query() {
    let revoke = |user_id| {
        let is_public = true;
        request(AdminRequest::RevokeUserSessions { user_id, is_public }).unwrap()
    };
    let path = "DELETE /api/v4/sessions/users/a%2Fb?isPublic=true";
    assert_eq!(revoke("a/b"), (path.into(), None));
    let query = "DELETE /api/v4/sessions?userId=..&isPublic=true";
    assert_eq!(revoke(".."), (query.into(), None));
}

#[test]
fn the_body_omits_settings_that_are_none() {
    let config = SecurityConfig {
        server_key_expires_in_hours: Some(2),
        ..SecurityConfig::default()
    };
    let (_, body) = request(AdminRequest::SetSecurityConfig(config)).unwrap();
    assert_eq!(
        body,
        Some(json!({ "serverKey": { "expiresInHours": 2 }, "adminToken": {} }))
    );
}

#[test]
fn hours_above_the_limit_are_rejected_with_the_name_of_the_field() {
    let config = SecurityConfig {
        admin_token_expires_in_hours: Some(1_000_001),
        ..SecurityConfig::default()
    };
    let field = rejected_field(AdminRequest::SetSecurityConfig(config));
    assert_eq!(field, Some("adminToken.expiresInHours"));
    let longest = SecurityConfig {
        admin_token_expires_in_hours: Some(1_000_000),
        ..config
    };
    assert!(request(AdminRequest::SetSecurityConfig(longest)).is_ok());
}

#[test]
fn the_body_lists_individual_push_events() {
    let events = [PushEvent {
        name: "message.created".into(),
        enabled: false,
    }];
    let call = AdminRequest::SetNetworkPush {
        enabled: true,
        events: Some(&events),
    };
    let expected = json!({
        "level": "network",
        "isPushNotifiable": true,
        "notifiableEvents": [{ "name": "message.created", "isPushNotifiable": false }],
    });
    assert_eq!(request(call).unwrap().1, Some(expected));
}

#[test]
fn a_call_accepts_1_to_24_push_events() {
    let event = PushEvent {
        name: "x".into(),
        enabled: true,
    };
    let refused = Some("events");
    for (count, field) in [(0, refused), (1, None), (24, None), (25, refused)] {
        let events = vec![event.clone(); count];
        let call = AdminRequest::SetNetworkPush {
            enabled: true,
            events: Some(&events),
        };
        assert_eq!(request(call).err().and_then(|error| error.field), field);
    }
}
