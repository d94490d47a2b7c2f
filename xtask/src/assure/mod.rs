//! `assure`: the searches for faults that take longer than the tests of a change.
mod board;
mod chaos;
mod coverage;
mod fuzz;
mod model;
mod mutants;
mod soak;
mod versions;

use crate::engines::Browser;
use crate::shell::Result;

const HELP: &str = "\
cargo xtask assure <search>

  fuzz                     run the fuzz targets: libFuzzer on the parsers, the session's decoding
                           and the emulator, then the fuzzers of the packed JavaScript
    --target a,b           choose from text, response, request, session, emulator, options,
                           functions, handler, storage
    --minutes N            the time for each target; default 1
    --executions N         the number of executions for each target, instead of the time
  chaos                    play seeded chaos in the tabs of Chromium, Firefox and WebKit
    --minutes N            play until each browser has played N minutes of this package; default 5
    --browser NAME         play only in this browser
    --seed S               play only the episode of this seed
  versions                 run the tests of the tabs with the package of an earlier commit in every
                           second tab
    --commit C             the commit; by default the last one before rule 20 of the sessions
    --browser NAME         run only in this browser
    --only PATTERN         run only the tests whose titles match
  model                    explore every order of events of two and three tabs
    --tabs N               explore only the configurations of N tabs
    --name NAME            explore only this configuration
    --states N             the most states of each configuration; default 12000000
    --minutes N            the most time for each configuration
  coverage                 play seeds of the simulation, and list the code of the session that no
                           seed reaches
    --seeds N              the number of seeds; default 20000
    --seed S               the first seed
  board                    run the scenarios with this library and its peers, and write
                           docs/scenarios.md
    --only 1,8             run only these scenarios, and write nothing
    --candidate NAME       run only this package, and write nothing
  soak                     keep the workers on workerd under load, with faults
    --minutes N            the time; default 20
    --target NAME          choose cloudflare, demo, or bare, which runs without this library
  mutants                  change the code, one place at a time, and count the changes that no test
                           notices
    --room NAME            change only session, protocol or emulator, which are Rust, or javascript
    --report               only print the results so far
    --fresh                forget the results so far
";

pub(crate) fn assure(arguments: &[String]) -> Result {
    match arguments.split_first() {
        Some((name, rest)) if name == "fuzz" => fuzz::fuzz(rest),
        Some((name, rest)) if name == "chaos" => chaos::chaos(rest),
        Some((name, rest)) if name == "versions" => versions::versions(rest),
        Some((name, rest)) if name == "model" => model::model(rest),
        Some((name, rest)) if name == "coverage" => coverage::coverage(rest),
        Some((name, rest)) if name == "board" => board::board(rest),
        Some((name, rest)) if name == "soak" => soak::soak(rest),
        Some((name, rest)) if name == "mutants" => mutants::mutants(rest),
        _ => Err(HELP.into()),
    }
}

/// Returns the browser with this name, or all browsers if there is no name.
fn browsers_named(name: Option<&str>) -> Result<Vec<Browser>> {
    let browsers: Vec<Browser> = Browser::ALL
        .into_iter()
        .filter(|browser| name.is_none_or(|name| name == browser.name()))
        .collect();
    if browsers.is_empty() {
        let names = Browser::ALL.map(Browser::name).join(", ");
        return Err(format!("--browser must be one of {names}."));
    }
    Ok(browsers)
}
