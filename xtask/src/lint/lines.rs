//! Checks that no line of Rust, JavaScript or TypeScript is longer than 100 columns. rustfmt and
//! prettier do not break long strings and comments, so they do not enforce this limit.
use crate::files;
use crate::shell::{self, Result};

const MAX_COLUMNS: usize = 100;
const EXTENSIONS: [&str; 7] = ["rs", "js", "mjs", "cjs", "ts", "mts", "tsx"];

/// A comment with this text lets its own line and the next line be longer.
const ALLOW_LINE: &str = "lint:allow-long-line";
/// A comment with this text lets its own line and the rest of the file be longer, for literal data.
const ALLOW_REST: &str = "lint:allow-long-lines";

pub(super) fn check() -> Result<usize> {
    let mut problems = 0;
    for path in files::list_sources()? {
        let is_code = path
            .rsplit_once('.')
            .is_some_and(|(_, extension)| EXTENSIONS.contains(&extension));
        if !is_code {
            continue;
        }
        for (number, columns) in find_long_lines(&shell::read_text(&path)?) {
            println!("{path}:{number}: {columns} columns, the limit is {MAX_COLUMNS}");
            problems += 1;
        }
    }
    Ok(problems)
}

/// Returns the line number and the length of each line that is too long.
fn find_long_lines(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut is_allowed = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.contains(ALLOW_REST) {
            break;
        }
        let allows = line.contains(ALLOW_LINE);
        let columns = line.chars().count();
        if columns > MAX_COLUMNS && !allows && !is_allowed {
            found.push((number, columns));
        }
        is_allowed = allows;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{find_long_lines, ALLOW_LINE, ALLOW_REST};

    #[test]
    fn a_line_may_have_100_columns() {
        assert_eq!(find_long_lines(&"ä".repeat(100)), []);
        assert_eq!(
            find_long_lines(&format!("short\n{}", "ä".repeat(101))),
            [(2, 101)]
        );
    }

    #[test]
    fn a_comment_allows_one_following_line_to_be_long() {
        let long = "x".repeat(101);
        let text = format!("// {ALLOW_LINE}\n{long}\n{long}\n");
        assert_eq!(find_long_lines(&text), [(3, 101)]);
    }

    #[test]
    fn a_comment_allows_all_further_lines_to_be_long() {
        let long = "x".repeat(101);
        let text = format!("{long}\n// {ALLOW_REST}\n{long}\n{long}\n");
        assert_eq!(find_long_lines(&text), [(1, 101)]);
    }
}
