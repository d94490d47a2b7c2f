//! The JavaScript tools of the root's package.json, installed once per lock file.
use crate::shell::{self, Result, NPM};
use std::process::Command;

/// How much of package.json a command needs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tools {
    /// `dependencies`: building the package and running the demo.
    Build,
    /// `devDependencies` too: what only tests use.
    All,
}

/// npm removes node_modules when it starts anew, and this with it.
const STAMP: &str = "node_modules/.xtask-stamp";

/// Runs `npm ci` unless what is installed already answers to the lock file.
pub(crate) fn install(tools: Tools) -> Result {
    let key = shell::key(&(shell::read("package.json")?, shell::read("package-lock.json")?, node_platform()?));
    let stamp = shell::read_text(STAMP).unwrap_or_default();
    if stamp == format!("{key} all") || (stamp == format!("{key} build") && tools == Tools::Build) {
        return Ok(());
    }
    println!("npm ci: {}", if tools == Tools::All { "all tools" } else { "the tools of build and demo" });
    let mut command = npm();
    // No install scripts: all the tools work from their packages as they come.
    command.args(["ci", "--ignore-scripts"]);
    if tools == Tools::Build {
        command.arg("--omit=dev");
    }
    shell::output(&mut command)?;
    shell::write(STAMP, format!("{key} {}", if tools == Tools::All { "all" } else { "build" }))
}

/// npm without its advertisements.
pub(crate) fn npm() -> Command {
    let mut command = Command::new(NPM);
    command.args(["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]);
    command
}

/// An installed tool, to be started directly.
pub(crate) fn tool(name: &str) -> Command {
    Command::new(format!("node_modules/.bin/{name}{}", if cfg!(windows) { ".cmd" } else { "" }))
}

/// Says which Node this is, and refuses one that is too old; a node_modules shared between platforms is reinstalled.
fn node_platform() -> Result<String> {
    let found = shell::output(shell::node().args(["--print", "process.version + ' ' + process.platform + ' ' + process.arch"]))?;
    let major = found.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(20..) => Ok(found.split_once(' ').map_or_else(String::new, |(_, platform)| platform.into())),
        _ => Err(format!("Node {} is too old: install Node 20 or newer from https://nodejs.org.", found.trim())),
    }
}
