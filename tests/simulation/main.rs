//! Simulates two to eight tabs of one device on a virtual clock, against the emulator. Each seed is
//! one run with faults of its own, and the invariants of `contract/session-rules.md` must hold. The
//! same seed gives the same trace. Three rules can be taken out of the machine, and the invariants
//! must detect each.
//!
//! `cargo xtask simulate [--seeds N] [--seed S]` runs many seeds in a release build. For
//! `cargo test`, `SIMULATION_SEEDS` and `SIMULATION_SEED` do the same. A seed that fails is run
//! again, and the last `SIMULATION_TAIL` lines of its trace are shown.
//!
//! `traces/` holds runs that do not depend on a seed: see `known_faults`.
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
mod chance;
mod checks;
mod choice;
mod counts;
mod fate;
mod host;
mod known_faults;
mod leaving;
mod network;
mod plan;
mod queue;
mod random;
mod renewals;
mod rest;
mod run;
mod script;
mod service;
mod shared;
mod shrink;
mod tab;
mod trace;
mod truth;
mod worker;
mod world;

use counts::Counts;
use plan::Plan;
use run::{Services, EVENTS};
use social_plus_auth::session::Rule;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How many seeds a plain `cargo test` tries.
const SEEDS: u64 = 1000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a whole number"))
    })
}

/// Runs a seed again that has failed, and says how it came to that.
fn explain(seed: u64, without: Option<Rule>) -> String {
    let run = Services::default().run(seed, without, true);
    let tail = number("SIMULATION_TAIL").unwrap_or(60) as usize;
    let trace = run.trace[run.trace.len().saturating_sub(tail)..].join("\n");
    format!(
        "{trace}\n{:?}\nseed {seed} fails: {}",
        Plan::new(seed, without),
        run.sentence()
    )
}

/// A seed that fails, and why.
type Failed = (u64, String);

/// All of the seeds, on every core, and those that fail.
fn run_all(first: u64, seeds: u64) -> (Counts, Vec<Failed>) {
    let next = AtomicU64::new(first);
    let work = || {
        let (mut services, mut counts, mut failed) =
            (Services::default(), Counts::default(), Vec::new());
        // After a few it is known that something is wrong.
        while failed.len() < 100 {
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
    let first = number("SIMULATION_SEED").unwrap_or(1);
    let seeds = number("SIMULATION_SEEDS").unwrap_or(if number("SIMULATION_SEED").is_some() {
        1
    } else {
        SEEDS
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
        panic!("{}", explain(*seed, None));
    }
    assert!(counts.fewest >= EVENTS);
    if seeds >= SEEDS {
        assert_eq!(counts.missing(), Vec::<&str>::new(), "never happened");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 1..20 {
        let [one, other] = [(); 2].map(|()| Services::default().run(seed, None, true));
        assert_eq!(
            (one.hash, &one.trace),
            (other.hash, &other.trace),
            "seed {seed}"
        );
        assert_ne!(one.hash, Services::default().run(seed + 1, None, true).hash);
    }
    // Tokens have numbers in it, and stay out of it: every access token is a JWT.
    assert!(!Services::default()
        .run(1, None, true)
        .trace
        .iter()
        .any(|line| line.contains("eyJ")));
    // Neither does it matter what ran before.
    let mut services = Services::default();
    let hashes: Vec<u64> = (1..10)
        .map(|seed| services.run(seed, None, false).hash)
        .collect();
    let alone: Vec<u64> = (1..10)
        .map(|seed| Services::default().run(seed, None, false).hash)
        .collect();
    assert_eq!(hashes, alone);
}

/// With a rule taken out some of a few seeds must fail, and with just that sentence.
fn is_missed(rule: Rule, sentence: &str) {
    let mut services = Services::default();
    let failures: Vec<String> = (1..=100)
        .map(|seed| services.run(seed, Some(rule), false))
        .filter(|run| run.failure.is_some())
        .map(|run| run.sentence())
        .collect();
    let telling = failures
        .iter()
        .filter(|failure| failure.contains(sentence))
        .count();
    println!(
        "{rule:?} taken out: {} of 100 seeds fail, {telling} of them since {sentence}",
        failures.len()
    );
    assert!(telling > 0, "{failures:?}");
}

#[test]
fn without_the_epoch_an_ended_session_comes_back() {
    is_missed(
        Rule::Epoch,
        "the session of a login that is over is current",
    );
}

#[test]
fn without_the_claim_a_device_renews_twice() {
    is_missed(Rule::Claim, "a superfluous renewal");
}

#[test]
fn without_the_latest_session_a_tab_goes_back() {
    is_missed(Rule::Latest, "an earlier session replaces a later one");
}

#[test]
fn without_verification_a_tab_trusts_a_session_too_early() {
    is_missed(
        Rule::Verify,
        "a session is trusted though an earlier request may still reach the service",
    );
}

#[test]
fn without_the_cooldown_a_tab_renews_during_a_pause() {
    is_missed(Rule::Cooldown, "a tab renews during a pause");
}

#[test]
fn without_revocation_a_discarded_session_stays_valid() {
    is_missed(
        Rule::Revocation,
        "a session is dropped that the service still honours",
    );
}
