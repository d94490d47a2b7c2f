//! Fuzzes the parsers of single texts: dates, versions, addresses, tokens and signatures.

use super::reader::{Reader, Writer};
use super::seeds::{Vectors, SESSION};
use social_plus_auth::protocol::auth_token::TokenVersion;
use social_plus_auth::protocol::json::{Json, Text};
use social_plus_auth::protocol::{date, visitor, Secret, Service, SessionVersion};

/// The dates that JavaScript has, which end 100 000 000 days from 1970.
const MAX_DATE_MS: f64 = 8.64e15;

fn check_dates(text: &str) {
    if let Some(ms) = date::parse_iso(text) {
        assert!(ms.abs() <= MAX_DATE_MS, "out of range");
        if (0.0..=253_402_300_799_999.0).contains(&ms) {
            let shown = date::format_iso(ms);
            assert_eq!(date::parse_iso(&shown), Some(ms.floor()), "{shown}");
        }
    }
    if let Some(ms) = date::parse_http(text) {
        assert!(ms.abs() <= MAX_DATE_MS && ms % 1000.0 == 0.0);
        if (0.0..=253_402_300_799_999.0).contains(&ms) {
            assert_eq!(date::parse_http(&date::format_http(ms)), Some(ms));
        }
    }
}

/// Checks that an accepted endpoint is an address of the host that it shows, and of no other.
fn check_endpoint(text: &str) {
    let Ok(service) = Service::new(None, Some(text)) else {
        return;
    };
    let url = service.url("/api");
    let url = url.expose();
    assert!(url.ends_with("/api"));
    assert!(url.bytes().all(|b| b.is_ascii_graphic()), "not plain ASCII");
    assert!(!url.contains(['@', '?', '#', '\\']), "ambiguous host");
    let lower = url.to_ascii_lowercase();
    let local = lower.strip_prefix("http://").map(|rest| {
        let authority = rest.split('/').next().unwrap_or_default();
        ["localhost", "127.", "[::1]"]
            .iter()
            .any(|host| authority.starts_with(host))
    });
    assert!(local.unwrap_or(lower.starts_with("https://")), "not TLS");
}

fn check_secret(text: &str) {
    let secret = Secret::from(text.to_owned());
    if secret.is_header_safe() {
        assert!(
            !text.contains(['\r', '\n', '\0']),
            "a header could be split"
        );
    }
    // A text of one letter may occur in the name of the type.
    if text.len() > 8 {
        assert!(
            !format!("{secret:?}").contains(text),
            "Debug shows a secret"
        );
    }
}

fn check_visitor(device_id: &str, expires_in_ms: f64, now: f64) {
    let Ok(at) = visitor::expires_at(device_id, expires_in_ms, now) else {
        return;
    };
    let date = date::format_iso(at);
    assert_eq!(date::parse_iso(&date), Some(at.floor()));
    let signed = visitor::text_to_sign(device_id, &date);
    // The last field must be the date, so that no other device has the same signed text.
    let (before, after) = signed
        .expose()
        .rsplit_once("&authSignatureExpiresAt=")
        .expect("the field is present");
    assert_eq!((before, after), (&*format!("deviceId={device_id}"), &*date));
}

pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let text = reader.text();
    check_dates(&text);
    check_endpoint(&text);
    check_secret(&text);
    let region = Service::new(Some(&text), None);
    assert_eq!(
        region.is_ok(),
        ["eu", "sg", "us"].contains(&&*text.to_ascii_lowercase())
    );
    let _ = (
        SessionVersion::parse(Some(&text)),
        TokenVersion::parse(Some(&text)),
    );
    let value = serde_json::Value::String(text.clone());
    if value.is_token() {
        assert!(Secret::from(text.clone()).is_header_safe());
    }
    let _ = (value.claims(), value.date(), value.code(), text.parse());
    check_visitor(&text, reader.number(), reader.number());
}

pub fn seeds(_: &Vectors) -> Vec<Vec<u8>> {
    let token = SESSION.split('"').nth(3).unwrap_or_default();
    [
        "2026-01-02T03:04:05.678Z",
        "2026-01-02T03:04:05+02:00",
        "2026-01-02",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        "Friday, 02-Jan-26 03:04:05 GMT",
        "Fri Jan  2 03:04:05 2026",
        "https://proxy.example.test:8443/amity/",
        "http://127.0.0.1:8080",
        "http://[::1]:1/",
        "http://localhost",
        "eu",
        "v5",
        token,
        "s9qne0wEqVb2e05271177748659f574a4e8ab85e08a",
        "kiosk-7",
        "kiosk-7&authSignatureExpiresAt=2099-01-01T00:00:00.000Z",
        "400100",
    ]
    .into_iter()
    .map(|text| (text, 3_600_000.0))
    .chain([("kiosk-7", -1.0), ("kiosk-7", 1e15)])
    .map(|(text, expires_in_ms)| {
        Writer::default()
            .text(text)
            .number(expires_in_ms)
            .number(1_767_323_045_678.0)
            .finish()
    })
    .collect()
}
