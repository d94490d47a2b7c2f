//! `assure mutants --room javascript`: tests the mutants of the JavaScript that is more than a
//! wrapper around Rust. Stryker lists the mutants and gives each one a switch (`tests/mutants/`).
//! The tests are those of the conformance suite that run in Node. Only the tests that reach a
//! mutant run on it, up to the first failure.
use super::at_once::wait;
use super::ledger::{Fate, Ledger, Mutant};
use super::{copy_sources, limit, report};
use crate::npm::{self, Tools};
use crate::pack;
use crate::shell::{self, Result};
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(super) const NAME: &str = "javascript";
pub(super) const FOLDER: &str = "target/mutants/javascript";
/// The files with the mutants, in the folder `shared` of the package.
const FILES: [&str; 14] = [
    "transport",
    "handler",
    "handler-options",
    "handler-refusals",
    "handler-request",
    "session",
    "session-client",
    "session-engine",
    "session-fetch",
    "session-options",
    "session-registry",
    "session-service",
    "session-states",
    "session-timer",
];
/// How many mutants are tested at the same time. Tests wait most of their time.
const JOBS: usize = 4;
/// The limit of the processor time of a run, which ends an endless loop.
const MAX_PROCESSOR_SECONDS: u32 = 300;
/// A limit for everything else. A busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_secs(3_600);
/// The exit codes of `run.mjs`.
const SURVIVED: i32 = 0;
const TIMED_OUT: i32 = 3;
const ENDLESS: i32 = 4;

/// Tests the mutants, unless `is_report` is set. Returns the problems.
pub(super) fn run(is_report: bool) -> Result<Vec<String>> {
    println!("--- {NAME}");
    npm::install_mutants()?;
    pack::pack(Tools::All)?;
    let run = Run::prepare()?;
    let mutants = run.read_mutants()?;
    let mut ledger = Ledger::open(Path::new(FOLDER))?;
    ledger.retain(&mutants)?;
    if !is_report {
        run.find_reach()?;
        ledger = run.test(&mutants, ledger)?;
    }
    report(NAME, "shared/", &mutants, &ledger)
}

/// The paths of a run, which are absolute, because its processes run in the copy of the sources.
struct Run {
    folder: PathBuf,
    tools: PathBuf,
}

/// The state that the threads share.
struct Shared<'a> {
    /// The mutants that may need a test, each with the number of its switch.
    rest: std::iter::Enumerate<std::slice::Iter<'a, Mutant>>,
    ledger: Ledger,
    /// The tests that are known to pass alone and without a mutant.
    verified: HashSet<u64>,
    /// How many mutants of a file each test has killed.
    killers: HashMap<(String, u64), usize>,
    problem: Option<String>,
}

