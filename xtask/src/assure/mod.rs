//! `assure`: the searches for faults that take longer than the tests of a change.
mod fuzz;

use crate::shell::Result;

const HELP: &str = "\
cargo xtask assure <search>

  fuzz                     run the fuzz targets: libFuzzer on the parsers, the session's decoding
                           and the emulator, then the fuzzers of the packed JavaScript
    --target a,b           choose from text, response, request, session, emulator, options,
                           functions, handler, storage
    --minutes N            the time for each target; default 1
    --executions N         the number of executions for each target, instead of the time
";

pub(crate) fn assure(arguments: &[String]) -> Result {
    match arguments.split_first() {
        Some((name, rest)) if name == "fuzz" => fuzz::fuzz(rest),
        _ => Err(HELP.into()),
    }
}
