//! References to JavaScript values. `values.js` keeps the values of a call in a list, and Rust
//! refers to a value by its place in the list. Rust copies a text only when it reads the text.

use crate::protocol::json::{Json, Text};
use crate::protocol::Secret;
use alloc::string::String;
use wasm_bindgen::prelude::*;

// Places are signed, because wasm-bindgen passes a signed number without conversion.
#[wasm_bindgen(module = "/src/js/values.js")]
extern "C" {
    fn text(place: i32) -> Option<String>;
    fn number(place: i32, default: f64) -> f64;
    fn get(place: i32, name: &str) -> i32;
    fn find(place: i32, name: &str, text: &str) -> i32;
    fn code(place: i32) -> f64;
    fn date(place: i32) -> f64;
    fn claims(place: i32) -> i32;
    #[wasm_bindgen(js_name = isDefined)]
    fn is_defined(place: i32) -> bool;
    #[wasm_bindgen(js_name = isTrue)]
    fn is_true(place: i32) -> bool;
    #[wasm_bindgen(js_name = isText)]
    fn is_text(place: i32, text: &str) -> bool;
    #[wasm_bindgen(js_name = isObject)]
    fn is_object(place: i32) -> bool;
    #[wasm_bindgen(js_name = isToken)]
    fn is_token(place: i32) -> bool;
}

/// The place of a value. Place 0 is `undefined`; the list of a call starts at place 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value(pub(super) i32);

impl Value {
    /// Returns the value at an index of the list that JavaScript passed to `invoke`.
    #[inline]
    pub(super) fn at(index: u8) -> Self {
        Value(i32::from(index) + 1)
    }

    fn from_place(place: i32) -> Option<Self> {
        (place > 0).then_some(Value(place))
    }

    #[cfg(feature = "edge")]
    pub(super) fn flag(self) -> Option<bool> {
        is_defined(self.0).then(|| is_true(self.0))
    }

    pub(super) fn text(self) -> Option<String> {
        text(self.0)
    }

    pub(super) fn number_or(self, default: f64) -> f64 {
        number(self.0, default)
    }
}

/// The body of a response: its text, and the JSON that JavaScript parsed from it. The JSON is
/// `undefined` if the text is not JSON.
pub(super) struct Body {
    pub(super) text: Value,
    pub(super) json: Value,
}

impl Text for Body {
    type Json = Value;

    fn parse(&self) -> Option<Value> {
        is_defined(self.json.0).then_some(self.json)
    }

    fn read(&self) -> Secret {
        Secret::from(self.text.text().unwrap_or_default())
    }
}

impl Json for Value {
    fn get(&self, field: &str) -> Option<Self> {
        Value::from_place(get(self.0, field))
    }

    fn text(&self) -> Option<String> {
        text(self.0)
    }

    fn is_token(&self) -> bool {
        is_token(self.0)
    }

    fn number(&self) -> Option<f64> {
        Some(self.number_or(f64::NAN)).filter(|number| !number.is_nan())
    }

    fn code(&self) -> Option<u32> {
        // NaN casts to 0.
        Some(code(self.0) as u32).filter(|code| *code > 0)
    }

    fn date(&self) -> Option<f64> {
        Some(date(self.0)).filter(|ms| !ms.is_nan())
    }

    fn claims(&self) -> Option<Self> {
        Value::from_place(claims(self.0))
    }

    fn is_true(&self) -> bool {
        is_true(self.0)
    }

    fn is_text(&self, text: &str) -> bool {
        is_text(self.0, text)
    }

    fn is_object(&self) -> bool {
        is_object(self.0)
    }

    fn find(&self, field: &str, text: &str) -> Option<Self> {
        Value::from_place(find(self.0, field, text))
    }
}
