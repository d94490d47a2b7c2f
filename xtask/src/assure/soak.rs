//! `assure soak`: keeps the Cloudflare example and the worker of the demo under load on workerd.
use crate::args::Args;
use crate::npm::Tools;
use crate::pack;
use crate::shell::{self, Result};

pub(super) fn soak(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let minutes = args.take_number::<u32>("--minutes")?;
    let target = args.take_value("--target")?;
    args.finish()?;
    pack::pack(Tools::All)?;
    let mut command = shell::node_command();
    command.arg("tests/soak/run.mjs");
    let minutes = minutes.map(|number| number.to_string());
    for (option, value) in [("--minutes", minutes), ("--target", target)] {
        if let Some(value) = value {
            command.args([option, &value]);
        }
    }
    shell::run(&mut command)
}
