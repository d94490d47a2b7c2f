//! Runs programs and accesses files. Every error is a sentence for the user.
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::{env, fs};

/// A result whose error is a message to print.
pub(crate) type Result<T = ()> = std::result::Result<T, String>;

pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Changes to the root folder of the repository. Every path in xtask is relative to this folder.
pub(crate) fn enter_root() -> Result {
    let manifest =
        env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest)
        .parent()
        .ok_or("xtask must be in the root folder of the repository.")?;
    env::set_current_dir(root)
        .map_err(|error| format!("{} could not be entered: {error}.", root.display()))
}

pub(crate) fn node_command() -> Command {
    Command::new("node")
}

/// Runs a program that reads and writes the standard streams of this process.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command
        .status()
        .map_err(|error| describe_start_error(command, &error))?;
    check(command, status)
}

/// Runs a program and returns its standard output. If the program fails, prints its standard output
/// and its standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| describe_start_error(command, &error))?;
    if !output.status.success() {
        eprint!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    check(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a lint tool and returns how many lines of its output report a problem. Prints the output if
/// the tool fails. Returns an error if the tool fails without reporting a problem.
pub(crate) fn count_lines(command: &mut Command, is_problem: fn(&str) -> bool) -> Result<usize> {
    let output = command
        .output()
        .map_err(|error| describe_start_error(command, &error))?;
    if output.status.success() {
        return Ok(0);
    }
    let printed = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    print!("{}", printed.concat());
    match printed
        .iter()
        .flat_map(|text| text.lines())
        .filter(|line| is_problem(line))
        .count()
    {
        0 => check(command, output.status).map(|()| 0),
        problems => Ok(problems),
    }
}

fn check(command: &Command, status: ExitStatus) -> Result {
    match status.success() {
        true => Ok(()),
        false => Err(format!(
            "`{}` failed ({status}): see the output above.",
            format_command(command)
        )),
    }
}

/// Returns the command line with at most four arguments.
fn format_command(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args().take(4) {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

pub(crate) fn describe_start_error(command: &Command, error: &std::io::Error) -> String {
    let program = command.get_program().to_string_lossy();
    if error.kind() != ErrorKind::NotFound {
        return format!("`{program}` could not be started: {error}.");
    }
    match program.as_ref() {
        "cargo" | "rustc" | "rustup" => {
            format!("`{program}` is missing: install Rust from https://rustup.rs.")
        }
        "node" | NPM => {
            format!("`{program}` is missing: install Node 20 or newer from https://nodejs.org.")
        }
        _ => format!("`{program}` is missing: install it and try again."),
    }
}

pub(crate) fn read(path: impl AsRef<Path>) -> Result<Vec<u8>> {
    let path = path.as_ref();
    fs::read(path).map_err(|error| format!("{} could not be read: {error}.", path.display()))
}

pub(crate) fn read_text(path: impl AsRef<Path>) -> Result<String> {
    let path = path.as_ref();
    fs::read_to_string(path)
        .map_err(|error| format!("{} could not be read: {error}.", path.display()))
}

/// Writes a file and creates its folders. A file with the same content keeps its modification time.
pub(crate) fn write(path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Result {
    let (path, content) = (path.as_ref(), content.as_ref());
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, content))
        .map_err(|error| format!("{} could not be written: {error}.", path.display()))
}

/// Removes a file or a folder, if it exists.
pub(crate) fn remove(path: impl AsRef<Path>) -> Result {
    let path = path.as_ref();
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("{} could not be removed: {error}.", path.display()))
        }
        _ => Ok(()),
    }
}

/// Returns the sorted paths of all files below a folder. The paths are relative to the folder and
/// separated by `/`.
pub(crate) fn list_files(folder: impl AsRef<Path>) -> Result<Vec<String>> {
    let folder = folder.as_ref();
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.into()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next)
            .map_err(|error| format!("{} could not be read: {error}.", next.display()))?;
        for entry in entries {
            let path = entry
                .map_err(|error| format!("{} could not be read: {error}.", next.display()))?
                .path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(relative) = path.strip_prefix(folder) {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Returns a hash of the content, with which a caller detects stale results.
pub(crate) fn hash(content: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
