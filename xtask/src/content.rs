//! What may not be in the package: in the browser's files whatever only the edge may do, and in no
//! file an address of the machine that built it.
use crate::pack;
use crate::shell::{self, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::env;

/// Only a holder of the server key or of an admin token says these.
const EDGE_ONLY: [&str; 4] = [
    "x-server-key",
    "authentication/token",
    "admin/v1",
    "server-key",
];
const HOSTS_AND_HOMES: [&str; 6] = [
    "index.crates.io",
    "npmjs.org",
    ".cargo/registry",
    "/home/",
    "/Users/",
    "\\Users\\",
];

/// One check, and what is wrong if it failed.
pub(crate) type Check = (String, Result);

type Package = BTreeMap<String, Vec<u8>>;

/// Looks through the package as npm installed it from the tarball.
pub(crate) fn checks() -> Result<Vec<Check>> {
    let folder = pack::installed();
    let mut package = Package::new();
    for path in shell::files(&folder)? {
        let content = shell::read(folder.join(&path))?;
        package.insert(path, content);
    }
    let types = ["types/browser.d.ts", "types/session-client.d.ts"];
    let browser = reachable(&package, |path| {
        path.starts_with("browser/") || types.contains(&path)
    });
    let mut checks = vec![(
        "the browser's entries reach their wasm".into(),
        has(&browser, "wasm/browser_bg.wasm"),
    )];
    // A header's name means the same in capitals.
    let lower: Package = package
        .iter()
        .map(|(path, content)| (path.clone(), content.to_ascii_lowercase()))
        .collect();
    for word in EDGE_ONLY {
        checks.push((
            format!("`{word}` is in no file of the browser entry"),
            absent(&lower, browser.iter(), word),
        ));
    }
    let edge = package
        .get("wasm/edge_bg.wasm")
        .is_some_and(|wasm| contains(wasm, EDGE_ONLY[0]));
    checks.push((
        "the edge artifact does contain `x-server-key`, so that looking for it tells something"
            .into(),
        edge.then_some(())
            .ok_or_else(|| "it is not there as one text: the checks above prove nothing".into()),
    ));
    for word in machine()? {
        checks.push((
            format!("`{word}` is in no file"),
            absent(&package, package.keys(), &word),
        ));
    }
    Ok(checks)
}

/// Names of this machine: an absolute path of it in a panic message, say, or the registry's folder.
fn machine() -> Result<BTreeSet<String>> {
    let here =
        env::current_dir().map_err(|error| format!("The current folder is gone: {error}."))?;
    let mut words: BTreeSet<String> = HOSTS_AND_HOMES
        .iter()
        .map(|&word| word.to_owned())
        .collect();
    words.insert(here.display().to_string());
    for name in ["HOME", "USERPROFILE", "CARGO_HOME", "RUSTUP_HOME"] {
        words.extend(env::var(name).ok().filter(|path| path.len() > 3));
    }
    Ok(words)
}

/// The files that satisfy `start`, and every file of the package that they name by a relative path,
/// and so on.
fn reachable(package: &Package, start: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut open: Vec<String> = package.keys().filter(|path| start(path)).cloned().collect();
    let mut found = BTreeSet::new();
    while let Some(path) = open.pop() {
        if !path.ends_with(".wasm") {
            let text = String::from_utf8_lossy(package.get(&path).map_or(&[][..], Vec::as_slice));
            // Every quoted text rather than every import: `new URL('…', import.meta.url)` counts
            // too, and what is no path is no file.
            let quoted = text
                .split(['\'', '"', '`', '=', '\n'])
                .filter(|text| text.starts_with('.'));
            open.extend(
                quoted
                    .filter_map(|relative| resolve(&path, relative))
                    .filter(|to| package.contains_key(to) && !found.contains(to)),
            );
        }
        found.insert(path);
    }
    found
}

fn resolve(from: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn has(files: &BTreeSet<String>, path: &str) -> Result {
    files
        .contains(path)
        .then_some(())
        .ok_or_else(|| format!("{path} is not among {files:?}"))
}

fn absent<'a>(
    package: &Package,
    mut files: impl Iterator<Item = &'a String>,
    word: &str,
) -> Result {
    match files.find(|path| {
        package
            .get(*path)
            .is_some_and(|content| contains(content, word))
    }) {
        None => Ok(()),
        Some(path) => Err(format!("found in {path}")),
    }
}

fn contains(content: &[u8], word: &str) -> bool {
    content
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{absent, contains, reachable, Package};

    fn package() -> Package {
        let files = [
            ("browser/web.js", "import { browser } from '../shared/browser.js'; new URL('../wasm/browser_bg.wasm', import.meta.url)"),
            ("shared/browser.js", "import * as glue from \"../wasm/browser_bg.js\";//# sourceMappingURL=./browser.js.map"),
            ("shared/browser.js.map", "{}"),
            ("wasm/browser_bg.js", ""),
            ("wasm/browser_bg.wasm", "\0x-server-key\0"),
            ("wasm/edge_bg.wasm", ""),
        ];
        files
            .into_iter()
            .map(|(path, content)| (path.to_owned(), content.as_bytes().to_vec()))
            .collect()
    }

    #[test]
    fn what_an_entry_names_is_followed_and_nothing_else() {
        let found = reachable(&package(), |path| path.starts_with("browser/"));
        let expected = [
            "browser/web.js",
            "shared/browser.js",
            "shared/browser.js.map",
            "wasm/browser_bg.js",
            "wasm/browser_bg.wasm",
        ];
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn a_word_is_found_in_binary_files() {
        assert!(contains(b"\0x-server-key\0", "x-server-key"));
        assert_eq!(
            absent(&package(), package().keys(), "server-key"),
            Err("found in wasm/browser_bg.wasm".into())
        );
        assert_eq!(absent(&package(), package().keys(), "admin/v1"), Ok(()));
    }
}
