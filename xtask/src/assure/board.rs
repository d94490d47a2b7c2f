//! `assure board`: runs the scenarios of `tests/board` with this library and its peers, and writes
//! docs/scenarios.md.
use crate::args::Args;
use crate::engines::Browser;
use crate::npm::{self, Tools};
use crate::pack;
use crate::shell::{self, Result};

pub(super) fn board(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let only = args.take_value("--only")?;
    let candidate = args.take_value("--candidate")?;
    args.finish()?;
    pack::pack(Tools::All)?;
    npm::install_peers()?;
    let mut command = shell::node_command();
    command.arg("tests/board/run.mjs");
    command.env(Browser::Chromium.variable(), Browser::Chromium.find()?);
    for (option, value) in [("--only", only), ("--candidate", candidate)] {
        if let Some(value) = value {
            command.args([option, &value]);
        }
    }
    shell::run(&mut command)
}
