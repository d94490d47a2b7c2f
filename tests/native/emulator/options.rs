//! How options are parsed, how a seed determines keys and tokens, and what a reset restores.

use crate::support::{admin, body, client, parse_options, Client, DAY, START};
use serde_json::json;
use social_plus_auth::emulator::{Emulator, Fault, Options, Role};

#[test]
fn keys_the_time_the_seed_and_lifetimes_are_parsed() {
    let options = parse_options(json!({
        "apiKey": "a",
        "serverKey": "s",
        "visitorSecret": "пароль",
        "now": 4.5,
        "seed": -5.5,
        "accessTokenLifetimeMs": 1.5,
        "authTokenLifetimeMs": 2,
        "adminTokenLifetimeMs": 3,
    }))
    .unwrap();
    assert_eq!(options.api_key.as_deref(), Some("a"));
    assert_eq!(options.server_key.as_deref(), Some("s"));
    assert_eq!(options.visitor_secret.as_deref(), Some("пароль"));
    assert_eq!(options.now, Some(4.0));
    assert_eq!(options.seed, Some(-5.5));
    assert_eq!(options.access_token_lifetime_ms, 1.0);
    assert_eq!(options.auth_token_lifetime_ms, 2.0);
    assert_eq!(options.admin_token_lifetime_ms, 3.0);
}

#[test]
fn modes_and_the_quota_are_parsed() {
    let options = parse_options(json!({
        "secureMode": true,
        "visitors": false,
        "bots": false,
        "secureVisitorMode": true,
        "visitorDailyQuota": 0,
        "mtls": true,
    }))
    .unwrap();
    assert!(options.secure_mode);
    assert!(!options.visitors);
    assert!(!options.bots);
    assert!(options.secure_visitor_mode);
    assert_eq!(options.visitor_daily_quota, 0.0);
    assert!(options.mtls);
}

#[test]
fn console_users_are_parsed() {
    let options = parse_options(json!({"admins": [
        {"username": "r", "role": "super-admin", "token": "t"},
        {"username": "a", "role": "admin", "token": null},
        {"username": "n", "role": "none"},
    ]}))
    .unwrap();
    assert_eq!(
        options.admins,
        [
            admin("r", Role::SuperAdmin, Some("t")),
            admin("a", Role::Admin, None),
            admin("n", Role::None, None)
        ]
    );
}

#[test]
fn allowed_origins_are_parsed() {
    for origins in [
        vec![],
        vec!["https://a.test:8443", "capacitor://localhost", "null"],
    ] {
        let options = parse_options(json!({"allowOrigins": origins})).unwrap();
        assert_eq!(options.allow_origins, origins);
    }
}

#[test]
fn missing_and_null_options_have_defaults() {
    for options in [json!({}), json!({"apiKey": null, "now": null})] {
        let options = parse_options(options).unwrap();
        assert_eq!(options.api_key, None);
        assert_eq!(options.visitor_secret, None);
        assert_eq!(options.now, None);
        assert_eq!(options.seed, None);
        assert!(!options.secure_mode);
        assert!(options.visitors);
        assert!(options.bots);
        assert!(!options.secure_visitor_mode);
        assert!(!options.mtls);
        assert_eq!(options.visitor_daily_quota, 100.0);
        assert_eq!(options.access_token_lifetime_ms, 30.0 * DAY);
        assert_eq!(options.auth_token_lifetime_ms, 600_000.0);
        assert_eq!(options.admin_token_lifetime_ms, 365.0 * DAY);
        assert_eq!(
            options.admins,
            [
                admin("root", Role::SuperAdmin, None),
                admin("admin", Role::Admin, None)
            ]
        );
    }
}

#[test]
fn debug_output_omits_tokens() {
    let options = Options {
        admins: vec![admin("root", Role::SuperAdmin, Some("s3cr3t"))],
        ..Options::default()
    };
    let shown = format!("{options:?} {:?}", options.admins);
    assert!(!shown.contains("s3cr3t"));
}

