//! Builds the Rust programs in `tests/packaging/` as a user of the crate would: each program is a
//! separate workspace. Also checks which files `cargo publish` would upload.
use crate::artifact::{self, TARGET};
use crate::runner;
use crate::shell::{self, Result};
use crate::tally::Tally;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The programs share one folder, so that cargo compiles common dependencies once.
const CARGO_TARGET: &str = "target/rust-apps";

/// The files that the published crate must contain besides its sources.
const CRATE_FILES: [&str; 8] = [
    ".cargo_vcs_info.json",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
];
/// The folder of the published crate's sources.
const CRATE_SOURCES: &str = "src/";

/// Checks the crate's files, builds the programs, and runs `script`, which tests the programs.
pub(crate) fn test(script: &mut Command) -> Result<Tally> {
    artifact::ensure_target()?;
    let mut tally = Tally::default();
    let mut check = |name: &str, result: Result| match result {
        Ok(()) => tally.passed += 1,
        Err(sentence) => {
            tally.failed += 1;
            println!("{name}: {sentence}");
        }
    };
    check("the crate's files", check_crate_files());
    check("cargo publish --dry-run", check_publish());
    check("a native program", run_cargo("build", "rust-native", None));
    check(
        "the same program for wasm32",
        run_cargo("check", "rust-native", Some(TARGET)),
    );
    check("a worker", build_wasm_app("rust-worker", Format::Bundler));
    check("a page", build_wasm_app("rust-page", Format::Web));
    tally += runner::run_script(script.env("RUST_APPS", CARGO_TARGET))?;
    Ok(tally)
}

fn run_cargo(command: &str, name: &str, target: Option<&str>) -> Result {
    let mut cargo = Command::new("cargo");
    cargo
        .args([command, "--quiet", "--locked", "--target-dir", CARGO_TARGET])
        .arg("--manifest-path")
        .arg(Path::new("tests/packaging").join(name).join("Cargo.toml"));
    if let Some(target) = target {
        cargo.args(["--target", target]);
    }
    shell::run(&mut cargo)
}

/// How the JavaScript loads the module.
enum Format {
    /// As an import that a bundler or an engine resolves.
    Bundler,
    /// With `fetch`.
    Web,
}

/// Compiles a program for wasm32 and writes its JavaScript beside its module.
fn build_wasm_app(name: &str, format: Format) -> Result {
    run_cargo("build", name, Some(TARGET))?;
    let folder: PathBuf = [CARGO_TARGET, TARGET, "debug"].iter().collect();
    let module = [name.to_owned(), name.replace('-', "_")]
        .map(|stem| folder.join(stem).with_extension("wasm"))
        .into_iter()
        .find(|path| path.exists())
        .ok_or_else(|| format!("cargo built no module for {name}."))?;
    let bind = || {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(module).out_name("app").typescript(false);
        match format {
            Format::Bundler => bindgen.bundler(true)?,
            Format::Web => bindgen.web(true)?,
        };
        bindgen.generate(Path::new(CARGO_TARGET).join(name))
    };
    bind().map_err(|error| format!("wasm-bindgen rejected {name}: {error:#}."))
}

/// Checks that the published crate would contain its sources and [`CRATE_FILES`], and nothing else.
fn check_crate_files() -> Result {
    let mut command = Command::new("cargo");
    command.args(["package", "--list", "--allow-dirty", "--locked"]);
    let listed = shell::output(&mut command)?;
    let unexpected: Vec<&str> = listed
        .lines()
        .filter(|file| !file.starts_with(CRATE_SOURCES) && !CRATE_FILES.contains(file))
        .collect();
    let missing: Vec<&str> = CRATE_FILES
        .into_iter()
        // cargo does not always add this file, for example not outside of a git repository.
        .filter(|file| *file != ".cargo_vcs_info.json")
        .filter(|file| !listed.lines().any(|line| line == *file))
        .collect();
    if unexpected.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "`include` in Cargo.toml is wrong. Unexpected files: {}. Missing files: {}.",
        list_or_none(&unexpected),
        list_or_none(&missing)
    ))
}

fn list_or_none(files: &[&str]) -> String {
    match files {
        [] => "none".into(),
        files => files.join(", "),
    }
}

/// Packs the crate and compiles the packed sources, as `cargo publish` does before an upload.
fn check_publish() -> Result {
    let mut command = Command::new("cargo");
    command.args([
        "publish",
        "--dry-run",
        "--quiet",
        "--locked",
        "--allow-dirty",
    ]);
    command.args(["--package", "social-plus-auth"]);
    command.args(["--target-dir", CARGO_TARGET]);
    shell::run(&mut command)
}
