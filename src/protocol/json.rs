//! Reading and writing JSON without a JSON library in the artifact: answers are read through a
//! trait, which JavaScript's own `JSON.parse` serves in wasm and serde_json natively, and requests
//! are written by a few lines of our own.

use super::{check, Error, Secret};
use alloc::string::String;

/// The text of an answer, wherever it lives.
pub trait Text {
    /// What it becomes when it is parsed.
    type Json: Json;
    /// `None` if it is no JSON.
    fn parse(&self) -> Option<Self::Json>;
    /// The text itself, copied.
    fn read(&self) -> Secret;
}

/// A parsed JSON value, wherever it lives. Each reader answers `None` where the value is of another
/// type.
pub trait Json: Clone {
    /// A field of an object; `None` if it is absent or null.
    fn get(&self, field: &str) -> Option<Self>;
    /// The text of a string, copied.
    fn text(&self) -> Option<String>;
    /// Whether it is a string that can be a token: not empty, and nothing but visible ASCII, so
    /// that it can stand in a header.
    fn is_token(&self) -> bool;
    /// A number.
    fn number(&self) -> Option<f64>;
    /// An error code: a number, or a string that writes one, as some schemas have it.
    fn code(&self) -> Option<u32>;
    /// Milliseconds since the epoch of a string that writes a date.
    fn date(&self) -> Option<f64>;
    /// The claims of a string that is a JWT. The signature is the service's to check: it alone has
    /// the key.
    fn claims(&self) -> Option<Self>;
    /// Whether it is `true`.
    fn is_true(&self) -> bool;
    /// Whether it is an object, and no array.
    fn is_object(&self) -> bool;
    /// Whether it is this text.
    fn is_text(&self, text: &str) -> bool;
    /// The first object of a list whose `field` is `text`, or any text if that is empty; `None` if
    /// it is no list, or none fits.
    fn find(&self, field: &str, text: &str) -> Option<Self>;
}

/// Writes one flat JSON object; nested ones come finished, by [`Writer::raw`]. Secrets may be part
/// of it, so the text is one.
#[derive(Debug)]
pub(super) struct Writer(Secret);

impl Writer {
    pub(super) fn new() -> Self {
        let mut text = Secret::with_capacity(256);
        text.push_str("{");
        Writer(text)
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.0.push_str("\"");
        let mut rest = value;
        while let Some(at) = rest
            .bytes()
            .position(|b| b < b' ' || b == b'"' || b == b'\\')
        {
            // Never out of range, but what cannot panic brings no panic's text along.
            let (plain, byte) = (
                rest.get(..at).unwrap_or_default(),
                rest.as_bytes().get(at).copied().unwrap_or_default(),
            );
            self.0.push_str(plain);
            self.0.push_str("\\u00");
            self.0.push_hex(byte);
            rest = rest.get(at + 1..).unwrap_or_default();
        }
        self.0.push_str(rest);
        self.0.push_str("\"");
    }

    /// Writes a field of at most `most` characters, if it is there; a nested one is named by its
    /// path.
    pub(super) fn optional(
        &mut self,
        field: &str,
        value: Option<&str>,
        most: u32,
    ) -> Result<(), Error> {
        let Some(value) = value else { return Ok(()) };
        check::text(field, value, false, most)?;
        self.text(field.strip_prefix("deviceInfo.").unwrap_or(field), value);
        Ok(())
    }

    /// Writes a field of 1 to `most` characters.
    pub(super) fn required(&mut self, field: &str, value: &str, most: u32) -> Result<(), Error> {
        check::text(field, value, true, most)?;
        self.text(field, value);
        Ok(())
    }

    pub(super) fn raw(&mut self, key: &str, json: &Secret) {
        self.key(key);
        self.0.push_str(json.expose());
    }

    pub(super) fn finish(mut self) -> Secret {
        self.0.push_str("}");
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.expose().len() > 1 {
            self.0.push_str(",");
        }
        self.0.push_str("\"");
        self.0.push_str(key);
        self.0.push_str("\":");
    }
}

/// serde_json serves the trait natively, so that the contract's cases run without a browser.
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

#[cfg(all(test, feature = "emulator"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json_and_says_the_same() {
        let nested = Writer::new().finish();
        let mut writer = Writer::new();
        let odd = "\"\\\n\r\t\u{0}\u{1f}\u{7f}é👩\u{2028}</script>";
        writer.text("a", odd);
        writer.optional("b", None, 1).unwrap();
        writer.optional("deviceInfo.c", Some(""), 1).unwrap();
        assert!(writer.optional("e", Some("xx"), 1).is_err());
        writer.raw("d", &nested);
        let value: serde_json::Value = serde_json::from_str(writer.finish().expose()).unwrap();
        assert_eq!(value, serde_json::json!({ "a": odd, "c": "", "d": {} }));
    }
}
