//! `build`: makes pkg/, the package as it is published, from pkg-template/ and the three artifacts.
use crate::artifact::{self, Artifact, ARTIFACTS};
use crate::constants;
use crate::materials;
use crate::npm::{self, Tools};
use crate::refused_calls;
use crate::shell::{self, Result};
use std::collections::BTreeMap;
use std::fs::File;

/// The folder of a second copy of the generated files, for the type check of the sources.
const GENERATED: &str = "target/generated";
/// The files of the root folder that the package also contains.
const ROOT_FILES: [&str; 3] = ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"];

/// Installs the JavaScript tools and makes pkg/. Skips the parts that are up to date.
pub(crate) fn build(tools: Tools) -> Result {
    let _lock = lock()?;
    build_locked(tools)
}

/// Locks the build until the returned file is dropped, because two builds at the same time would
/// mix up their files.
pub(crate) fn lock() -> Result<File> {
    let lock = || {
        std::fs::create_dir_all("target")?;
        let file = File::create("target/xtask.lock")?;
        file.lock()?;
        Ok(file)
    };
    lock()
        .map_err(|error: std::io::Error| format!("target/xtask.lock could not be locked: {error}."))
}

/// Makes pkg/ as `build` does. The caller must hold the lock.
pub(crate) fn build_locked(tools: Tools) -> Result {
    std::thread::scope(|scope| {
        let installing = scope.spawn(move || npm::install(tools));
        let target_result = artifact::ensure_target();
        installing
            .join()
            .map_err(|_| "The thread that installs the JavaScript tools panicked.")??;
        target_result
    })?;
    for name in ARTIFACTS {
        Artifact { name }.build()?;
    }
    assemble()
}

/// Reads the version of the crate, which is also the version of the package.
pub(crate) fn read_version() -> Result<String> {
    let manifest: toml::Table = shell::read_text("Cargo.toml")?
        .parse()
        .map_err(|error| format!("Cargo.toml could not be read: {error}."))?;
    let version = manifest
        .get("package")
        .and_then(|package| package.get("version"))
        .and_then(|version| version.as_str());
    version
        .map(str::to_owned)
        .ok_or_else(|| "Cargo.toml must name the package's version.".into())
}

/// Makes pkg/ contain exactly the published files.
fn assemble() -> Result {
    let version = read_version()?;
    let mut package = BTreeMap::new();
    for path in shell::list_files("pkg-template")? {
        let content = shell::read(format!("pkg-template/{path}"))?;
        package.insert(path, content);
    }
    let manifest = package
        .get_mut("package.json")
        .ok_or("pkg-template/package.json is missing.")?;
    *manifest = set_version(&String::from_utf8_lossy(manifest), &version)?.into_bytes();
    write_generated()?;
    for (name, text) in generate_files(&version)? {
        package.insert(name, text.into_bytes());
    }
    for (name, text) in materials::generate_files(&version)? {
        package.insert(name, text.into_bytes());
    }
    for name in ROOT_FILES {
        package.insert(name.into(), shell::read(name)?);
    }
    for name in ARTIFACTS {
        let artifact = Artifact { name };
        package.insert(format!("wasm/{name}_bg.js"), shell::read(artifact.glue())?);
        package.insert(
            format!("wasm/{name}_bg.wasm"),
            shell::read(artifact.wasm())?,
        );
    }
    for path in shell::list_files("pkg").unwrap_or_default() {
        if !package.contains_key(&path) {
            shell::remove(format!("pkg/{path}"))?;
        }
    }
    package
        .iter()
        .try_for_each(|(path, content)| shell::write(format!("pkg/{path}"), content))
}

/// Writes the generated JavaScript to the folder where the type check of the sources finds it.
pub(crate) fn write_generated() -> Result {
    generate_files(&read_version()?)?
        .into_iter()
        .try_for_each(|(name, text)| shell::write(format!("{GENERATED}/{name}"), text))
}

/// Generates JavaScript files. Returns the path of each file in the package, and its text.
fn generate_files(version: &str) -> Result<Vec<(String, String)>> {
    let version = (
        "version.js",
        format!("export const version = '{version}';\n"),
    );
    let files = constants::generate_files()
        .into_iter()
        .chain([version, refused_calls::generate_file()?]);
    Ok(files
        .map(|(name, text)| (format!("shared/{name}"), text))
        .collect())
}

fn set_version(manifest: &str, version: &str) -> Result<String> {
    let placeholder = "\"version\": \"0.0.0\"";
    match manifest.matches(placeholder).count() {
        1 => Ok(manifest.replace(placeholder, &format!("\"version\": \"{version}\""))),
        _ => Err(format!(
            "pkg-template/package.json must contain {placeholder} exactly once; the version comes \
             from Cargo.toml."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::set_version;

    #[test]
    fn the_version_replaces_only_the_placeholder() {
        let manifest = "{ \"version\": \"0.0.0\", \"other\": \"0.0.0\" }";
        assert_eq!(
            set_version(manifest, "1.2.3"),
            Ok("{ \"version\": \"1.2.3\", \"other\": \"0.0.0\" }".into())
        );
        assert!(set_version("{ \"version\": \"9.9.9\" }", "1.2.3").is_err());
    }
}
