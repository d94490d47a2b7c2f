//! The contract's limits, checked before anything is sent, with an error that names the field and the limit.

use super::limits::utf16_len;
use super::{Error, Secret};
use alloc::string::String;

/// A field that must be there: 1 to `most` characters.
pub(super) fn required(field: &str, text: &str, most: u32) -> Result<(), Error> {
    if text.is_empty() || utf16_len(text) > most {
        return Err(Error::invalid(["`", field, "` must have 1 to ", &digits(most), " characters."].concat()));
    }
    Ok(())
}

/// A field that may be missing or empty: at most `most` characters.
pub(super) fn optional(field: &str, text: Option<&str>, most: u32) -> Result<(), Error> {
    if text.is_some_and(|text| utf16_len(text) > most) {
        return Err(Error::invalid(["`", field, "` may have at most ", &digits(most), " characters."].concat()));
    }
    Ok(())
}

/// A key or token that goes into a header. The error never repeats it.
pub(super) fn credential(field: &str, value: Option<Secret>) -> Result<Secret, Error> {
    match value {
        Some(value) if value.expose().is_empty() => Err(Error::config(["`", field, "` is empty."].concat())),
        None => Err(Error::config(["`", field, "` is missing."].concat())),
        Some(value) if value.is_header_safe() => Ok(value),
        Some(_) => Err(Error::config(
            ["`", field, "` has a character that no key or token has (white space, a line break, or not ASCII): copy it anew."].concat(),
        )),
    }
}

/// A whole number in decimal. Not `to_string`: Rust's formatting is larger than all of this module.
pub(super) fn digits(mut number: u32) -> String {
    let mut text = String::new();
    loop {
        text.insert(0, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_utf16_code_units() {
        assert!(required("userId", &"👩".repeat(25), 50).is_ok());
        let error = required("userId", &"👩".repeat(26), 50).unwrap_err();
        assert_eq!(error.message, "`userId` must have 1 to 50 characters.");
        assert!(required("userId", "", 50).is_err());
        assert!(optional("displayName", Some(""), 100).is_ok());
        assert!(optional("displayName", Some(&"x".repeat(101)), 100).is_err());
    }

    #[test]
    fn digits_are_decimal() {
        for number in [0, 7, 10, 4096, u32::MAX] {
            assert_eq!(digits(number), number.to_string());
        }
    }

    #[test]
    fn a_refused_credential_is_not_repeated() {
        let error = credential("apiKey", Some(Secret::from(String::from("hunter2\n")))).unwrap_err();
        assert!(!error.message.contains("hunter2"), "{}", error.message);
    }
}
