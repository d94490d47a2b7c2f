//! Checks lengths and credentials before a request is sent. An error names the field, and the error
//! of a length also names the limit.

use super::limits::utf16_len;
use super::{Error, Kind, Secret};
use alloc::string::String;

/// Checks that a text has at most `max` characters.
#[cfg(feature = "edge")]
pub(super) fn at_most(kind: Kind, field: &'static str, text: &str, max: u32) -> Result<(), Error> {
    check_length(kind, field, text, 0, max)
}

/// Checks that an optional parameter has at most `max` characters.
pub(super) fn optional(field: &'static str, text: Option<&str>, max: u32) -> Result<(), Error> {
    check_length(
        Kind::InvalidRequest,
        field,
        text.unwrap_or_default(),
        0,
        max,
    )
}

/// Checks that a parameter has 1 to `max` characters.
pub(super) fn required(field: &'static str, text: &str, max: u32) -> Result<(), Error> {
    check_length(Kind::InvalidRequest, field, text, 1, max)
}

fn check_length(
    kind: Kind,
    field: &'static str,
    text: &str,
    min: u32,
    max: u32,
) -> Result<(), Error> {
    let length = utf16_len(text);
    if (min..=max).contains(&length) {
        return Ok(());
    }
    let mut problem = String::from("must be ");
    push_digits(&mut problem, min);
    problem.push_str(" to ");
    push_digits(&mut problem, max);
    problem.push_str(" characters (got ");
    push_digits(&mut problem, length);
    problem.push_str(").");
    Err(Error::with_field(kind, field, &problem))
}

/// Checks a key or token that goes into a header. The error never contains the value.
pub(crate) fn credential<'a>(
    kind: Kind,
    field: &'static str,
    value: Option<&'a Secret>,
) -> Result<&'a Secret, Error> {
    let problem = match value.filter(|value| !value.expose().is_empty()) {
        Some(value) if value.is_header_safe() => return Ok(value),
        Some(_) => {
            "contains white space or another character that no key or token has: copy it again."
        }
        None => MISSING,
    };
    Err(Error::with_field(kind, field, problem))
}

/// The end of the error message for a missing or empty value, after the name of the field.
pub(super) const MISSING: &str = "is missing or empty.";

/// Returns a whole number in decimal.
#[cfg(feature = "edge")]
pub(super) fn digits(number: u32) -> String {
    let mut text = String::new();
    push_digits(&mut text, number);
    text
}

/// Appends a whole number in decimal. `to_string` would add Rust's formatting, which is larger than
/// this whole module.
fn push_digits(text: &mut String, number: u32) {
    if number >= 10 {
        push_digits(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_utf16_code_units() {
        assert!(required("userId", &"👩".repeat(25), 50).is_ok());
        let error = required("userId", &"👩".repeat(26), 50).unwrap_err();
        assert_eq!(
            error.message,
            "`userId` must be 1 to 50 characters (got 52)."
        );
        assert_eq!(error.field, Some("userId"));
    }

    #[test]
    fn an_optional_text_may_be_empty_but_a_required_text_may_not() {
        let error = required("userId", "", 50).unwrap_err();
        assert_eq!(
            error.message,
            "`userId` must be 1 to 50 characters (got 0)."
        );
        assert!(optional("displayName", Some(""), 100).is_ok());
    }

    #[test]
    fn a_long_optional_text_is_refused() {
        let error = optional("displayName", Some(&"x".repeat(101)), 100).unwrap_err();
        assert_eq!(
            error.message,
            "`displayName` must be 0 to 100 characters (got 101)."
        );
    }

    #[test]
    #[cfg(feature = "edge")]
    fn digits_returns_the_decimal_form_of_a_number() {
        for number in [0, 7, 10, 4096, u32::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn an_error_does_not_contain_the_refused_credential() {
        let key = Secret::from(String::from("hunter2\n"));
        let error = credential(Kind::Config, "apiKey", Some(&key)).unwrap_err();
        assert!(!error.message.contains("hunter2"), "{}", error.message);
    }
}
