//! `cargo xtask`: the one way in, for people and for CI.
mod args;
mod artifact;
mod build;
mod constants;
mod content;
mod demo;
mod draw;
mod engines;
mod files;
mod glue;
mod lint;
mod names;
mod npm;
mod pack;
mod runner;
mod shell;
mod simulate;
mod size;
mod tally;
mod test;
mod upload;
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
    --yes                  without asking first
  lint                     rustfmt, clippy for every feature, rustdoc, prettier, eslint, tsc, line lengths, and whether
                           JavaScript handles every effect
    --fast                 without clippy for wasm32
  test                     everything, on every engine
    --fast                 only native, package and node, without doc tests and with few seeds: a minute, warm
    --only a,b --skip a,b  of native, package, node, node-newest, workerd, edge-runtime, deno, bun, chromium,
                           tabs, mtls, examples, packaging, cli, sdk, demo
  draw                     files to read, picked by a seed: the same seed picks the same files
    --seed S               1 if none is named
    --count N              20 if none is named
  simulate                 tabs of one device on a virtual clock against the emulator, seed by seed, and everything that can go wrong
    --seeds N              so many, in a release build; 100 000 if none are named
    --seed S               from this one on; alone, it is played once
  size                     what a browser and a worker download, against budgets.toml
    --upload               and what wrangler would upload of the demo's worker and of the Cloudflare example
  bench                    the CPU of one createSession on a stubbed fetch, over a hand-written function with the same checks,
                           and that of accessToken() on a valid session, over awaiting a resolved promise
    --calls N --rounds N   of each kind in a round
    --profile              and a CPU profile in target/profile/
  soak                     one million createSession calls, and 10 000 SessionClients: memory, heap, handles and reference table
                           must not grow
    --calls N --clients N
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
    let (command, rest) = arguments
        .split_first()
        .map_or(("help", arguments), |(command, rest)| {
            (command.as_str(), rest)
        });
    let asked = rest
        .iter()
        .any(|argument| ["--help", "-h"].contains(&argument.as_str()));
    let args = Args::new(rest);
    match if asked { "help" } else { command } {
        "build" => args.done().and_then(|()| build::build(Tools::Build)),
        "pack" => args
            .done()
            .and_then(|()| pack::pack(Tools::Build))
            .map(|_| ()),
        "demo" => demo::demo(rest),
        "draw" => draw::draw(args),
        "lint" => lint::lint(args),
        "test" => test::test(args),
        "simulate" => simulate::simulate(args),
        "size" => size(args),
        "bench" | "soak" => script(command, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("There is no command `{unknown}`.\n\n{HELP}")),
    }
}

fn size(mut args: Args) -> Result {
    let upload = args.flag("--upload");
    args.done()?;
    pack::pack(Tools::Build)?;
    let report = size::report();
    if upload {
        upload::report()?;
    }
    report
}

/// What is measured in JavaScript: the arguments are the script's own.
fn script(name: &str, arguments: &[String]) -> Result {
    pack::pack(Tools::Build)?;
    shell::run(
        shell::node()
            .arg("--expose-gc")
            .arg(format!("xtask/scripts/{name}.mjs"))
            .args(arguments),
    )
}
