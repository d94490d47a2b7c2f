//! Options, seeds and the way back to the start.

use crate::support::{body, client, read_options, START};
use serde_json::json;
use social_plus_auth::emulator::{Admin, Emulator, Fault, Options, Role};

#[test]
fn options_are_read() {
    let options = read_options(json!({
        "apiKey": "a", "serverKey": "s", "secureMode": true, "now": 4.5, "seed": -5.5,
        "accessTokenLifetimeMs": 1.5, "authTokenLifetimeMs": 2, "adminTokenLifetimeMs": 3
    }));
    let options = options.unwrap();
    assert_eq!(
        (
            options.api_key.as_deref(),
            options.server_key.as_deref(),
            options.secure_mode
        ),
        (Some("a"), Some("s"), true)
    );
    assert_eq!(
        (
            options.access_token_lifetime_ms,
            options.auth_token_lifetime_ms,
            options.admin_token_lifetime_ms
        ),
        (1.0, 2.0, 3.0)
    );
    assert_eq!((options.now, options.seed), (Some(4.0), Some(-5.5)));
    let default = read_options(json!({"apiKey": null, "now": null})).unwrap();
    assert_eq!(
        (
            default.api_key,
            default.secure_mode,
            default.now,
            default.seed
        ),
        (None, false, None, None)
    );
    assert_eq!(
        (
            default.access_token_lifetime_ms,
            default.auth_token_lifetime_ms
        ),
        (30.0 * 86_400_000.0, 600_000.0)
    );
}

#[test]
fn the_console_and_its_modes_are_read() {
    let options = read_options(json!({
        "admins": [{"username": "r", "role": "super-admin", "token": "t"}, {"username": "a", "role": "admin", "token": null}, {"username": "n", "role": "none"}],
        "visitors": false, "bots": false, "secureVisitorMode": true, "visitorDailyQuota": 0, "visitorSecret": "пароль", "mtls": true, "secureMode": true
    }))
    .unwrap();
    let admin = |username: &str, role, token: Option<&str>| Admin {
        username: username.into(),
        role,
        token: token.map(Into::into),
    };
    assert_eq!(
        options.admins,
        [
            admin("r", Role::SuperAdmin, Some("t")),
            admin("a", Role::Admin, None),
            admin("n", Role::None, None)
        ]
    );
    assert_eq!(
        (
            options.visitors,
            options.bots,
            options.secure_visitor_mode,
            options.mtls
        ),
        (false, false, true, true)
    );
    assert_eq!(
        (
            options.visitor_daily_quota,
            options.visitor_secret.as_deref()
        ),
        (0.0, Some("пароль"))
    );
    let default = read_options(json!({})).unwrap();
    assert_eq!(
        (
            default.visitors,
            default.bots,
            default.secure_visitor_mode,
            default.mtls
        ),
        (true, true, false, false)
    );
    assert_eq!(
        (default.visitor_daily_quota, default.visitor_secret),
        (100.0, None)
    );
    assert_eq!(
        default.admins,
        [
            admin("root", Role::SuperAdmin, None),
            admin("admin", Role::Admin, None)
        ]
    );
    assert!(!format!("{:?} {:?}", options, options.admins).contains("Some(\"t\")"));
}

#[test]
fn a_wrong_or_unknown_option_is_refused_by_its_name_and_never_by_its_value() {
    for (options, name) in [
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
            json!({"admins": [{"username": "a", "role": "admin"}, {"username": "a", "role": "none"}]}),
            "`admins`",
        ),
        (
            json!({"admins": [{"username": "a", "role": "admin", "token": "s3cr3t"}, {"username": "b", "role": "admin", "token": "s3cr3t"}]}),
            "`admins`",
        ),
        (json!({"s3cr3t as a name": 1}), "An option"),
    ] {
        let message = read_options(options).unwrap_err().to_string();
        assert!(
            message.contains(name) && !message.contains("s3cr3t"),
            "{message}"
        );
    }
}

/// Everything that is drawn in a short life.
fn life(emulator: &mut Emulator) -> Vec<String> {
    let mut client = crate::support::Client {
        emulator: std::mem::replace(emulator, Emulator::new(Options::default(), 0.0, b"")),
        now: START,
    };
    client.emulator.set_secure_mode(true);
    let emulated = &client.emulator;
    let keys = [
        emulated.api_key(),
        emulated.server_key(),
        emulated.admin_token(),
        emulated.visitor_secret(),
    ]
    .map(str::to_owned);
    let minted = client.send(
        "POST",
        "/api/v4/authentication/token",
        &[("x-server-key", &keys[1])],
        Some(json!({"userId": "ada"})),
    );
    let token = minted.body.trim_matches('"');
    let wanted = json!({"userId": "ada", "deviceId": "d", "authToken": token});
    let created = client.send(
        "POST",
        "/api/v4/sessions",
        &[("x-api-key", &keys[0])],
        Some(wanted),
    );
    let all = [&keys[..], &[token.to_owned(), created.body]].concat();
    *emulator = client.emulator;
    all
}

#[test]
fn the_same_seed_gives_the_same_tokens_and_another_gives_none_of_them() {
    let seeded = |seed: Option<f64>, entropy: &[u8]| {
        life(&mut Emulator::new(
            Options {
                seed,
                ..Options::default()
            },
            START,
            entropy,
        ))
    };
    assert_eq!(seeded(Some(1.0), b"a"), seeded(Some(1.0), b"b"));
    for (one, other) in seeded(Some(1.0), b"a").iter().zip(seeded(Some(2.0), b"a")) {
        assert_ne!(one, &other);
    }
    for (one, other) in seeded(None, b"a").iter().zip(seeded(None, b"b")) {
        assert_ne!(one, &other);
    }
    let keyed = life(&mut Emulator::new(
        Options {
            seed: Some(1.0),
            api_key: Some("k".into()),
            ..Options::default()
        },
        START,
        b"",
    ));
    assert_eq!(
        keyed[1..],
        seeded(Some(1.0), b"")[1..],
        "a key that is given shifts nothing"
    );
}

#[test]
fn reset_leads_back_to_the_options() {
    let mut client = client(Options {
        secure_mode: false,
        ..Options::default()
    });
    let admin_token = client.emulator.admin_token().to_owned();
    let old = client.signed_in("ada", "d");
    client.emulator.set_secure_mode(true);
    client.emulator.set_banned("ada", true);
    client.emulator.add_fault(Fault {
        status: Some(503),
        ..Fault::default()
    });
    client.emulator.reset();
    assert!(
        client.emulator.users().is_empty()
            && client.emulator.sessions(START).is_empty()
            && client.emulator.requests().is_empty()
    );
    assert_eq!(client.verify(&old).status, 401);
    assert_eq!(client.emulator.admin_token(), admin_token);
    let new = client.signed_in("ada", "d");
    assert_ne!(
        old, new,
        "without a seed an old token must not become good again"
    );
    assert_eq!(client.verify(&old).status, 401);
    assert_eq!(
        body(&client.admin("DELETE", "/api/v4/sessions/users/ada"))["success"],
        true
    );
}

#[test]
fn with_a_seed_a_reset_repeats_the_run() {
    let mut emulator = Emulator::new(
        Options {
            seed: Some(7.0),
            ..Options::default()
        },
        START,
        b"",
    );
    let first = life(&mut emulator);
    emulator.reset();
    assert_eq!(life(&mut emulator), first);
}
