//! Files of JSON lines that people add to beside the journal: each line is on the disk before the answer, and a torn last one is left out.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::error::RunError;

/// Adds lines, and waits until they are on the disk.
///
/// # Errors
/// [`RunError::Io`].
pub(super) fn append<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), RunError> {
    let text = text(path, lines)?;
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(path);
    let mut file = file.map_err(RunError::io(path, "opening"))?;
    file.write_all(text.as_bytes()).map_err(RunError::io(path, "writing"))?;
    file.sync_data().map_err(RunError::io(path, "writing"))
}

/// The lines as the file has them.
pub(super) fn text<T: Serialize>(path: &Path, lines: &[T]) -> Result<String, RunError> {
    let mut text = String::new();
    for line in lines {
        let line = serde_json::to_string(line);
        text.push_str(&line.map_err(|error| RunError::io(path, "writing")(error.into()))?);
        text.push('\n');
    }
    Ok(text)
}

/// All lines, in the order they were written.
///
/// # Errors
/// [`RunError::Io`], or [`RunError::Journal`] for a line that is none of its kind.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, RunError> {
    let text = std::fs::read_to_string(path).map_err(RunError::io(path, "reading"))?;
    let mut found = Vec::new();
    for (number, line) in (1_u64..).zip(text.split_inclusive('\n')) {
        match serde_json::from_str(line) {
            Ok(read) => found.push(read),
            Err(_) if !line.ends_with('\n') => break,
            Err(error) => {
                let (path, message) = (path.to_owned(), error.to_string());
                return Err(RunError::Journal { path, line: number, message });
            }
        }
    }
    Ok(found)
}
