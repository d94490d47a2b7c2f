//! One artifact: the crate with one feature, through cargo, wasm-bindgen, wasm-opt and esbuild, to
//! the two files that are shipped.
use crate::shell::{self, Result};
use crate::{glue, names, npm, wasm};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

pub(crate) const ARTIFACTS: [&str; 3] = ["browser", "edge", "emulator"];

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Marks the build of an artifact: with it the crate has a panic handler and an allocator, which
/// no library may bring.
pub(crate) const FLAGS: [&str; 2] = ["--cfg", "social_plus_auth_artifact"];
/// All artifacts share one folder, so that what they depend on is compiled once.
const CARGO_TARGET: &str = "target/wasm";

/// What rustc's default wasm32 target may use, and all engines load; `--all-features` makes modules
/// that none does.
const FEATURES: [&str; 8] = [
    "--mvp-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

const TEXT_CODERS: &str = "xtask/scripts/text-coders.mjs";

/// Where the results of one artifact lie.
pub(crate) struct Artifact {
    pub(crate) name: &'static str,
}

impl Artifact {
    pub(crate) fn named(name: &str) -> Option<Self> {
        ARTIFACTS
            .into_iter()
            .find(|&known| known == name)
            .map(|name| Self { name })
    }

    fn folder(&self) -> PathBuf {
        Path::new("target/artifacts").join(self.name)
    }

    /// The shipped module.
    pub(crate) fn wasm(&self) -> PathBuf {
        self.folder().join("shipped_bg.wasm")
    }

    /// The shipped glue.
    pub(crate) fn glue(&self) -> PathBuf {
        self.folder().join("shipped_bg.js")
    }

    /// The shipped module with the functions' names still in it, byte for byte the same code.
    pub(crate) fn named_wasm(&self) -> PathBuf {
        self.folder().join("named.wasm")
    }

    /// Makes the files above, unless they are up to date.
    pub(crate) fn build(&self) -> Result {
        let stamp = self.folder().join("stamp");
        let inputs = self.folder().join("inputs");
        if let (Ok(old), Ok(inputs)) = (shell::read_text(&stamp), shell::read_text(&inputs)) {
            if self.state(&inputs).is_ok_and(|now| now == old)
                && self.wasm().exists()
                && self.glue().exists()
            {
                return Ok(());
            }
        }
        let start = Instant::now();
        let patience = if self.results().exists() {
            ""
        } else {
            " the first time takes some minutes"
        };
        println!("{}: building …{patience}", self.name);
        shell::remove(&stamp)?;
        let dep_info = self.compile()?;
        self.bind()?;
        self.shrink()?;
        shell::write(&inputs, &dep_info)?;
        shell::write(&stamp, self.state(&dep_info)?)?;
        println!(
            "{}: built in {:.1} s",
            self.name,
            start.elapsed().as_secs_f32()
        );
        Ok(())
    }

    /// A key of all that goes in: the sources that cargo's dep-info names, the locks, the compiler
    /// and these steps.
    fn state(&self, dep_info: &str) -> Result<String> {
        let (_, sources) = dep_info
            .split_once(": ")
            .ok_or("cargo's dep-info could not be read.")?;
        let own = [
            "xtask/src/artifact.rs",
            "xtask/src/glue.rs",
            "xtask/src/names.rs",
            TEXT_CODERS,
        ];
        let steps = own
            .into_iter()
            .chain(["Cargo.toml", "Cargo.lock", "package-lock.json"]);
        let mut contents = Vec::new();
        for path in steps.chain(sources.split_whitespace()) {
            contents.push((path.to_owned(), shell::read(path)?));
        }
        Ok(shell::key(&(
            contents,
            shell::output(Command::new("rustc").arg("-vV"))?,
        )))
    }

    /// The cargo profile: the emulator's is a quicker one.
    fn profile(&self) -> &'static str {
        if self.name == "emulator" {
            "emulator"
        } else {
            "release"
        }
    }

    /// Where cargo leaves what it made.
    fn results(&self) -> PathBuf {
        Path::new(CARGO_TARGET).join(TARGET).join(self.profile())
    }

    /// Returns cargo's dep-info.
    fn compile(&self) -> Result<String> {
        let results = self.results();
        // The artifacts have one file name: without this cargo could take another artifact's file
        // for this one's.
        shell::remove(results.join("deps/social_plus_auth.wasm"))?;
        let mut command = Command::new("cargo");
        command.args([
            "rustc",
            "--quiet",
            "--locked",
            "--lib",
            "--profile",
            self.profile(),
        ]);
        command.args(["--features", self.name]);
        // With an rlib beside it, cargo would not optimize across crates.
        command.args([
            "--crate-type",
            "cdylib",
            "--target",
            TARGET,
            "--target-dir",
            CARGO_TARGET,
        ]);
        if self.profile() == "release" {
            // Nothing in them recurses, so the usual 1 MiB of every instance would lie idle.
            command.args(["--", "-Clink-arg=-zstack-size=65536"]);
        }
        shell::run(command.env("CARGO_ENCODED_RUSTFLAGS", rust_flags()?))?;
        let here =
            env::current_dir().map_err(|error| format!("The current folder is gone: {error}."))?;
        let dep_info = shell::read_text(results.join("social_plus_auth.d"))?;
        Ok(dep_info.replace(
            &format!("{}{}", here.display(), std::path::MAIN_SEPARATOR),
            "",
        ))
    }

    fn bind(&self) -> Result {
        let input = self.results().join("social_plus_auth.wasm");
        let bind = || {
            let mut bindgen = Bindgen::new();
            bindgen
                .input_path(input)
                .out_name(self.name)
                .bundler(true)?;
            // The names stay for the size report; the shipped file loses them in the end.
            bindgen
                .typescript(false)
                .encode_into(EncodeInto::Always)
                .remove_producers_section(true)
                .generate_output()
        };
        let mut output = bind().map_err(|error| {
            format!(
                "wasm-bindgen refused the {} artifact: {error:#}.",
                self.name
            )
        })?;
        // The crate's own JavaScript becomes part of the glue.
        for (path, content) in output.local_modules() {
            shell::write(self.folder().join("snippets").join(path), content)?;
        }
        let mut text = output.start().ok_or("wasm-bindgen made no glue.")?.clone();
        for path in output.local_modules().keys() {
            // The way in, beside the exports of the module: src/js/values.js.
            text.push_str(&format!("\nexport {{ cross }} from './snippets/{path}';\n"));
        }
        let module = output.wasm_mut();
        if self.profile() == "release" {
            text = glue::trim(module, &text)?;
        }
        names::through_glue(module, &mut text, &format!("./{}_bg.js", self.name));
        shell::write(
            self.folder().join("bound.js"),
            names::shorten(module, &text),
        )?;
        shell::write(self.folder().join("bound.wasm"), module.emit_wasm())
    }

    fn shrink(&self) -> Result {
        let mut wasm_opt = npm::tool("wasm-opt");
        wasm_opt
            .arg(self.folder().join("bound.wasm"))
            .args(["-Oz", "--debuginfo"])
            .args(FEATURES);
        if self.profile() == "release" {
            wasm_opt.arg("--converge");
        }
        shell::run(wasm_opt.arg("--output").arg(self.named_wasm()))?;
        shell::write(
            self.wasm(),
            wasm::without_custom_sections(&shell::read(self.named_wasm())?)?,
        )?;
        let mut esbuild = npm::tool("esbuild");
        esbuild.arg(self.folder().join("bound.js"));
        if self.profile() != "release" {
            // src/glue.rs sees to it in the others.
            esbuild.arg(format!("--inject:{TEXT_CODERS}"));
        }
        esbuild.args([
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022",
            "--log-level=warning",
        ]);
        let glue = shell::output(&mut esbuild)?;
        shell::write(self.glue(), glue)
    }
}

