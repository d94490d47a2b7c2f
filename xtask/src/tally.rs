//! Counts tests, and reads the counts from the output of a runner.
use crate::shell::Result;
use std::ops::AddAssign;

/// The numbers of passed and failed tests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl Tally {
    /// The counts of a step that could not run, or that printed no counts.
    pub(crate) const BROKEN: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// Returns the counts of a runner. If the runner failed without a failed test, or ran no test,
    /// adds one failure.
    pub(crate) fn from_runner(counts: Option<Self>, is_success: bool) -> Self {
        match counts {
            Some(tally) if tally.failed > 0 || (is_success && tally.passed > 0) => tally,
            Some(tally) => Self { failed: 1, ..tally },
            None => Self::BROKEN,
        }
    }

    /// Prints the counts as the last line. If a test failed, or none ran, returns an error. Its
    /// text is empty, because nothing may follow the counts.
    pub(crate) fn finish(self) -> Result {
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.is_good() {
            Ok(())
        } else {
            Err(String::new())
        }
    }

    fn is_good(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Reads the last line of a script, `N passed, N failed`.
pub(crate) fn parse_script_line(last: &str) -> Option<Tally> {
    let (passed, failed) = last
        .trim()
        .strip_suffix(" failed")?
        .split_once(" passed, ")?;
    Some(Tally {
        passed: passed.parse().ok()?,
        failed: failed.parse().ok()?,
    })
}

/// Reads a line of cargo: `test result: ok. 3 passed; 0 failed; …`.
pub(crate) fn parse_cargo_line(line: &str) -> Option<Tally> {
    let counts = line.split_once("test result: ")?.1;
    let before = |word: &str| counts.split_once(word)?.0.rsplit(' ').next()?.parse().ok();
    Some(Tally {
        passed: before(" passed;")?,
        failed: before(" failed;")?,
    })
}

#[cfg(test)]
mod tests {
    use super::{parse_cargo_line, parse_script_line, Tally};

    #[test]
    fn reads_only_an_exact_last_line() {
        assert_eq!(
            parse_script_line("12 passed, 3 failed"),
            Some(Tally {
                passed: 12,
                failed: 3
            })
        );
        assert_eq!(parse_script_line("12 passed, 3 failed, 1 skipped"), None);
        assert_eq!(parse_script_line("it said 12 passed, 3 failed"), None);
    }

    #[test]
    fn reads_the_counts_of_a_cargo_line() {
        let line = "test result: FAILED. 4 passed; 2 failed; 0 ignored; finished in 0.01s";
        assert_eq!(
            parse_cargo_line(line),
            Some(Tally {
                passed: 4,
                failed: 2
            })
        );
        assert_eq!(parse_cargo_line("test protocol::date ... ok"), None);
    }

    #[test]
    fn a_crash_or_an_empty_run_adds_a_failure_unless_a_test_failed() {
        assert_eq!(Tally::from_runner(None, true), Tally::BROKEN);
        assert_eq!(
            Tally::from_runner(Some(Tally::default()), true),
            Tally::BROKEN
        );
        assert_eq!(
            Tally::from_runner(
                Some(Tally {
                    passed: 3,
                    failed: 0
                }),
                false
            ),
            Tally {
                passed: 3,
                failed: 1
            }
        );
        assert_eq!(
            Tally::from_runner(
                Some(Tally {
                    passed: 3,
                    failed: 2
                }),
                false
            ),
            Tally {
                passed: 3,
                failed: 2
            }
        );
        assert_eq!(
            Tally::from_runner(
                Some(Tally {
                    passed: 3,
                    failed: 0
                }),
                true
            ),
            Tally {
                passed: 3,
                failed: 0
            }
        );
    }
}
