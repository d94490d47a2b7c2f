//! Checks the content of the package. The browser's files must not contain a word that only the
//! edge sends. No file may contain a path of the machine that built it, or the host of a registry.
use crate::leaks;
use crate::pack;
use crate::shell::{self, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::env;

/// Words in requests that need the server key or an admin token.
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

/// The name of a check, and its result.
pub(crate) type Check = (String, Result);

type Package = BTreeMap<String, Vec<u8>>;

/// Checks the package that npm installed from the tarball.
pub(crate) fn run_checks() -> Result<Vec<Check>> {
    let folder = pack::installed_folder();
    let mut package = Package::new();
    for path in shell::list_files(&folder)? {
        let content = shell::read(folder.join(&path))?;
        package.insert(path, content);
    }
    let types = ["types/browser.d.ts", "types/session-client.d.ts"];
    let browser = find_reachable(&package, |path| {
        path.starts_with("browser/") || types.contains(&path)
    });
    let mut checks = vec![(
        "the browser's entries reach their wasm".into(),
        check_present(&browser, "wasm/browser_bg.wasm"),
    )];
    // Search in lower case, because the names of headers are not case-sensitive.
    let lower: Package = package
        .iter()
        .map(|(path, content)| (path.clone(), content.to_ascii_lowercase()))
        .collect();
    for word in EDGE_ONLY {
        checks.push((
            format!("`{word}` is in no file of the browser entry"),
            check_absent(&lower, browser.iter(), word),
        ));
    }
    let edge_has_word = package
        .get("wasm/edge_bg.wasm")
        .is_some_and(|wasm| contains(wasm, EDGE_ONLY[0]));
    checks.push((
        "the edge artifact contains `x-server-key`, so a search for it is conclusive".into(),
        edge_has_word.then_some(()).ok_or_else(|| {
            "the word is not stored as one text, so the checks above prove nothing".into()
        }),
    ));
    checks.push(("no file contains a secret".into(), check_leaks(&package)));
    for word in list_forbidden_words()? {
        checks.push((
            format!("`{word}` is in no file"),
            check_absent(&package, package.keys(), &word),
        ));
    }
    Ok(checks)
}

/// Checks that no file contains a text in the form of a secret.
fn check_leaks(package: &Package) -> Result {
    for (path, content) in package {
        let text = String::from_utf8_lossy(content);
        if let Some(kind) = text.lines().find_map(leaks::find) {
            return Err(format!("{path} contains {kind}."));
        }
    }
    Ok(())
}

/// Returns words that must not occur in the package, such as paths of this machine. Panic messages
/// could contain them.
fn list_forbidden_words() -> Result<BTreeSet<String>> {
    let here = env::current_dir()
        .map_err(|error| format!("The current folder is not accessible: {error}."))?;
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

/// Returns the files for which `is_start` holds, and every file of the package that they reference
/// by a relative path, directly or indirectly.
fn find_reachable(package: &Package, is_start: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut pending: Vec<String> = package
        .keys()
        .filter(|path| is_start(path))
        .cloned()
        .collect();
    let mut found = BTreeSet::new();
    while let Some(path) = pending.pop() {
        if !path.ends_with(".wasm") {
            let text = String::from_utf8_lossy(package.get(&path).map_or(&[][..], Vec::as_slice));
            // Every text after a quote, an `=` or a line break counts, not only imports, because of
            // `new URL('…', import.meta.url)` and `//# sourceMappingURL=…`. A text that is not a
            // path matches no file.
            let candidates = text
                .split(['\'', '"', '`', '=', '\n'])
                .filter(|text| text.starts_with('.'));
            pending.extend(
                candidates
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

fn check_present(files: &BTreeSet<String>, path: &str) -> Result {
    files
        .contains(path)
        .then_some(())
        .ok_or_else(|| format!("{path} is not among {files:?}"))
}

fn check_absent<'a>(
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
    use super::{check_absent, contains, find_reachable, Package};

    fn package() -> Package {
        let files = [
            (
                "browser/web.js",
                "import { browser } from '../shared/browser.js'; \
                 new URL('../wasm/browser_bg.wasm', import.meta.url)",
            ),
            (
                "shared/browser.js",
                "import * as glue from \"../wasm/browser_bg.js\";\
                 //# sourceMappingURL=./browser.js.map",
            ),
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
    fn only_referenced_files_are_reachable() {
        let found = find_reachable(&package(), |path| path.starts_with("browser/"));
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
    fn finds_a_word_in_a_binary_file() {
        assert!(contains(b"\0x-server-key\0", "x-server-key"));
        assert_eq!(
            check_absent(&package(), package().keys(), "server-key"),
            Err("found in wasm/browser_bg.wasm".into())
        );
        assert_eq!(
            check_absent(&package(), package().keys(), "admin/v1"),
            Ok(())
        );
    }
}