/// Fetches the compiler's wasm target where it is missing.
pub(crate) fn ensure_target() -> Result {
    let libdir = shell::output(Command::new("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    if Path::new(libdir.trim()).exists() {
        return Ok(());
    }
    shell::run(Command::new("rustup").args(["target", "add", TARGET]))
        .map_err(|error| format!("{error} The Rust target {TARGET} is needed: install it with `rustup target add {TARGET}`."))
}

/// Returns [`FLAGS`], and flags that keep this machine's folders, and the registry's host among them, out of the panic messages of
/// dependencies.
fn rust_flags() -> Result<String> {
    // Only after a fetch is it sure that the registry's folders are there.
    shell::output(
        Command::new("cargo").args(["fetch", "--quiet", "--locked", "--target", TARGET]),
    )?;
    let home = env::var_os("HOME")
        .or_else(|| env::var_os("USERPROFILE"))
        .unwrap_or_default();
    let cargo_home =
        env::var_os("CARGO_HOME").map_or_else(|| Path::new(&home).join(".cargo"), PathBuf::from);
    let sysroot = shell::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let mut folders = vec![
        cargo_home.clone(),
        Path::new(sysroot.trim()).join("lib/rustlib/src/rust"),
    ];
    if let Ok(registries) = fs::read_dir(cargo_home.join("registry/src")) {
        folders.extend(registries.flatten().map(|registry| registry.path()));
    }
    let mut flags = FLAGS.map(str::to_owned).to_vec();
    flags.extend(
        folders
            .iter()
            .map(|folder| format!("--remap-path-prefix={}=", folder.display())),
    );
    Ok(flags.join("\u{1f}"))
}
