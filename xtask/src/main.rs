//! `cargo xtask`: the one way in, for people and for CI.
mod args;
mod artifact;
mod build;
mod content;
mod demo;
mod engines;
mod npm;
mod pack;
mod runner;
mod shell;
mod size;
mod tally;
mod test;
mod wasm;

use args::Args;
use npm::Tools;
use shell::Result;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  build                    make pkg/, the npm package, from pkg-template/ and the three artifacts
  pack                     build, then the tarball in target/package/, installed where tests and demo import it
  demo                     pack, then serve the demo on loopback
    --port N               on this port
    --no-open              and leave the browser alone
    --region eu|sg|us      against the real service: needs SOCIAL_PLUS_API_KEY and SOCIAL_PLUS_SERVER_KEY
  test                     everything, on every engine
    --only a,b --skip a,b  of native, package, node, workerd, chromium, packaging, sdk, demo
  size                     what a browser and a worker download, against budgets.toml
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match shell::enter_root().and_then(|()| dispatch(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            if !sentence.is_empty() {
                eprintln!("{sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result {
    let (command, rest) = arguments.split_first().map_or(("help", arguments), |(command, rest)| (command.as_str(), rest));
    let asked = rest.iter().any(|argument| ["--help", "-h"].contains(&argument.as_str()));
    let args = Args::new(rest);
    match if asked { "help" } else { command } {
        "build" => args.done().and_then(|()| build::build(Tools::Build)),
        "pack" => args.done().and_then(|()| pack::pack(Tools::Build)).map(|_| ()),
        "demo" => demo::demo(rest),
        "test" => test::test(args),
        "size" => args.done().and_then(|()| pack::pack(Tools::Build)).and_then(|_| size::report()),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("There is no command `{unknown}`.\n\n{HELP}")),
    }
}
