//! `assure mutants --room javascript`: tests the mutants of the JavaScript that is more than a
//! wrapper around Rust. Stryker lists the mutants and gives each one a switch (`tests/mutants/`).
//! The tests are those of the conformance suite that run in Node. Only the tests that reach a
//! mutant run on it, up to the first failure.
use super::ledger::{Fate, Ledger, Mutant};
use super::{copy_sources, report};
use crate::npm::{self, Tools};
use crate::pack;
use crate::shell::{self, Result};
use serde_json::Value;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(super) const NAME: &str = "javascript";
pub(super) const FOLDER: &str = "target/mutants/javascript";
/// The files to mutate, without `.js`, in the folder `shared` of the package. Their mutants are
/// tested in this order.
const FILES: [&str; 14] = [
    "transport",
    "handler",
    "session-engine",
    "session-service",
    "session-client",
    "session-options",
    "session-fetch",
    "session-registry",
    "session-states",
    "session-timer",
    "session",
    "handler-options",
    "handler-request",
    "handler-refusals",
];
/// How many mutants are tested at the same time. Tests wait most of their time.
const JOBS: usize = 6;

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
        run.test(&mutants, &mut ledger)?;
    }
    for file in FILES.map(|file| format!("shared/{file}.js")) {
        let of_file = || mutants.iter().filter(|mutant| mutant.file == file);
        let fates = of_file().filter_map(|mutant| ledger.fate(mutant));
        let killed = fates.filter(|fate| !fate.is_survival()).count();
        println!("{file}: {killed} of {} killed", of_file().count());
    }
    report(NAME, "shared/", &mutants, &ledger)
}

/// A run of the tests. `folder` is the absolute path of its results. Its processes run in the copy
/// of the sources (`tree`).
struct Run {
    folder: PathBuf,
}

impl Run {
    /// Copies the sources and the package, and gives each mutant its switch.
    fn prepare() -> Result<Self> {
        let here = env::current_dir()
            .map_err(|error| format!("The current folder is not accessible: {error}."))?;
        let folder = here.join(FOLDER);
        let run = Self { folder };
        copy_sources(&run.tree())?;
        let package = pack::installed_folder();
        let copy = run.tree().join(&package);
        for file in shell::list_files(&package)? {
            shell::write(copy.join(&file), shell::read(package.join(&file))?)?;
        }
        let mut command = shell::node_command();
        command.arg("tests/mutants/instrument.mjs").arg(copy);
        command.arg(run.list());
        command.args(FILES.map(|file| format!("shared/{file}.js")));
        shell::output(&mut command)?;
        Ok(run)
    }

    fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    fn list(&self) -> PathBuf {
        self.folder.join("list.json")
    }

    fn read_mutants(&self) -> Result<Vec<Mutant>> {
        let list: Vec<Value> = serde_json::from_str(&shell::read_text(self.list())?)
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

    /// Returns a command that runs one of the scripts in the copy of the sources.
    fn command(&self, script: &str) -> Command {
        let mut command = shell::node_command();
        let tools = self.tree().join("tests/mutants");
        let preload = tools.join("preload.mjs");
        command
            .arg(tools.join(script))
            .arg(self.tree())
            .arg(self.folder.join("reach.json"))
            .env("NODE_OPTIONS", format!("--import={}", preload.display()))
            .env_remove("MUTANT")
            .env_remove("MUTANT_TEST")
            .current_dir(self.tree());
        command
    }

    /// Runs all tests without a mutant, and records which mutants each of them reaches.
    fn find_reach(&self) -> Result {
        shell::run(self.command("reach.mjs").arg(JOBS.to_string()))
    }

    /// Tests the mutants that no test has killed yet.
    fn test(&self, mutants: &[Mutant], ledger: &mut Ledger) -> Result {
        let numbers: String = mutants
            .iter()
            .enumerate()
            .filter(|(_, mutant)| ledger.fate(mutant).is_none_or(Fate::is_survival))
            .map(|(number, _)| format!("{number}\n"))
            .collect();
        let mut command = self.command("pool.mjs");
        command.arg(self.list()).arg(JOBS.to_string());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| shell::describe_start_error(&command, &error))?;
        let recorded = record_fates(&mut child, &numbers, mutants, ledger);
        let status = child.wait().map_err(|error| error.to_string())?;
        recorded?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("pool.mjs: {status}.")),
        }
    }
}

/// Sends the numbers of the mutants to the pool, and records the fates that it prints.
fn record_fates(
    child: &mut Child,
    numbers: &str,
    mutants: &[Mutant],
    ledger: &mut Ledger,
) -> Result {
    let describe = |error: std::io::Error| format!("Cannot communicate with pool.mjs: {error}.");
    if let Some(mut input) = child.stdin.take() {
        input.write_all(numbers.as_bytes()).map_err(describe)?;
    }
    let Some(output) = child.stdout.take() else {
        return Ok(());
    };
    for line in BufReader::new(output).lines() {
        let line = line.map_err(describe)?;
        let (mutant, fate) = read_fate(&line, mutants)
            .ok_or_else(|| format!("The pool printed an unknown line: {line}"))?;
        if fate.is_survival() {
            println!("{fate:?}: {}", mutant.name);
        }
        ledger.record(mutant, fate)?;
    }
    Ok(())
}

fn read_fate<'a>(line: &str, mutants: &'a [Mutant]) -> Option<(&'a Mutant, Fate)> {
    let result: Value = serde_json::from_str(line).ok()?;
    let number = usize::try_from(result.get("id")?.as_u64()?).ok()?;
    let fate = match result.get("fate")?.as_str()? {
        "caught" => Fate::Caught,
        "missed" => Fate::Missed,
        "timeout" => Fate::TimedOut,
        _ => return None,
    };
    Some((mutants.get(number)?, fate))
}
