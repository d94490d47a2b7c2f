//! Reads the options objects that JavaScript callers pass, field by field.
//!
//! An error may name the invalid field but never contains its value, which may be a secret. Unknown
//! fields are errors too, because a misspelt option would otherwise be ignored silently.

use super::Misuse;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The fields of an options object, deserialized but not yet validated.
///
/// Deserialize it from any serde format, then pass it to [`Options::parse`], [`Fault::parse`] or
/// [`Emulator::create_certificate`].
///
/// [`Options::parse`]: super::Options::parse
/// [`Fault::parse`]: super::Fault::parse
/// [`Emulator::create_certificate`]: super::Emulator::create_certificate
pub struct RawFields(BTreeMap<String, Field>);

/// A value in one of the shapes that options have.
enum Field {
    /// Null or undefined.
    Absent,
    Bool(bool),
    Number(f64),
    String(String),
    /// An object whose values are strings.
    StringMap(BTreeMap<String, String>),
    /// A list of objects whose values are strings. Every empty list has this shape.
    StringMaps(Vec<BTreeMap<String, String>>),
    /// A list of strings that is not empty.
    StringList(Vec<String>),
    Other,
}

impl fmt::Debug for RawFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl RawFields {
    fn take<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl FnOnce(Field) -> Option<T>,
    ) -> Result<Option<T>, Misuse> {
        match self.0.remove(name) {
            None | Some(Field::Absent) => Ok(None),
            Some(field) => read(field)
                .map(Some)
                .ok_or_else(|| Misuse::new(format!("`{name}` must be {what}."))),
        }
    }

    pub(super) fn take_bool(&mut self, name: &str) -> Result<Option<bool>, Misuse> {
        self.take(name, "true or false", |field| {
            if let Field::Bool(flag) = field {
                Some(flag)
            } else {
                None
            }
        })
    }

    pub(super) fn take_number(&mut self, name: &str) -> Result<Option<f64>, Misuse> {
        self.take(name, "a number", |field| {
            if let Field::Number(number) = field {
                Some(number)
            } else {
                None
            }
        })
    }

    pub(super) fn take_string(&mut self, name: &str) -> Result<Option<String>, Misuse> {
        self.take(name, "a string", |field| {
            if let Field::String(text) = field {
                Some(text)
            } else {
                None
            }
        })
    }

    pub(super) fn take_string_map(
        &mut self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, String>>, Misuse> {
        self.take(name, "an object of strings", |field| {
            if let Field::StringMap(texts) = field {
                Some(texts)
            } else {
                None
            }
        })
    }

    pub(super) fn take_string_maps(
        &mut self,
        name: &str,
    ) -> Result<Option<Vec<BTreeMap<String, String>>>, Misuse> {
        self.take(name, "a list of objects of strings", |field| {
            if let Field::StringMaps(list) = field {
                Some(list)
            } else {
                None
            }
        })
    }

    pub(super) fn take_string_list(&mut self, name: &str) -> Result<Option<Vec<String>>, Misuse> {
        self.take(name, "a list of strings", |field| match field {
            Field::StringList(texts) => Some(texts),
            Field::StringMaps(list) if list.is_empty() => Some(Vec::new()),
            _ => None,
        })
    }

    /// Takes a field that is either a boolean or a string.
    pub(super) fn take_bool_or_string(
        &mut self,
        name: &str,
    ) -> Result<(Option<bool>, Option<String>), Misuse> {
        if matches!(self.0.get(name), Some(Field::String(_))) {
            Ok((None, self.take_string(name)?))
        } else {
            Ok((self.take_bool(name)?, None))
        }
    }

    /// Rejects fields that have not been taken.
    pub(super) fn reject_unknown(self) -> Result<(), Misuse> {
        match self
            .0
            .into_iter()
            .find(|(_, field)| !matches!(field, Field::Absent))
        {
            None => Ok(()),
            // The message contains the name only if the name looks like that of an option: the keys
            // of a wrong object may be secrets.
            Some((name, _))
                if name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric()) =>
            {
                Err(Misuse::new(format!("`{name}` is not a known option.")))
            }
            Some(_) => Err(Misuse::new("The object contains an unknown option.")),
        }
    }
}

impl<'de> Deserialize<'de> for RawFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(RawFields)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The deserializer fails on functions and symbols. Read them as `Other`, so that the error
        // names their field.
        Ok(deserializer
            .deserialize_any(FieldVisitor)
            .unwrap_or(Field::Other))
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an option")
    }
    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Absent)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Field, E> {
        Ok(Field::Bool(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Field, E> {
        Ok(Field::Number(number as f64))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Field, E> {
        Ok(Field::Number(number as f64))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Field, E> {
        Ok(Field::Number(number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::String(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Field, A::Error> {
        let (mut objects, mut texts, mut length) = (Vec::new(), Vec::new(), 0);
        while let Some(element) = list.next_element()? {
            length += 1;
            match element {
                Element::Object(fields) => objects.push(fields),
                Element::Text(text) => texts.push(text),
                Element::Other => {}
            }
        }
        Ok(if objects.len() == length {
            Field::StringMaps(objects)
        } else if texts.len() == length {
            Field::StringList(texts)
        } else {
            Field::Other
        })
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field, A::Error> {
        let mut texts = BTreeMap::new();
        let mut all_strings = true;
        while let Some((name, Leaf(text))) = map.next_entry()? {
            all_strings &= text
                .flatten()
                .map(|text| texts.insert(name, text))
                .is_some();
        }
        Ok(if all_strings {
            Field::StringMap(texts)
        } else {
            Field::Other
        })
    }
}

/// A value in a nested object: `Some(Some(_))` for a string, `Some(None)` for null or undefined,
/// `None` for anything else.
///
/// Deeper objects are not visited, so an object that contains itself is harmless.
struct Leaf(Option<Option<String>>);

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer).ok()))
    }
}

/// An element of a list. `Object` omits fields that are null or undefined. An object with any other
/// field that is not a string is `Other`.
enum Element {
    Object(BTreeMap<String, String>),
    Text(String),
    Other,
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(deserializer
            .deserialize_any(ElementVisitor)
            .unwrap_or(Self::Other))
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a string")
    }
    fn visit_str<E>(self, text: &str) -> Result<Element, E> {
        Ok(Element::Text(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut texts = BTreeMap::new();
        let mut is_valid = true;
        while let Some((name, Leaf(text))) = map.next_entry()? {
            match text {
                Some(Some(text)) => drop(texts.insert(name, text)),
                Some(None) => {}
                None => is_valid = false,
            }
        }
        Ok(if is_valid {
            Element::Object(texts)
        } else {
            Element::Other
        })
    }
}
