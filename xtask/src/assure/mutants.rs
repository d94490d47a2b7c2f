//! `assure mutants`: changes the code of each room (a part of `src/`), one place at a time, and
//! counts the changes that no native test notices. cargo-mutants lists the changes. One build
//! contains nearly all of them, each behind a switch; cargo-mutants itself tests the few that need
//! a build of their own. The results stay in target/mutants/, and the next run tests only new
//! mutants and survivors.
mod at_once;
mod javascript;
mod ledger;
mod switches;

use crate::args::Args;
use crate::shell::{self, Result};
use ledger::{Fate, Ledger, Mutant};
use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = "27.1.0";
/// The page that lists the mutants that no test can notice, and explains why.
const EXPLAINED: &str = "docs/mutants.md";
/// cargo-mutants exits with one of these if it has tested every mutant.
const EXIT_CODES: [i32; 3] = [0, 2, 3];
const MAX_MEMORY_KB: u32 = 8_000_000;
const MAX_TEST_MEMORY_KB: u32 = 1_000_000;

/// A part of `src/`, with the tests that must notice each change of it.
struct Room {
    name: &'static str,
    features: &'static str,
    targets: &'static [&'static str],
    /// Parts of the names of slow tests, which run only if no other test fails.
    slow: &'static [&'static str],
}

const ROOMS: [Room; 3] = [
    Room {
        name: "session",
        features: "browser,unstable",
        targets: &["--lib", "--test=session"],
        slow: &["any_order"],
    },
    Room {
        name: "protocol",
        features: "edge,client-edge,emulator,unstable",
        targets: &["--lib", "--test=protocol_vectors", "--test=client"],
        slow: &["corrupted", "cut_at"],
    },
    Room {
        name: "emulator",
        features: "emulator,unstable",
        targets: &["--lib", "--test=emulator"],
        slow: &["fuzz", "mtls", "certificates"],
    },
];

pub(super) fn mutants(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let name = args.take_value("--room")?;
    let is_report = args.take_flag("--report");
    let is_fresh = args.take_flag("--fresh");
    args.finish()?;
    let is_chosen = |room| name.as_deref().is_none_or(|name| name == room);
    let rooms: Vec<_> = ROOMS.iter().filter(|room| is_chosen(room.name)).collect();
    if rooms.is_empty() && !is_chosen(javascript::NAME) {
        let names = ROOMS.map(|room| room.name).join(", ");
        return Err(format!(
            "--room must be one of {names}, {}.",
            javascript::NAME
        ));
    }
    if !rooms.is_empty() {
        require_tool()?;
    }
    let mut problems = Vec::new();
    for room in rooms {
        if is_fresh {
            shell::remove(room.folder())?;
        }
        problems.extend(room.run(is_report)?);
    }
    if is_chosen(javascript::NAME) {
        if is_fresh {
            shell::remove(javascript::FOLDER)?;
        }
        problems.extend(javascript::run(is_report)?);
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n")),
    }
}

fn require_tool() -> Result {
    let version = Command::new("cargo")
        .args(["mutants", "--version"])
        .stderr(Stdio::null())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    match version {
        Ok(version) if version.contains(VERSION) => Ok(()),
        _ => Err(format!(
            "cargo-mutants {VERSION} is missing: run `cargo install cargo-mutants --version \
             {VERSION} --locked`."
        )),
    }
}

impl Room {
    /// Returns the folder with the copy of the sources, its build and the results.
    fn folder(&self) -> PathBuf {
        Path::new("target/mutants").join(self.name)
    }

    fn tree(&self) -> PathBuf {
        self.folder().join("tree")
    }

    /// Tests the mutants of the room, unless `is_report` is set. Returns the problems.
    fn run(&self, is_report: bool) -> Result<Vec<String>> {
        println!("--- {}", self.name);
        let mut ledger = Ledger::open(&self.folder())?;
        copy_sources(&self.tree())?;
        let list = shell::output(
            self.mutants_command(Command::new("cargo"))
                .args(["--list", "--json"]),
        )?;
        let mutants = ledger::identify(&list, &self.tree())?;
        ledger.retain(&mutants)?;
        if !is_report {
            let rest = at_once::test(self, &mutants, &mut ledger)?;
            self.test_rest(&mutants, &rest, &ledger)?;
            ledger.collect()?;
        }
        let folder = format!("src/{}/", self.name);
        report(self.name, &folder, &mutants, &ledger)
    }

    /// Returns a cargo command for the copy of the sources, with the features of the room.
    fn cargo(&self, command: &str) -> Result<Command> {
        let mut cargo = Command::new("cargo");
        cargo
            .args([
                command,
                "--locked",
                "--profile=mutants",
                "--features",
                self.features,
            ])
            .args(["--package", "social-plus-auth"])
            .env("CARGO_TARGET_DIR", self.build()?)
            .current_dir(self.tree());
        Ok(cargo)
    }

