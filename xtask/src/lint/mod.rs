//! `lint`: checks the sources without running them. Prints a summary with one line per check, and
//! the numbers of checks, `N passed, N failed`, as the last line.
mod cargo;
mod javascript;
mod lines;
mod policy;
mod wire;

use crate::args::Args;
use crate::npm::{self, Tools};
use crate::shell::Result;
use crate::tally::Tally;
use crate::{artifact, build};

/// One check. `run` prints the problems that it finds and returns their number.
struct Check {
    name: String,
    run: Box<dyn Fn() -> Result<usize>>,
}

impl Check {
    fn new(name: impl Into<String>, run: impl Fn() -> Result<usize> + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

pub(crate) fn lint(mut args: Args) -> Result {
    let is_fast = args.take_flag("--fast");
    args.finish()?;
    prepare()?;

    let mut checks = javascript::checks();
    checks.push(Check::new("columns", lines::check));
    checks.push(Check::new("effects", wire::check));
    checks.push(Check::new("cargo deny", policy::run_cargo_deny));
    checks.push(Check::new("named tests", policy::check_named_tests));
    checks.extend(cargo::checks(is_fast)?);

    let mut summary = Vec::new();
    let mut tally = Tally::default();
    for check in &checks {
        println!("--- {}", check.name);
        let result = (check.run)();
        let verdict = match &result {
            Ok(0) => "ok".into(),
            Ok(1) => "1 problem".into(),
            Ok(problems) => format!("{problems} problems"),
            Err(sentence) => sentence.clone(),
        };
        match result {
            Ok(0) => tally.passed += 1,
            _ => tally.failed += 1,
        }
        summary.push(format!("{:<32}{verdict}", check.name));
    }
    println!("\n{}", summary.join("\n"));
    if is_fast {
        println!("left out by --fast: clippy on wasm32");
    }
    tally.finish()
}

/// Installs the tools and the wasm target, and writes the generated JavaScript, which the type
/// check reads.
fn prepare() -> Result {
    let _lock = build::lock()?;
    npm::install(Tools::All)?;
    artifact::ensure_target()?;
    build::write_generated()
}
