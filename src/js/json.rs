//! Values stay JavaScript's: `values.js` holds those of a call in a list, and here they are known
//! by their places in it. Nothing is copied that is not asked for.

use crate::protocol::json::{Json, Text};
use crate::protocol::Secret;
use alloc::string::String;
use wasm_bindgen::prelude::*;

// Places are signed only because such a number needs no conversion on its way.
#[wasm_bindgen(module = "/src/js/values.js")]
extern "C" {
    fn text(place: i32) -> Option<String>;
    fn number(place: i32, otherwise: f64) -> f64;
    fn get(place: i32, name: &str) -> i32;
    fn find(place: i32, name: &str, text: &str) -> i32;
    fn code(place: i32) -> f64;
    fn date(place: i32) -> f64;
    fn claims(place: i32) -> i32;
    #[wasm_bindgen(js_name = isThere)]
    fn is_there(place: i32) -> bool;
    #[wasm_bindgen(js_name = isTrue)]
    fn is_true(place: i32) -> bool;
    #[wasm_bindgen(js_name = isText)]
    fn is_text(place: i32, text: &str) -> bool;
    #[wasm_bindgen(js_name = isObject)]
    fn is_object(place: i32) -> bool;
    #[wasm_bindgen(js_name = isToken)]
    fn is_token(place: i32) -> bool;
}

/// A value, by its place; the first that a call is given has the place 1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value(pub(super) i32);

impl Value {
    /// Nothing has the place 0.
    fn found(place: i32) -> Option<Self> {
        (place > 0).then_some(Value(place))
    }

    pub(super) fn text(self) -> Option<String> {
        text(self.0)
    }

    pub(super) fn number_or(self, otherwise: f64) -> f64 {
        number(self.0, otherwise)
    }
}

/// The text of an answer, and what it is as JSON: undefined if it is none.
pub(super) struct Body {
    pub(super) text: Value,
    pub(super) json: Value,
}

impl Text for Body {
    type Json = Value;

    fn parse(&self) -> Option<Value> {
        is_there(self.json.0).then_some(self.json)
    }

    fn read(&self) -> Secret {
        Secret::from(self.text.text().unwrap_or_default())
    }
}

impl Json for Value {
    fn get(&self, field: &str) -> Option<Self> {
        Value::found(get(self.0, field))
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
        // What is no number in the end becomes 0.
        Some(code(self.0) as u32).filter(|code| *code > 0)
    }

    fn date(&self) -> Option<f64> {
        Some(date(self.0)).filter(|ms| !ms.is_nan())
    }

    fn claims(&self) -> Option<Self> {
        Value::found(claims(self.0))
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
        Value::found(find(self.0, field, text))
    }
}
