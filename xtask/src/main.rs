//! `cargo xtask`: the entry point to all tasks, for people and for CI.
mod args;
mod artifact;
mod assure;
mod build;
mod constants;
mod content;
mod demo;
mod draw;
mod engines;
mod files;
mod glue;
mod leaks;
mod lint;
mod materials;
mod names;
mod npm;
mod pack;
mod refused_calls;
mod runner;
mod rust_apps;
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
  pack                     build, pack the tarball into target/package/, and install it for the
                           tests and the demo
  demo                     pack, then serve the demo on loopback
    --port N               use this port
    --no-open              do not open a browser
    --region eu|sg|us      use the real service; needs SOCIAL_PLUS_API_KEY and
                           SOCIAL_PLUS_SERVER_KEY
    --yes                  do not ask for confirmation
  lint                     check the sources: rustfmt, clippy with every feature, rustdoc, prettier,
                           eslint, tsc, line lengths, and whether JavaScript handles every effect
    --fast                 leave out clippy for wasm32
  test                     run every suite on every engine
    --fast                 run only native, package and node, without doc tests and with few seeds
                           of the simulation: at most a minute if everything is built
    --only a,b --skip a,b  choose from native, package, node, node-newest, workerd, edge-runtime,
                           deno, bun, chromium, firefox, webkit, tabs, tabs-firefox,
                           tabs-webkit, mtls, examples, packaging, rust, cli, fuzz,
                           sdk, demo
  draw                     print paths of files to read, drawn at random by the seed
    --seed S               default 1
    --count N              default 20
  simulate                 simulate the tabs of one device on a virtual clock against the emulator
    --seeds N              the number of seeds, in an optimized build; default 100 000
    --seed S               the first seed; without --seeds it is the only one
  assure fuzz              run the fuzz targets for longer than the tests do; see
                           `cargo xtask assure`
  assure chaos             play seeded chaos in the tabs of Chromium, Firefox and WebKit
  assure model             explore every order of events of two and three tabs
  assure coverage          play seeds of the simulation, and list the code of the session that no
                           seed reaches
  assure board             run the scenarios with this library and its peers
  assure soak              keep the workers on workerd under load, with faults
  assure mutants           change the Rust code, and count the changes that no test notices
  size                     compare the size of the browser and edge entries with budgets.toml
    --upload               also print how much wrangler would upload for two workers
  bench                    measure the CPU time of createSession and of accessToken, compared with a
                           hand-written function and with a resolved promise
    --calls N --rounds N   the number of calls per round, and the number of rounds
    --profile              also write a CPU profile to target/profile/
  soak                     make a million calls and 10 000 clients, and check that memory, heap,
                           handles and the reference table do not grow
    --calls N --clients N  the number of calls, and the number of clients
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
    let wants_help = rest
        .iter()
        .any(|argument| ["--help", "-h"].contains(&argument.as_str()));
    let args = Args::new(rest);
    match if wants_help { "help" } else { command } {
        "build" => args.finish().and_then(|()| build::build(Tools::Build)),
        "pack" => args
            .finish()
            .and_then(|()| pack::pack(Tools::Build))
            .map(|_| ()),
        "demo" => demo::demo(rest),
        "draw" => draw::draw(args),
        "lint" => lint::lint(args),
        "test" => test::test(args),
        "simulate" => simulate::simulate(args),
        "assure" => assure::assure(rest),
        "size" => report_size(args),
        "bench" | "soak" => run_script(command, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("Unknown command `{unknown}`.\n\n{HELP}")),
    }
}

fn report_size(mut args: Args) -> Result {
    let includes_upload = args.take_flag("--upload");
    args.finish()?;
    pack::pack(Tools::Build)?;
    let report = size::report();
    if includes_upload {
        upload::report()?;
    }
    report
}

/// Runs a measurement that is written in JavaScript. The script itself parses the arguments.
fn run_script(name: &str, arguments: &[String]) -> Result {
    pack::pack(Tools::Build)?;
    shell::run(
        shell::node_command()
            .arg("--expose-gc")
            .arg(format!("xtask/scripts/{name}.mjs"))
            .args(arguments),
    )
}
