//! Stores the outcome of each mutant. Line numbers shift with every edit, so a mutant's key
//! consists of its file, its description and the code from its position to the end of the line.
use crate::shell::{self, Result};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The outcome of testing a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Caught,
    Missed,
    TimedOut,
    Unviable,
}

impl Fate {
    /// Each outcome with the name of the file in which cargo-mutants lists its mutants.
    const FILES: [(Fate, &str); 4] = [
        (Fate::Caught, "caught"),
        (Fate::Missed, "missed"),
        (Fate::TimedOut, "timeout"),
        (Fate::Unviable, "unviable"),
    ];

    pub(super) fn is_survival(self) -> bool {
        matches!(self, Fate::Missed | Fate::TimedOut)
    }
}

/// A possible change of the code.
#[derive(Default)]
pub(super) struct Mutant {
    /// The name that cargo-mutants uses, with line and column.
    pub name: String,
    pub key: String,
    pub file: String,
    /// The position of the changed code, counted from 1.
    pub line: usize,
    pub column: usize,
    pub replacement: String,
    pub genre: String,
}

/// Reads the list that cargo-mutants prints as JSON. Adds a key to each mutant, such as
/// `src/a.rs: replace + with - in f: + 1`. A number tells mutants with the same key apart.
pub(super) fn identify(list: &str, tree: &Path) -> Result<Vec<Mutant>> {
    let list: Vec<Value> = serde_json::from_str(list)
        .map_err(|error| format!("cargo-mutants printed an unreadable list: {error}."))?;
    let mut sources: HashMap<String, String> = HashMap::new();
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut mutants = Vec::new();
    for value in &list {
        let text = |field: &str| {
            let text = value.get(field).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let number = |field: &str| {
            let number = value.pointer(&format!("/span/start/{field}"));
            number.and_then(Value::as_u64).unwrap_or(1) as usize
        };
        let (name, file) = (text("name"), text("file"));
        let (line, column) = (number("line"), number("column"));
        if !sources.contains_key(&file) {
            sources.insert(file.clone(), shell::read_text(tree.join(&file))?);
        }
        let code: String = sources
            .get(&file)
            .and_then(|source| source.lines().nth(line - 1))
            .map(|line| line.chars().skip(column - 1).collect())
            .unwrap_or_default();
        let description = name.split_once(": ").map_or("", |(_, after)| after);
        let mut key = format!("{file}: {description}: {code}");
        let count = counts.entry(key.clone()).or_default();
        *count += 1;
        if *count > 1 {
            key = format!("{key} ({count})");
        }
        mutants.push(Mutant {
            name,
            key,
            file,
            line,
            column,
            replacement: text("replacement"),
            genre: text("genre"),
        });
    }
    Ok(mutants)
}

/// The outcomes of all runs, in files of a room's folder.
pub(super) struct Ledger {
    folder: PathBuf,
    fates: HashMap<String, Fate>,
}

impl Ledger {
    /// Reads the outcomes, including those of a run that was interrupted.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let mut ledger = Self {
            folder: folder.into(),
            fates: HashMap::new(),
        };
        for (fate, file) in Fate::FILES {
            for key in ledger.read_lines(file) {
                ledger.fates.insert(key, fate);
            }
        }
        ledger.collect()?;
        Ok(ledger)
    }

    pub(super) fn fate(&self, mutant: &Mutant) -> Option<Fate> {
        self.fates.get(&mutant.key).copied()
    }

    /// Forgets the mutants that no longer exist.
    pub(super) fn retain(&mut self, mutants: &[Mutant]) -> Result {
        let keys: HashSet<_> = mutants.iter().map(|mutant| &mutant.key).collect();
        self.fates.retain(|key, _| keys.contains(key));
        self.save()
    }

    /// Prepares a run of cargo-mutants that skips the mutants in `skipped`.
    pub(super) fn prepare(&self, mutants: &[Mutant], skipped: &HashSet<&str>) -> Result {
        let names = mutants.iter().map(|it| format!("{}\t{}", it.name, it.key));
        let skipped = mutants
            .iter()
            .filter(|it| skipped.contains(it.key.as_str()));
        shell::remove(self.folder.join("mutants.out"))?;
        shell::write(
            self.folder.join("mutants.out/previously_caught.txt"),
            join(skipped.map(|it| it.name.as_str())),
        )?;
        shell::write(self.folder.join("names.txt"), join(names))
    }

    /// Adds the outcomes of the last run of cargo-mutants.
    pub(super) fn collect(&mut self) -> Result {
        let names: HashMap<String, String> = self
            .read_lines("names")
            .iter()
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, key)| (name.to_owned(), key.to_owned()))
            .collect();
        for (fate, file) in Fate::FILES {
            for name in self.read_lines(&format!("mutants.out/{file}")) {
                if let Some(key) = names.get(&name) {
                    self.fates.insert(key.clone(), fate);
                }
            }
        }
        self.save()
    }

    /// Adds one outcome.
    pub(super) fn record(&mut self, mutant: &Mutant, fate: Fate) -> Result {
        self.fates.insert(mutant.key.clone(), fate);
        self.save()
    }

    fn save(&self) -> Result {
        for (fate, file) in Fate::FILES {
            let found = self.fates.iter().filter(|(_, found)| **found == fate);
            let mut keys: Vec<_> = found.map(|(key, _)| key.as_str()).collect();
            keys.sort_unstable();
            shell::write(self.folder.join(format!("{file}.txt")), join(keys))?;
        }
        Ok(())
    }

    /// Returns the lines of a text file, or none if the file does not exist.
    fn read_lines(&self, name: &str) -> Vec<String> {
        let text = shell::read_text(self.folder.join(format!("{name}.txt"))).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn join<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> String {
    lines
        .into_iter()
        .map(|line| format!("{}\n", line.as_ref()))
        .collect()
}

/// Returns the keys of the mutants of a folder that a document lists, each in a line that starts
/// with four spaces.
pub(super) fn read_explained(document: &str, folder: &str) -> Result<HashSet<String>> {
    let text = shell::read_text(document)?;
    let keys = text.lines().filter_map(|line| line.strip_prefix("    "));
    Ok(keys
        .filter(|key| key.starts_with(folder))
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::identify;
    use crate::shell;

    /// Returns the keys of two mutants in a line, for a file with this source.
    fn read_keys(name: &str, source: &str, line: u32, columns: [u32; 2]) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("mutants-{name}-{}", std::process::id()));
        shell::write(folder.join("a.rs"), source).unwrap_or_default();
        let list = columns.map(|column| {
            format!(
                "{{\"name\": \"a.rs:{line}:{column}: replace + with -\", \"file\": \"a.rs\",
                \"span\": {{\"start\": {{\"line\": {line}, \"column\": {column}}}}}}}"
            )
        });
        let found = identify(&format!("[{}]", list.join(",")), &folder).unwrap_or_default();
        shell::remove(&folder).unwrap_or_default();
        found.into_iter().map(|it| it.key).collect()
    }

    #[test]
    fn a_mutant_keeps_its_key_when_lines_shift() {
        let before = read_keys("before", "a + b + c\n", 1, [3, 7]);
        let after = read_keys("after", "\n\na + b + c\n", 3, [3, 7]);
        let keys = [
            "a.rs: replace + with -: + b + c",
            "a.rs: replace + with -: + c",
        ];
        assert_eq!(before, keys);
        assert_eq!(after, keys);
    }

    #[test]
    fn equal_mutants_are_numbered() {
        let keys = [
            "a.rs: replace + with -: + b",
            "a.rs: replace + with -: + b (2)",
        ];
        assert_eq!(read_keys("equal", "a + b\n", 1, [3, 3]), keys);
    }
}
