//! Values that must not be seen: they cannot be printed, and their memory is wiped when they go.

use alloc::string::String;
use core::fmt;
use zeroize::Zeroizing;

/// A key, a token, or a text that contains one. It has no `Display`, its `Debug` shows nothing, and
/// its memory is wiped on drop, also when it grows.
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
    /// An empty text with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Secret(Zeroizing::new(String::with_capacity(capacity)))
    }

    /// The text itself. Every use is a place to look at when secrets are reviewed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Appends. Where the text must move to a larger place, the old one is wiped.
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

    /// True if the text can stand in a header as it is: visible ASCII only. A browser's own refusal
    /// would repeat the value, so this is asked first.
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
    fn growing_keeps_the_text() {
        let mut text = Secret::with_capacity(1);
        for part in ["a", "bc", "", "defghijklmnopqrstuvwxyz"] {
            text.push_str(part);
        }
        assert_eq!(text.expose(), "abcdefghijklmnopqrstuvwxyz");
    }

    #[test]
    fn only_visible_ascii_is_header_safe() {
        for (text, safe) in [
            ("sk-1", true),
            ("a b", false),
            ("a\nb", false),
            ("é", false),
            ("a\u{7f}", false),
            ("a\0", false),
        ] {
            assert_eq!(
                Secret::from(String::from(text)).is_header_safe(),
                safe,
                "{text:?}"
            );
        }
    }
}
