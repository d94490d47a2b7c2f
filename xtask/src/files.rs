//! Lists the files of the repository with git.
use crate::shell::{self, Result};
use std::path::Path;
use std::process::Command;

/// Returns the tracked files, sorted by path.
pub(crate) fn list_tracked() -> Result<Vec<String>> {
    list(&["ls-files", "-z"])
}

/// Returns the tracked files and the new files that git does not ignore, sorted by path.
pub(crate) fn list_sources() -> Result<Vec<String>> {
    let mut paths = list(&[
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ])?;
    // git still lists a deleted file until the deletion is staged.
    paths.retain(|path| Path::new(path).is_file());
    Ok(paths)
}

fn list(arguments: &[&str]) -> Result<Vec<String>> {
    let listed = shell::output(Command::new("git").args(arguments))?;
    let mut paths: Vec<String> = listed.split_terminator('\0').map(str::to_owned).collect();
    paths.sort();
    Ok(paths)
}
