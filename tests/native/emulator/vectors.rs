//! The shared cases: what the clients must send is what the emulator understands, and what they
//! must cope with is what it says.

use crate::support::{body, client, Client};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Admin, Options, Reply, Role};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors.json")).unwrap()
}

/// Sends the request of a case, with tokens that exist in place of those that are written down.
fn replay(client: &mut Client, case: &Value, tokens: &[(&str, &str)]) -> Reply {
    let request = &case["request"];
    let mut body = request["body"].clone();
    let replaced = |text: &str| {
        tokens
            .iter()
            .fold(text.to_owned(), |text, (written, real)| {
                text.replace(written, real)
            })
    };
    if let Some(token) = body.get("authToken").and_then(Value::as_str).map(replaced) {
        body["authToken"] = json!(token);
    }
    let headers: Vec<(String, String)> = request["headers"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "content-type")
        .map(|(name, value)| (name.clone(), replaced(value.as_str().unwrap())))
        .collect();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // The emulator is the service itself: a proxy in front of it takes its own prefix off.
    let url = request["url"].as_str().unwrap().replace("/amity/", "/");
    client.send(
        request["method"].as_str().unwrap(),
        &url,
        &headers,
        if body.is_null() { None } else { Some(body) },
    )
}

#[test]
fn the_emulator_understands_what_the_clients_send() {
    let vectors = vectors();
    let mut understood = 0;
    for case in vectors["requests"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let operation = case["operation"].as_str().unwrap();
        let wants_secure_mode =
            operation == "createAuthToken" || case["request"]["body"].get("authToken").is_some();
        // The admin of the case revokes its own token; the visitor's signature is that of the date
        // it names, with the secret of the other cases.
        let admins = vec![Admin {
            username: "grace".into(),
            role: Role::Admin,
            token: Some("adm-1".into()),
        }];
        let visitor_secret = Some("vs-1".into());
        let mut client = client(Options {
            secure_mode: true,
            secure_visitor_mode: true,
            visitor_secret,
            admins,
            ..Options::default()
        });
        client.now -= 1.0;
        let auth_token = client.minted("ada");
        client.emulator.set_secure_mode(false);
        let access_token = client.signed_in("ada", "another");
        client.signed_in("a/b", "a third");
        client.emulator.set_secure_mode(wants_secure_mode);
        let written = "s9qne0wEqVb2e05271177748659f574a4e8ab85e08";
        let tokens = [
            (written, auth_token.as_str()),
            ("at-1", access_token.as_str()),
        ];
        let reply = replay(&mut client, case, &tokens);
        assert_eq!(reply.status, 200, "{name}");
        understood += 1;
    }
    assert!(understood >= 11, "{understood}");
}

/// The answer of the case of this name, and its body as JSON.
fn answer(name: &str) -> (u16, Value) {
    let vectors = vectors();
    let case = vectors["responses"]
        .as_array()
        .unwrap()
        .iter()
        .find(|case| case["name"] == name)
        .unwrap();
    let text = case["response"]["body"].as_str().unwrap();
    let status = case["response"]["status"].as_u64().unwrap() as u16;
    (
        status,
        serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
    )
}

fn given(reply: &Reply) -> (u16, Value) {
    (
        reply.status,
        serde_json::from_str(&reply.body).unwrap_or_else(|_| json!(reply.body)),
    )
}

#[test]
fn refusals_are_the_ones_of_the_cases() {
    let mut off = client(Options::default());
    assert_eq!(given(&off.mint("ada")), answer("secure mode is off"));
    let wrong = off.send(
        "POST",
        "/api/v4/authentication/token",
        &[("x-server-key", "no")],
        None,
    );
    assert_eq!(given(&wrong), answer("server key wrong"));

    off.signed_in("ada", "d");
    off.emulator.set_banned("ada", true);
    let wanted = json!({"userId": "ada", "deviceId": "d"});
    assert_eq!(
        given(&off.create("v5", wanted.clone())),
        answer("user globally banned")
    );
    let last = (0..200)
        .map(|_| off.create("v5", wanted.clone()))
        .last()
        .unwrap();
    assert_eq!(given(&last), answer("rate limited, Retry-After in seconds"));
    assert!(last.header("retry-after").is_some());

    let (status, mut expected) = answer("parameters refused");
    let reply = off.create("v5", json!({"userId": "a".repeat(51), "deviceId": "d"}));
    let mut refused = body(&reply);
    assert!(refused["data"]["detail"][0]
        .as_str()
        .unwrap()
        .starts_with(expected["data"]["detail"][0].as_str().unwrap()));
    refused["data"].take();
    expected["data"].take();
    assert_eq!((reply.status, refused), (status, expected));
}

#[test]
fn sessions_have_the_shape_of_the_cases() {
    for (version, name) in [
        ("v3", "session, v3, no dates, dates from the JWT"),
        ("v4", "session, v4, dates given, fields nobody knows"),
        ("v5", "session, v5: no refresh token, a user type"),
    ] {
        let mut client = client(Options::default());
        let ours = body(&client.create(
            version,
            json!({"userId": "ada", "deviceId": "d", "displayName": "Ada"}),
        ));
        let (_, mut theirs) = answer(name);
        // These are there to show that a client tolerates what it does not know.
        theirs.as_object_mut().unwrap().remove("novelty");
        theirs["users"][0]
            .as_object_mut()
            .unwrap()
            .remove("shoeSize");
        let keys = |value: &Value| {
            value
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(&ours), keys(&theirs), "{name}");
        let user = keys(&ours["users"][0]);
        assert!(
            keys(&theirs["users"][0])
                .iter()
                .all(|field| user.contains(field)),
            "{name}"
        );
    }
}
