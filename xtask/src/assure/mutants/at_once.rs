//! Builds all mutants of a room together, and runs the tests on each mutant.
use super::ledger::{Fate, Ledger, Mutant};
use super::switches::{self, Switched};
use super::{limit_memory, Room, MAX_TEST_MEMORY_KB};
use crate::shell::{self, Result};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The root of the crate, which gets the functions that the switches call.
const ROOT: &str = "src/lib.rs";
/// The maximum number of builds in which the compiler may reject switches.
const MAX_ATTEMPTS: u32 = 40;
/// The shortest time limit of a test program with a mutant. The limit ends an endless loop.
const MIN_TIMEOUT: Duration = Duration::from_secs(20);
/// The exit code of a test program in which a switch does not know its operator.
const BROKEN_SWITCH: i32 = 42;

/// Tests the mutants that no test has killed yet. Returns the keys of those that have no switch.
pub(super) fn test<'a>(
    room: &Room,
    mutants: &'a [Mutant],
    ledger: &mut Ledger,
) -> Result<HashSet<&'a str>> {
    let originals = read_originals(room, mutants)?;
    let (without, programs) = build(room, mutants, &originals)?;
    for (file, source) in &originals {
        shell::write(room.tree().join(file), source)?;
    }
    let start = Instant::now();
    if run(room, &programs, 0, MIN_TIMEOUT * 20)? != Fate::Missed {
        return Err(format!("The tests of {} fail without a mutant.", room.name));
    }
    let timeout = MIN_TIMEOUT.max(start.elapsed() * 10);
    for (index, mutant) in mutants.iter().enumerate() {
        let is_settled = matches!(ledger.fate(mutant), Some(Fate::Caught | Fate::Unviable));
        if is_settled || without.contains(&index) {
            continue;
        }
        let fate = run(room, &programs, index + 1, timeout)?;
        if fate.is_survival() {
            println!("{fate:?}: {}", mutant.name);
        }
        ledger.record(mutant, fate)?;
    }
    let without = without.into_iter().filter_map(|index| mutants.get(index));
    Ok(without.map(|mutant| mutant.key.as_str()).collect())
}

/// Returns the sources that have mutants, and the root of the crate.
fn read_originals<'a>(room: &Room, mutants: &'a [Mutant]) -> Result<HashMap<&'a str, String>> {
    let files: HashSet<_> = mutants.iter().map(|it| it.file.as_str()).collect();
    let read = |file| Ok((file, shell::read_text(room.tree().join(file))?));
    files.into_iter().chain([ROOT]).map(read).collect()
}

/// Rewrites the sources until they compile. Returns the indices of the mutants that have no switch,
/// and the paths of the test programs.
fn build(
    room: &Room,
    mutants: &[Mutant],
    originals: &HashMap<&str, String>,
) -> Result<(HashSet<usize>, Vec<String>)> {
    let tree = room.tree();
    let mut by_file: HashMap<&str, Vec<(usize, &Mutant)>> = HashMap::new();
    for (index, mutant) in mutants.iter().enumerate() {
        by_file
            .entry(&mutant.file)
            .or_default()
            .push((index, mutant));
    }
    let original = |file: &str| originals.get(file).map_or("", String::as_str);
    shell::write(
        tree.join(ROOT),
        [original(ROOT), switches::RUNTIME].concat(),
    )?;
    let mut without = HashSet::new();
    for attempt in 1..=MAX_ATTEMPTS {
        let mut files: HashMap<&str, Switched> = HashMap::new();
        for (file, mutants) in &by_file {
            let mut kept = mutants.clone();
            kept.retain(|(index, _)| !without.contains(index));
            let switched = switches::rewrite(original(file), &kept)?;
            shell::write(tree.join(file), &switched.source)?;
            files.insert(file, switched);
        }
        let errors = match compile(room)? {
            Built::Errors(errors) => errors,
            Built::Programs(programs) => {
                let switched = files.values().flat_map(|it| &it.switches);
                let switched: HashSet<_> = switched.flat_map(|it| it.mutants.clone()).collect();
                let all = 0..mutants.len();
                let without = all.filter(|it| !switched.contains(it)).collect();
                return Ok((without, programs));
            }
        };
        let before = without.len();
        for (file, place) in &errors {
            if let Some(switched) = files.get(file.as_str()) {
                without.extend(switched.find(place));
            }
        }
        println!(
            "attempt {attempt}: {} mutants have no switch",
            without.len()
        );
        if without.len() == before {
            return Err(format!("The switches do not compile: {errors:?}"));
        }
    }
    Err("The switches do not compile.".into())
}

