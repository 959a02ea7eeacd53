//! Files that are there whole or not at all.

use atomicwrites::{AtomicFile, Error, OverwriteBehavior};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::error::RunError;

/// Writes `bytes` to `path`: whoever reads it finds what was there before or all of it, and once this returns the disk keeps it.
///
/// # Errors
/// [`RunError::Io`] if the file cannot be written; what was there before stays.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    write_with(path, |out| out.write_all(bytes).map_err(RunError::io(path, "writing")))
}

/// The same for what is not in memory at once.
///
/// # Errors
/// What `fill` fails with, or [`RunError::Io`]; what was there before stays.
pub fn write_with<E: From<RunError>>(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), E>,
) -> Result<(), E> {
    let written = AtomicFile::new(path, OverwriteBehavior::AllowOverwrite).write(|file| {
        let mut out = BufWriter::new(file);
        fill(&mut out)?;
        out.flush().map_err(|error| E::from(RunError::io(path, "writing")(error)))
    });
    written.map_err(|error| match error {
        Error::Internal(error) => RunError::io(path, "writing")(error).into(),
        Error::User(error) => error,
    })
}

/// Puts the file `new`, which the disk keeps, in the place of `old` beside it: whoever reads `old` finds the one or the other, and once
/// this returns the disk keeps that, too.
///
/// # Errors
/// [`RunError::Io`]; what was there before stays.
pub fn replace(new: &Path, old: &Path) -> Result<(), RunError> {
    fs::rename(new, old).map_err(RunError::io(old, "replacing"))?;
    // Only systems of this kind let a folder be opened and synced.
    #[cfg(unix)]
    if let Some(folder) = old.parent() {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(RunError::io(folder, "syncing"))?;
    }
    Ok(())
}
