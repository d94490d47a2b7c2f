//! The JavaScript checks: prettier, eslint and the TypeScript compiler, which checks JSDoc.
use super::Check;
use crate::npm;
use crate::shell;

/// The name of a tool, its arguments, and a predicate for the lines that report a problem.
type Tool = (&'static str, &'static [&'static str], fn(&str) -> bool);

const TOOLS: [Tool; 3] = [
    ("prettier", &["--list-different", "."], |line| {
        !line.is_empty()
    }),
    ("eslint", &["--max-warnings=0", "."], is_eslint_problem),
    (
        "tsc",
        &["--project", ".", "--pretty", "false"],
        is_tsc_problem,
    ),
];

pub(super) fn checks() -> Vec<Check> {
    TOOLS
        .into_iter()
        .map(|(name, arguments, is_problem)| {
            Check::new(name, move || {
                shell::count_lines(npm::tool_command(name).args(arguments), is_problem)
            })
        })
        .collect()
}

/// Returns whether a line reports a problem: `  12:5  error  'x' is not defined  no-undef`.
fn is_eslint_problem(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let place = words.next().unwrap_or_default();
    let is_place = place.contains(':')
        && place
            .bytes()
            .all(|byte| byte == b':' || byte.is_ascii_digit());
    is_place && matches!(words.next(), Some("error" | "warning"))
}

/// Returns whether a line reports a problem:
/// `www/serve.mjs(12,5): error TS2304: Cannot find name 'x'.`
fn is_tsc_problem(line: &str) -> bool {
    line.contains("error TS") && !line.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::{is_eslint_problem, is_tsc_problem};

    #[test]
    fn counts_the_problems_that_eslint_prints() {
        assert!(is_eslint_problem(
            "  12:5  error  'x' is not defined  no-undef"
        ));
        assert!(!is_eslint_problem("/project/www/app/main.js"));
        assert!(!is_eslint_problem("✖ 1 problem (1 error, 0 warnings)"));
    }

    #[test]
    fn counts_the_errors_that_tsc_prints() {
        assert!(is_tsc_problem(
            "a.js(1,2): error TS2304: Cannot find name 'x'."
        ));
        assert!(is_tsc_problem("error TS18003: No inputs were found."));
        assert!(!is_tsc_problem(
            "  Type 'string' is not assignable to type 'number'."
        ));
    }
}