#[test]
fn the_error_of_an_invalid_option_names_the_option_and_shows_no_value_or_unknown_name() {
    for (options, expected) in [
        (json!({"apiKey": ""}), "`apiKey`"),
        (json!({"apiKey": "s3cr3t key"}), "`apiKey`"),
        (json!({"serverKey": "s3cr3t\n"}), "`serverKey`"),
        (json!({"serverKey": "s3cr3t".repeat(26)}), "`serverKey`"),
        (json!({"serverKey": {"s3cr3t": "s3cr3t"}}), "`serverKey`"),
        (json!({"secureMode": "s3cr3t"}), "`secureMode`"),
        (json!({"now": -1}), "`now`"),
        (json!({"now": 1e15}), "`now`"),
        (json!({"seed": "s3cr3t"}), "`seed`"),
        (
            json!({"accessTokenLifetimeMs": 0}),
            "`accessTokenLifetimeMs`",
        ),
        (
            json!({"authTokenLifetimeMs": 1e13}),
            "`authTokenLifetimeMs`",
        ),
        (
            json!({"adminTokenLifetimeMs": []}),
            "`adminTokenLifetimeMs`",
        ),
        (json!({"visitors": "s3cr3t"}), "`visitors`"),
        (json!({"bots": 1}), "`bots`"),
        (
            json!({"secureVisitorMode": "s3cr3t"}),
            "`secureVisitorMode`",
        ),
        (json!({"visitorDailyQuota": -1}), "`visitorDailyQuota`"),
        (json!({"visitorDailyQuota": 1.5}), "`visitorDailyQuota`"),
        (json!({"visitorSecret": ""}), "`visitorSecret`"),
        (json!({"visitorSecret": ["s3cr3t"]}), "`visitorSecret`"),
        (json!({"mtls": 1, "secureMode": true}), "`mtls`"),
        (json!({"mtls": true}), "`secureMode: true`"),
        (json!({"allowOrigins": "s3cr3t"}), "`allowOrigins`"),
        (json!({"allowOrigins": ["s3cr3t"]}), "`allowOrigins`"),
        (json!({"allowOrigins": ["*"]}), "`allowOrigins`"),
        (
            json!({"allowOrigins": ["https://s3cr3t/"]}),
            "`allowOrigins`",
        ),
        (
            json!({"allowOrigins": ["https://S3cr3t"]}),
            "`allowOrigins`",
        ),
        (
            json!({"allowOrigins": ["https://a.test", 1]}),
            "`allowOrigins`",
        ),
        (json!({"allowOrigins": [{"s3cr3t": "a"}]}), "`allowOrigins`"),
        (json!({"admins": "s3cr3t"}), "`admins`"),
        (json!({"admins": ["s3cr3t"]}), "`admins`"),
        (json!({"admins": [{"username": "s3cr3t"}]}), "`admins`"),
        (
            json!({"admins": [{"username": "a", "role": "s3cr3t"}]}),
            "`admins`",
        ),
        (
            json!({"admins": [{"username": "", "role": "admin"}]}),
            "`admins`",
        ),
        (
            json!({"admins": [{"username": "s3cr3t".repeat(9), "role": "admin"}]}),
            "`admins`",
        ),
        (
            json!({"admins": [{"username": "a", "role": "admin", "s3cr3t": "s3cr3t"}]}),
            "`admins`",
        ),
        (
            json!({"admins": [{"username": "a", "role": "admin", "token": "s3cr3t token"}]}),
            "`admins`",
        ),
        (
            json!({"admins": [{"username": "a", "role": "admin", "token": {"s3cr3t": 1}}]}),
            "`admins`",
        ),
        (
            json!({"admins": [
                {"username": "a", "role": "admin"},
                {"username": "a", "role": "none"},
            ]}),
            "`admins`",
        ),
        (
            json!({"admins": [
                {"username": "a", "role": "admin", "token": "s3cr3t"},
                {"username": "b", "role": "admin", "token": "s3cr3t"},
            ]}),
            "`admins`",
        ),
        (json!({"s3cr3t as a name": 1}), "unknown option"),
    ] {
        let message = parse_options(options).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("s3cr3t"), "{message}");
    }
}

