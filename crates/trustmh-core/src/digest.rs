//! Content hashes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::File;
use std::path::Path;

/// A blake3 hash of some bytes, written as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    /// The hash of a file, whatever its size.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        let mut hashing = Hashing::default();
        std::io::copy(&mut File::open(path)?, &mut hashing)?;
        Ok(hashing.end())
    }

    /// The hash that is written as these digits; none if they are not 64 hexadecimal ones.
    pub fn written(digits: &str) -> Option<Self> {
        let is_one = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_one.then(|| Self(digits.to_owned()))
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

/// Whatever is copied here is hashed.
impl std::io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
