//! The limits that a request's parameters are held to: whatever is out of them is collected and
//! refused in one answer.

use super::errors;
use super::message::{Body, Reply, Request};
use crate::protocol::limits::utf16_len;
use serde_json::{Map, Value};

/// The parameters of one request, and what is wrong with them so far.
pub(super) struct Parameters {
    fields: Map<String, Value>,
    prefix: &'static str,
    detail: Vec<String>,
}

impl Parameters {
    /// Those of a JSON body.
    pub(super) fn of_body(request: &Request) -> Result<Self, Reply> {
        match request.json() {
            Body::Object(fields) => Ok(Self {
                fields,
                prefix: "",
                detail: Vec::new(),
            }),
            Body::Broken => Err(errors::bad_request()),
        }
    }

    /// Those of a query.
    pub(super) fn of_query(request: &Request, names: &[&str]) -> Self {
        let fields = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), Value::String(request.query(name)?))))
            .collect();
        Self {
            fields,
            prefix: "",
            detail: Vec::new(),
        }
    }

    /// Adds one that stood elsewhere.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        self.fields
            .extend(value.map(|value| (name.to_owned(), Value::String(value))));
    }

    fn refuse(&mut self, name: &str, what: &str) {
        self.detail.push(format!("{}{name} {what}", self.prefix));
    }

    /// A text of at least `min` and at most `max` UTF-16 code units, if there is one.
    pub(super) fn optional(&mut self, name: &str, min: u32, max: u32) -> Option<String> {
        match self.fields.remove(name)? {
            Value::String(text) if utf16_len(&text) < min => {
                self.refuse(name, "is not allowed to be empty")
            }
            Value::String(text) if utf16_len(&text) > max => {
                self.refuse(name, &format!("is too long (at most {max} characters)"))
            }
            Value::String(text) => return Some(text),
            _ => self.refuse(name, "must be a string"),
        }
        None
    }

    /// Refuses the request if this one is not there.
    pub(super) fn must_have(&mut self, name: &str) {
        if !self.fields.contains_key(name) {
            self.refuse(name, "is required");
        }
    }

    /// A text of 1 to `max` UTF-16 code units that must be there; empty once it is refused.
    pub(super) fn required(&mut self, name: &str, max: u32) -> String {
        self.must_have(name);
        self.optional(name, 1, max).unwrap_or_default()
    }

    /// Yes or no, if it is there.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.fields.remove(name)? {
            Value::Bool(flag) => return Some(flag),
            _ => self.refuse(name, "must be a boolean"),
        }
        None
    }

    /// A number from 0 to `max`, if it is there.
    pub(super) fn number(&mut self, name: &str, max: f64) -> Option<f64> {
        match self.fields.remove(name)?.as_f64() {
            Some(number) if (0.0..=max).contains(&number) => return Some(number),
            _ => self.refuse(name, &format!("must be a number from 0 to {max}")),
        }
        None
    }

    /// One of a few words, if it is there.
    pub(super) fn one_of(&mut self, name: &str, words: &[&str]) {
        match self.fields.remove(name) {
            Some(Value::String(word)) if words.contains(&word.as_str()) => {}
            Some(_) => self.refuse(name, &format!("must be one of {}", words.join(", "))),
            None => {}
        }
    }

    /// What `check` thinks of the object `name`, if it is there.
    pub(super) fn object(
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
                    detail: Vec::new(),
                };
                check(&mut inner);
                self.detail.append(&mut inner.detail);
            }
            Some(_) => self.refuse(name, "must be an object"),
            None => {}
        }
    }

    /// What `check` thinks of each object of the list `name`, if it is there, and whether there are
    /// as many as allowed.
    pub(super) fn objects(
        &mut self,
        name: &'static str,
        prefix: &'static str,
        most: usize,
        check: impl Fn(&mut Self),
    ) {
        match self.fields.remove(name) {
            Some(Value::Array(items)) if (1..=most).contains(&items.len()) => {
                for item in items {
                    self.fields.insert(name.to_owned(), item);
                    self.object(name, prefix, &check);
                }
            }
            Some(_) => self.refuse(name, &format!("must be a list of 1 to {most} objects")),
            None => {}
        }
    }

    /// Refuses beginnings that the service keeps for itself.
    pub(super) fn not_reserved(&mut self, name: &str, text: &str, reserved: &[&str]) {
        if reserved.iter().any(|beginning| text.starts_with(beginning)) {
            self.refuse(name, "begins with a reserved word");
        }
    }

    /// Lets the request pass, or answers with everything that was wrong.
    pub(super) fn check(self, status: u16) -> Result<(), Reply> {
        if self.detail.is_empty() {
            Ok(())
        } else {
            Err(errors::parameters(status, &self.detail))
        }
    }
}
