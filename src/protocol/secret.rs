//! Defines secret values: `Debug` does not show them, and their memory is wiped on drop.

use alloc::string::String;
use core::fmt;
use zeroize::Zeroizing;

/// A key, a token, or a text that contains one. It has no `Display`, and its `Debug` hides the
/// text. Its memory is wiped on drop, and whenever the text moves to a larger allocation.
///
/// ```
/// use social_plus_auth::protocol::Secret;
/// let key = Secret::from(String::from("sk-1"));
/// assert_eq!(format!("{key:?}"), "Secret");
/// assert_eq!(key.expose(), "sk-1");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates an empty secret with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Secret(Zeroizing::new(String::with_capacity(capacity)))
    }

    /// Returns the text. A security review should check every call.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Appends `text`. If the text moves to a larger allocation, wipes the old one.
    pub fn push_str(&mut self, text: &str) {
        let length = self.0.len() + text.len();
        if length > self.0.capacity() {
            let mut larger = Secret::with_capacity(length * 2);
            larger.0.push_str(&self.0);
            *self = larger;
        }
        self.0.push_str(text);
    }

    pub(super) fn push_char(&mut self, char: char) {
        self.push_str(char.encode_utf8(&mut [0; 4]));
    }

    /// Appends a byte as two upper-case hex digits.
    pub(super) fn push_hex(&mut self, byte: u8) {
        for digit in [byte >> 4, byte & 15] {
            self.push_char(char::from(if digit < 10 {
                b'0' + digit
            } else {
                b'A' - 10 + digit
            }));
        }
    }

    /// Returns whether the text consists of visible ASCII, which a header can contain unchanged.
    /// Callers check this before they call `fetch`, because the error message of `fetch` would
    /// repeat the value.
    pub fn is_header_safe(&self) -> bool {
        self.0.bytes().all(|b| b.is_ascii_graphic())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret::from(String::from(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_secret_keeps_its_text() {
        let mut text = Secret::with_capacity(1);
        for part in ["a", "bc", "", "defghijklmnopqrstuvwxyz"] {
            text.push_str(part);
        }
        assert_eq!(text.expose(), "abcdefghijklmnopqrstuvwxyz");
    }

    #[test]
    fn a_secret_with_room_for_a_text_does_not_move_it() {
        let mut text = Secret::with_capacity(10);
        text.push_str("a");
        let place = text.expose().as_ptr();
        text.push_str("bcdefghij");
        assert_eq!(text.expose().as_ptr(), place);
    }

    #[test]
    fn a_secret_grows_to_twice_its_length_so_that_it_rarely_moves() {
        let mut text = Secret::with_capacity(1);
        text.push_str("abcdefghij");
        assert_eq!(text.0.capacity(), 20);
        text.push_str("k");
        assert_eq!(text.0.capacity(), 20);
        text.push_str("lmnopqrstuvw");
        assert_eq!(text.0.capacity(), 46);
    }

    #[test]
    fn debug_output_names_the_type_and_not_the_text() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret");
    }

    #[test]
    fn only_visible_ascii_is_header_safe() {
        for (text, is_safe) in [
            ("sk-1", true),
            ("a b", false),
            ("a\nb", false),
            ("é", false),
            ("a\u{7f}", false),
            ("a\0", false),
        ] {
            assert_eq!(
                Secret::from(String::from(text)).is_header_safe(),
                is_safe,
                "{text:?}"
            );
        }
    }
}
