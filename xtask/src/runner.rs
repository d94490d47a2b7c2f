//! Runs one test program: shows what it prints as it comes, reads its counts, and does not wait for
//! ever.
use crate::shell::{self, Result};
use crate::tally::{self, Tally};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Generous: the longest step takes a few minutes on two cores. It is there so that a program that
/// hangs fails the run.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// How many seeds the simulation plays in a fast run.
const FAST_SEEDS: &str = "100";

/// Runs `cargo test` and sums the counts of its binaries. A fast run leaves out the doc tests, which
/// are compiled one by one, and most seeds of the simulation.
pub(crate) fn cargo_test(is_fast: bool) -> Result<Tally> {
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
    let ended_well = run(&mut command, |line| {
        if let Some(tally) = tally::of_cargo(line) {
            *sum.get_or_insert_with(Tally::default) += tally;
        }
    })?;
    Ok(Tally::of_runner(sum, ended_well))
}

/// One of our scripts, whose last line is `N passed, N failed`.
pub(crate) fn script(command: &mut Command) -> Result<Tally> {
    let mut last = None;
    let ended_well = run(command, |line| last = tally::of_script(line))?;
    Ok(Tally::of_runner(last, ended_well))
}

/// Says whether the program ended well. A program that is over its time is ended.
fn run(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| shell::cannot_start(command, &error))?;
    let stdout = child
        .stdout
        .take()
        .ok_or("The output of a test program could not be read.")?;
    let (sender, lines) = mpsc::channel();
    // A thread of its own: a program that was ended may leave others behind that keep its output
    // open.
    thread::spawn(move || {
        BufReader::new(stdout)
            .lines()
            .map_while(std::result::Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let end = Instant::now() + LIMIT;
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(text) => {
                println!("{text}");
                line(&text);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let killed = child.kill().and_then(|()| child.wait());
                killed.map_err(|error| {
                    format!("A test program that hangs could not be ended: {error}.")
                })?;
                return Err(format!(
                    "it was not done after {} minutes and was ended",
                    LIMIT.as_secs() / 60
                ));
            }
        }
    }
    child
        .wait()
        .map(|status| status.success())
        .map_err(|error| format!("A test program was lost: {error}."))
}
