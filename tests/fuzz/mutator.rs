//! Mutates inputs with a seeded generator.

/// Numbers and texts that parsers treat specially.
const TOKENS: [&[u8]; 16] = [
    b"\xff",
    b"\0",
    b"\"",
    b"{}",
    b"null",
    b"\\ud800",
    b"1e999",
    b"-1",
    b"\r\n",
    b"..",
    b"%2e%2e",
    b"://",
    b"@",
    b"\xed\xa0\x80",
    b"\x7f\xf8\0\0\0\0\0\0",
    b"9999999999999999",
];

pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Draws a number below `limit`, or 0 (splitmix64).
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }

    /// Returns one of the seeds with up to eight changes.
    pub(crate) fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut data = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(data.len() + 1);
            let end = (at + self.below(8)).min(data.len());
            match self.below(6) {
                0 => drop(data.drain(at..end)),
                1 => {
                    let token = TOKENS[self.below(TOKENS.len())];
                    data.splice(at..end, token.iter().copied());
                }
                2 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    data.splice(at.., other[from..].iter().copied());
                }
                3 => {
                    let copy = data[at..end].to_vec();
                    data.splice(at..at, copy);
                }
                _ => {
                    let byte = self.below(256) as u8;
                    match data.get_mut(at) {
                        Some(old) => *old = byte,
                        None => data.push(byte),
                    }
                }
            }
        }
        data
    }
}
