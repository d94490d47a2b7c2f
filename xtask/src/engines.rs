//! The engines that tests run on: where they are, which version, and how a missing one is got.
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

/// The Chromium to use: the one in the environment, an installed one, or Debian's, installed here
/// and now.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(given) = env::var_os("CHROMIUM") {
        let given = PathBuf::from(given);
        return given.exists().then_some(given).ok_or_else(|| {
            "CHROMIUM names a file that does not exist: set it to the path of a Chromium.".into()
        });
    }
    let installed = || {
        CHROMIUMS
            .iter()
            .map(Path::new)
            .find(|path| path.exists())
            .map(Path::to_path_buf)
    };
    if installed().is_none() && Path::new("/usr/bin/apt-get").exists() && is_root() {
        println!("Chromium is missing: installing Debian's.");
        apt_get(&["update"])?;
        apt_get(&["install", "--yes", "--no-install-recommends", "chromium"])?;
    }
    installed().ok_or_else(|| {
        "Chromium is missing: install it with `apt-get install chromium` as root, or set CHROMIUM to the path of one.".into()
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

/// What `chromium --version` says, without its distribution's postscript.
pub(crate) fn chromium_version(path: &Path) -> String {
    let said = shell::output(Command::new(path).arg("--version")).unwrap_or_default();
    said.split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .unwrap_or("?")
        .into()
}

pub(crate) fn node_version() -> String {
    shell::output(shell::node().arg("--version")).map_or_else(
        |_| "?".into(),
        |version| version.trim().trim_start_matches('v').into(),
    )
}

/// The version of an engine that npm brings.
pub(crate) fn npm_version(package: &str) -> String {
    let manifest = shell::read_text(Path::new(package).join("package.json")).unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap_or_default();
    manifest
        .get("version")
        .and_then(|version| version.as_str())
        .unwrap_or("?")
        .into()
}

/// The newest Node, which npm brings for Linux on x64 alone.
pub(crate) fn newest_node() -> Result<Command> {
    npm::install_newest_node()?;
    let node = Path::new(npm::NEWEST_NODE).join("node");
    node.exists()
        .then(|| Command::new(node))
        .ok_or_else(|| "npm brings the newest Node for Linux on x64 alone: leave it out with `--skip node-newest`.".into())
}
