//! Runs the checks that `deny.toml` configures, and checks that the tests exist that the documents
//! on assurance and security name.
use crate::shell::{self, Result};
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// The documents that name a test as `file: title`, in backticks.
const DOCUMENTS: [&str; 3] = ["docs/assurance.md", "docs/threat-model.md", "docs/asvs.md"];

/// Runs `cargo deny`, if it is installed. Nothing installs it, because it takes minutes to build.
pub(super) fn run_cargo_deny() -> Result<usize> {
    let is_installed = deny_command()
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !is_installed {
        println!("left out: cargo-deny is not installed");
        return Ok(0);
    }
    let mut command = deny_command();
    command.args(["--offline", "check", "bans", "licenses", "sources"]);
    if has_advisories() {
        command.args(["advisories", "--disable-fetch"]);
    } else {
        println!("left out: the advisories, whose database is not on this machine");
    }
    shell::count_lines(&mut command, |line| line.starts_with("error["))
}

fn deny_command() -> Command {
    let mut command = Command::new("cargo");
    command.arg("deny");
    command
}

fn has_advisories() -> bool {
    let home = env::var_os("HOME").map(|home| Path::new(&home).join(".cargo"));
    let cargo = env::var_os("CARGO_HOME").map(Into::into).or(home);
    cargo.is_some_and(|folder: std::path::PathBuf| folder.join("advisory-dbs").is_dir())
}

/// Checks that each test that a document names exists.
pub(super) fn check_named_tests() -> Result<usize> {
    let mut problems = 0;
    for document in DOCUMENTS {
        let named = find_named_tests(&shell::read_text(document)?);
        if named.is_empty() {
            println!("{document}: names no test");
            problems += 1;
        }
        for (file, title) in named {
            let is_there = shell::read_text(&file).is_ok_and(|text| contains_title(&text, &title));
            if !is_there {
                println!("{document}: {file} has no test `{title}`");
                problems += 1;
            }
        }
    }
    Ok(problems)
}

/// Returns the file and the title of each code span `file: title` whose file is in a folder of
/// tests or of Rust code. A span may be broken over several lines.
fn find_named_tests(text: &str) -> Vec<(String, String)> {
    let spans = text.split('`').skip(1).step_by(2);
    let named = spans.filter_map(|span| {
        let (file, title) = span.split_once(": ")?;
        let is_file = ["tests/", "src/", "xtask/", "fuzz/"]
            .iter()
            .any(|folder| file.starts_with(folder));
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        (is_file && !file.contains(' ')).then(|| (file.to_owned(), title))
    });
    named.collect()
}

/// Returns whether a file contains a test of this title: a string, the end of a template such as
/// `${entry} rejects`, or the name of a function.
fn contains_title(text: &str, title: &str) -> bool {
    let has = |start: &str, end: &str| text.contains(&format!("{start}{title}{end}"));
    let is_string = ["'", "\"", "`"].iter().any(|quote| has(quote, quote));
    is_string || has("} ", "`") || has("}: ", "`") || has("fn ", "(")
}

#[cfg(test)]
mod tests {
    use super::{contains_title, find_named_tests};

    #[test]
    fn finds_the_spans_that_name_a_test() {
        let text = "| a `code` | `tests/a.mjs: says\n  no` | `fn: x` `src/b.rs: it_works` |";
        assert_eq!(
            find_named_tests(text),
            [
                ("tests/a.mjs".into(), "says no".into()),
                ("src/b.rs".into(), "it_works".into())
            ]
        );
    }

    #[test]
    fn a_title_must_be_whole() {
        assert!(contains_title("test('says no', () => {})", "says no"));
        assert!(contains_title("test(`${entry} says no`)", "says no"));
        assert!(contains_title("fn it_works() {", "it_works"));
        assert!(!contains_title("test('says no to all')", "says no"));
        assert!(!contains_title("// it_works", "it_works"));
    }
}
