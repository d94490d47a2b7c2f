//! `simulate`: plays many seeds of `tests/simulation` in an optimized build.
use crate::args::Args;
use crate::shell::{self, Result};
use std::process::Command;

/// The number of seeds that must pass before a change of the session rules is accepted.
const DEFAULT_SEEDS: &str = "100000";

pub(crate) fn simulate(mut args: Args) -> Result {
    let (seed_count, first_seed) = (args.take_value("--seeds")?, args.take_value("--seed")?);
    args.finish()?;
    for number in seed_count.iter().chain(&first_seed) {
        number
            .parse::<u64>()
            .map_err(|_| format!("`{number}` is not a whole number."))?;
    }
    let mut command = Command::new("cargo");
    command.args([
        "test",
        "--profile",
        "simulation",
        "--test",
        "simulation",
        "--features",
        "browser,emulator,unstable",
        "--locked",
        "--",
        "--nocapture",
        "the_invariants_hold",
    ]);
    // `--seed` without `--seeds` plays only that seed.
    let default_count = if first_seed.is_some() {
        "1"
    } else {
        DEFAULT_SEEDS
    };
    command
        .env(
            "SIMULATION_SEEDS",
            seed_count.as_deref().unwrap_or(default_count),
        )
        .env("SIMULATION_SEED", first_seed.as_deref().unwrap_or("1"));
    shell::run(&mut command)
}