/// Turns secure mode on, mints an auth token and creates a session. Returns the emulator, and
/// the keys, the admin token, the visitor secret, the auth token and the body of the session
/// response.
fn draw_everything(emulator: Emulator) -> (Vec<String>, Emulator) {
    let mut client = Client {
        emulator,
        now: START,
    };
    client.emulator.set_secure_mode(true);
    let keys = [
        client.emulator.api_key(),
        client.emulator.server_key(),
        client.emulator.admin_token(),
        client.emulator.visitor_secret(),
    ]
    .map(str::to_owned);
    let minted = client.mint_with(&keys[1], "ada");
    let auth_token = minted.body.trim_matches('"').to_owned();
    let session = client.send(
        "POST",
        "/api/v4/sessions",
        &[("x-api-key", &keys[0])],
        Some(json!({"userId": "ada", "deviceId": "d", "authToken": auth_token})),
    );
    let drawn = [&keys[..], &[auth_token, session.body]].concat();
    (drawn, client.emulator)
}

/// Creates an emulator, and returns the texts that [`draw_everything`] draws from it.
fn draw(options: Options, entropy: &[u8]) -> Vec<String> {
    draw_everything(Emulator::new(options, START, entropy)).0
}

fn draw_with_seed(seed: Option<f64>, entropy: &[u8]) -> Vec<String> {
    let options = Options {
        seed,
        ..Options::default()
    };
    draw(options, entropy)
}

#[track_caller]
fn assert_all_differ(one: &[String], other: &[String]) {
    for (one, other) in one.iter().zip(other) {
        assert_ne!(one, other);
    }
}

#[test]
fn the_seed_determines_the_keys_and_tokens() {
    let first = draw_with_seed(Some(1.0), b"a");
    assert_eq!(first, draw_with_seed(Some(1.0), b"b"));
    assert_all_differ(&first, &draw_with_seed(Some(2.0), b"a"));
}

#[test]
fn without_a_seed_the_entropy_determines_the_keys_and_tokens() {
    let first = draw_with_seed(None, b"a");
    assert_eq!(first, draw_with_seed(None, b"a"));
    assert_all_differ(&first, &draw_with_seed(None, b"b"));
}

#[test]
fn setting_a_key_changes_no_other_key_or_token_of_a_seed() {
    let options = Options {
        seed: Some(1.0),
        api_key: Some("k".into()),
        ..Options::default()
    };
    let with_key = draw(options, b"");
    assert_eq!(with_key[1..], draw_with_seed(Some(1.0), b"")[1..]);
}

#[test]
fn a_reset_restores_the_initial_state() {
    let mut client = client(Options::default());
    let admin_token = client.emulator.admin_token().to_owned();
    client.sign_in("ada", "d");
    client.emulator.set_secure_mode(true);
    client.emulator.set_banned("ada", true);
    client.emulator.add_fault(Fault {
        status: Some(503),
        ..Fault::default()
    });
    client.emulator.reset();
    assert!(client.emulator.users().is_empty());
    assert!(client.emulator.sessions(START).is_empty());
    assert!(client.emulator.requests().is_empty());
    assert_eq!(client.emulator.admin_token(), admin_token);
    client.sign_in("ada", "d");
    let reply = client.send_admin("DELETE", "/api/v4/sessions/users/ada");
    assert_eq!(body(&reply)["success"], true);
}

#[test]
fn without_a_seed_no_token_from_before_a_reset_becomes_valid_again() {
    let mut client = client(Options::default());
    let old = client.sign_in("ada", "d");
    client.emulator.reset();
    assert_eq!(client.verify(&old).status, 401);
    let new = client.sign_in("ada", "d");
    assert_ne!(old, new);
    assert_eq!(client.verify(&old).status, 401);
}

#[test]
fn with_a_seed_a_reset_repeats_the_tokens() {
    let options = Options {
        seed: Some(7.0),
        ..Options::default()
    };
    let (first, mut emulator) = draw_everything(Emulator::new(options, START, b""));
    emulator.reset();
    assert_eq!(draw_everything(emulator).0, first);
}
