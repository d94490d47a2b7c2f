//! `assure fuzz`: builds the libFuzzer programs of `fuzz/` on the stable toolchain, and runs them
//! and the fuzzers of the packed JavaScript. The corpora stay in target/fuzz/, and the next run
//! continues from them.
use crate::args::Args;
use crate::engines::Browser;
use crate::npm::Tools;
use crate::pack;
use crate::shell::{self, Result};
use std::env;
use std::path::Path;
use std::process::Command;

const NATIVE: [&str; 6] = [
    "text", "response", "request", "session", "emulator", "options",
];
const JAVASCRIPT: [&str; 5] = ["functions", "handler", "handler-http2", "storage", PAGE];
/// The target that calls the functions in a page of each browser.
const PAGE: &str = "page";
const BUILD: &str = "target/fuzz/build";
const CORPUS: &str = "target/fuzz/corpus";
/// libFuzzer writes the inputs that break a promise here.
const CRASHES: &str = "target/fuzz/crashes/";
/// The coverage instrumentation that libFuzzer reads. `cargo fuzz` passes the same flags. Only its
/// sanitizers need a nightly toolchain, and without `unsafe` code they would find nothing.
const FLAGS: [&str; 8] = [
    "--cfg",
    "fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=4",
];

pub(super) fn fuzz(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let minutes = args.take_number::<u64>("--minutes")?;
    let executions = args.take_number::<u64>("--executions")?;
    let chosen = args.take_value("--target")?;
    args.finish()?;
    let chosen: Vec<_> = match &chosen {
        Some(names) => names.split(',').collect(),
        None => NATIVE.into_iter().chain(JAVASCRIPT).collect(),
    };
    let limit = match (minutes, executions) {
        (None, Some(executions)) => Limit::Executions(executions),
        (minutes, None) => Limit::Seconds(minutes.unwrap_or(1) * 60),
        _ => return Err("Pass --minutes or --executions, not both.".into()),
    };
    let native: Vec<_> = NATIVE.iter().filter(|name| chosen.contains(name)).collect();
    let scripts: Vec<_> = JAVASCRIPT
        .iter()
        .filter(|name| chosen.contains(name))
        .collect();
    if native.len() + scripts.len() < chosen.len() {
        let known = NATIVE
            .into_iter()
            .chain(JAVASCRIPT)
            .collect::<Vec<_>>()
            .join(", ");
        return Err(format!("--target must be some of {known}."));
    }
    if !native.is_empty() {
        build()?;
        native
            .iter()
            .try_for_each(|name| run_native(name, &limit))?;
    }
    if !scripts.is_empty() {
        pack::pack(Tools::All)?;
        scripts
            .iter()
            .try_for_each(|name| run_script(name, &limit))?;
    }
    Ok(())
}

enum Limit {
    Seconds(u64),
    Executions(u64),
}

impl Limit {
    /// Sets the limit of a script, in the variables that `tests/fuzz/values.mjs` reads.
    fn apply<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        match self {
            Self::Seconds(seconds) => command.env("FUZZ_SECONDS", seconds.to_string()),
            Self::Executions(count) => command.env("FUZZ_EXECUTIONS", count.to_string()),
        }
    }
}

/// Writes the seeds, and builds the programs.
fn build() -> Result {
    let here = env::current_dir()
        .map_err(|error| format!("The current folder is not accessible: {error}."))?;
    shell::run(
        Command::new("cargo")
            .args([
                "test",
                "--quiet",
                "--locked",
                "--all-features",
                "--test",
                "fuzz",
            ])
            .args(["write_the_seeds", "--", "--ignored"])
            .env("FUZZ_SEEDS", here.join(CORPUS)),
    )?;
    // With `--target`, cargo does not instrument build scripts and macros.
    shell::run(
        Command::new("cargo")
            .args([
                "build",
                "--release",
                "--locked",
                "--manifest-path",
                "fuzz/Cargo.toml",
            ])
            .args(["--target", &read_host()?, "--target-dir", BUILD])
            .env("RUSTFLAGS", FLAGS.join(" ")),
    )?;
    std::fs::create_dir_all(CRASHES)
        .map_err(|error| format!("{CRASHES} could not be created: {error}."))
}

pub(super) fn read_host() -> Result<String> {
    let version = shell::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| "`rustc -vV` does not name the host.".into())
}

fn run_native(name: &str, limit: &Limit) -> Result {
    println!("--- {name}");
    let program = Path::new(BUILD)
        .join(read_host()?)
        .join("release")
        .join(name);
    let limit = match limit {
        Limit::Seconds(seconds) => format!("-max_total_time={seconds}"),
        Limit::Executions(count) => format!("-runs={count}"),
    };
    shell::run(
        Command::new(program)
            .arg(format!("{CORPUS}/{name}"))
            .args([limit, format!("-artifact_prefix={CRASHES}{name}-")])
            .args([
                "-max_len=4096",
                "-timeout=60",
                "-print_final_stats=1",
                "-verbosity=1",
            ])
            .args(["-reduce_inputs=0"]),
    )
}

fn run_script(name: &str, limit: &Limit) -> Result {
    if name != PAGE {
        println!("--- {name}");
        let mut command = shell::node_command();
        command.arg(format!("tests/fuzz/{name}.mjs"));
        return shell::run(limit.apply(&mut command));
    }
    for browser in Browser::ALL {
        println!("--- {name} of {}", browser.name());
        let mut command = shell::node_command();
        command
            .args(["tests/fuzz/in-browser.mjs", browser.name()])
            .env(browser.variable(), browser.find()?);
        shell::run(limit.apply(&mut command))?;
    }
    Ok(())
}
