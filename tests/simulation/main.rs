//! Simulates two to eight tabs of one device on a virtual clock, against the emulator. Each seed is
//! one run with its own faults, and the invariants of `docs/session-rules.md` must hold throughout.
//! Workers with their own devices run beside the tabs. The same seed gives the same trace. For each
//! `Rule` of the machine, a test disables the rule and expects that an invariant then fails.
//!
//! `cargo xtask simulate [--seeds N] [--seed S]` runs many seeds in a release build. For
//! `cargo test`, set `SIMULATION_SEEDS` and `SIMULATION_SEED`. The first failing seed runs
//! again, and the last `SIMULATION_TAIL` lines of its trace are printed.
//!
//! `traces/` holds recorded runs, which do not depend on a seed (see `recorded`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accidents;
mod acts;
mod answers;
mod backend;
mod background;
mod chance;
mod channel;
mod checks;
mod choice;
mod counts;
mod fate;
mod host;
mod leaving;
mod lock;
mod network;
mod plan;
mod queue;
mod random;
mod recorded;
mod renewals;
mod rest;
mod revocation;
mod run;
mod script;
mod service;
mod settling;
mod shared;
mod shrink;
mod tab;
mod trace;
mod truth;
mod versions;
mod worker;
mod world;

use counts::Counts;
use plan::Plan;
use run::{Services, MIN_EVENTS};
use social_plus_auth::session::Rule;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How many seeds run if the environment sets no number.
const DEFAULT_SEEDS: u64 = 1000;
/// The number of failing seeds after which a thread stops.
const MAX_FAILURES: usize = 100;
/// How many lines of a failing trace are printed if the environment sets no number.
const DEFAULT_TAIL: u64 = 60;

/// Reads a number from an environment variable.
fn read_number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a whole number"))
    })
}

/// Runs a failing seed again, and returns the end of its trace, its plan and the broken invariant.
fn describe_failure(seed: u64, without: Option<Rule>) -> String {
    let run = Services::default().run(seed, without, true);
    let tail = read_number("SIMULATION_TAIL").unwrap_or(DEFAULT_TAIL) as usize;
    let trace = run.trace[run.trace.len().saturating_sub(tail)..].join("\n");
    format!(
        "{trace}\n{:?}\nseed {seed} fails: {}",
        Plan::new(seed, without),
        run.sentence()
    )
}

/// A failing seed, and the sentence of the broken invariant.
type Failed = (u64, String);

/// Distributes the seeds among all cores. Returns the counts and the failing seeds.
fn run_all(first: u64, seeds: u64) -> (Counts, Vec<Failed>) {
    let next = AtomicU64::new(first);
    let work = || {
        let (mut services, mut counts, mut failed) =
            (Services::default(), Counts::default(), Vec::new());
        while failed.len() < MAX_FAILURES {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds {
                break;
            }
            let run = services.run(seed, None, false);
            counts += &run.counts;
            if run.failure.is_some() {
                failed.push((seed, run.sentence()));
            }
        }
        (counts, failed)
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<(Counts, Vec<Failed>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let (mut sum, mut all) = (Counts::default(), Vec::new());
    for (counts, failed) in results {
        sum += &counts;
        all.extend(failed);
    }
    all.sort();
    (sum, all)
}

#[test]
fn the_invariants_hold() {
    let first = read_number("SIMULATION_SEED").unwrap_or(1);
    let seeds =
        read_number("SIMULATION_SEEDS").unwrap_or(if read_number("SIMULATION_SEED").is_some() {
            1
        } else {
            DEFAULT_SEEDS
        });
    let began = Instant::now();
    let (counts, failed) = run_all(first, seeds);
    let took = began.elapsed().as_secs_f64();
    println!(
        "{counts}{:.0} events per second, {took:.1} s",
        counts.events as f64 / took
    );
    if let Some((seed, _)) = failed.first() {
        failed
            .iter()
            .for_each(|(seed, sentence)| println!("seed {seed}: {sentence}"));
        panic!("{}", describe_failure(*seed, None));
    }
    assert!(counts.min_events >= MIN_EVENTS);
    if seeds >= DEFAULT_SEEDS {
        assert_eq!(
            counts.missing(),
            Vec::<&str>::new(),
            "kinds that never happened"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 1..20 {
        let [one, other] = [(); 2].map(|()| Services::default().run(seed, None, true));
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.hash, other.hash, "seed {seed}");
    }
}

#[test]
fn another_seed_gives_another_trace() {
    let run = |seed| Services::default().run(seed, None, true).hash;
    for seed in 1..20 {
        assert_ne!(run(seed), run(seed + 1), "seed {seed}");
    }
}

#[test]
fn a_trace_contains_no_access_token() {
    // Every access token is a JWT, whose header begins like this.
    let has_token = |line: &String| line.contains("eyJ");
    let run = Services::default().run(1, None, true);
    assert!(!run.trace.iter().any(has_token));
}

#[test]
fn a_run_does_not_depend_on_the_runs_before_it() {
    let mut services = Services::default();
    for seed in 1..10 {
        let after_others = services.run(seed, None, false).hash;
        let alone = Services::default().run(seed, None, false).hash;
        assert_eq!(after_others, alone, "seed {seed}");
    }
}

/// Checks that at least one of 100 seeds breaks the invariant of this sentence if the rule is
/// disabled.
fn check_detected(rule: Rule, sentence: &str) {
    let mut services = Services::default();
    let failures: Vec<String> = (1..=100)
        .map(|seed| services.run(seed, Some(rule), false))
        .filter(|run| run.failure.is_some())
        .map(|run| run.sentence())
        .collect();
    let matching = failures
        .iter()
        .filter(|failure| failure.contains(sentence))
        .count();
    println!(
        "without {rule:?}: {} of 100 seeds fail, {matching} of them because {sentence}",
        failures.len()
    );
    assert!(matching > 0, "{failures:?}");
}

#[test]
fn without_the_epoch_rule_an_ended_session_comes_back() {
    check_detected(
        Rule::Epoch,
        "the current session belongs to a login that has ended",
    );
}

#[test]
fn without_the_claim_rule_a_device_renews_twice() {
    check_detected(Rule::Claim, "a tab renews a token that needs no renewal");
}

#[test]
fn without_the_latest_rule_a_tab_returns_to_an_earlier_session() {
    check_detected(Rule::Latest, "an earlier session replaces a later one");
}

#[test]
fn without_verification_a_tab_trusts_a_session_too_early() {
    check_detected(
        Rule::Verify,
        "a tab trusts a session although an earlier request may still reach the service",
    );
}

#[test]
fn without_the_cooldown_a_tab_renews_during_a_pause() {
    check_detected(Rule::Cooldown, "a tab renews during a pause");
}

#[test]
fn without_the_quiet_rule_tabs_answer_each_other_without_end() {
    check_detected(Rule::Quiet, "a tab sends messages without an event");
}

#[test]
fn without_the_version_rule_a_tab_of_an_earlier_version_writes() {
    check_detected(
        Rule::Version,
        "a tab that has met a later version claims, writes or requests a session",
    );
}

#[test]
fn without_revocation_a_discarded_session_stays_valid() {
    check_detected(Rule::Revocation, "a discarded session is not revoked");
}
