//! `draw`: draws random files that a person then reads. The same seed and the same files always
//! give the same draw.
use crate::args::Args;
use crate::files;
use crate::shell::Result;

const DEFAULT_SEED: u64 = 1;
const DEFAULT_COUNT: usize = 20;

/// The folders whose files are drawn. From the root folder, only Markdown files are drawn.
const FOLDERS: [&str; 6] = ["docs/", "pkg-template/", "src/", "tests/", "www/", "xtask/"];
/// The extensions of prose and code. Data and lock files are never drawn.
const EXTENSIONS: [&str; 12] = [
    "rs", "js", "mjs", "cjs", "ts", "mts", "tsx", "css", "html", "md", "sh", "toml",
];

pub(crate) fn draw(mut args: Args) -> Result {
    let seed = args.take_number("--seed")?.unwrap_or(DEFAULT_SEED);
    let count = args.take_number("--count")?.unwrap_or(DEFAULT_COUNT);
    args.finish()?;
    let readable = files::list_tracked()?
        .into_iter()
        .filter(|path| is_for_readers(path))
        .collect();
    for path in pick(readable, seed, count) {
        println!("{path}");
    }
    Ok(())
}

fn is_for_readers(path: &str) -> bool {
    let is_in_folder = FOLDERS.iter().any(|folder| path.starts_with(folder));
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    EXTENSIONS.contains(&extension) && (is_in_folder || (extension == "md" && !path.contains('/')))
}

/// Returns the paths with the lowest hashes. So every path is equally likely, and a new file
/// replaces at most one file of a draw.
fn pick(mut paths: Vec<String>, seed: u64, count: usize) -> Vec<String> {
    paths.sort_by_cached_key(|path| hash(seed, path));
    paths.truncate(count);
    paths
}

/// Computes FNV-1a with the final mix of SplitMix64. The standard hasher is unsuitable, because
/// it may change with the compiler.
fn hash(seed: u64, text: &str) -> u64 {
    let bytes = seed.to_le_bytes();
    let start = 0xcbf2_9ce4_8422_2325;
    let fnv = bytes
        .iter()
        .chain(text.as_bytes())
        .fold(start, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{is_for_readers, pick};

    fn paths() -> Vec<String> {
        (0..100).map(|number| format!("src/{number}.rs")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_draw() {
        let expected = ["src/76.rs", "src/66.rs", "src/26.rs"];
        assert_eq!(pick(paths(), 7, 3), expected);
    }

    #[test]
    fn a_different_seed_gives_a_different_draw() {
        assert_ne!(pick(paths(), 1, 20), pick(paths(), 2, 20));
    }

    #[test]
    fn no_file_is_drawn_twice() {
        let mut drawn = pick(paths(), 1, 100);
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn.len(), 100);
    }

    #[test]
    fn prose_and_code_in_the_folders_and_root_markdown_are_drawn() {
        assert!(is_for_readers("src/lib.rs"));
        assert!(is_for_readers("README.md"));
        assert!(is_for_readers("docs/architecture.md"));
    }

    #[test]
    fn neither_data_files_nor_code_in_the_root_folder_are_drawn() {
        assert!(!is_for_readers("tests/vectors.json"));
        assert!(!is_for_readers("www/screenshot.png"));
        assert!(!is_for_readers("eslint.config.js"));
    }
}
