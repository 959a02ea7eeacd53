//! Whether bytes are those of the published file.

use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt;

use super::CardFile;

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mismatch {
    /// The length.
    Length {
        /// As published.
        wanted: u64,
        /// As it is.
        found: u64,
    },
    /// A sum, by the name of its kind.
    Sum {
        /// Which sum.
        kind: &'static str,
        /// As published, or how it begins.
        wanted: String,
        /// As it is.
        found: String,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { wanted, found } => write!(f, "it has {found} bytes, not {wanted}"),
            Self::Sum { kind, wanted, found } => {
                write!(f, "its {kind} is {found}, the published one is {wanted}")
            }
        }
    }
}

/// Holds `bytes` against all that the card knows of the file.
pub(super) fn check(file: &CardFile, bytes: &[u8]) -> Result<(), Mismatch> {
    let found = bytes.len() as u64;
    if let Some(wanted) = file.bytes.filter(|wanted| *wanted != found) {
        return Err(Mismatch::Length { wanted, found });
    }
    let sum = |kind, wanted: &str, found: String| {
        if found.starts_with(wanted) {
            Ok(())
        } else {
            Err(Mismatch::Sum { kind, wanted: wanted.to_owned(), found })
        }
    };
    if let Some(wanted) = file.sha256.as_deref().or(file.sha256_begins.as_deref()) {
        sum("sha256", wanted, hex(&Sha256::digest(bytes)))?;
    }
    if let Some(wanted) = &file.git_blob {
        let mut hash = Sha1::new();
        hash.update(format!("blob {found}\0"));
        hash.update(bytes);
        sum("git blob name", wanted, hex(&hash.finalize()))?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_usual_tools() {
        let file = |sha256: Option<&str>, git_blob: Option<&str>| CardFile {
            path: "x".to_owned(),
            url: None,
            member: None,
            bytes: Some(6),
            sha256: sha256.map(str::to_owned),
            sha256_begins: None,
            git_blob: git_blob.map(str::to_owned),
        };
        // printf 'hello\n' | sha256sum; printf 'hello\n' | git hash-object --stdin
        let sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        let git = "ce013625030ba8dba906f756967f9e9ca394464a";
        assert_eq!(check(&file(Some(sha256), None), b"hello\n"), Ok(()));
        assert_eq!(check(&file(None, Some(git)), b"hello\n"), Ok(()));
        assert!(matches!(check(&file(Some(sha256), None), b"hallo\n"), Err(Mismatch::Sum { .. })));
        assert!(matches!(check(&file(None, Some(git)), b"hallo\n"), Err(Mismatch::Sum { .. })));
        assert!(matches!(check(&file(None, None), b"hello"), Err(Mismatch::Length { .. })));
    }
}
