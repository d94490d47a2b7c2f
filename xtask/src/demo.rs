//! `demo`: packs the package, then replaces this process with the demo's server.
use crate::npm::Tools;
use crate::shell::Result;
use crate::{pack, shell};

const SERVER: &str = "www/serve.mjs";

pub(crate) fn demo(arguments: &[String]) -> Result {
    pack::pack(Tools::Build)?;
    replace_process(shell::node_command().arg(SERVER).args(arguments))
}

/// Replaces this process, so that a signal to `cargo xtask demo` reaches the server.
#[cfg(unix)]
fn replace_process(command: &mut std::process::Command) -> Result {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(shell::describe_start_error(command, &error))
}

#[cfg(not(unix))]
fn replace_process(command: &mut std::process::Command) -> Result {
    shell::run(command)
}
