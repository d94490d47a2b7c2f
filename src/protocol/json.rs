//! Reads JSON through a trait: JavaScript's `JSON.parse` implements it in wasm, serde_json
//! natively. So the artifact contains no JSON library.

use super::Secret;
use alloc::string::String;

/// The text of a response, wherever it is stored.
pub trait Text {
    /// The parsed value.
    type Json: Json;
    /// Parses the text; `None` if it is not JSON.
    fn parse(&self) -> Option<Self::Json>;
    /// Copies the text.
    fn read(&self) -> Secret;
}

/// A parsed JSON value, wherever it is stored. Each reader returns `None` for a value of another
/// type.
pub trait Json: Clone {
    /// Returns a field of an object; `None` if it is absent or null.
    fn get(&self, field: &str) -> Option<Self>;
    /// Copies the text of a string.
    fn text(&self) -> Option<String>;
    /// Whether it is a string that can be a token: one or more characters of visible ASCII, which
    /// are safe in a header.
    fn is_token(&self) -> bool;
    /// Returns a number.
    fn number(&self) -> Option<f64>;
    /// Returns an error code: a number, or a string that contains one, as some schemas have it.
    fn code(&self) -> Option<u32>;
    /// Returns the date that a string contains, in milliseconds since the epoch.
    fn date(&self) -> Option<f64>;
    /// Returns the claims of a string that is a JWT. Only the service has the key to check the
    /// signature.
    fn claims(&self) -> Option<Self>;
    /// Whether it is `true`.
    fn is_true(&self) -> bool;
    /// Whether it is an object and not an array.
    fn is_object(&self) -> bool;
    /// Whether it is this text.
    fn is_text(&self, text: &str) -> bool;
    /// Returns the first object of a list whose `field` is `text`, or is any text if `text` is
    /// empty; `None` if the value is not a list or no object matches.
    fn find(&self, field: &str, text: &str) -> Option<Self>;
}

/// Implements the traits with serde_json, so that the contract's cases run natively.
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
            let fits = |value: &&Value| {
                Value::get(value, field)
                    .and_then(Value::as_str)
                    .is_some_and(|found| text.is_empty() || found == text)
            };
            self.as_array()?.iter().find(fits).cloned()
        }
    }
}
