//! `demo`: packs the package, then runs the demo's server.
use crate::npm::Tools;
use crate::shell::Result;
use crate::{pack, shell};

const SERVER: &str = "www/serve.mjs";

pub(crate) fn demo(arguments: &[String]) -> Result {
    pack::pack(Tools::Build)?;
    run_server(shell::node_command().arg(SERVER).args(arguments))
}

/// Replaces this process with the server, so that a signal to `cargo xtask demo` reaches the
/// server.
#[cfg(unix)]
fn run_server(command: &mut std::process::Command) -> Result {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(shell::describe_start_error(command, &error))
}

/// Runs the server as a child, because only Unix can replace a process.
#[cfg(not(unix))]
fn run_server(command: &mut std::process::Command) -> Result {
    shell::run(command)
}
