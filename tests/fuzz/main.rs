//! A brief run of the fuzz targets: every seed, and a few thousand mutations of the seeds, from a
//! fixed seed of the generator. `cargo xtask assure fuzz` runs the same targets with libFuzzer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing)]

#[allow(unreachable_pub, reason = "a library of the libFuzzer programs")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

mod mutator;

use mutator::Mutator;
use targets::seeds::Vectors;
use targets::{Target, TARGETS};

const VECTORS: &str = include_str!("../vectors.json");
/// How many mutations of each target the test runs.
const EXECUTIONS: usize = 3_000;

fn find(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap()
}

fn check(name: &str) {
    let target = find(name);
    let seeds = (target.seeds)(&Vectors::parse(VECTORS));
    assert!(!seeds.is_empty());
    let mut mutator = Mutator::new(1);
    for seed in &seeds {
        (target.run)(seed);
    }
    for _ in 0..EXECUTIONS {
        (target.run)(&mutator.mutate(&seeds));
    }
}

#[test]
fn texts_keep_their_promises() {
    check("text");
}

#[test]
fn responses_keep_their_promises() {
    check("response");
}

#[test]
fn requests_keep_their_promises() {
    check("request");
}

#[test]
fn session_events_keep_their_promises() {
    check("session");
}

#[test]
fn the_emulator_keeps_its_promises() {
    check("emulator");
}

#[test]
fn options_keep_their_promises() {
    check("options");
}

/// Runs each target on the corpora that libFuzzer has found, to measure their coverage.
#[test]
#[ignore = "needs the corpora of `cargo xtask assure fuzz`"]
fn replay_the_corpora() {
    let folder = std::path::PathBuf::from(std::env::var("FUZZ_CORPUS").unwrap());
    for target in &TARGETS {
        for entry in std::fs::read_dir(folder.join(target.name)).unwrap() {
            (target.run)(&std::fs::read(entry.unwrap().path()).unwrap());
        }
    }
}

/// Writes the seeds, from which `cargo xtask assure fuzz` starts the corpora of libFuzzer.
#[test]
#[ignore = "writes files"]
fn write_the_seeds() {
    let folder = std::path::PathBuf::from(std::env::var("FUZZ_SEEDS").unwrap());
    for target in &TARGETS {
        let seeds = (target.seeds)(&Vectors::parse(VECTORS));
        let folder = folder.join(target.name);
        std::fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}
