//! `demo`: packs, then hands this process over to the demo's server.
use crate::npm::Tools;
use crate::shell::Result;
use crate::{pack, shell};

const SERVER: &str = "www/serve.mjs";

pub(crate) fn demo(arguments: &[String]) -> Result {
    pack::pack(Tools::Build)?;
    hand_over(shell::node().arg(SERVER).args(arguments))
}

/// Becomes the server, so that whoever ends `cargo xtask demo`, by Ctrl-C or by its process id,
/// ends the server.
#[cfg(unix)]
fn hand_over(command: &mut std::process::Command) -> Result {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(shell::cannot_start(command, &error))
}

#[cfg(not(unix))]
fn hand_over(command: &mut std::process::Command) -> Result {
    shell::run(command)
}
