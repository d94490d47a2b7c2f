//! Fuzzes what the emulator's caller passes: options, faults, and requests for certificates.

use super::reader::{Reader, Writer};
use super::seeds::Vectors;
use serde_json::{json, Value};
use social_plus_auth::emulator::{Emulator, Fault, Misuse, Options, RawFields};
use std::cell::RefCell;

const NOW: f64 = 1_767_323_045_678.0;
const P256: &str = include_str!("../../tests/native/emulator/requests/p256.csr");
const P384: &str = include_str!("../../tests/native/emulator/requests/p384.csr");
const RSA: &str = include_str!("../../tests/native/emulator/requests/rsa.csr");
const ED25519: &str = include_str!("../../tests/native/emulator/requests/ed25519.csr");

thread_local! {
    static EMULATOR: RefCell<Emulator> = RefCell::new(Emulator::new(
        Options { secure_mode: true, seed: Some(1.0), ..Options::default() },
        NOW,
        b"fuzz",
    ));
}

/// Checks that the message of an error repeats no text of the input. A message itself contains no
/// tilde. A text without one could be a part of a message, which libFuzzer learns.
fn check(misuse: &Misuse, texts: &[&str]) {
    let message = misuse.to_string();
    assert!(message.len() < 300);
    for text in texts.iter().filter(|text| text.contains('~')) {
        assert!(!message.contains(*text), "an error repeats a value");
    }
}

fn collect<'a>(value: &'a Value, into: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => into.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => fields.values().for_each(|item| collect(item, into)),
        _ => {}
    }
}

pub fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    let kind = reader.byte() % 3;
    let text = reader.text();
    let mut value: Value = serde_json::from_str(&text).unwrap_or_default();
    if kind == 2 {
        value = json!({"name": "fuzz", "csr": text});
    }
    let Ok(fields) = serde_json::from_value::<RawFields>(value.clone()) else {
        return;
    };
    let mut texts = Vec::new();
    collect(&value, &mut texts);
    match kind {
        0 => match Options::parse(fields) {
            Ok(options) => drop(Emulator::new(options, NOW, b"fuzz")),
            Err(misuse) => check(&misuse, &texts),
        },
        1 => match Fault::parse(fields) {
            Ok(fault) => EMULATOR.with(|emulator| {
                let mut emulator = emulator.borrow_mut();
                emulator.reset();
                emulator.add_fault(fault);
            }),
            Err(misuse) => check(&misuse, &texts),
        },
        _ => EMULATOR.with(|emulator| {
            let mut emulator = emulator.borrow_mut();
            emulator.reset();
            match emulator.create_certificate(NOW, fields) {
                Ok(pem) => assert!(pem.starts_with("-----BEGIN CERTIFICATE-----")),
                Err(misuse) => check(&misuse, &texts),
            }
        }),
    }
}

pub fn seeds(_: &Vectors) -> Vec<Vec<u8>> {
    let seed = |kind, text: &str| Writer::default().byte(kind).text(text).finish();
    let options = json!({
        "apiKey": "~ak-1", "serverKey": "~sk-1", "visitorSecret": "~vs-1", "secureMode": true,
        "admins": [{"username": "root", "role": "super-admin", "token": "t"}],
        "visitors": false, "bots": true, "secureVisitorMode": true, "visitorDailyQuota": 3,
        "mtls": true, "accessTokenLifetimeMs": 1000, "authTokenLifetimeMs": 1000,
        "adminTokenLifetimeMs": 1000, "now": 0, "seed": 1, "allowOrigins": ["https://a.test"],
    });
    let fault = json!({
        "path": "/api/v5/sessions", "method": "POST", "times": 2, "status": 429,
        "headers": {"retry-after": "3"}, "body": "x", "delayMs": 5, "clockSkewMs": -5,
    });
    let faults = [
        fault,
        json!({"drop": true}),
        json!({"drop": "after"}),
        json!({"truncateAt": 3}),
    ];
    let mut all = vec![seed(0, &options.to_string()), seed(0, "{}")];
    all.extend(faults.map(|fault| seed(1, &fault.to_string())));
    all.extend([P256, P384, RSA, ED25519].map(|csr| seed(2, csr)));
    all
}
