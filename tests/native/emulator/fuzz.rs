//! Random requests: every reply has the shape that the contract defines, and nothing panics.

use crate::support::{admin, client, START, TEXT};
use serde_json::Value;
use social_plus_auth::emulator::{Options, Request, Role};

/// A deterministic generator of the random numbers and texts in a request.
struct Junk(u64);

impl Junk {
    /// Draws a number below `limit`.
    fn draw(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, among: &[&'a str]) -> &'a str {
        among[self.draw(among.len())]
    }

    /// Concatenates up to `max` random pieces.
    fn concatenate(&mut self, among: &[&str], max: usize) -> String {
        (0..self.draw(max + 1)).map(|_| self.pick(among)).collect()
    }
}

const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "get", "\u{0}é",
];
const PATH_PIECES: [&str; 28] = [
    "/",
    "api",
    "/api/v3",
    "/api/v4",
    "/api/v5",
    "/sessions",
    "/users/",
    "/authentication/token",
    "/v1/accessToken",
    "/network-settings/chat",
    "/visitor",
    "/bot",
    "/admin-token",
    "/admin/v1/token",
    "/networks/me",
    "/security-configs",
    "ada",
    "%2F",
    "%zz",
    "%",
    "?",
    "&",
    "=",
    "userId=ada",
    "isPublic=false",
    "refreshToken=r",
    "é",
    "#",
];
const WHOLE_PATHS: [&str; 13] = [
    "/api/v5/sessions",
    "/api/v4/sessions",
    "/api/v3/sessions",
    "/api/v4/authentication/token",
    "/api/v3/authentication/token?userId=%F0%9F",
    "/api/v3/authentication/token?userId=",
    "/v1/accessToken?userId=&refreshToken=",
    "/api/v3/users/%00",
    "/api/v5/sessions/visitor",
    "/api/v3/networks/server-key",
    "/api/v3/network-settings/security-configs",
    "/api/v3/networks/me",
    "/admin/v1/notification/setting",
];
const HEADER_NAMES: [&str; 8] = [
    "authorization",
    "x-api-key",
    "x-server-key",
    "content-type",
    "origin",
    "access-control-request-method",
    "",
    "é",
];
const HEADER_VALUES: [&str; 13] = [
    "ak-1",
    "sk-1",
    "Bearer adm-1",
    "Bearer root-1",
    "Bearer ",
    "Bearer x",
    "bearer  ",
    "application/json",
    "text/plain",
    "a\r\nb",
    "",
    "\u{7f}é",
    "application/x+json;",
];
const BODY_PIECES: [&str; 17] = [
    "{",
    "}",
    "[",
    "]",
    "\"userId\":",
    "\"deviceId\":",
    "\"authToken\":",
    "\"deviceInfo\":",
    "\"ada\"",
    "{}",
    "null",
    ",",
    "1e999",
    "\"\\ud800\"",
    "\u{0}",
    "👩",
    "\"d\"",
];

#[test]
fn every_reply_to_a_random_request_has_the_shape_of_the_contract() {
    let mut junk = Junk(1);
    let mut seen = std::collections::BTreeMap::new();
    for round in 0..10_000 {
        let secure_mode = round % 2 == 0;
        let admins = vec![
            admin("root", Role::SuperAdmin, Some("root-1")),
            admin("admin", Role::Admin, Some("adm-1")),
        ];
        let mut client = client(Options {
            secure_mode,
            admins,
            ..Options::default()
        });
        let method = junk.pick(&METHODS);
        let path = if junk.draw(4) > 0 {
            junk.pick(&WHOLE_PATHS).to_owned()
        } else {
            junk.concatenate(&PATH_PIECES, 5)
        };
        let mut headers: Vec<(&str, &str)> = (0..junk.draw(4))
            .map(|_| (junk.pick(&HEADER_NAMES), junk.pick(&HEADER_VALUES)))
            .collect();
        if junk.draw(2) == 0 {
            headers.extend([
                ("x-api-key", "ak-1"),
                ("x-server-key", "sk-1"),
                ("content-type", "application/json"),
            ]);
            headers.extend([("authorization", "Bearer adm-1")]);
        }
        let text = if junk.draw(3) == 0 {
            r#"{"userId":"ada","deviceId":"d"}"#.to_owned()
        } else {
            junk.concatenate(&BODY_PIECES, 8)
        };
        let request = Request::new(method, &path, headers.clone(), text.clone());
        let reply = client.emulator.handle(START, &request);
        let description = format!("{method} {path} {headers:?} {text}");
        *seen.entry(reply.status).or_insert(0) += 1;
        for name in ["date", "vary"] {
            assert!(reply.header(name).is_some(), "{name}: {description}");
        }
        assert!(
            reply
                .headers
                .iter()
                .all(|(_, value)| value.bytes().all(|b| (b' '..=b'~').contains(&b))),
            "a header value is not printable ASCII: {description}"
        );
        match reply.status {
            200 | 204 => {}
            401 if reply.header("content-type") == TEXT => {
                assert_eq!(reply.body, "Unauthorized")
            }
            400 | 401 | 403 | 404 | 422 | 500 => {
                let body: Value = serde_json::from_str(&reply.body).expect(&description);
                assert_eq!(body["status"], "error", "{description}");
                assert!(body["code"].is_u64(), "{description}");
                assert!(body["message"].is_string(), "{description}");
                assert_eq!(
                    body.get("data").is_some(),
                    matches!(reply.status, 422 | 500),
                    "{description}"
                );
            }
            other => panic!("{other}: {description}"),
        }
    }
    for status in [200, 204, 400, 401, 403, 404, 422, 500] {
        assert!(
            seen.contains_key(&status),
            "no request got status {status}: {seen:?}"
        );
    }
}
