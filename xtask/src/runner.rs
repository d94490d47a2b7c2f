//! Runs one test program: prints its output, reads its counts, and limits its time. A line of the
//! output that contains a secret is withheld, and counts as a failed test.
use crate::leaks;
use crate::shell::{self, Result};
use crate::tally::{self, Tally};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
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
    let ending = run(&mut command, |line| {
        if let Some(tally) = tally::parse_cargo_line(line) {
            *sum.get_or_insert_with(Tally::default) += tally;
        }
    })?;
    Ok(ending.count(sum))
}

/// Runs a script of this repository, which prints `N passed, N failed` as its last line.
pub(crate) fn run_script(command: &mut Command) -> Result<Tally> {
    let mut last = None;
    let ending = run(command, |line| last = tally::parse_script_line(line))?;
    Ok(ending.count(last))
}

/// How a program ended, and what it printed.
struct Ending {
    is_success: bool,
    /// How many lines contained a secret.
    leaks: u32,
}

impl Ending {
    /// Returns the counts of the program. Each leak is a failure.
    fn count(&self, counts: Option<Tally>) -> Tally {
        let mut tally = Tally::from_runner(counts, self.is_success);
        tally.failed += self.leaks;
        tally
    }
}

/// A line of standard output or of standard error.
enum Line {
    Out(String),
    Error(String),
}

/// Sends the lines of a stream. It does so in a separate thread, because the children of a killed
/// program can keep its output open.
fn read(stream: impl Read + Send + 'static, sender: Sender<Line>, wrap: fn(String) -> Line) {
    thread::spawn(move || {
        BufReader::new(stream)
            .split(b'\n')
            .map_while(std::result::Result::ok)
            .map(|line| {
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                String::from_utf8_lossy(line).into_owned()
            })
            .try_for_each(|line| sender.send(wrap(line)))
    });
}

/// Runs a program. Kills the program and returns an error if it runs for longer than [`MAX_TIME`].
fn run(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<Ending> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| shell::describe_start_error(command, &error))?;
    let (sender, lines) = mpsc::channel();
    match (child.stdout.take(), child.stderr.take()) {
        (Some(stdout), Some(stderr)) => {
            read(stdout, sender.clone(), Line::Out);
            read(stderr, sender, Line::Error);
        }
        _ => return Err("The output of the test program could not be read.".into()),
    }
    let mut leaks = 0;
    let mut check = |line: String| match leaks::find(&line) {
        None => line,
        Some(kind) => {
            leaks += 1;
            format!("FAIL the output: a line is withheld, because it contains {kind}.")
        }
    };
    let end = Instant::now() + MAX_TIME;
    loop {
        match lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(Line::Out(text)) => {
                let text = check(text);
                println!("{text}");
                on_line(&text);
            }
            Ok(Line::Error(text)) => eprintln!("{}", check(text)),
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
        .map(|status| Ending {
            is_success: status.success(),
            leaks,
        })
        .map_err(|error| format!("The status of the test program could not be read: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a script in Node, and returns how it ended and the lines of its standard output.
    fn run_script(script: &str) -> Result<(Ending, Vec<String>)> {
        let mut lines = Vec::new();
        let ending = run(shell::node_command().args(["-e", script]), |line| {
            lines.push(line.to_owned());
        })?;
        Ok((ending, lines))
    }

    #[test]
    fn a_line_that_is_no_utf_8_does_not_hide_the_lines_after_it() -> Result {
        let (ending, lines) =
            run_script("process.stdout.write(Buffer.from([255, 10])); console.log('after')")?;
        assert_eq!(lines, ["\u{fffd}", "after"]);
        assert_eq!(ending.leaks, 0);
        Ok(())
    }

    #[test]
    fn a_secret_in_either_stream_is_withheld_and_counted() -> Result {
        let secret = "`${'a1'.repeat(61)}`";
        let (ending, lines) =
            run_script(&format!("console.log({secret}); console.error({secret})"))?;
        assert_eq!(ending.leaks, 2);
        assert!(lines.iter().all(|line| !line.contains("a1a1")));
        Ok(())
    }
}
