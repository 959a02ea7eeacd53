//! What could not be read, and why, without a word of what stands there.

use std::fmt;

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file's name.
    pub file: String,
    /// The line of the file on which the record begins, from 1. Where a file has no lines, the number of the row
    /// (Parquet) or of the sample (Inspect).
    pub line: u64,
    /// Why.
    pub reason: UnreadReason,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.file, self.line, self.reason)
    }
}

/// Why a record could not be read. It names fields and counts, and never holds what was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum UnreadReason {
    /// Broken JSON.
    #[error("not JSON from column {column} on")]
    Json {
        /// The byte of its line, from 1, at which it stops being JSON.
        column: u64,
    },
    /// JSON that ends before it is complete.
    #[error("the JSON breaks off")]
    CutOff,
    /// JSON of another shape than the form has.
    #[error("not {expected}")]
    Shape {
        /// What the form has there.
        expected: &'static str,
    },
    /// A field that must be there is not, or is empty.
    #[error("`{field}` is missing")]
    Missing {
        /// The field.
        field: String,
    },
    /// A field whose value is of another type.
    #[error("`{field}` is not {expected}")]
    Type {
        /// The field.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A field that this program's own lines do not have.
    #[error("there is no field {field}; the fields are {known}")]
    UnknownField {
        /// Its name, between backquotes; a phrase where it is no plain word.
        field: String,
        /// The known ones, comma separated.
        known: &'static str,
    },
    /// A speaker that is neither side.
    #[error("the speaker is none of the known ones, such as user and assistant")]
    Speaker,
    /// Nothing of the assistant, so nothing can be judged.
    #[error("the assistant says nothing in it")]
    NoReply,
    /// More than is read in one piece.
    #[error("longer than {} MB", most >> 20)]
    TooLong {
        /// The most bytes.
        most: u64,
    },
    /// Bytes that are no UTF-8.
    #[error("not UTF-8")]
    NotUtf8,
    /// A row with another number of cells than the header.
    #[error("{found} cells where the header has {expected}")]
    Cells {
        /// In the row.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A quoted cell without its end.
    #[error("a quote opens a cell and does not close it")]
    OpenQuote,
    /// A record inside an archive that cannot be unpacked.
    #[error("cannot be unpacked")]
    Packed,
}
