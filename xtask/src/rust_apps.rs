//! Builds the Rust programs in `tests/packaging/`, each a workspace of its own, as a user of the
//! crate would, and checks what `cargo publish` would upload.
use crate::artifact::{self, TARGET};
use crate::runner;
use crate::shell::{self, Result};
use crate::tally::Tally;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The programs share one folder, so that cargo compiles common dependencies once.
const CARGO_TARGET: &str = "target/rust-apps";

/// The files that belong in the published crate, and the folder of its sources.
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
const CRATE_SOURCES: &str = "src/";

/// Builds the programs and runs `script`, which drives them.
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
    check("the crate's files", crate_files());
    check("cargo publish --dry-run", dry_run());
    check("a native program", cargo("build", "rust-native", None));
    check(
        "the same program for wasm32",
        cargo("check", "rust-native", Some(TARGET)),
    );
    check("a worker", wasm_app("rust-worker", Format::Bundler));
    check("a page", wasm_app("rust-page", Format::Web));
    tally += runner::script(script.env("RUST_APPS", CARGO_TARGET))?;
    Ok(tally)
}

fn cargo(command: &str, name: &str, target: Option<&str>) -> Result {
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
fn wasm_app(name: &str, format: Format) -> Result {
    cargo("build", name, Some(TARGET))?;
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
    bind().map_err(|error| format!("wasm-bindgen refused {name}: {error:#}."))
}

/// Lists what would be published: the sources, and the files that every crate should have.
fn crate_files() -> Result {
    let mut command = Command::new("cargo");
    command.args(["package", "--list", "--allow-dirty", "--locked"]);
    let listed = shell::output(&mut command)?;
    let stray: Vec<&str> = listed
        .lines()
        .filter(|file| !file.starts_with(CRATE_SOURCES) && !CRATE_FILES.contains(file))
        .collect();
    let missing: Vec<&str> = CRATE_FILES
        .into_iter()
        // cargo adds it in a clean checkout only.
        .filter(|file| *file != ".cargo_vcs_info.json")
        .filter(|file| !listed.lines().any(|line| line == *file))
        .collect();
    if stray.is_empty() && missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the list of Cargo.toml's `include` is wrong: {} should not be there, {} should.",
        or_nothing(&stray),
        or_nothing(&missing)
    ))
}

fn or_nothing(files: &[&str]) -> String {
    match files {
        [] => "nothing".into(),
        files => files.join(", "),
    }
}

/// Packs the crate and compiles the package.
fn dry_run() -> Result {
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
