//! The chain of a journal: every line names the hash of the line before, the first one that of the manifest. Whoever changes, removes,
//! puts in or moves a line breaks it there, and cannot mend it without writing all lines after it anew.
//!
//! The hash is BLAKE3 over a line's bytes with its end, as `b3sum` gives it. Lines of formats before 3 name none; the hash that stands for
//! such a line is that of the hash before and the line, so that the first line of format 3 after them commits to all of them.
//!
//! A line whose words were forgotten states the hash that the chain had of it. What is left of it could be changed without breaking the
//! chain, so all that is left by one forgetting is held to the digest that the forgetting names further on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use trustmh_core::digest::{Digest, Hashing};

use super::forgotten::{Forgetting, Tally};
use super::{FORGETTING, FORMAT};
use crate::error::RunError;
use crate::manifest::{self, CHAINED};

/// How far a chain has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    manifest: Digest,
    link: Digest,
    lines: u64,
    form: Form,
    /// How many forgettings are recorded so far.
    forgettings: u32,
    /// What was read of forgettings that are recorded further on.
    left: BTreeMap<u32, Tally>,
}

/// For which line another one stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct StandsFor<'l> {
    /// The hash that the chain has of it, as it is written.
    pub(super) line: &'l str,
    /// In which forgetting it was forgotten.
    pub(super) number: u32,
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
        Self {
            manifest: manifest.clone(),
            link: manifest.clone(),
            lines: 0,
            form: Form::Linked,
            forgettings: 0,
            left: BTreeMap::new(),
        }
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

    /// How many forgettings are recorded so far.
    pub(super) fn forgettings(&self) -> u32 {
        self.forgettings
    }

    /// Goes on over a line, `bytes` with its end, that says it is of format `v`, names `prev`, and may stand for another one. It goes on
    /// over one that does not fit, too, so that the next can be held to it.
    ///
    /// # Errors
    /// Why the line does not belong here.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        v: u32,
        prev: Option<&str>,
        stands_for: Option<StandsFor<'_>>,
    ) -> Result<(), String> {
        let fits = self.fits(v, prev);
        let Some(StandsFor { line, number }) = stands_for else {
            self.pass(bytes, v);
            return fits;
        };
        let Some(line) = Digest::written(line) else {
            self.pass(bytes, v);
            return Err("it does not name the hash of the line for which it stands".to_owned());
        };
        self.stand(bytes, line, number);
        fits?;
        if v < FORGETTING {
            return Err(format!("a line of format {v} stands for another one"));
        }
        match number > self.forgettings {
            true => Ok(()),
            false => Err(format!(
                "its words were forgotten in forgetting {number}, and it stands behind the record of that"
            )),
        }
    }

    /// Goes on over what is left of a line that has the hash `line` in the chain.
    pub(super) fn stand(&mut self, bytes: &[u8], line: Digest, number: u32) {
        self.left.entry(number).or_default().add(bytes);
        self.link = line;
        self.lines += 1;
    }

    /// Holds what is left of the lines of a forgetting to the record of it, which was just read.
    ///
    /// # Errors
    /// How they differ.
    pub(super) fn hold(&mut self, recorded: &Forgetting) -> Result<(), String> {
        self.forgettings += 1;
        if recorded.number != self.forgettings {
            return Err(format!(
                "it records forgetting {} where {} must stand",
                recorded.number, self.forgettings
            ));
        }
        let left = self.left.remove(&recorded.number).unwrap_or_default();
        let on = recorded.day();
        if left.lines() != recorded.lines {
            return Err(format!(
                "the words of {} lines were forgotten on {on}, and {} such lines are here",
                recorded.lines,
                left.lines()
            ));
        }
        match left.digest() == recorded.digest {
            true => Ok(()),
            false => Err(format!(
                "what is left of the {} lines whose words were forgotten on {on} was changed since",
                recorded.lines
            )),
        }
    }

    /// What was read of a forgetting that is not recorded yet.
    pub(super) fn left_by(&self, number: u32) -> Tally {
        self.left.get(&number).cloned().unwrap_or_default()
    }

    /// Whether all that was forgotten is recorded, at the end of the journal.
    ///
    /// # Errors
    /// How many lines say that they were forgotten where nothing else does.
    pub(crate) fn ended(&self) -> Result<(), String> {
        match self.left.values().map(Tally::lines).sum::<u64>() {
            0 => Ok(()),
            lines => Err(format!(
                "{lines} lines say that their words were forgotten, and there is no record of that"
            )),
        }
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
        if v == 0 || v > FORGETTING {
            return Err(format!("journal format {v} is not one of 1 to {FORGETTING}"));
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
        self.line_of(FORMAT, event)
    }

    /// The same of an event whose lines are of format `v`, 3 or later.
    pub(super) fn line_of(&mut self, v: u32, event: &[u8]) -> Vec<u8> {
        let line = self.next(v, event);
        self.pass(&line, v);
        line
    }

    /// The same of one that stands for the line with the hash `of`.
    pub(super) fn line_for(&mut self, of: Digest, number: u32, event: &[u8]) -> Vec<u8> {
        let line = self.next(FORGETTING, event);
        self.stand(&line, of, number);
        line
    }

    fn next(&self, v: u32, event: &[u8]) -> Vec<u8> {
        let head = format!("{{\"v\":{v},\"prev\":\"{}\",\"event\":", self.link);
        let mut line = Vec::with_capacity(head.len() + event.len() + 2);
        line.extend_from_slice(head.as_bytes());
        line.extend_from_slice(event);
        line.extend_from_slice(b"}\n");
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
        assert_eq!(read.take(&first, 3, Some(manifest.as_str()), None), Ok(()));
        assert_eq!(read.take(&second, 3, Some(Digest::of(&first).as_str()), None), Ok(()));
        assert_eq!(read, chain);
    }

    #[test]
    fn lines_without_a_hash_stand_only_before_those_with_one_and_are_committed_to_by_the_first() {
        let old = || Chain { form: Form::Unlinked, ..Chain::default() };
        let (mut one, mut other) = (old(), old());
        assert_eq!(one.take(b"a\n", 1, None, None), Ok(()));
        assert_eq!(one.take(b"b\n", 2, None, None), Ok(()));
        assert_eq!(other.take(b"A\n", 1, None, None), Ok(()));
        assert_eq!(other.take(b"b\n", 2, None, None), Ok(()));
        assert_ne!(one.link(), other.link(), "a change of any line shows");
        let link = one.link().clone();
        assert_eq!(one.take(b"c\n", 3, Some(link.as_str()), None), Ok(()));
        assert!(one.take(b"d\n", 1, None, None).unwrap_err().contains("names no hash"));
        assert!(
            Chain::default().take(b"a\n", 1, None, None).is_err(),
            "a run of format 3 has no such line"
        );
        assert!(old().take(b"a\n", 5, None, None).is_err());
        assert!(old().take(b"a\n", 0, None, None).is_err());
    }
}
