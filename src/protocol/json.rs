//! Reads JSON through traits. In the browser and edge artifacts, JavaScript parses the text with
//! `JSON.parse`, so these artifacts need no JSON library. The Rust client and native tests use
//! serde_json.

use super::Secret;
use alloc::string::String;

/// The text of a response, in the memory of Rust or of JavaScript.
pub trait Text {
    /// The type of the parsed value.
    type Json: Json;
    /// Returns the parsed text; `None` if it is not JSON.
    fn parse(&self) -> Option<Self::Json>;
    /// Copies the text.
    fn read(&self) -> Secret;
}

/// A parsed JSON value, in the memory of Rust or of JavaScript. Each method that returns an
/// `Option` returns `None` for a value of the wrong type.
pub trait Json: Clone {
    /// Returns a field of an object; `None` if it is absent or null.
    fn get(&self, field: &str) -> Option<Self>;
    /// Copies the text of a string.
    fn text(&self) -> Option<String>;
    /// Returns whether the value can be a token: a string of visible ASCII, which is safe in a
    /// header and not empty.
    fn is_token(&self) -> bool;
    /// Returns a number.
    fn number(&self) -> Option<f64>;
    /// Returns an error code above 0: a number, or a string that contains one, because some schemas
    /// declare `code` as a string.
    fn code(&self) -> Option<u32>;
    /// Returns the date that a string contains, in milliseconds since the epoch.
    fn date(&self) -> Option<f64>;
    /// Returns the claims of a string that is a JWT, without checking its signature: only the
    /// service has the key.
    fn claims(&self) -> Option<Self>;
    /// Returns whether the value is `true`.
    fn is_true(&self) -> bool;
    /// Returns whether the value is an object and not an array.
    fn is_object(&self) -> bool;
    /// Returns whether the value is the string `text`.
    fn is_text(&self, text: &str) -> bool;
    /// Searches a list, and returns its first object that has the string `text` in `field`. If
    /// `text` is empty, returns the first object that has any string in `field`. Returns `None` if
    /// no object matches or the value is not a list.
    fn find(&self, field: &str, text: &str) -> Option<Self>;
}

/// Implements the traits with serde_json, for the Rust client (feature `client`) and for native
/// tests (feature `emulator`).
#[cfg(any(feature = "client", feature = "emulator"))]
mod native {
    use super::{Json, Text};
    use crate::protocol::{date, jwt, Secret};
    use alloc::string::String;
    use serde_json::Value;

    impl Text for String {
        type Json = Value;

        fn parse(&self) -> Option<Value> {
            serde_json::from_str(self).ok()
        }

        fn read(&self) -> Secret {
            Secret::from(self.clone())
        }
    }

    impl Json for Value {
        fn get(&self, field: &str) -> Option<Self> {
            Value::get(self, field)
                .filter(|value| !value.is_null())
                .cloned()
        }

        fn text(&self) -> Option<String> {
            self.as_str().map(String::from)
        }

        fn is_token(&self) -> bool {
            self.as_str()
                .is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic()))
        }

        fn number(&self) -> Option<f64> {
            self.as_f64()
        }

        fn code(&self) -> Option<u32> {
            let number = self.as_f64().or_else(|| self.as_str()?.parse().ok());
            number.map(|code| code as u32).filter(|code| *code > 0)
        }

        fn date(&self) -> Option<f64> {
            date::parse_iso(self.as_str()?)
        }

        fn claims(&self) -> Option<Self> {
            jwt::claims(self.as_str()?)
        }

        fn is_true(&self) -> bool {
            *self == Value::Bool(true)
        }

        fn is_object(&self) -> bool {
            Value::is_object(self)
        }

        fn is_text(&self, text: &str) -> bool {
            self.as_str() == Some(text)
        }

        fn find(&self, field: &str, text: &str) -> Option<Self> {
            let matches = |value: &&Value| {
                Value::get(value, field)
                    .and_then(Value::as_str)
                    .is_some_and(|found| text.is_empty() || found == text)
            };
            self.as_array()?.iter().find(matches).cloned()
        }
    }
}
