//! Reads structured values from the bytes of an input, and writes the inputs of seeds.
//!
//! Texts are terminated and not prefixed by a length, so that a mutation of one text leaves the
//! others intact.

/// Ends a text. No UTF-8 text contains this byte.
const END: u8 = 0xff;

pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the next byte, or 0 at the end.
    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((byte, rest)) => {
                self.0 = rest;
                *byte
            }
            None => 0,
        }
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[usize::from(self.byte()) % items.len()]
    }

    /// Returns the text up to the next terminator. Replaces invalid UTF-8.
    pub fn text(&mut self) -> String {
        let end = self
            .0
            .iter()
            .position(|b| *b == END)
            .unwrap_or(self.0.len());
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }

    /// Returns a text, or `None` if an empty text follows.
    pub fn optional_text(&mut self) -> Option<String> {
        Some(self.text()).filter(|text| !text.is_empty())
    }

    /// Returns any bit pattern of a number.
    pub fn number(&mut self) -> f64 {
        let mut bytes = [0; 8];
        bytes.iter_mut().for_each(|byte| *byte = self.byte());
        f64::from_be_bytes(bytes)
    }
}

/// Writes an input that [`Reader`] reads back.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub fn text(mut self, text: &str) -> Self {
        self.0.extend_from_slice(text.as_bytes());
        self.byte(END)
    }

    pub fn number(mut self, number: f64) -> Self {
        self.0.extend_from_slice(&number.to_be_bytes());
        self
    }

    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}
