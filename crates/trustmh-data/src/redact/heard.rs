//! Names that were found by a cue are known from there on, in the whole text.

use std::collections::HashSet;

/// The names found so far in one text.
#[derive(Debug, Default)]
pub(super) struct Heard {
    names: HashSet<String>,
}

impl Heard {
    /// Remembers a name, or a part of one.
    pub(super) fn note(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Whether it was heard, letter by letter.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether no name was heard.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
