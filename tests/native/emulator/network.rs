//! The network's own settings: its server key, grace periods, secure mode and push switch.

use crate::support::{assert_parameters, body, client, secure, unsecure, Client, START};
use serde_json::{json, Value};
use social_plus_auth::emulator::{Options, Reply};
use social_plus_auth::protocol::date::format_iso;

const HOUR: f64 = 3_600_000.0;
const KEY: &str = "/api/v3/networks/server-key";
const GRACE: &str = "/api/v3/network-settings/security-configs";
const ME: &str = "/api/v3/networks/me";
const PUSH: &str = "/admin/v1/notification/setting";

fn admin(client: &mut Client, method: &str, path: &str, wanted: Value) -> Reply {
    let bearer = format!("Bearer {}", client.emulator.admin_token());
    client.send(method, path, &[("authorization", &bearer)], Some(wanted))
}

fn mint(client: &mut Client, key: &str) -> u16 {
    client
        .send(
            "POST",
            "/api/v4/authentication/token",
            &[("x-server-key", key)],
            Some(json!({"userId": "ada"})),
        )
        .status
}

#[test]
fn a_new_server_key_takes_over_and_the_old_one_is_good_for_its_grace_period() {
    for (hours, ends_after) in [(None, 1.0), (Some(json!(3)), 3.0), (Some(json!(0)), 0.0)] {
        let mut client = secure();
        if let Some(hours) = hours {
            admin(
                &mut client,
                "PUT",
                GRACE,
                json!({"serverKey": {"expiresInHours": hours}}),
            );
        }
        let reply = client.admin("POST", KEY);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (200, Some("application/json; charset=utf-8"))
        );
        let new = body(&reply).as_str().unwrap().to_owned();
        assert!(new.len() == 122 && new.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        assert_eq!(client.emulator.server_key(), new);
        if ends_after > 0.0 {
            client.now += ends_after * HOUR - 1.0;
            assert_eq!(
                (mint(&mut client, "sk-1"), mint(&mut client, &new)),
                (200, 200)
            );
            client.now += 1.0;
        }
        assert_eq!(
            (mint(&mut client, "sk-1"), mint(&mut client, &new)),
            (401, 200)
        );
        client.emulator.reset();
        assert_eq!(
            (mint(&mut client, "sk-1"), mint(&mut client, &new)),
            (200, 401),
            "back to the start"
        );
    }
}

#[test]
fn two_new_keys_in_a_row_leave_each_its_own_time() {
    let mut client = secure();
    let first = body(&client.admin("POST", KEY))
        .as_str()
        .unwrap()
        .to_owned();
    client.now += HOUR / 2.0;
    let second = body(&client.admin("POST", KEY))
        .as_str()
        .unwrap()
        .to_owned();
    let good = |client: &mut Client| ["sk-1", &first, &second].map(|key| mint(client, key) == 200);
    assert_eq!(good(&mut client), [true, true, true]);
    client.now += HOUR / 2.0;
    assert_eq!(good(&mut client), [false, true, true]);
    client.now += HOUR / 2.0;
    assert_eq!(good(&mut client), [false, false, true]);
}

#[test]
fn the_last_change_is_told_but_no_key() {
    let mut client = unsecure();
    let last_change = |client: &mut Client| body(&client.admin("GET", KEY));
    assert_eq!(
        last_change(&mut client),
        json!({"updatedAt": format_iso(START), "updatedBy": "root"})
    );
    client.now += 7.0;
    client.admin("POST", KEY);
    client.now += 7.0;
    assert_eq!(
        last_change(&mut client),
        json!({"updatedAt": format_iso(START + 7.0), "updatedBy": "admin"})
    );
}

