//! Explores every order of events of two or three tabs of one device: the real session machine
//! (`social_plus_auth::session::Machine`) in each tab, and a model of everything else. The network
//! loses, duplicates and delays requests and answers. The tabs share a lock, a channel, and
//! `localStorage`, whose writes the other tabs may see late. Users log in, switch and log out. Tabs
//! die, freeze and open. Time jumps from one timer to the next.
//!
//! `cargo test` explores every state of small configurations, and `cargo xtask assure model`
//! explores the large ones. The invariants are in `checks`.
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
mod configs;
mod explore;
mod fingerprint;
mod happen;
mod host;
mod world;

use config::{Chance::Logout, Config};
use configs::{due, LACKING, SMALL, THREE_TABS, TWO_TABS};
use explore::{explore, replay, Limit, Report};
use social_plus_auth::session::Rule;
use std::time::Duration;

/// The maximum number of states per configuration, unless `MODEL_STATES` sets another one.
const DEFAULT_STATES: usize = 12_000_000;

/// Returns the actions and events that lead to the broken invariant.
fn describe_violation(config: &Config, report: &Report) -> Option<String> {
    let violation = report.violation.as_ref()?;
    let (world, _) = replay(config, &violation.path, true);
    let trace = world.trace.unwrap_or_default().join("\n");
    Some(format!(
        "{trace}\n{}: broken invariant: {}",
        config.name, violation.what
    ))
}

/// Returns a row of the table in docs/assurance.md.
fn describe(config: &Config, report: &Report) -> String {
    let end = match (&report.violation, report.is_closed) {
        (Some(_), _) => "**a violation**",
        (None, true) => "all",
        (None, false) => "part",
    };
    format!(
        "| {} | {} | {} | {} | {} | {end} | {} |",
        config.name,
        report.states,
        report.transitions,
        report.depth,
        report.rests,
        report.elapsed.as_secs()
    )
}

#[test]
fn every_order_of_events_in_a_small_configuration_keeps_the_invariants() {
    for config in &SMALL {
        let report = explore(config, Limit::NONE);
        println!("{}", describe(config, &report));
        if let Some(violation) = describe_violation(config, &report) {
            panic!("{violation}");
        }
        assert!(report.is_closed && report.rests > 0, "{}", config.name);
    }
}

#[test]
fn an_invariant_breaks_without_a_rule() {
    for (config, what) in &LACKING {
        let report = explore(config, Limit::NONE);
        let found = report.violation.map(|violation| violation.what);
        assert_eq!(
            found.as_deref(),
            Some(*what),
            "without {:?}",
            config.without
        );
    }
}

#[test]
fn a_violation_is_reduced_to_a_trace_that_shows_it() {
    let config = &due("a logout").with(Logout, 1).lacking(Rule::Device);
    let report = explore(config, Limit::NONE);
    let trace = describe_violation(config, &report).unwrap();
    assert!(trace.contains(", Logout { revoke: true })"), "{trace}");
    assert!(trace.contains("-> Revoke("), "{trace}");
}

/// Reads a number from an environment variable.
fn read_number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{name} must be a whole number")))
}

#[test]
#[ignore = "explores for minutes: cargo xtask assure model"]
fn every_order_of_events_keeps_the_invariants() {
    let tabs = read_number("MODEL_TABS");
    let limit = Limit {
        states: read_number("MODEL_STATES").map_or(DEFAULT_STATES, |states| states as usize),
        time: read_number("MODEL_MINUTES")
            .map_or(Duration::MAX, |minutes| Duration::from_secs(60 * minutes)),
    };
    let name = std::env::var("MODEL_NAME").unwrap_or_default();
    let all = TWO_TABS.iter().chain(&THREE_TABS);
    let chosen = all
        .filter(|config| tabs.is_none_or(|tabs| config.tabs as u64 == tabs))
        .filter(|config| name.is_empty() || config.name == name);
    println!("| configuration | states | transitions | depth | at rest | explored | seconds |");
    println!("|---|---|---|---|---|---|---|");
    let mut violations = Vec::new();
    for config in chosen {
        let report = explore(config, limit);
        println!("{}", describe(config, &report));
        violations.extend(describe_violation(config, &report));
    }
    assert!(violations.is_empty(), "{}", violations.join("\n\n"));
}
