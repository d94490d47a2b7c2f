//! The contract's limits, checked before anything is sent, with an error that names the field and
//! the limit.

use super::limits::utf16_len;
use super::{Error, Secret};
use alloc::string::String;

/// A field of at most `most` characters; a required one has at least one.
pub(super) fn text(field: &str, text: &str, required: bool, most: u32) -> Result<(), Error> {
    if utf16_len(text) <= most && !(required && text.is_empty()) {
        return Ok(());
    }
    let allowed = if required {
        "` must be there, with 1 to "
    } else {
        "` may have at most "
    };
    let mut number = String::new();
    push_digits(&mut number, most);
    Err(Error::invalid(sentence(&[
        "`",
        field,
        allowed,
        &number,
        " characters.",
    ])))
}

/// A key or token that goes into a header. The error never repeats it.
pub(super) fn credential<'a>(field: &str, value: Option<&'a Secret>) -> Result<&'a Secret, Error> {
    let why = match value.filter(|value| !value.expose().is_empty()) {
        Some(value) if value.is_header_safe() => return Ok(value),
        Some(_) => "` has white space, or a character that no key or token has: copy it anew.",
        None => "` is missing or empty.",
    };
    Err(Error::config(sentence(&["`", field, why])))
}

fn sentence(parts: &[&str]) -> String {
    let mut sentence = String::with_capacity(128);
    parts.iter().for_each(|part| sentence.push_str(part));
    sentence
}

/// Appends a whole number in decimal. Not `to_string`: Rust's formatting is larger than all of this
/// module.
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
        assert!(text("userId", &"👩".repeat(25), true, 50).is_ok());
        let error = text("userId", &"👩".repeat(26), true, 50).unwrap_err();
        assert_eq!(
            error.message,
            "`userId` must be there, with 1 to 50 characters."
        );
        assert!(text("userId", "", true, 50).is_err());
        assert!(text("displayName", "", false, 100).is_ok());
        assert!(text("displayName", &"x".repeat(101), false, 100).is_err());
    }

    #[test]
    fn digits_are_decimal() {
        for number in [0, 7, 10, 4096, u32::MAX] {
            let mut text = String::new();
            push_digits(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }

    #[test]
    fn a_refused_credential_is_not_repeated() {
        let error =
            credential("apiKey", Some(&Secret::from(String::from("hunter2\n")))).unwrap_err();
        assert!(!error.message.contains("hunter2"), "{}", error.message);
    }
}
