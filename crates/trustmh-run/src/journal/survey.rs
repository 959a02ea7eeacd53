//! A journal line by line, whatever is in it: for those that check it, and for those that save what can be saved.

use std::collections::HashMap;
use std::path::Path;

use trustmh_core::digest::Digest;

use super::chain::Chain;
use super::read::{Lines, line_of};
use super::{Event, Line};
use crate::error::RunError;

/// A line as it was found.
#[derive(Debug)]
pub struct Seen<'b> {
    /// Its number, from 1.
    pub number: u64,
    /// Its bytes, with its end.
    pub bytes: &'b [u8],
    /// The event it holds, or why it holds none.
    pub event: Result<Box<Event>, Fault>,
    /// Why it does not belong after the line before it.
    pub unlinked: Option<String>,
    /// The hash that it says the line before it has.
    pub prev: Option<Digest>,
    /// Of the record of a forgetting: how what is left differs from what it says.
    pub left_otherwise: Option<String>,
}

/// Why a line holds no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file ends within it.
    #[error("the file ends within the line")]
    Torn,
    /// There is nothing in it.
    #[error("the line is blank")]
    Blank,
    /// It begins with a mark that editors put before text.
    #[error("an editor put a byte-order mark before the line")]
    ByteOrderMark,
    /// It is no event that this program knows.
    #[error("{0}")]
    Unreadable(String),
}

/// Calls `visit` with every line of the journal at `path`; the chain at its end.
///
/// # Errors
/// [`RunError::Io`], [`RunError::Journal`] for a line without an end in sight, and what `visit` returns.
pub fn survey(
    path: &Path,
    mut visit: impl FnMut(Seen<'_>, &Chain) -> Result<(), RunError>,
) -> Result<Chain, RunError> {
    let mut lines = Lines::open(path)?;
    let mut chain = Chain::of(path)?;
    while let Some((number, bytes)) = lines.read()? {
        let seen = match line_in(bytes) {
            Ok(Line { v, prev, event }) => {
                let named = prev.as_ref().map(Digest::as_str);
                let unlinked = chain.take(bytes, v, named, event.stands_for()).err();
                let left_otherwise = match &event {
                    Event::Forgot(forgetting) => chain.hold(forgetting).err(),
                    _ => None,
                };
                Seen { number, bytes, event: Ok(Box::new(event)), unlinked, prev, left_otherwise }
            }
            Err(fault) => {
                let prev = named(bytes);
                // The next line was written after this one, whatever has become of it.
                let v = if chain.is_linked() { super::FORMAT } else { 1 };
                chain.pass(bytes, v);
                let event = Err(fault);
                Seen { number, bytes, event, unlinked: None, prev, left_otherwise: None }
            }
        };
        visit(seen, &chain)?;
    }
    Ok(chain)
}

/// What a line holds, by itself.
///
/// # Errors
/// Why it holds no event.
pub fn line_in(bytes: &[u8]) -> Result<Line, Fault> {
    if bytes.last() != Some(&b'\n') {
        return Err(Fault::Torn);
    }
    if bytes.trim_ascii().is_empty() {
        return Err(Fault::Blank);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(Fault::ByteOrderMark);
    }
    line_of(bytes).map_err(Fault::Unreadable)
}

/// The hash that a damaged line names, if its beginning is whole.
fn named(bytes: &[u8]) -> Option<Digest> {
    const BEFORE: &[u8] = b"\"prev\":\"";
    let start = bytes.windows(BEFORE.len()).take(64).position(|window| window == BEFORE)?;
    let digits = bytes.get(start + BEFORE.len()..)?.get(..64)?;
    Digest::written(std::str::from_utf8(digits).ok()?)
}

/// Which line each hash stands for, to find out what became of a line that is not where it was written.
#[derive(Debug, Default)]
pub struct Whereabouts(HashMap<[u8; 16], u64>);

impl Whereabouts {
    /// Looks for the hashes of all lines of the journal at `path`.
    ///
    /// # Errors
    /// As [`survey`].
    pub fn of(path: &Path) -> Result<Self, RunError> {
        let mut lines = HashMap::new();
        lines.insert(Digest::half(Chain::of(path)?.link().as_str()), 0);
        survey(path, |seen, chain| {
            lines.insert(Digest::half(chain.link().as_str()), seen.number);
            Ok(())
        })?;
        Ok(Self(lines))
    }

    /// The line that has this hash; 0 for the manifest.
    pub fn line(&self, hash: &Digest) -> Option<u64> {
        self.0.get(&Digest::half(hash.as_str())).copied()
    }
}
