//! `assure model`: explores every order of events of two or three tabs, in an optimized build of
//! `tests/model`.
use crate::args::Args;
use crate::shell::{self, Result};
use std::process::Command;

pub(super) fn model(arguments: &[String]) -> Result {
    let mut args = Args::new(arguments);
    let numbers = [
        ("MODEL_TABS", args.take_number::<u64>("--tabs")?),
        ("MODEL_STATES", args.take_number::<u64>("--states")?),
        ("MODEL_MINUTES", args.take_number::<u64>("--minutes")?),
    ];
    let name = args.take_value("--name")?;
    args.finish()?;
    let mut command = Command::new("cargo");
    command
        .args(["test", "--profile", "simulation", "--test", "model"])
        .args(["--features", "browser,unstable", "--locked"])
        .args(["--", "--ignored", "--nocapture"]);
    for (variable, number) in numbers {
        if let Some(number) = number {
            command.env(variable, number.to_string());
        }
    }
    command.env("MODEL_NAME", name.unwrap_or_default());
    shell::run(&mut command)
}
