//! The generator of keys, tokens and ids: HMAC-SHA-256 over a counter, keyed by a seed.
//!
//! A known seed makes a run repeatable. A random seed makes the output unpredictable.

use super::signature::hmac_sha256;

const ALPHABET: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A deterministic random generator.
#[derive(Clone)]
pub(super) struct Random {
    seed: Vec<u8>,
    counter: u64,
    block: std::vec::IntoIter<u8>,
}

impl Random {
    pub(super) fn new(seed: &[u8]) -> Self {
        Self {
            seed: seed.to_vec(),
            counter: 0,
            block: Vec::new().into_iter(),
        }
    }

    /// Creates an independent generator for one purpose. Drawing from the new generator does not
    /// change this one.
    pub(super) fn fork(&self, purpose: &str) -> Self {
        Self::new(&hmac_sha256(&self.seed, purpose.as_bytes()))
    }

    fn draw_byte(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.block.next() {
                return byte;
            }
            self.block = hmac_sha256(&self.seed, &self.counter.to_be_bytes()).into_iter();
            self.counter += 1;
        }
    }

    /// Draws `count` bytes.
    pub(super) fn draw_bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.draw_byte()).collect()
    }

    /// Draws `digits` lower-case hexadecimal digits.
    pub(super) fn draw_hex(&mut self, digits: usize) -> String {
        (0..digits)
            .filter_map(|_| char::from_digit(u32::from(self.draw_byte() % 16), 16))
            .collect()
    }

    /// Draws `count` letters and digits, all with the same probability.
    pub(super) fn draw_alphanumeric(&mut self, count: usize) -> String {
        let mut text = String::with_capacity(count);
        while text.len() < count {
            // 248 is the largest multiple of 62 that a byte can hold. Skip larger bytes, because
            // they would make some letters more likely than others.
            let byte = self.draw_byte();
            if let Some(letter) = ALPHABET.get(usize::from(byte % 62)).filter(|_| byte < 248) {
                text.push(char::from(*letter));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_seed_gives_the_same_output() {
        let draw = |seed: &[u8]| Random::new(seed).draw_hex(24);
        assert_eq!(draw(b"one"), draw(b"one"));
        assert_ne!(draw(b"one"), draw(b"two"));
    }

    #[test]
    fn each_draw_returns_another_text_of_the_requested_length() {
        let mut random = Random::new(b"one");
        let hex = random.draw_hex(24);
        assert!(hex.len() == 24 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        let (first, second) = (random.draw_alphanumeric(40), random.draw_alphanumeric(40));
        assert!(first.len() == 40 && first.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(first, second);
    }

    #[test]
    fn all_characters_are_equally_likely() {
        let text = Random::new(b"fair").draw_alphanumeric(62_000);
        for letter in ALPHABET {
            let times = text.bytes().filter(|b| b == letter).count();
            assert!((800..1200).contains(&times), "{times} of about 1000");
        }
    }
}
