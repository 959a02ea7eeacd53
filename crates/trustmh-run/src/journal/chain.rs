//! The chain of a journal: every line names the hash of the line before, the first one that of the manifest. Whoever changes, removes,
//! puts in or moves a line breaks it there, and cannot mend it without writing all lines after it anew.
//!
//! The hash is BLAKE3 over a line's bytes with its end, as `b3sum` gives it. Lines of formats before 3 name none; the hash that stands for
//! such a line is that of the hash before and the line, so that the first line of format 3 after them commits to all of them.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use trustmh_core::digest::{Digest, Hashing};

use super::FORMAT;
use crate::error::RunError;
use crate::manifest::{self, CHAINED};

/// How far a chain has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    manifest: Digest,
    link: Digest,
    lines: u64,
    form: Form,
}

/// Whether a line may come that names no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The run is of a format before 3, and no line has named a hash yet.
    Unlinked,
    /// Every line from here on names one.
    Linked,
}

impl Default for Chain {
    fn default() -> Self {
        Self::beginning(&Digest::of(b""))
    }
}

#[derive(Deserialize)]
struct Head {
    format: u32,
}

impl Chain {
    /// The chain of a new run, before its first line.
    pub fn beginning(manifest: &Digest) -> Self {
        Self { manifest: manifest.clone(), link: manifest.clone(), lines: 0, form: Form::Linked }
    }

    /// The chain of the journal at `path`, before its first line. Without a manifest beside it, it begins with the hash of nothing.
    ///
    /// # Errors
    /// [`RunError::Io`] for a manifest that cannot be read.
    pub fn of(path: &Path) -> Result<Self, RunError> {
        let manifest = path.with_file_name(manifest::FILE);
        let bytes = match fs::read(&manifest) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(RunError::io(&manifest, "reading")(error)),
        };
        let format = serde_json::from_slice(&bytes).map_or(FORMAT, |head: Head| head.format);
        let form = if format < CHAINED { Form::Unlinked } else { Form::Linked };
        Ok(Self { form, ..Self::beginning(&Digest::of(&bytes)) })
    }

    /// The hash of the manifest, which the first line names.
    pub fn manifest(&self) -> &Digest {
        &self.manifest
    }

    /// The hash that the next line must name.
    pub fn link(&self) -> &Digest {
        &self.link
    }

    /// Lines so far.
    pub fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether lines from here on must name a hash.
    pub fn is_linked(&self) -> bool {
        self.form == Form::Linked
    }

    /// Goes on over a line, `bytes` with its end, that says it is of format `v` and names `prev`. It goes on over one that does not fit,
    /// too, so that the next can be held to it.
    ///
    /// # Errors
    /// Why the line does not belong here.
    pub(super) fn take(&mut self, bytes: &[u8], v: u32, prev: Option<&str>) -> Result<(), String> {
        let fits = self.fits(v, prev);
        self.pass(bytes, v);
        fits
    }

    /// Goes on over a line that says nothing that could be held against it.
    pub(super) fn pass(&mut self, bytes: &[u8], v: u32) {
        self.link = if v < CHAINED {
            let mut both = Hashing::default();
            both.add(self.link.as_str().as_bytes());
            both.add(bytes);
            both.end()
        } else {
            self.form = Form::Linked;
            Digest::of(bytes)
        };
        self.lines += 1;
    }

    fn fits(&self, v: u32, prev: Option<&str>) -> Result<(), String> {
        if v == 0 || v > FORMAT {
            return Err(format!("journal format {v} is not one of 1 to {FORMAT}"));
        }
        match (v < CHAINED, self.form, prev) {
            (true, Form::Unlinked, None) => Ok(()),
            (true, Form::Unlinked, Some(_)) => {
                Err(format!("a line of format {v} names a hash, which only later formats do"))
            }
            (true, Form::Linked, _) => Err(format!(
                "a line of format {v}, which names no hash, where lines of format {FORMAT} must stand"
            )),
            (false, _, Some(prev)) if prev == self.link.as_str() => Ok(()),
            (false, _, Some(_)) if self.lines == 0 => Err(format!(
                "it was written for another {} than is there: that file was changed, or lines before this one were removed",
                manifest::FILE
            )),
            (false, _, Some(_)) => Err(
                "it was written after another line than the one before it: a line was changed, removed, put in or moved here"
                    .to_owned(),
            ),
            (false, _, None) => Err("it names no hash of the line before it".to_owned()),
        }
    }

    /// The line of `event`, which is JSON, with its end; it is the chain's last from now on.
    pub(super) fn line(&mut self, event: &[u8]) -> Vec<u8> {
        let head = format!("{{\"v\":{FORMAT},\"prev\":\"{}\",\"event\":", self.link);
        let mut line = Vec::with_capacity(head.len() + event.len() + 2);
        line.extend_from_slice(head.as_bytes());
        line.extend_from_slice(event);
        line.extend_from_slice(b"}\n");
        self.pass(&line, FORMAT);
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_names_the_one_before_and_the_first_the_manifest() {
        let manifest = Digest::of(b"{}");
        let mut chain = Chain::beginning(&manifest);
        let first = chain.line(b"1");
        let second = chain.line(b"2");
        assert!(String::from_utf8_lossy(&first).contains(manifest.as_str()));
        assert!(String::from_utf8_lossy(&second).contains(Digest::of(&first).as_str()));
        assert_eq!((chain.link(), chain.lines()), (&Digest::of(&second), 2));
        let mut read = Chain::beginning(&manifest);
        assert_eq!(read.take(&first, 3, Some(manifest.as_str())), Ok(()));
        assert_eq!(read.take(&second, 3, Some(Digest::of(&first).as_str())), Ok(()));
        assert_eq!(read, chain);
    }

    #[test]
    fn lines_without_a_hash_stand_only_before_those_with_one_and_are_committed_to_by_the_first() {
        let old = || Chain { form: Form::Unlinked, ..Chain::default() };
        let (mut one, mut other) = (old(), old());
        assert_eq!(one.take(b"a\n", 1, None), Ok(()));
        assert_eq!(one.take(b"b\n", 2, None), Ok(()));
        assert_eq!(other.take(b"A\n", 1, None), Ok(()));
        assert_eq!(other.take(b"b\n", 2, None), Ok(()));
        assert_ne!(one.link(), other.link(), "a change of any line shows");
        let link = one.link().clone();
        assert_eq!(one.take(b"c\n", 3, Some(link.as_str())), Ok(()));
        assert!(one.take(b"d\n", 1, None).unwrap_err().contains("names no hash"));
        assert!(
            Chain::default().take(b"a\n", 1, None).is_err(),
            "a run of format 3 has no such line"
        );
        assert!(old().take(b"a\n", 4, None).is_err());
        assert!(old().take(b"a\n", 0, None).is_err());
    }
}
