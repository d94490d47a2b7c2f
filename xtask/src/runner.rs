//! Runs one test program: prints its output, reads its counts, and limits its time.
use crate::shell::{self, Result};
use crate::tally::{self, Tally};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How long a program may run. The longest step takes a few minutes on two cores, so only a program
/// that hangs reaches this limit.
const MAX_TIME: Duration = Duration::from_secs(15 * 60);

/// How many seeds the simulation plays in a fast run.
const FAST_SEEDS: &str = "100";

/// Runs `cargo test` and sums the counts of its binaries. A fast run leaves out most seeds of the
/// simulation, and the doc tests, which are compiled one by one.
pub(crate) fn run_cargo_tests(is_fast: bool) -> Result<Tally> {
    let mut command = Command::new("cargo");
    command
        .args(["test", "--workspace", "--all-features"])
        .args(["--no-fail-fast", "--locked"])
        .env("CARGO_TERM_COLOR", "never");
    if is_fast {
        command
            .args(["--lib", "--bins", "--tests"])
            .env("SIMULATION_SEEDS", FAST_SEEDS);
    }
    let mut sum = None;
    let is_success = run(&mut command, |line| {
        if let Some(tally) = tally::parse_cargo_line(line) {
            *sum.get_or_insert_with(Tally::default) += tally;
        }
    })?;
    Ok(Tally::from_runner(sum, is_success))
}

/// Runs a script of this repository, which prints `N passed, N failed` as its last line.
pub(crate) fn run_script(command: &mut Command) -> Result<Tally> {
    let mut last = None;
    let is_success = run(command, |line| last = tally::parse_script_line(line))?;
    Ok(Tally::from_runner(last, is_success))
}

/// Runs a program and returns whether it succeeded. Kills the program and returns an error if it
/// runs for longer than [`MAX_TIME`].
fn run(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| shell::describe_start_error(command, &error))?;
    let stdout = child
        .stdout
        .take()
        .ok_or("The output of the test program could not be read.")?;
    let (sender, lines) = mpsc::channel();
    // Read in a separate thread, because the children of a killed program can keep its output open.
    thread::spawn(move || {
        BufReader::new(stdout)
            .lines()
            .map_while(std::result::Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let end = Instant::now() + MAX_TIME;
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(text) => {
                println!("{text}");
                on_line(&text);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let killed = child.kill().and_then(|()| child.wait());
                killed.map_err(|error| {
                    format!("The test program hangs and could not be killed: {error}.")
                })?;
                return Err(format!(
                    "it was killed after {} minutes",
                    MAX_TIME.as_secs() / 60
                ));
            }
        }
    }
    child
        .wait()
        .map(|status| status.success())
        .map_err(|error| format!("The status of the test program could not be read: {error}."))
}
