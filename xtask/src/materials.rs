//! Lists the crates that are compiled into the WebAssembly of the package. Makes the third-party
//! notices and the SBOM (CycloneDX) from `cargo metadata` and Cargo.lock.
use crate::artifact::{FLAGS, TARGET};
use crate::shell::{self, Result};
use serde_json::{json, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = "social-plus-auth";
/// The first words of the names of files that hold a licence.
const LICENSE_FILES: [&str; 4] = ["LICENSE", "LICENCE", "COPYING", "NOTICE"];
/// What a crate that brings no text says with the licence `MIT`.
const MIT: &str = "\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the \"Software\"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

/// A crate that is compiled into an artifact.
struct Crate {
    name: String,
    version: String,
    license: String,
    repository: String,
    authors: String,
    folder: String,
    /// The SHA-256 of the crate's archive, as Cargo.lock pins it.
    checksum: Option<String>,
    /// The crates that it needs, as `name@version`.
    needs: BTreeSet<String>,
}

impl Crate {
    fn id(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}

/// Returns the path and the text of both files in the package.
pub(crate) fn generate_files(version: &str) -> Result<Vec<(String, String)>> {
    let crates = read_crates()?;
    Ok(vec![
        ("THIRD-PARTY-NOTICES.txt".into(), write_notices(&crates)?),
        ("sbom.cdx.json".into(), write_sbom(&crates, version)),
    ])
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().into()
}

fn items<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

/// Returns the crates that the three artifacts contain, sorted, without the package's own. Build
/// scripts and macros run only on the machine that builds.
fn read_crates() -> Result<Vec<Crate>> {
    let metadata = shell::output(
        Command::new("cargo")
            .args([
                "metadata",
                "--format-version",
                "1",
                "--locked",
                "--features",
                "browser,edge,emulator",
            ])
            .args(["--filter-platform", TARGET])
            .env("RUSTFLAGS", FLAGS.join(" ")),
    )?;
    let metadata: Value = serde_json::from_str(&metadata)
        .map_err(|error| format!("The output of `cargo metadata` could not be read: {error}."))?;
    let packages: BTreeMap<String, &Value> = items(&metadata, "packages")
        .map(|package| (text(package, "id"), package))
        .collect();
    let nodes: BTreeMap<String, &Value> = metadata
        .get("resolve")
        .into_iter()
        .flat_map(|resolve| items(resolve, "nodes"))
        .map(|node| (text(node, "id"), node))
        .collect();
    let checksums = read_checksums()?;
    let is_macro = |id: &str| {
        packages.get(id).is_some_and(|package| {
            items(package, "targets").any(|target| items(target, "kind").any(|k| k == "proc-macro"))
        })
    };
    let needs_of = |id: &str| -> Vec<String> {
        let node = nodes.get(id);
        node.into_iter()
            .flat_map(|node| items(node, "deps"))
            .filter(|need| items(need, "dep_kinds").any(|kind| kind["kind"].is_null()))
            .map(|need| text(need, "pkg"))
            .filter(|id| !is_macro(id))
            .collect()
    };
    let root = packages
        .iter()
        .find(|(_, package)| package["name"] == ROOT)
        .map(|(id, _)| id.clone())
        .ok_or("`cargo metadata` does not list this crate.")?;
    let mut found = BTreeSet::new();
    let mut pending = vec![root.clone()];
    while let Some(id) = pending.pop() {
        if found.insert(id.clone()) {
            pending.extend(needs_of(&id));
        }
    }
    found.remove(&root);
    let name_of = |id: &String| {
        let package = packages.get(id);
        package.map(|package| format!("{}@{}", text(package, "name"), text(package, "version")))
    };
    let to_crate = |id: &String| {
        let package = packages.get(id)?;
        let manifest = text(package, "manifest_path");
        let authors: Vec<_> = items(package, "authors")
            .filter_map(Value::as_str)
            .collect();
        Some(Crate {
            name: text(package, "name"),
            version: text(package, "version"),
            license: text(package, "license").replace('/', " OR "),
            repository: text(package, "repository"),
            authors: authors.join(", "),
            folder: Path::new(&manifest)
                .parent()?
                .to_string_lossy()
                .into_owned(),
            checksum: checksums.get(&name_of(id)?).cloned(),
            needs: needs_of(id).iter().filter_map(name_of).collect(),
        })
    };
    let mut crates: Vec<Crate> = found.iter().filter_map(to_crate).collect();
    crates.sort_by_key(Crate::id);
    Ok(crates)
}

/// Reads the checksum of each crate from Cargo.lock.
fn read_checksums() -> Result<BTreeMap<String, String>> {
    let lock: toml::Table = shell::read_text("Cargo.lock")?
        .parse()
        .map_err(|error| format!("Cargo.lock could not be read: {error}."))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let entry = |package: &toml::Value| {
        let field = |name: &str| package.get(name)?.as_str().map(str::to_owned);
        let id = format!("{}@{}", field("name")?, field("version")?);
        Some((id, field("checksum")?))
    };
    Ok(packages.into_iter().flatten().filter_map(entry).collect())
}

/// Returns the texts of a crate's licence. If the crate offers a choice that contains MIT, returns
/// that text alone.
fn read_licenses(found: &Crate) -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(&found.folder)
        .map_err(|error| format!("The folder of {} could not be read: {error}.", found.id()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            LICENSE_FILES
                .iter()
                .any(|part| name.to_ascii_uppercase().starts_with(part))
        })
        .collect();
    names.sort();
    let mit = names
        .iter()
        .find(|name| name.to_ascii_uppercase().contains("MIT"))
        .cloned();
    let can_choose = found.license.contains("OR") && !found.license.contains("AND");
    if let Some(mit) = mit.filter(|_| can_choose) {
        names = vec![mit];
    }
    let texts: Result<Vec<String>> = names
        .iter()
        .map(|name| shell::read_text(Path::new(&found.folder).join(name)))
        .collect();
    let mut texts: Vec<String> = texts?.iter().map(|text| normalize(text)).collect();
    if texts.is_empty() {
        if !found.license.contains("MIT") {
            return Err(format!("{} brings no text of its licence.", found.id()));
        }
        texts.push(format!("Copyright (c) {}\n\n{MIT}", found.authors));
    }
    Ok(texts)
}

/// Returns a text without trailing white space, so that equal texts of two crates compare equal.
fn normalize(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn write_notices(crates: &[Crate]) -> Result<String> {
    let mut by_text: BTreeMap<String, Vec<&Crate>> = BTreeMap::new();
    for found in crates {
        for text in read_licenses(found)? {
            by_text.entry(text).or_default().push(found);
        }
    }
    let mut notices = String::from(
        "The WebAssembly files of this package contain code of the Rust standard library (MIT\n\
         OR Apache-2.0, https://github.com/rust-lang/rust) and of the crates below. If a crate\n\
         offers a choice that includes MIT, this package uses it under MIT.\n",
    );
    let mut sections: Vec<_> = by_text.into_iter().collect();
    sections.sort_by_key(|(_, users)| users.iter().map(|found| found.id()).collect::<Vec<_>>());
    for (text, users) in sections {
        notices.push_str(&format!("\n{}\n", "-".repeat(80)));
        for found in users {
            let Crate {
                name,
                version,
                license,
                repository,
                ..
            } = found;
            notices.push_str(&format!("{name} {version} ({license}) {repository}\n"));
        }
        notices.push_str(&format!("\n{text}\n"));
    }
    Ok(notices)
}

/// Writes a CycloneDX 1.5 document. It has no time and no serial number, so that the same sources
/// make the same package.
fn write_sbom(crates: &[Crate], version: &str) -> String {
    let purl = |id: &str| format!("pkg:cargo/{id}");
    let sha256 = |checksum: &String| json!({"alg": "SHA-256", "content": checksum});
    let root = format!("pkg:npm/{ROOT}@{version}");
    let components: Vec<_> = crates
        .iter()
        .map(|found| {
            let hashes: Vec<_> = found.checksum.iter().map(sha256).collect();
            json!({
                "type": "library",
                "bom-ref": purl(&found.id()),
                "name": found.name,
                "version": found.version,
                "scope": "required",
                "purl": purl(&found.id()),
                "licenses": [{"expression": found.license}],
                "hashes": hashes,
            })
        })
        .collect();
    let all: Vec<_> = crates.iter().map(|found| purl(&found.id())).collect();
    let dependencies: Vec<_> = [json!({"ref": root, "dependsOn": all})]
        .into_iter()
        .chain(crates.iter().map(|found| {
            let needs: Vec<_> = found.needs.iter().map(|id| purl(id)).collect();
            json!({"ref": purl(&found.id()), "dependsOn": needs})
        }))
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "library",
            "bom-ref": root,
            "name": ROOT,
            "version": version,
            "purl": root,
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
        }},
        "components": components,
        "dependencies": dependencies,
    });
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests {
    use super::{normalize, read_crates, write_notices, write_sbom, Result};

    #[test]
    fn texts_that_differ_in_white_space_are_equal() {
        assert_eq!(normalize("\na  \r\n\nb\n\n"), "a\n\nb");
    }

    #[test]
    fn the_crates_of_every_artifact_have_a_licence_text_and_a_checksum() -> Result {
        crate::shell::enter_root()?;
        let crates = read_crates()?;
        let names: Vec<_> = crates.iter().map(|found| found.name.as_str()).collect();
        // `zeroize` is in all artifacts, `lol_alloc` in two, `rsa` in the emulator's.
        for name in ["zeroize", "lol_alloc", "rsa", "wasm-bindgen"] {
            assert!(names.contains(&name), "{name} is missing");
        }
        // Macros and tools run only on the machine that builds.
        for name in ["serde_derive", "walrus", "pollster", "social-plus-auth"] {
            assert!(!names.contains(&name), "{name} is not shipped");
        }
        assert!(crates.iter().all(|found| found.checksum.is_some()));
        let notices = write_notices(&crates)?;
        let sbom = write_sbom(&crates, "1.2.3");
        for found in &crates {
            assert!(notices.contains(&format!("{} {} (", found.name, found.version)));
            assert!(sbom.contains(&format!("pkg:cargo/{}", found.id())));
        }
        Ok(())
    }
}
