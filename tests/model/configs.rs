//! The configurations that the model explores.

use crate::config::Chance::{
    Delay, Duplicate, Freeze, Kill, LoginFirst, LoginSecond, Logout, LogoutKeeping, Lose, Open,
    Period, Refusal, Renew, SecureLogout, Token,
};
use crate::config::Config;
use crate::config::Storage::{Local, Memory, Slow};
use social_plus_auth::session::Rule;

const fn new(name: &'static str) -> Config {
    Config::new(name)
}

/// Returns a configuration in which the session is due once.
pub(crate) const fn due(name: &'static str) -> Config {
    new(name).with(Period, 1)
}

/// Returns a configuration with one user switch, one logout, one death, one loss and one
/// duplication.
const fn everything(name: &'static str) -> Config {
    new(name)
        .with(LoginSecond, 1)
        .with(Logout, 1)
        .with(Kill, 1)
        .with(Lose, 1)
        .with(Duplicate, 1)
}

/// Configurations of which every run of the tests explores all states.
pub(crate) const SMALL: [Config; 10] = [
    due("a death").with(Kill, 1),
    due("a death, and a new tab").with(Kill, 1).with(Open, 1),
    due("a lost message").with(Lose, 1),
    due("a duplicated message").with(Duplicate, 1),
    due("a delay").with(Delay, 1),
    due("local and memory, a death")
        .mixed(Local, Memory)
        .with(Kill, 1),
    due("a refused token").with(Refusal, 1),
    due("a logout without locks")
        .with(Logout, 1)
        .without_locks(),
    due("a secure logout").with(SecureLogout, 1),
    due("a logout, seen late").with(Logout, 1).late(),
];

/// Configurations of two tabs that `cargo xtask assure model` explores.
pub(crate) const TWO_TABS: [Config; 29] = [
    everything("everything once"),
    everything("everything but a death, seen late")
        .with(Kill, 0)
        .late(),
    everything("everything but a loss, seen late")
        .with(Lose, 0)
        .late(),
    everything("everything once, without locks").without_locks(),
    everything("everything but a death, without locks, seen late")
        .with(Kill, 0)
        .without_locks()
        .late(),
    everything("everything once, memory").stored(Memory),
    everything("everything once, local and memory").mixed(Local, Memory),
    due("local and memory").mixed(Local, Memory),
    due("slow and memory").mixed(Slow, Memory),
    due("slow and local").mixed(Slow, Local),
    due("slow storage").stored(Slow),
    due("local and memory, a logout without locks")
        .mixed(Local, Memory)
        .with(Logout, 1)
        .without_locks(),
    due("a freeze, seen late").with(Freeze, 1).late(),
    due("a logout").with(Logout, 1),
    due("a logout and a freeze").with(Logout, 1).with(Freeze, 1),
    due("a logout, memory").with(Logout, 1).stored(Memory),
    due("a logout and a lost message")
        .with(Logout, 1)
        .with(Lose, 1),
    due("a logout and a lost message, with retries")
        .with(Logout, 1)
        .with(Lose, 1)
        .secure()
        .retrying(),
    due("a logout, slow storage").with(Logout, 1).stored(Slow),
    due("two logouts, seen late").with(Logout, 2).late(),
    due("a logout that keeps the token")
        .with(LogoutKeeping, 1)
        .with(Lose, 1),
    due("a user switch").with(LoginSecond, 1),
    due("a user switch and a logout, without locks")
        .with(LoginSecond, 1)
        .with(Logout, 1)
        .without_locks(),
    due("two logins and a secure logout")
        .signed_out()
        .with(LoginFirst, 2)
        .with(SecureLogout, 1),
    due("a secure logout and a lost message")
        .with(SecureLogout, 1)
        .with(Lose, 1),
    due("two secure logouts, seen late")
        .with(SecureLogout, 2)
        .late(),
    due("a renewal by the app and a logout")
        .with(Renew, 1)
        .with(Logout, 1),
    due("a refused token and a logout, seen late")
        .with(Refusal, 1)
        .with(Logout, 1)
        .late(),
    due("a freeze, two deaths and two new tabs")
        .with(Freeze, 1)
        .with(Kill, 2)
        .with(Open, 2)
        .with(Token, 1),
];

/// Configurations of three tabs that `cargo xtask assure model` explores.
pub(crate) const THREE_TABS: [Config; 7] = [
    due("three tabs").tabs(3),
    new("three tabs, a user switch")
        .tabs(3)
        .with(LoginSecond, 1),
    due("three tabs, a death").tabs(3).with(Kill, 1),
    due("three tabs, without locks, seen late")
        .tabs(3)
        .without_locks()
        .late(),
    due("three tabs, a freeze").tabs(3).with(Freeze, 1),
    everything("three tabs, everything once").tabs(3),
    due("three tabs, a logout").tabs(3).with(Logout, 1),
];

/// Configurations that lack a rule, and the invariant that must therefore break. `Rule::Device`,
/// `Rule::Quiet` and `Rule::Waiting` are the fixes of known faults.
pub(crate) const LACKING: [(Config, &str); 8] = [
    (
        due("a logout").with(Logout, 1).lacking(Rule::Epoch),
        "a tab is signed in at rest after a logout",
    ),
    (
        due("a renewal").lacking(Rule::Claim),
        "the tabs renew a session more often than accidents explain",
    ),
    (
        due("a freeze").with(Freeze, 1).lacking(Rule::Latest),
        "the service honours a token that the tabs have dropped",
    ),
    (
        due("a logout").with(Logout, 1).lacking(Rule::Revocation),
        "the service honours a token that the tabs have dropped",
    ),
    (
        due("a logout").with(Logout, 1).lacking(Rule::Device),
        "a logout reports a revocation although a session request may still arrive",
    ),
    (
        due("two logins and a secure logout")
            .signed_out()
            .with(LoginFirst, 2)
            .with(SecureLogout, 1)
            .lacking(Rule::Waiting),
        "a logout reports a revocation although a session request may still arrive",
    ),
    (
        due("local and memory")
            .mixed(Local, Memory)
            .lacking(Rule::Quiet),
        "the device does not come to rest",
    ),
    (
        due("slow storage, seen late")
            .stored(Slow)
            .late()
            .lacking(Rule::Quiet),
        "the tabs keep each other busy without end",
    ),
];