/// The result of a build: the paths of the test programs, or the places of errors.
enum Built {
    Programs(Vec<String>),
    Errors(Vec<(String, Range<usize>)>),
}

/// Builds the tests.
fn compile(room: &Room) -> Result<Built> {
    let mut command = room.cargo("test")?;
    command
        .args(["--no-run", "--message-format=json"])
        .args(room.targets);
    let output = command
        .output()
        .map_err(|error| shell::describe_start_error(&command, &error))?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let messages: Vec<Value> = printed
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let is_error = |message: &&Value| {
        message.pointer("/message/level").and_then(Value::as_str) == Some("error")
    };
    let spans = messages
        .iter()
        .filter(is_error)
        .filter_map(|message| message.pointer("/message/spans")?.as_array())
        .flatten();
    let is_primary = |span: &&Value| span.get("is_primary").and_then(Value::as_bool) == Some(true);
    let places: Vec<_> = spans.filter(is_primary).filter_map(read_place).collect();
    let programs: Vec<_> = messages
        .iter()
        .filter(|it| it.pointer("/profile/test").and_then(Value::as_bool) == Some(true))
        .filter_map(|it| it.get("executable")?.as_str().map(str::to_owned))
        .collect();
    match (output.status.success(), places.is_empty()) {
        (true, _) if programs.len() == room.targets.len() => Ok(Built::Programs(programs)),
        (false, false) => Ok(Built::Errors(places)),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Returns the file and the range of bytes of a place in the sources. For code that a macro has
/// created, this is the place where the macro is used.
fn read_place(span: &Value) -> Option<(String, Range<usize>)> {
    let mut span = span;
    while let Some(outer) = span.pointer("/expansion/span") {
        span = outer;
    }
    let number = |field: &str| Some(span.get(field)?.as_u64()? as usize);
    let file = span.get("file_name")?.as_str()?.replace('\\', "/");
    Some((file, number("byte_start")?..number("byte_end")?))
}

/// Runs the tests on one mutant, the slow tests last. `number` is the mutant's index plus 1, or 0
/// for the unchanged code.
fn run(room: &Room, programs: &[String], number: usize, timeout: Duration) -> Result<Fate> {
    let skip: Vec<_> = room.slow.iter().flat_map(|name| ["--skip", name]).collect();
    for arguments in [&skip[..], room.slow] {
        for program in programs {
            let mut command = limit_memory(program, MAX_TEST_MEMORY_KB);
            command
                .arg("--quiet")
                .args(arguments)
                .current_dir(room.tree())
                .env("MUTANT", number.to_string())
                .env("RUST_BACKTRACE", "0")
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            let child = command
                .spawn()
                .map_err(|error| shell::describe_start_error(&command, &error))?;
            match wait(child, timeout)? {
                None => return Ok(Fate::TimedOut),
                Some(BROKEN_SWITCH) => {
                    return Err(format!("The switch of mutant {number} is broken."));
                }
                Some(0) => {}
                Some(_) => return Ok(Fate::Caught),
            }
        }
    }
    Ok(Fate::Missed)
}

/// Returns the exit code, or `None` after the timeout.
fn wait(mut child: Child, timeout: Duration) -> Result<Option<i32>> {
    let start = Instant::now();
    loop {
        let status = child
            .try_wait()
            .map_err(|error| format!("A test program is not accessible: {error}."))?;
        if let Some(status) = status {
            // A program that a signal has ended has no code.
            return Ok(Some(status.code().unwrap_or(-1)));
        }
        if start.elapsed() > timeout {
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
