//! `assure chaos`: plays seeded episodes in the tabs of real browsers. The totals stay in
//! target/chaos/, and the next run continues from them.
use super::browsers_named;
use crate::args::Args;
use crate::npm::Tools;
use crate::pack;
use crate::shell::{self, Result};

/// Plays seeded episodes of chaos in one browser or in all.
pub(super) fn chaos(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let minutes = args.take_number::<u32>("--minutes")?;
    let seed = args.take_number::<u32>("--seed")?;
    let name = args.take_value("--browser")?;
    args.finish()?;
    let browsers = browsers_named(name.as_deref())?;
    let mut command = shell::node_command();
    command.arg("tests/chaos/run.mjs");
    command.env("TARBALL", pack::pack(Tools::All)?);
    for browser in &browsers {
        command.env(browser.variable(), browser.find()?);
    }
    let options = [
        ("--browser", name),
        ("--minutes", minutes.map(|number| number.to_string())),
        ("--seed", seed.map(|number| number.to_string())),
    ];
    for (option, value) in options {
        if let Some(value) = value {
            command.args([option, &value]);
        }
    }
    shell::run(&mut command)
}
