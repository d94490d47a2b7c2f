//! What a JavaScript caller hands over as options, read field by field: a wrong one is refused by
//! its name and never by its value (which may be a secret), and one that nobody knows is refused
//! too, because an option without effect misleads.

use super::Misuse;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The fields of one options object, not yet looked at.
pub struct Given(BTreeMap<String, Field>);

/// A value of the few shapes that an option has.
#[derive(Clone)]
enum Field {
    Absent,
    Flag(bool),
    Number(f64),
    Text(String),
    Texts(BTreeMap<String, String>),
    List(Vec<BTreeMap<String, String>>),
    Other,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Given {
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

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Misuse> {
        self.take(name, "true or false", |field| {
            if let Field::Flag(flag) = field {
                Some(flag)
            } else {
                None
            }
        })
    }

    pub(super) fn number(&mut self, name: &str) -> Result<Option<f64>, Misuse> {
        self.take(name, "a number", |field| {
            if let Field::Number(number) = field {
                Some(number)
            } else {
                None
            }
        })
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Misuse> {
        self.take(name, "a string", |field| {
            if let Field::Text(text) = field {
                Some(text)
            } else {
                None
            }
        })
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Option<BTreeMap<String, String>>, Misuse> {
        self.take(name, "an object of strings", |field| {
            if let Field::Texts(texts) = field {
                Some(texts)
            } else {
                None
            }
        })
    }

    pub(super) fn list(
        &mut self,
        name: &str,
    ) -> Result<Option<Vec<BTreeMap<String, String>>>, Misuse> {
        self.take(name, "a list of objects of strings", |field| {
            if let Field::List(list) = field {
                Some(list)
            } else {
                None
            }
        })
    }

    /// Either a flag or a word, as `drop` is.
    pub(super) fn flag_or_text(
        &mut self,
        name: &str,
    ) -> Result<(Option<bool>, Option<String>), Misuse> {
        if matches!(self.0.get(name), Some(Field::Text(_))) {
            Ok((None, self.text(name)?))
        } else {
            Ok((self.flag(name)?, None))
        }
    }

    /// Refuses what nobody has taken.
    pub(super) fn nothing_left(self) -> Result<(), Misuse> {
        match self
            .0
            .into_iter()
            .find(|(_, field)| !matches!(field, Field::Absent))
        {
            None => Ok(()),
            // Only what looks like a name is repeated: a mixed-up object may have anything for
            // keys.
            Some((name, _))
                if name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric()) =>
            {
                Err(Misuse::new(format!("`{name}` is no option here.")))
            }
            Some(_) => Err(Misuse::new("An option was given that does not exist here.")),
        }
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Given)
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A function or a symbol is an error to the deserializer; here it is only a wrong value,
        // reported with its field's name.
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
        Ok(Field::Flag(flag))
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
        Ok(Field::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Field, A::Error> {
        let mut objects = Some(Vec::new());
        while let Some(Element(element)) = list.next_element()? {
            objects = objects.zip(element).map(|(mut objects, element)| {
                objects.push(element);
                objects
            });
        }
        Ok(objects.map_or(Field::Other, Field::List))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field, A::Error> {
        let mut texts = BTreeMap::new();
        let mut all = true;
        while let Some((name, Leaf(text))) = map.next_entry()? {
            all &= text
                .flatten()
                .map(|text| texts.insert(name, text))
                .is_some();
        }
        Ok(if all {
            Field::Texts(texts)
        } else {
            Field::Other
        })
    }
}

/// A string, nothing, or something else: objects are never followed further down, so that one which
/// contains itself does no harm.
struct Leaf(Option<Option<String>>);

impl<'de> Deserialize<'de> for Leaf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::deserialize(deserializer).ok()))
    }
}

/// An object of strings, or not; fields without a value are left out.
struct Element(Option<BTreeMap<String, String>>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = BTreeMap::<String, Leaf>::deserialize(deserializer)
            .unwrap_or_else(|_| BTreeMap::from([(String::new(), Leaf(None))]));
        let text =
            |(name, Leaf(text)): (String, Leaf)| text.map(|text| text.map(|text| (name, text)));
        let texts: Option<Vec<_>> = fields.into_iter().map(text).collect();
        Ok(Self(
            texts.map(|texts| texts.into_iter().flatten().collect()),
        ))
    }
}
