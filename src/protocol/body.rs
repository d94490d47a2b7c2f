//! Writes the JSON bodies of requests, so that the browser and edge artifacts need no JSON library.

#[cfg(feature = "edge")]
use super::check::digits;
use super::Secret;

/// Writes one JSON object. A nested object has its own `Writer`, which [`Writer::nested`] inserts.
/// The text is a [`Secret`], because it may contain a token.
#[derive(Debug)]
pub(super) struct Writer(Secret);

impl Writer {
    pub(super) fn new() -> Self {
        let mut text = Secret::with_capacity(256);
        text.push_str("{");
        Writer(text)
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.0.push_str("\"");
        let mut rest = value;
        while let Some(at) = rest
            .bytes()
            .position(|b| b < b' ' || b == b'"' || b == b'\\')
        {
            // `at` is always in range. Use `get`, because an index expression would add panic code
            // to the artifact.
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

    pub(super) fn optional_text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    #[cfg(feature = "edge")]
    pub(super) fn flag(&mut self, key: &str, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    #[cfg(feature = "edge")]
    pub(super) fn number(&mut self, key: &str, value: u32) {
        self.raw(key, &digits(value));
    }

    pub(super) fn nested(&mut self, key: &str, object: Writer) {
        self.raw(key, object.finish().expose());
    }

    #[cfg(feature = "edge")]
    pub(super) fn begin_list(&mut self, key: &str) {
        self.raw(key, "[");
    }

    /// Appends an object to the list that [`Writer::begin_list`] has begun.
    #[cfg(feature = "edge")]
    pub(super) fn item(&mut self, object: Writer) {
        if !self.0.expose().ends_with('[') {
            self.0.push_str(",");
        }
        self.0.push_str(object.finish().expose());
    }

    #[cfg(feature = "edge")]
    pub(super) fn end_list(&mut self) {
        self.0.push_str("]");
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.expose().len() == 1
    }

    pub(super) fn finish(mut self) -> Secret {
        self.0.push_str("}");
        self.0
    }

    fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.0.push_str(json);
    }

    fn key(&mut self, key: &str) {
        if !self.is_empty() {
            self.0.push_str(",");
        }
        self.0.push_str("\"");
        self.0.push_str(key);
        self.0.push_str("\":");
    }
}

#[cfg(all(test, feature = "edge", feature = "emulator"))]
mod tests {
    use super::*;
    use serde_json::{json, Value};

    fn parse(writer: Writer) -> Value {
        serde_json::from_str(writer.finish().expose()).unwrap()
    }

    #[test]
    fn texts_parse_to_the_same_texts_and_absent_texts_are_omitted() {
        let mut writer = Writer::new();
        let odd = "\"\\\n\r\t\u{0}\u{1f}\u{7f}é👩\u{2028}</script>";
        writer.text("a", odd);
        writer.optional_text("b", None);
        writer.optional_text("c", Some(""));
        writer.nested("d", Writer::new());
        assert_eq!(parse(writer), json!({ "a": odd, "c": "", "d": {} }));
    }

    #[test]
    fn lists_numbers_and_flags_are_written_as_json() {
        let mut writer = Writer::new();
        writer.number("count", 24);
        writer.begin_list("events");
        for enabled in [true, false] {
            let mut event = Writer::new();
            event.flag("enabled", enabled);
            writer.item(event);
        }
        writer.end_list();
        let events = json!({ "count": 24, "events": [{ "enabled": true }, { "enabled": false }] });
        assert_eq!(parse(writer), events);
    }
}