    fn build(&self) -> Result<PathBuf> {
        let here = env::current_dir()
            .map_err(|error| format!("The current folder is not accessible: {error}."))?;
        Ok(here.join(self.folder()).join("build"))
    }

    fn mutants_command(&self, mut cargo: Command) -> Command {
        cargo
            .args(["mutants", "--no-config", "--colors=never", "--dir"])
            .arg(self.tree())
            .arg(format!("--file=src/{}/**", self.name))
            // Only the model checker uses this file.
            .arg("--exclude=src/session/fingerprint.rs");
        cargo
    }

    /// Lets cargo-mutants test the mutants that have no switch.
    fn test_rest(&self, mutants: &[Mutant], rest: &HashSet<&str>, ledger: &Ledger) -> Result {
        let is_settled =
            |mutant: &&Mutant| matches!(ledger.fate(mutant), Some(Fate::Caught | Fate::Unviable));
        let is_skipped =
            |mutant: &&Mutant| is_settled(mutant) || !rest.contains(mutant.key.as_str());
        let skipped = mutants.iter().filter(is_skipped);
        let skipped: HashSet<_> = skipped.map(|mutant| mutant.key.as_str()).collect();
        if skipped.len() == mutants.len() {
            return Ok(());
        }
        ledger.prepare(mutants, &skipped)?;
        let mut command = self.mutants_command(limit_memory("cargo", MAX_MEMORY_KB));
        command
            .args(["--in-place", "--iterate", "--profile=mutants", "--output"])
            .arg(self.folder())
            .args(["--minimum-test-timeout=30", "--features", self.features])
            .args(self.targets.iter().map(|it| format!("--cargo-arg={it}")))
            .env("CARGO_TARGET_DIR", self.build()?);
        let status = command
            .status()
            .map_err(|error| shell::describe_start_error(&command, &error))?;
        match status.code() {
            Some(code) if EXIT_CODES.contains(&code) => Ok(()),
            _ => Err(format!(
                "cargo-mutants stopped ({status}). The next run continues."
            )),
        }
    }
}

/// Prints the score of the mutants in a folder. Returns a problem for each survivor that is not
/// explained, and for each explanation whose mutant does not survive.
fn report(name: &str, folder: &str, mutants: &[Mutant], ledger: &Ledger) -> Result<Vec<String>> {
    let explained = ledger::read_explained(EXPLAINED, folder)?;
    let count = |fate| {
        let fates = mutants.iter().filter_map(|mutant| ledger.fate(mutant));
        fates.filter(|found| *found == fate).count()
    };
    let [killed, missed, timeouts] = [Fate::Caught, Fate::Missed, Fate::TimedOut].map(count);
    let viable = mutants.len() - count(Fate::Unviable);
    println!(
        "{name}: {viable} viable mutants, {killed} killed ({:.1} %), {missed} survived, {timeouts} \
         timed out, {} untested; {} explained",
        100.0 * killed as f64 / viable.max(1) as f64,
        viable - killed - missed - timeouts,
        explained.len(),
    );
    let survivors: HashSet<&str> = mutants
        .iter()
        .filter(|mutant| ledger.fate(mutant).is_some_and(Fate::is_survival))
        .map(|mutant| mutant.key.as_str())
        .collect();
    let new = survivors
        .iter()
        .filter(|key| !explained.contains(**key))
        .map(|key| format!("No test notices: {key}"));
    let outdated = explained
        .iter()
        .filter(|key| !survivors.contains(key.as_str()))
        .map(|key| format!("{EXPLAINED} explains a mutant that does not survive: {key}"));
    let mut problems: Vec<_> = new.chain(outdated).collect();
    problems.sort();
    Ok(problems)
}

/// Returns a command that limits the memory of a program, so that a mutant that allocates without
/// end fails instead of exhausting the machine. Outside Unix, there is no limit.
fn limit_memory(program: &str, kilobytes: u32) -> Command {
    if !cfg!(unix) {
        return Command::new(program);
    }
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {kilobytes}; exec \"$@\"");
    shell.args(["-c", &script, "sh", program]);
    shell
}

/// Mirrors the files that git tracks, and new files that git does not ignore. Restores files that
/// an interrupted run has left changed.
fn copy_sources(tree: &Path) -> Result {
    let listed = shell::output(Command::new("git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let listed: HashSet<&str> = listed.lines().collect();
    for file in &listed {
        if Path::new(file).is_file() {
            shell::write(tree.join(file), shell::read(file)?)?;
        }
    }
    for copied in shell::list_files(tree)? {
        if !listed.contains(copied.as_str()) || !Path::new(&copied).is_file() {
            shell::remove(tree.join(copied))?;
        }
    }
    Ok(())
}