impl Run {
    /// Copies the sources and the package, and gives each mutant its switch.
    fn prepare() -> Result<Self> {
        let here = env::current_dir()
            .map_err(|error| format!("The current folder is not accessible: {error}."))?;
        let run = Self {
            folder: here.join(FOLDER),
            tools: here.join("tests/mutants"),
        };
        copy_sources(&run.tree())?;
        let package = pack::installed_folder();
        let copy = run.tree().join(&package);
        for file in shell::list_files(&package)? {
            shell::write(copy.join(&file), shell::read(package.join(&file))?)?;
        }
        let mut command = shell::node_command();
        command.arg(run.tools.join("instrument.mjs")).arg(copy);
        command.arg(run.folder.join("list.json"));
        command.args(FILES.map(|file| format!("shared/{file}.js")));
        shell::output(&mut command)?;
        Ok(run)
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    fn read_mutants(&self) -> Result<Vec<Mutant>> {
        let list: Vec<Value> =
            serde_json::from_str(&shell::read_text(self.folder.join("list.json"))?)
                .map_err(|error| format!("The list of the mutants is unreadable: {error}."))?;
        let text = |value: &Value, field: &str| {
            let text = value.get(field).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let read = |value| Mutant {
            name: text(value, "name"),
            key: text(value, "key"),
            file: text(value, "file"),
            ..Mutant::default()
        };
        Ok(list.iter().map(read).collect())
    }

    /// Returns a command that runs tests, with a mutant or with `""` for the unchanged code.
    fn command(&self, mode: &str, mutant: &str) -> Command {
        let mut command = limit("node", &format!("-t {MAX_PROCESSOR_SECONDS}"));
        let preload = self.tools.join("preload.mjs");
        command
            .arg(self.tools.join("run.mjs"))
            .arg(self.tree())
            .arg(mode)
            .arg(self.folder.join("reach.json"))
            .env("NODE_OPTIONS", format!("--import={}", preload.display()))
            .env("MUTANT", mutant)
            .env_remove("MUTANT_TEST")
            .current_dir(self.tree());
        command
    }

    /// Runs all tests without a mutant, and records which mutants each of them reaches.
    fn find_reach(&self) -> Result {
        shell::output(&mut self.command("reach", ""))
            .map(|_| ())
            .map_err(|error| format!("A test fails without a mutant. {error}"))
    }

    /// Tests the mutants that no test has killed yet.
    fn test(&self, mutants: &[Mutant], ledger: Ledger) -> Result<Ledger> {
        let shared = Mutex::new(Shared {
            rest: mutants.iter().enumerate(),
            ledger,
            verified: HashSet::new(),
            killers: HashMap::new(),
            problem: None,
        });
        std::thread::scope(|scope| {
            for _ in 0..JOBS {
                scope.spawn(|| {
                    // A function returns the mutant, so that the lock does not outlive the call.
                    let next = || lock(&shared).next();
                    while let Some((number, mutant)) = next() {
                        let tested = self.test_one(&number.to_string(), mutant, &shared);
                        lock(&shared).record(mutant, tested);
                    }
                });
            }
        });
        let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
        shared.problem.map_or(Ok(shared.ledger), Err)
    }

    /// Returns the fate of a mutant. A failure counts only if the test passes without the mutant.
    fn test_one(&self, number: &str, mutant: &Mutant, shared: &Mutex<Shared>) -> Result<Fate> {
        let mut command = self.command("mutant", number);
        let killers = lock(shared).list_killers(&mutant.file);
        command.env("MUTANT_KILLERS", format!("{killers:?}"));
        let output_file = self.folder.join(format!("output-{number}.txt"));
        let (code, printed) = run_to_end(command.arg(number), &output_file)?;
        let fate = match code {
            Some(SURVIVED) => return Ok(Fate::Missed),
            Some(TIMED_OUT) | None => return Ok(Fate::TimedOut),
            Some(ENDLESS) => Fate::Endless,
            Some(_) => Fate::Caught,
        };
        let failure: Value = printed
            .lines()
            .last()
            .and_then(|line| serde_json::from_str(line).ok())
            .unwrap_or_default();
        // Without an index, the mutant ended the process.
        let Some(index) = failure.get("index").and_then(Value::as_u64) else {
            return Ok(fate);
        };
        if !lock(shared).verified.contains(&index) {
            let mut command = self.command("test", "");
            let (code, printed) = run_to_end(command.arg(index.to_string()), &output_file)?;
            if code != Some(SURVIVED) {
                return Err(format!("A test fails alone, without a mutant: {printed}"));
            }
            lock(shared).verified.insert(index);
        }
        let killer = (mutant.file.clone(), index);
        *lock(shared).killers.entry(killer).or_default() += 1;
        Ok(fate)
    }
}

impl<'a> Shared<'a> {
    /// Returns the next mutant to test, or `None` at the end and after a problem.
    fn next(&mut self) -> Option<(usize, &'a Mutant)> {
        if self.problem.is_some() {
            return None;
        }
        let ledger = &self.ledger;
        self.rest
            .find(|(_, mutant)| ledger.fate(mutant).is_none_or(Fate::is_survival))
    }

    /// Returns the tests that have killed mutants of a file, those with the most first.
    fn list_killers(&self, file: &str) -> Vec<u64> {
        let mut killers: Vec<_> = self
            .killers
            .iter()
            .filter(|((of, _), _)| of == file)
            .map(|((_, index), count)| (Reverse(*count), *index))
            .collect();
        killers.sort_unstable();
        killers.into_iter().map(|(_, index)| index).collect()
    }

    fn record(&mut self, mutant: &Mutant, tested: Result<Fate>) {
        let recorded = tested.and_then(|fate| {
            if fate.is_survival() {
                println!("{fate:?}: {}", mutant.name);
            }
            self.ledger.record(mutant, fate)
        });
        if let Err(problem) = recorded {
            self.problem.get_or_insert(problem);
        }
    }
}

fn lock<'a, 'b>(shared: &'a Mutex<Shared<'b>>) -> MutexGuard<'a, Shared<'b>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a command. Returns its exit code, or `None` after the timeout or a signal, and its output.
fn run_to_end(command: &mut Command, output_file: &Path) -> Result<(Option<i32>, String)> {
    let output = std::fs::File::create(output_file)
        .map_err(|error| format!("{} could not be written: {error}.", output_file.display()))?;
    let child = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| shell::describe_start_error(command, &error))?;
    let code = wait(child, TIMEOUT)?.filter(|code| *code >= 0);
    let printed = shell::read_text(output_file)?;
    shell::remove(output_file)?;
    Ok((code, printed))
}