#[test]
fn grace_periods_are_read_and_set_one_by_one() {
    let mut client = unsecure();
    let configs = |server: Value, scope: bool, admin: Value| {
        let server_key = json!({"expiresInHours": server, "apiScopeEnabled": scope});
        json!({"securityConfigs": {"serverKey": server_key, "adminToken": {"expiresInHours": admin}}})
    };
    for (wanted, expected) in [
        (json!({}), configs(json!(1.0), false, json!(24.0))),
        (
            json!({"serverKey": {"expiresInHours": 2}}),
            configs(json!(2.0), false, json!(24.0)),
        ),
        (
            json!({"serverKey": {"apiScopeEnabled": true}, "more": 1}),
            configs(json!(2.0), true, json!(24.0)),
        ),
        (
            json!({"adminToken": {"expiresInHours": 0.25}}),
            configs(json!(2.0), true, json!(0.25)),
        ),
        (
            json!({"serverKey": {"expiresInHours": 8760}, "adminToken": {}}),
            configs(json!(8760.0), true, json!(0.25)),
        ),
    ] {
        assert_eq!(
            body(&admin(&mut client, "PUT", GRACE, wanted.clone())),
            expected,
            "{wanted}"
        );
        assert_eq!(body(&client.admin("GET", GRACE)), expected);
    }
    for (wanted, names) in [
        (json!({"serverKey": 5}), &["serverKey"][..]),
        (
            json!({"serverKey": {"expiresInHours": -1, "apiScopeEnabled": "yes"}}),
            &["serverKey.expiresInHours", "serverKey.apiScopeEnabled"],
        ),
        (
            json!({"serverKey": {"expiresInHours": 3}, "adminToken": {"expiresInHours": 8761}}),
            &["adminToken.expiresInHours"],
        ),
        (
            json!({"adminToken": {"expiresInHours": "24"}}),
            &["adminToken.expiresInHours"],
        ),
    ] {
        assert_parameters(&admin(&mut client, "PUT", GRACE, wanted), 422, names);
    }
    assert_eq!(
        body(&client.admin("GET", GRACE)),
        configs(json!(8760.0), true, json!(0.25)),
        "what is refused changes nothing"
    );
    client.emulator.reset();
    assert_eq!(
        body(&client.admin("GET", GRACE)),
        configs(json!(1.0), false, json!(24.0))
    );
}

#[test]
fn secure_mode_is_switched_from_here_too() {
    let mut client = unsecure();
    let network = body(&client.admin("GET", ME));
    assert_eq!(
        (&network["name"], &network["useSecureAuthentication"]),
        (&json!("Emulator"), &json!(false))
    );
    assert_eq!(
        (&network["createdAt"], &network["updatedAt"]),
        (&json!(format_iso(START)), &json!(format_iso(START)))
    );
    client.now += 9.0;
    let reply = admin(
        &mut client,
        "PUT",
        ME,
        json!({"useSecureAuthentication": true}),
    );
    assert_eq!(
        (
            &body(&reply)["useSecureAuthentication"],
            &body(&reply)["updatedAt"]
        ),
        (&json!(true), &json!(format_iso(START + 9.0)))
    );
    assert_eq!(body(&client.admin("GET", ME)), body(&reply));
    assert_eq!(mint(&mut client, "sk-1"), 200);
    assert_eq!(
        client
            .create("v5", json!({"userId": "ada", "deviceId": "d"}))
            .status,
        403
    );
    for wanted in [json!({}), json!({"useSecureAuthentication": "true"})] {
        assert_parameters(
            &admin(&mut client, "PUT", ME, wanted),
            422,
            &["useSecureAuthentication"],
        );
    }
    admin(
        &mut client,
        "PUT",
        ME,
        json!({"useSecureAuthentication": false}),
    );
    assert_eq!(mint(&mut client, "sk-1"), 403);
}

#[test]
fn the_push_switch_takes_what_the_contract_says() {
    let mut client = client(Options::default());
    let event =
        |count: usize| vec![json!({"name": "chat.message", "isPushNotifiable": true}); count];
    let with = |events: Value| json!({"level": "network", "isPushNotifiable": true, "notifiableEvents": events});
    for wanted in [
        json!({"level": "network", "isPushNotifiable": false}),
        with(json!(event(1))),
        with(json!(event(24))),
    ] {
        assert_eq!(
            body(&admin(&mut client, "POST", PUSH, wanted)),
            json!({"status": "success"})
        );
    }
    for (wanted, names) in [
        (json!({}), &["level", "isPushNotifiable"][..]),
        (
            json!({"level": "user", "isPushNotifiable": 1}),
            &["level", "isPushNotifiable"],
        ),
        (with(json!([])), &["notifiableEvents"]),
        (with(json!(event(25))), &["notifiableEvents"]),
        (with(json!({})), &["notifiableEvents"]),
        (with(json!(["chat"])), &["notifiableEvents"]),
        (
            with(json!([{"name": ""}])),
            &["notifiableEvents.isPushNotifiable", "notifiableEvents.name"],
        ),
    ] {
        let reply = admin(&mut client, "POST", PUSH, wanted);
        let mut named: Vec<String> = body(&reply)["data"]["detail"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap().split(' ').next().unwrap().to_owned())
            .collect();
        named.sort();
        let mut names = names.to_vec();
        names.sort();
        assert_eq!(
            (reply.status, named),
            (422, names.iter().map(|name| (*name).to_owned()).collect())
        );
    }
}
