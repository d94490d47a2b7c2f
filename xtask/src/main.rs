//! `cargo xtask`: the one way in, for people and for CI.
mod artifact;
mod build;
mod npm;
mod pack;
mod shell;
mod wasm;

use npm::Tools;
use shell::Result;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  build    make pkg/, the npm package, from pkg-template/ and the three artifacts
  pack     build, then the tarball in target/package/, installed where tests and demo import it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match shell::enter_root().and_then(|()| dispatch(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    let _ = rest;
    match command.as_str() {
        "build" => build::build(Tools::Build),
        "pack" => pack::pack(Tools::Build).map(|_| ()),
        "--help" | "-h" | "help" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("There is no command `{other}`.\n\n{HELP}")),
    }
}
