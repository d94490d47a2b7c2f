//! Builds one artifact: cargo compiles the crate with one feature, and wasm-bindgen, wasm-opt and
//! esbuild turn the result into the two published files.
use crate::shell::{self, Result};
use crate::{glue, names, npm, wasm};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{env, fs};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

pub(crate) const ARTIFACTS: [&str; 3] = ["browser", "edge", "emulator"];

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// The flags that mark the build of an artifact. Without them, the crate contains no panic handler
/// and no allocator, because a library must not define these.
pub(crate) const FLAGS: [&str; 2] = ["--cfg", "social_plus_auth_artifact"];
/// All artifacts share one folder, so that cargo compiles each common dependency only once per
/// profile.
const CARGO_TARGET: &str = "target/wasm";

/// The features of rustc's default wasm32 target, which all engines support. With `--all-features`,
/// wasm-opt creates modules that no engine loads.
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

/// An artifact and the paths of its results.
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

    /// Returns the path of the published module.
    pub(crate) fn wasm(&self) -> PathBuf {
        self.folder().join("shipped_bg.wasm")
    }

    /// Returns the path of the published glue.
    pub(crate) fn glue(&self) -> PathBuf {
        self.folder().join("shipped_bg.js")
    }

    /// Returns the path of an unpublished copy of the module, which keeps the names of the
    /// functions.
    pub(crate) fn named_wasm(&self) -> PathBuf {
        self.folder().join("named.wasm")
    }

    /// Builds the two published files and the copy with names, unless they are up to date.
    pub(crate) fn build(&self) -> Result {
        let stamp = self.folder().join("stamp");
        let inputs = self.folder().join("inputs");
        if let (Ok(old), Ok(inputs)) = (shell::read_text(&stamp), shell::read_text(&inputs)) {
            if self.hash_inputs(&inputs).is_ok_and(|now| now == old)
                && self.wasm().exists()
                && self.glue().exists()
            {
                return Ok(());
            }
        }
        let start = Instant::now();
        let hint = if self.results().exists() {
            ""
        } else {
            " (the first build takes some minutes)"
        };
        println!("{}: building …{hint}", self.name);
        shell::remove(&stamp)?;
        let dep_info = self.compile()?;
        self.bind()?;
        self.shrink()?;
        shell::write(&inputs, &dep_info)?;
        shell::write(&stamp, self.hash_inputs(&dep_info)?)?;
        println!(
            "{}: built in {:.1} s",
            self.name,
            start.elapsed().as_secs_f32()
        );
        Ok(())
    }

    /// Returns a hash of the inputs: the sources that cargo's dep-info lists, Cargo.toml, the lock
    /// files, the version of the compiler, and the files in `build_files`.
    fn hash_inputs(&self, dep_info: &str) -> Result<String> {
        let (_, sources) = dep_info
            .split_once(": ")
            .ok_or("cargo's dep-info could not be read.")?;
        let build_files = [
            "xtask/src/artifact.rs",
            "xtask/src/glue.rs",
            "xtask/src/names.rs",
            "xtask/src/wasm.rs",
            TEXT_CODERS,
        ];
        let fixed_paths =
            build_files
                .into_iter()
                .chain(["Cargo.toml", "Cargo.lock", "package-lock.json"]);
        let mut contents = Vec::new();
        for path in fixed_paths.chain(sources.split_whitespace()) {
            contents.push((path.to_owned(), shell::read(path)?));
        }
        Ok(shell::hash(&(
            contents,
            shell::output(Command::new("rustc").arg("-vV"))?,
        )))
    }

    /// Returns the cargo profile. The profile of the emulator compiles faster.
    fn profile(&self) -> &'static str {
        if self.name == "emulator" {
            "emulator"
        } else {
            "release"
        }
    }

    /// Returns the folder of cargo's results.
    fn results(&self) -> PathBuf {
        Path::new(CARGO_TARGET).join(TARGET).join(self.profile())
    }

    /// Compiles the crate, and returns cargo's dep-info with paths relative to the root folder.
    fn compile(&self) -> Result<String> {
        let results = self.results();
        // cargo writes all artifacts to files of the same name. Remove the file first, because
        // cargo could otherwise leave the file of another artifact in place.
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
        // If cargo also built an rlib, it would not optimize across crates.
        command.args([
            "--crate-type",
            "cdylib",
            "--target",
            TARGET,
            "--target-dir",
            CARGO_TARGET,
        ]);
        if self.profile() == "release" {
            // The code does not recurse, so the default stack of 1 MiB would waste memory.
            command.args(["--", "-Clink-arg=-zstack-size=65536"]);
        }
        shell::run(command.env("CARGO_ENCODED_RUSTFLAGS", rust_flags()?))?;
        let here = env::current_dir()
            .map_err(|error| format!("The current folder is not accessible: {error}."))?;
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
            // Keep the names of the functions, as bindgen does by default, because the size report
            // needs them. `shrink` removes them from the published file.
            bindgen
                .typescript(false)
                .encode_into(EncodeInto::Always)
                .remove_producers_section(true)
                .generate_output()
        };
        let mut output = bind().map_err(|error| {
            format!(
                "wasm-bindgen rejected the {} artifact: {error:#}.",
                self.name
            )
        })?;
        // The crate's own JavaScript becomes part of the glue.
        for (path, content) in output.local_modules() {
            shell::write(self.folder().join("snippets").join(path), content)?;
        }
        let mut text = output
            .start()
            .ok_or("wasm-bindgen generated no glue.")?
            .clone();
        for path in output.local_modules().keys() {
            // Export `invoke` of src/js/values.js from the glue, because the package imports it.
            text.push_str(&format!(
                "\nexport {{ invoke }} from './snippets/{path}';\n"
            ));
        }
        let module = output.wasm_mut();
        if self.profile() == "release" {
            text = glue::trim(module, &text)?;
        }
        names::import_through_glue(module, &mut text, &format!("./{}_bg.js", self.name));
        names::collect_imports(module, &mut text);
        shell::write(
            self.folder().join("bound.js"),
            names::shorten(module, &text),
        )?;
        shell::write(self.folder().join("bound.wasm"), module.emit_wasm())
    }

    fn shrink(&self) -> Result {
        let mut wasm_opt = npm::tool_command("wasm-opt");
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
            wasm::remove_custom_sections(&shell::read(self.named_wasm())?)?,
        )?;
        let mut esbuild = npm::tool_command("esbuild");
        esbuild.arg(self.folder().join("bound.js"));
        if self.profile() != "release" {
            // In the other artifacts, xtask/src/glue.rs delays the creation of the text coders.
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

/// Installs the compiler's wasm target, if it is missing.
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
        .map_err(|error| format!("{error} Install the target: `rustup target add {TARGET}`."))
}

/// Returns [`FLAGS`], and flags that remove this machine's folders from the panic messages of
/// dependencies. Each folder of a registry has its own flag, because its name contains a host.
fn rust_flags() -> Result<String> {
    // The registry's folders exist only after a fetch.
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
