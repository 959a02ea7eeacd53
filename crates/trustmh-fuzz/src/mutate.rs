//! Changes to samples as fuzzers make them: seeded, so that what fails fails again.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Pieces that readers have stumbled over.
const PIECES: [&[u8]; 24] = [
    b"\xef\xbb\xbf",
    b"\0",
    b"\r",
    b"\n\n",
    b"\xff",
    b"\\ud800",
    b"\\u0000",
    b"1e999",
    b"-1",
    b"18446744073709551616",
    b"NaN",
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"[[[[[[[[",
    b"{\"a\":",
    b"\"",
    b",",
    b"data:",
    b"PK\x03\x04",
    b"\xe2\x80\xae",
    b"</think>",
    b"<think>",
];

/// No sample grows beyond so many bytes.
const LONGEST: usize = 1 << 18;

/// Makes changed samples.
pub struct Mutator(ChaCha8Rng);

impl Mutator {
    /// One that makes the same changes for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// The sample after a few changes.
    pub fn changed(&mut self, sample: &[u8]) -> Vec<u8> {
        let mut bytes = sample.to_vec();
        for _ in 0..self.0.random_range(1..=4) {
            self.change(&mut bytes);
            bytes.truncate(LONGEST);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let (from, to) = self.span(bytes.len());
        match self.0.random_range(0..8_u8) {
            0 => bytes.truncate(from),
            1 => drop(bytes.drain(from..to)),
            2 => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << self.0.random_range(0..8_u8);
                }
            }
            3 => {
                let byte = self.0.random();
                bytes.iter_mut().take(to).skip(from).for_each(|place| *place = byte);
            }
            4 => {
                let part: Vec<u8> = bytes.iter().take(to).skip(from).copied().collect();
                let times = self.0.random_range(1..=64_usize);
                let repeated = part.iter().copied().cycle().take(part.len() * times);
                drop(bytes.splice(from..from, repeated.take(LONGEST)));
            }
            5 => {
                let (other, end) = self.span(bytes.len());
                let part: Vec<u8> = bytes.iter().take(end).skip(other).copied().collect();
                drop(bytes.splice(from..to, part));
            }
            _ => {
                let piece = PIECES.get(self.0.random_range(0..PIECES.len())).copied();
                let times = if self.0.random_range(0..16_u8) == 0 { 4000 } else { 1 };
                drop(bytes.splice(from..from, piece.unwrap_or_default().repeat(times)));
            }
        }
    }

    /// A stretch of so many bytes, most often a short one.
    fn span(&mut self, length: usize) -> (usize, usize) {
        let from = self.0.random_range(0..=length);
        let most =
            if self.0.random_range(0..4_u8) == 0 { length - from } else { (length - from).min(32) };
        (from, from + self.0.random_range(0..=most))
    }
}
