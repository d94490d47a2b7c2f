//! Validates a request's parameters and reports all violations in one reply.

use super::errors;
use super::reply::Reply;
use super::request::{Body, Request};
use crate::protocol::limits::utf16_len;
use serde_json::{Map, Value};

/// The parameters of one request that have not been read yet, and the violations found so far.
pub(super) struct Parameters {
    fields: Map<String, Value>,
    prefix: &'static str,
    violations: Vec<String>,
}

impl Parameters {
    /// Reads the fields of a JSON body.
    ///
    /// # Errors
    /// A reply with status 400 if a JSON body is invalid or not an object. An empty body, or one of
    /// another content type, has no fields.
    pub(super) fn from_body(request: &Request) -> Result<Self, Reply> {
        match request.json() {
            Body::Object(fields) => Ok(Self {
                fields,
                prefix: "",
                violations: Vec::new(),
            }),
            Body::Invalid => Err(errors::bad_request()),
        }
    }

    /// Reads the query parameters with these names.
    pub(super) fn from_query(request: &Request, names: &[&str]) -> Self {
        let fields = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), Value::String(request.query(name)?))))
            .collect();
        Self {
            fields,
            prefix: "",
            violations: Vec::new(),
        }
    }

    /// Adds a parameter from another part of the request, such as the path.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        self.fields
            .extend(value.map(|value| (name.to_owned(), Value::String(value))));
    }

    fn report(&mut self, name: &str, what: &str) {
        self.violations
            .push(format!("{}{name} {what}", self.prefix));
    }

    /// Takes an optional string of `min` to `max` UTF-16 code units. Reports any other value and
    /// returns `None` for it.
    pub(super) fn read_optional(&mut self, name: &str, min: u32, max: u32) -> Option<String> {
        match self.fields.remove(name)? {
            Value::String(text) if utf16_len(&text) < min => {
                self.report(name, "is not allowed to be empty")
            }
            Value::String(text) if utf16_len(&text) > max => {
                self.report(name, &format!("is too long (at most {max} characters)"))
            }
            Value::String(text) => return Some(text),
            _ => self.report(name, "must be a string"),
        }
        None
    }

    /// Reports a parameter if it is missing.
    pub(super) fn require(&mut self, name: &str) {
        if !self.fields.contains_key(name) {
            self.report(name, "is required");
        }
    }

    /// Takes a required string of 1 to `max` UTF-16 code units. Returns an empty string after a
    /// violation.
    pub(super) fn read_required(&mut self, name: &str, max: u32) -> String {
        self.require(name);
        self.read_optional(name, 1, max).unwrap_or_default()
    }

    /// Takes an optional boolean.
    pub(super) fn read_bool(&mut self, name: &str) -> Option<bool> {
        match self.fields.remove(name)? {
            Value::Bool(flag) => return Some(flag),
            _ => self.report(name, "must be a boolean"),
        }
        None
    }

    /// Takes an optional number from 0 to `max`.
    pub(super) fn read_number(&mut self, name: &str, max: f64) -> Option<f64> {
        match self.fields.remove(name)?.as_f64() {
            Some(number) if (0.0..=max).contains(&number) => return Some(number),
            _ => self.report(name, &format!("must be a number from 0 to {max}")),
        }
        None
    }

    /// Takes an optional string and reports it unless it is one of `words`.
    pub(super) fn check_one_of(&mut self, name: &str, words: &[&str]) {
        match self.fields.remove(name) {
            Some(Value::String(word)) if words.contains(&word.as_str()) => {}
            Some(_) => self.report(name, &format!("must be one of {}", words.join(", "))),
            None => {}
        }
    }

    /// Takes an optional object and lets `check` read its fields. A violation of a field is
    /// reported with `prefix` before the field's name.
    pub(super) fn check_object(
        &mut self,
        name: &'static str,
        prefix: &'static str,
        check: impl FnOnce(&mut Self),
    ) {
        match self.fields.remove(name) {
            Some(Value::Object(fields)) => {
                let mut inner = Self {
                    fields,
                    prefix,
                    violations: Vec::new(),
                };
                check(&mut inner);
                self.violations.append(&mut inner.violations);
            }
            Some(_) => self.report(name, "must be an object"),
            None => {}
        }
    }

    /// Takes an optional list of 1 to `max` objects and lets `check` read the fields of each.
    pub(super) fn check_objects(
        &mut self,
        name: &'static str,
        prefix: &'static str,
        max: usize,
        check: impl Fn(&mut Self),
    ) {
        match self.fields.remove(name) {
            Some(Value::Array(items)) if (1..=max).contains(&items.len()) => {
                for item in items {
                    self.fields.insert(name.to_owned(), item);
                    self.check_object(name, prefix, &check);
                }
            }
            Some(_) => self.report(name, &format!("must be a list of 1 to {max} objects")),
            None => {}
        }
    }

    /// Reports the parameter if `text` starts with one of the prefixes that the service reserves.
    pub(super) fn reject_reserved(&mut self, name: &str, text: &str, prefixes: &[&str]) {
        if prefixes.iter().any(|prefix| text.starts_with(prefix)) {
            self.report(name, "begins with a reserved word");
        }
    }

    /// Ends the validation.
    ///
    /// # Errors
    /// A reply with this status that lists all violations.
    pub(super) fn finish(self, status: u16) -> Result<(), Reply> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(errors::invalid_parameters(status, &self.violations))
        }
    }
}
