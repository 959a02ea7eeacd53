//! What reading came upon.

use std::collections::BTreeMap;

use trustmh_core::digest::Digest;

use super::format::Format;

/// What all files together held.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// File by file, in the order of reading. Empty files are left out and named in a warning.
    pub files: Vec<FileRead>,
    /// Items handed on; a conversation that was split counts once for each part.
    pub conversations: u64,
    /// Turns of both sides in them.
    pub turns: u64,
    /// Records that could not be read.
    pub unread: u64,
    /// Conversations left out because the same was there before, under the same id.
    pub duplicates: u64,
    /// Conversations that had an id of other ones and were given one of their own.
    pub renamed: u64,
    /// Conversations with more replies than one may have, which were split into parts.
    pub split: u64,
    /// Turns put together with the one before, which was of the same side.
    pub joined_turns: u64,
    /// Turns without a word, which were left out.
    pub blank_turns: u64,
    /// Messages of the system, of developers and of tools, and calls of tools, which were left out.
    pub aside: u64,
    /// Parts of messages that are no text, such as pictures; `(not text)` stands for each.
    pub not_text: u64,
    /// Conversations without a time.
    pub without_time: u64,
    /// Times that could not be read.
    pub unread_times: u64,
    /// Conversations whose rows did not stand in the order of their times, and were put into it.
    pub reordered: u64,
    /// Conversations by language.
    pub languages: BTreeMap<String, u64>,
    /// What else must be said.
    pub warnings: Vec<String>,
}

/// What one file held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// Its name; below a given folder, its path within.
    pub name: String,
    /// Its form.
    pub format: Format,
    /// The hash of its bytes.
    pub digest: Digest,
    /// Items made of it.
    pub conversations: u64,
    /// Turns in them.
    pub turns: u64,
    /// Records that could not be read.
    pub unread: u64,
}
