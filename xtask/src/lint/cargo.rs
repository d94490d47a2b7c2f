//! The Rust checks: rustfmt, clippy with no feature, each feature and all features, and rustdoc.
use super::Check;
use crate::artifact::{self, ARTIFACTS, TARGET};
use crate::shell::{self, Result};
use std::process::Command;

/// Returns the checks. If `is_fast`, leaves out the checks for wasm32.
pub(super) fn checks(is_fast: bool) -> Result<Vec<Check>> {
    let features = read_features()?;
    let mut checks = vec![
        Check::new("rustfmt", run_rustfmt),
        Check::new("clippy, workspace", || {
            run_clippy(&["--workspace", "--all-targets"])
        }),
        Check::new("clippy, all features", || {
            run_clippy(&["--all-targets", "--all-features"])
        }),
        Check::new("clippy, no features", || run_clippy(&["--all-targets"])),
    ];
    // The tests of an artifact's modules need `unstable`, which makes the modules public.
    let testable = ARTIFACTS.map(|artifact| format!("{artifact},unstable"));
    for chosen in features.iter().cloned().chain(testable) {
        checks.push(Check::new(format!("clippy, {chosen}"), move || {
            run_clippy(&["--all-targets", "--features", &chosen])
        }));
    }
    if !is_fast {
        checks.extend(wasm32_checks(features));
    }
    checks.push(Check::new("rustdoc", run_rustdoc));
    Ok(checks)
}

/// Returns the clippy checks for wasm32: those of the library and those of each artifact.
fn wasm32_checks(features: Vec<String>) -> Vec<Check> {
    let mut checks = vec![Check::new("clippy, all features, wasm32", || {
        run_clippy(&["--target", TARGET, "--all-features"])
    })];
    for feature in features {
        checks.push(Check::new(
            format!("clippy, {feature}, wasm32"),
            move || run_clippy(&["--target", TARGET, "--features", &feature]),
        ));
    }
    for artifact in ARTIFACTS {
        checks.push(Check::new(
            format!("clippy, {artifact} artifact"),
            move || {
                let mut command = clippy_command(&["--target", TARGET, "--features", artifact]);
                command.env("RUSTFLAGS", artifact::FLAGS.join(" "));
                shell::count_lines(&mut command, is_cargo_problem)
            },
        ));
    }
    checks
}

/// Reads the features of the crate, except `default`.
fn read_features() -> Result<Vec<String>> {
    let manifest: toml::Table = shell::read_text("Cargo.toml")?
        .parse()
        .map_err(|error| format!("Cargo.toml could not be read: {error}."))?;
    let features = manifest
        .get("features")
        .and_then(|features| features.as_table())
        .ok_or("Cargo.toml must have a table [features].")?;
    let names: Vec<String> = features
        .keys()
        .filter(|name| *name != "default")
        .cloned()
        .collect();
    match ARTIFACTS
        .iter()
        .find(|&&artifact| !names.iter().any(|name| name == artifact))
    {
        None => Ok(names),
        Some(missing) => Err(format!("Cargo.toml must declare the feature `{missing}`.")),
    }
}

fn run_rustfmt() -> Result<usize> {
    let mut command = Command::new("cargo");
    command.args(["fmt", "--all", "--", "--check", "-l"]);
    shell::count_lines(&mut command, |line| line.ends_with(".rs"))
}

fn run_clippy(arguments: &[&str]) -> Result<usize> {
    shell::count_lines(&mut clippy_command(arguments), is_cargo_problem)
}

fn clippy_command(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(["clippy", "--quiet", "--locked"]);
    command.args(arguments).args(["--", "-Dwarnings"]);
    command
}

fn run_rustdoc() -> Result<usize> {
    let mut command = Command::new("cargo");
    command.args(["doc", "--quiet", "--locked", "--no-deps", "--all-features"]);
    command.env("RUSTDOCFLAGS", "-Dwarnings");
    shell::count_lines(&mut command, is_cargo_problem)
}

/// Returns whether a line starts an error message. The summary at the end does not count.
fn is_cargo_problem(line: &str) -> bool {
    line.starts_with("error") && !line.contains("could not ") && !line.contains("aborting due to")
}

#[cfg(test)]
mod tests {
    use super::is_cargo_problem;

    #[test]
    fn counts_messages_but_not_the_summary() {
        assert!(is_cargo_problem("error: unused variable: `x`"));
        assert!(is_cargo_problem("error[E0425]: cannot find value `y`"));
        assert!(!is_cargo_problem(
            "error: could not compile `xtask` (bin \"xtask\") due to 2 previous errors"
        ));
        assert!(!is_cargo_problem(
            "error: aborting due to 2 previous errors"
        ));
        assert!(!is_cargo_problem("  --> src/lib.rs:1:1"));
    }
}
