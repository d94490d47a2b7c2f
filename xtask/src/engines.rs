//! Finds the engines that tests run on, reads their versions, and installs missing engines.
use crate::npm;
use crate::shell::{self, Result};
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CHROMIUMS: [&str; 5] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Returns the path of Chromium: the value of the variable CHROMIUM, or an installed Chromium or
/// Chrome. If none is installed, first installs the package `chromium`, provided that apt-get
/// exists and the user is root.
pub(crate) fn find_chromium() -> Result<PathBuf> {
    if let Some(given) = env::var_os("CHROMIUM") {
        let given = PathBuf::from(given);
        return given
            .exists()
            .then_some(given)
            .ok_or_else(|| "CHROMIUM must be the path of an existing file.".into());
    }
    let installed = || {
        CHROMIUMS
            .iter()
            .map(Path::new)
            .find(|path| path.exists())
            .map(Path::to_path_buf)
    };
    if installed().is_none() && Path::new("/usr/bin/apt-get").exists() && is_root() {
        println!("Chromium is missing: installing the package of Debian.");
        apt_get(&["update"])?;
        apt_get(&["install", "--yes", "--no-install-recommends", "chromium"])?;
    }
    installed().ok_or_else(|| {
        "Chromium is missing: run `apt-get install chromium` as root, or set CHROMIUM to its path."
            .into()
    })
}

fn is_root() -> bool {
    shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

fn apt_get(arguments: &[&str]) -> Result {
    shell::output(
        Command::new("apt-get")
            .arg("--quiet")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null()),
    )
    .map(|_| ())
}

/// Returns the version that `chromium --version` prints, without the name of the distribution.
pub(crate) fn chromium_version(path: &Path) -> String {
    let printed = shell::output(Command::new(path).arg("--version")).unwrap_or_default();
    printed
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .unwrap_or("?")
        .into()
}

pub(crate) fn node_version() -> String {
    shell::output(shell::node_command().arg("--version")).map_or_else(
        |_| "?".into(),
        |version| version.trim().trim_start_matches('v').into(),
    )
}

/// Returns the version of the npm package in a folder.
pub(crate) fn npm_version(folder: &str) -> String {
    let manifest = shell::read_text(Path::new(folder).join("package.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    manifest
        .get("version")
        .and_then(|version| version.as_str())
        .unwrap_or("?")
        .into()
}

/// Installs the newest Node and returns a command that runs it. npm has the newest Node only for
/// Linux on x64.
pub(crate) fn newest_node_command() -> Result<Command> {
    npm::install_newest_node()?;
    let node = Path::new(npm::NEWEST_NODE).join("node");
    node.exists().then(|| Command::new(node)).ok_or_else(|| {
        "npm has the newest Node only for Linux on x64: add `--skip node-newest`.".into()
    })
}
