//! Conversations of a deployed product, in the forms in which others keep them, as recorded conversations of ours.
//!
//! Files may be large and hostile. They are read record by record, memory does not grow with their length but by a few
//! bytes a conversation or row, and a record that cannot be read is named with its line and never ends reading.

mod cells;
mod clean;
mod columnar;
mod columns;
mod detect;
mod format;
mod inspect;
mod intake;
mod json;
mod json_rows;
mod layout;
mod lines;
mod messages;
mod own;
mod parts;
mod pieces;
mod report;
mod rows;
mod seen;
mod separated;
mod source;
mod speaker;
mod time;
mod told;
mod unread;
mod vera;
mod walk;

use std::borrow::Cow;
use std::path::PathBuf;

use trustmh_core::digest::Digest;
use trustmh_core::item::Item;

use crate::error::DataError;
use detect::Known;
use intake::Intake;
use pieces::Pieces;
use source::{Decoded, Encoding, Source};
use walk::{Found, Given};

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
    paths: &[PathBuf],
    options: &Options<'_>,
    found: &mut dyn FnMut(Item) -> Result<(), DataError>,
    unread: &mut dyn FnMut(Unread),
) -> Result<Read, DataError> {
    let mut intake = Intake::new(options, found, unread);
    for file in walk::files(paths)? {
        intake.begin(&file.name);
        match read_file(&file, &mut intake) {
            Ok(()) => {}
            // A folder may hold other files, too.
            Err(error @ (DataError::NoTranscripts { .. } | DataError::Encoding { .. }))
                if file.given == Given::InFolder =>
            {
                intake.warn(format!("{error}; it was left out"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(intake.finish())
}

fn read_file(file: &Found, intake: &mut Intake<'_>) -> Result<(), DataError> {
    let unreadable = |source| DataError::Unreadable { path: file.path.clone(), source };
    let source = Source::open(&file.path)?;
    if source.sample.trim_ascii().is_empty() && source.is_whole() {
        intake.warn(format!("{} is empty", file.name));
        return Ok(());
    }
    let (known, encoding) = known(&source, file, intake)?;
    let format = known.format();
    if known == Known::Parquet {
        columnar::read(&file.path, intake)?;
        let digest = Digest::of_file(&file.path).map_err(unreadable)?;
        intake.end(format, digest);
        return Ok(());
    }
    let mut bytes = source.bytes();
    let from = Decoded::new(&mut bytes, encoding);
    match known {
        Known::Parquet => {}
        Known::Inspect => inspect::read(from, intake, &unreadable)?,
        Known::Vera => vera::read(from, &file.stem(), intake, &unreadable)?,
        Known::Separated(_, sign, layout) => {
            separated::read(from, sign, &layout, intake, &unreadable)?;
        }
        Known::Json(format, shape) => {
            let mut pieces = Pieces::new(from, shape);
            match format {
                Format::Own => own::read(&mut pieces, intake, &unreadable)?,
                Format::Rows(_) => json_rows::read(&mut pieces, intake, &unreadable)?,
                Format::OpenAi | Format::ShareGpt | Format::Vera | Format::Inspect => {
                    messages::read(&mut pieces, intake, &unreadable)?;
                }
            }
        }
    }
    let digest = bytes.digest().map_err(unreadable)?;
    intake.end(format, digest);
    Ok(())
}

/// The form of a file, and how its characters are written.
fn known(
    source: &Source,
    file: &Found,
    intake: &Intake<'_>,
) -> Result<(Known, Encoding), DataError> {
    let unknown = || DataError::NoTranscripts { file: file.name.clone(), tried: Format::names() };
    let (sample, ending) = (&source.sample, file.ending());
    if let Some(packed) = detect::packed(sample, &ending) {
        return Ok((packed, Encoding::Utf8));
    }
    // Bytes of no text are no matter of an unknown encoding.
    let is_text =
        !sample.contains(&0) || sample.starts_with(b"\xFF\xFE") || sample.starts_with(b"\xFE\xFF");
    if !is_text {
        return Err(unknown());
    }
    let encoding = Encoding::of(sample);
    let encoding = encoding.ok_or_else(|| DataError::Encoding { file: file.name.clone() })?;
    let text = encoding.text(sample);
    let known = match intake.options.format {
        Some(format) => detect::forced(format, &text, &ending, intake),
        None => detect::of_text(&text, &ending, intake),
    };
    Ok((known.ok_or_else(unknown)?, encoding))
}
