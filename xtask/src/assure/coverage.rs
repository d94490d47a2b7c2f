//! `assure coverage`: plays seeds of the simulation in an instrumented build, and lists the code of
//! the session that no seed reaches.
use super::fuzz;
use crate::args::Args;
use crate::shell::{self, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::process::Command;

const BUILD: &str = "target/coverage";
const PROFILES: &str = "target/coverage/profiles";
/// The merged counters of all runs.
const MERGED: &str = "target/coverage/simulation.profdata";
/// The folder whose code is measured.
const MEASURED: &str = "src/session/";
/// The files that only native tests or only JavaScript use.
const EXCLUDED: [&str; 4] = ["encode.rs", "fingerprint.rs", "native.rs", "rule.rs"];
/// Marks code that does not ship.
const NATIVE: &str = r#"#[cfg(not(target_arch = "wasm32"))]"#;
const DEFAULT_SEEDS: u64 = 20_000;
/// The kind of a region of the export that contains code.
const CODE: u64 = 0;

pub(super) fn coverage(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let seeds = args.take_number("--seeds")?.unwrap_or(DEFAULT_SEEDS);
    let first = args.take_number::<u64>("--seed")?.unwrap_or(1);
    args.finish()?;
    let tools = find_tools()?;
    let program = build()?;
    shell::remove(PROFILES)?;
    shell::run(
        Command::new(&program)
            .args(["--nocapture", "the_invariants_hold"])
            .env("SIMULATION_SEEDS", seeds.to_string())
            .env("SIMULATION_SEED", first.to_string())
            .env("LLVM_PROFILE_FILE", format!("{PROFILES}/%p.profraw")),
    )?;
    shell::run(
        Command::new(tools.join("llvm-profdata"))
            .args(["merge", "--sparse", PROFILES, "--output", MERGED]),
    )?;
    let export = shell::output(
        Command::new(tools.join("llvm-cov"))
            .args(["export", "--instr-profile", MERGED])
            .arg(program),
    )?;
    Coverage::parse(&export)?.print()
}

/// Returns the folder of LLVM's tools in the present toolchain.
fn find_tools() -> Result<PathBuf> {
    let folder = shell::output(Command::new("rustc").args(["--print", "target-libdir"]))?;
    let folder = PathBuf::from(folder.trim()).with_file_name("bin");
    let has = |name: &str| {
        folder
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
            .is_file()
    };
    if has("llvm-profdata") && has("llvm-cov") {
        return Ok(folder);
    }
    Err("llvm-tools is missing: run `rustup component add llvm-tools`.".into())
}

/// Builds the simulation with counters, and returns its program.
fn build() -> Result<String> {
    let messages = shell::output(
        Command::new("cargo")
            .args(["test", "--no-run", "--locked", "--profile", "simulation"])
            .args(["--test", "simulation"])
            .args(["--features", "browser,emulator,unstable"])
            .args(["--message-format", "json-render-diagnostics"])
            // With `--target`, cargo does not instrument build scripts and macros.
            .args(["--target", &fuzz::read_host()?, "--target-dir", BUILD])
            .env("RUSTFLAGS", "-Cinstrument-coverage"),
    )?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| Some(message.get("executable")?.as_str()?.to_owned()))
        .next_back()
        .ok_or_else(|| "cargo names no program of the simulation.".into())
}

/// Where a region begins: a line and a column, from 1.
type Start = (usize, usize);

/// How often each region of each file was reached. The compiler may copy a function, for example
/// into each crate that uses it, so a region can have several counters.
#[derive(Default)]
struct Coverage(BTreeMap<String, BTreeMap<(Start, Start), u64>>);

impl Coverage {
    /// Parses the JSON export of `llvm-cov`.
    fn parse(export: &str) -> Result<Self> {
        let export: Value = serde_json::from_str(export)
            .map_err(|error| format!("llvm-cov printed unreadable JSON: {error}."))?;
        let functions = export.pointer("/data/0/functions");
        let mut coverage = Self::default();
        for function in functions.and_then(Value::as_array).into_iter().flatten() {
            coverage.add_function(function);
        }
        match coverage.0.is_empty() {
            true => Err(format!("The program contains no counters of {MEASURED}.")),
            false => Ok(coverage),
        }
    }

