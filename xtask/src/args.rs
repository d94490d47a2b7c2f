//! Parses the arguments of a command: `--name value`, `--name=value` and `--name`.
use crate::shell::Result;
use std::str::FromStr;

pub(crate) struct Args(Vec<String>);

impl Args {
    pub(crate) fn new(given: &[String]) -> Self {
        Self(given.to_vec())
    }

    /// Removes `--name` and returns whether it was given.
    pub(crate) fn take_flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() < before
    }

    /// Removes `--name value` or `--name=value`, and returns the value. Returns an error if no
    /// value follows `--name`.
    pub(crate) fn take_value(&mut self, name: &str) -> Result<Option<String>> {
        for index in 0..self.0.len() {
            let Some(rest) = self
                .0
                .get(index)
                .and_then(|argument| argument.strip_prefix(name))
            else {
                continue;
            };
            if let Some(value) = rest.strip_prefix('=').map(str::to_owned) {
                self.0.remove(index);
                return Ok(Some(value));
            }
            if rest.is_empty() {
                self.0.remove(index);
                return match self.0.get(index) {
                    Some(value) if !value.starts_with("--") => Ok(Some(self.0.remove(index))),
                    _ => Err(format!("{name} needs a value.")),
                };
            }
        }
        Ok(None)
    }

    /// Removes `--name number` or `--name=number`, and returns the number.
    pub(crate) fn take_number<N: FromStr>(&mut self, name: &str) -> Result<Option<N>> {
        let Some(value) = self.take_value(name)? else {
            return Ok(None);
        };
        let number = value.parse();
        number
            .map(Some)
            .map_err(|_| format!("{name} must be a whole number (got `{value}`)."))
    }

    /// Returns an error if an argument is left.
    pub(crate) fn finish(self) -> Result {
        match self.0.first() {
            None => Ok(()),
            Some(unknown) => Err(format!(
                "`{unknown}` is not an argument of this command; see `cargo xtask --help`."
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Args;

    fn args(given: &str) -> Args {
        Args(given.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn reads_a_value_after_a_space_or_an_equals_sign() {
        for given in ["--only a,b", "--only=a,b"] {
            let mut args = args(given);
            assert_eq!(args.take_value("--only"), Ok(Some("a,b".into())));
            assert_eq!(args.finish(), Ok(()));
        }
    }

    #[test]
    fn reads_a_whole_number() {
        assert_eq!(args("--seed 7").take_number("--seed"), Ok(Some(7u64)));
        assert_eq!(args("--count 7").take_number::<u64>("--seed"), Ok(None));
        assert!(args("--seed x").take_number::<u64>("--seed").is_err());
    }

    #[test]
    fn rejects_missing_values_and_unknown_arguments() {
        assert!(args("--only --skip").take_value("--only").is_err());
        assert!(args("--only").take_value("--only").is_err());
        assert!(args("--onlya b").finish().is_err());
        assert_eq!(args("--onlya b").take_value("--only"), Ok(None));
    }
}
