//! Content hashes.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A blake3 hash of some bytes, written as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Half of the hash of `text`, as bytes: enough to tell names apart, and a quarter of the space of its digits.
    pub fn half(text: &str) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..16]);
        half
    }

    /// A 64-bit seed drawn from the hash, the same on every machine.
    pub fn seed(bytes: &[u8]) -> u64 {
        let hash = blake3::hash(bytes);
        let mut word = [0_u8; 8];
        word.copy_from_slice(&hash.as_bytes()[..8]);
        u64::from_le_bytes(word)
    }
}

/// A hash of bytes that come piece by piece.
#[derive(Debug, Clone, Default)]
pub struct Hashing(blake3::Hasher);

impl Hashing {
    /// Adds the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes.
    pub fn end(&self) -> Digest {
        Digest(self.0.finalize().to_hex().to_string())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