    fn add_function(&mut self, function: &Value) {
        let file = function.pointer("/filenames/0").and_then(Value::as_str);
        let file = file.unwrap_or_default().replace('\\', "/");
        let Some(name) = file.split_once(MEASURED).map(|(_, name)| name) else {
            return;
        };
        if EXCLUDED.contains(&name) {
            return;
        }
        let regions = function.get("regions").and_then(Value::as_array);
        for region in regions.into_iter().flatten().filter_map(Value::as_array) {
            let numbers: Vec<u64> = region.iter().filter_map(Value::as_u64).collect();
            // The other numbers say which file expands a macro.
            let [line, column, end_line, end_column, count, 0, 0, CODE] = numbers[..] else {
                continue;
            };
            let place = |line, column| (line as usize, column as usize);
            let key = (place(line, column), place(end_line, end_column));
            let regions = self.0.entry(name.to_owned()).or_default();
            *regions.entry(key).or_default() += count;
        }
    }

    /// Prints the share of regions that were reached, and the lines of the others by function.
    /// Ignores code that does not ship.
    fn print(&self) -> Result {
        let (mut reached, mut total, mut missed) = (0, 0, String::new());
        for (name, regions) in &self.0 {
            let source = shell::read_text(format!("{MEASURED}{name}"))?;
            let lines: Vec<&str> = source.lines().collect();
            let native = find_native_lines(&lines);
            let mut missed_lines = BTreeSet::new();
            let (mut found, mut all) = (0, 0);
            for (((line, _), _), count) in regions {
                if native.contains(line) {
                    continue;
                }
                all += 1;
                found += usize::from(*count > 0);
                if *count == 0 {
                    missed_lines.insert(*line);
                }
            }
            println!("{}", format_share(name, found, all));
            (reached, total) = (reached + found, total + all);
            let (mut last, mut is_last_whole) = ("", false);
            for line in missed_lines {
                let function = find_function(&lines, line);
                let text = lines.get(line - 1).copied().unwrap_or_default().trim();
                let is_whole = text.contains(&format!("fn {function}("));
                if function != last {
                    let note = if is_whole { ", the whole function" } else { "" };
                    missed += &format!("  {name}: {function}{note}\n");
                    (last, is_last_whole) = (function, is_whole);
                }
                if !is_last_whole {
                    // This is the way around a block.
                    let note = if text == "}" { " (never skipped)" } else { "" };
                    missed += &format!("    {line}: {text}{note}\n");
                }
            }
        }
        println!("{}", format_share("all", reached, total));
        println!("\nnot reached:\n{missed}");
        Ok(())
    }
}

fn format_share(name: &str, reached: usize, total: usize) -> String {
    let percent = 100.0 * reached as f64 / total.max(1) as f64;
    format!("{percent:6.1} % of {total:4} regions  {name}")
}

/// Returns the numbers of the lines that are compiled only for native programs: each item or
/// statement after [`NATIVE`].
fn find_native_lines(lines: &[&str]) -> HashSet<usize> {
    let mut native = HashSet::new();
    let mut rest = lines.iter().zip(1..);
    while let Some((line, _)) = rest.next() {
        if line.trim() != NATIVE {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        for (line, number) in rest.by_ref() {
            native.insert(number);
            let is_indented = line.len() - line.trim_start().len() > indent;
            if !is_indented && line.ends_with([';', ',', '}']) {
                break;
            }
        }
    }
    native
}

/// Returns the name of the function that contains a line.
fn find_function<'s>(lines: &[&'s str], line: usize) -> &'s str {
    let find_name = |text: &&'s str| {
        let (before, after) = text.split_once("fn ")?;
        let is_declaration = before
            .split_whitespace()
            .all(|word| word.starts_with("pub") || word == "const");
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        is_declaration.then(|| after.split_at(end).0)
    };
    let mut before = lines.iter().take(line).rev();
    before.find_map(find_name).unwrap_or("no function")
}

#[cfg(test)]
mod tests {
    use super::{find_function, find_native_lines};

    const SOURCE: [&str; 12] = [
        "impl Machine {",
        "    pub(super) fn end(&mut self) {",
        "        let is_over = true;",
        "        #[cfg(not(target_arch = \"wasm32\"))]",
        "        let is_over = is_over && !self.is_disabled();",
        "        #[cfg(not(target_arch = \"wasm32\"))]",
        "        if self.is_disabled() {",
        "            return;",
        "        }",
        "        self.begin();",
        "    }",
        "}",
    ];

    #[test]
    fn finds_the_lines_that_do_not_ship() {
        let mut lines: Vec<_> = find_native_lines(&SOURCE).into_iter().collect();
        lines.sort();
        assert_eq!(lines, [5, 7, 8, 9]);
    }

    #[test]
    fn finds_the_function_of_a_line() {
        assert_eq!(find_function(&SOURCE, 10), "end");
        assert_eq!(find_function(&SOURCE, 1), "no function");
    }
}
