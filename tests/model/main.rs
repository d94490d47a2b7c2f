//! Explores every order of events of two or three tabs of one device.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod actions;
mod checks;
mod config;
mod explore;
mod host;
mod world;

use config::{Chance, Config};
use explore::{explore, replay, Limit, Report};

fn describe(config: &Config, report: &Report) -> String {
    format!(
        "{}: {} states, {} transitions, depth {}, {} at rest, {}, {:.1} s",
        config.name,
        report.states,
        report.transitions,
        report.depth,
        report.rests,
        if report.is_closed { "closed" } else { "open" },
        report.elapsed.as_secs_f64()
    )
}

fn trace(config: &Config, report: &Report) -> String {
    let Some(violation) = &report.violation else {
        return String::new();
    };
    let (world, _) = replay(config, &violation.path, true);
    format!(
        "{}\nbroken invariant: {}",
        world.trace.unwrap_or_default().join("\n"),
        violation.what
    )
}

fn probe_configs() -> Vec<Config> {
    use config::Storage::*;
    use Chance::*;
    let all = |c: Config| c.with(Period, 1);
    vec![
        all(Config::new("logout")).with(Logout, 1),
        all(Config::new("logout+late")).with(Logout, 1).late(),
        all(Config::new("logout+nolocks"))
            .with(Logout, 1)
            .without_locks(),
        all(Config::new("logout+memory"))
            .with(Logout, 1)
            .stored(Memory),
        all(Config::new("logout+slow")).with(Logout, 1).stored(Slow),
        all(Config::new("secure")).with(SecureLogout, 1),
        all(Config::new("secure+login"))
            .signed_out()
            .with(LoginFirst, 2)
            .with(SecureLogout, 1),
        all(Config::new("switch")).with(LoginSecond, 1),
        all(Config::new("switch+logout"))
            .with(LoginSecond, 1)
            .with(Logout, 1),
        all(Config::new("kill")).with(Kill, 1),
        all(Config::new("freeze")).with(Freeze, 1),
        all(Config::new("lose")).with(Lose, 1),
        all(Config::new("dup")).with(Duplicate, 1),
        all(Config::new("losemail")).with(LoseMail, 1),
        all(Config::new("dupmail")).with(DuplicateMail, 1),
        all(Config::new("delay")).with(Delay, 1),
        all(Config::new("logout+lose"))
            .with(Logout, 1)
            .with(Lose, 1),
        all(Config::new("logout+kill"))
            .with(Logout, 1)
            .with(Kill, 1),
        all(Config::new("logout+freeze"))
            .with(Logout, 1)
            .with(Freeze, 1),
        all(Config::new("switch+lose"))
            .with(LoginSecond, 1)
            .with(Lose, 1),
        all(Config::new("refusal")).with(Refusal, 1),
        all(Config::new("renew+logout"))
            .with(Renew, 1)
            .with(Logout, 1),
        all(Config::new("switch+logout+kill+lose+dupmail"))
            .with(LoginSecond, 1)
            .with(Logout, 1)
            .with(Kill, 1)
            .with(Lose, 1)
            .with(DuplicateMail, 1),
        all(Config::new("3logout")).with(Logout, 1).tabs(3),
    ]
}

#[test]
#[ignore = "run by hand"]
fn probe() {
    let wanted = std::env::var("MODEL").unwrap_or_default();
    let states = std::env::var("MODEL_STATES").map_or(300_000, |text| text.parse().unwrap());
    for config in probe_configs() {
        if !wanted.is_empty() && !wanted.split(',').any(|name| name == config.name) {
            continue;
        }
        let limit = Limit {
            states,
            ..Limit::NONE
        };
        let report = explore(&config, limit);
        println!("{}", describe(&config, &report));
        println!("{}", trace(&config, &report));
    }
}
