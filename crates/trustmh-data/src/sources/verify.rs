//! Whether the files of a folder are the published ones.

use serde::Serialize;
use std::io::ErrorKind;
use std::path::Path;

use super::{Card, SourceError, sums};
use crate::published::PublishedSet;

/// How a file of a set stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum FileState {
    /// It is the published one.
    Published,
    /// It is there, and no sum is known.
    Unknown,
    /// It is not there, but a table that stands for it is: its rows are read, and its bytes cannot be compared.
    Table,
    /// It is not there.
    Missing,
    /// It is another one.
    Changed {
        /// What differs.
        why: String,
    },
}

/// The state of each file of a set below `folder`, in the order of the card.
///
/// # Errors
/// [`SourceError::Disk`] for a file that is there and cannot be read.
pub fn verify(card: &Card, folder: &Path) -> Result<Vec<(String, FileState)>, SourceError> {
    let set = PublishedSet::on_card(card);
    let mut states = Vec::new();
    for file in &card.files {
        let path = folder.join(&file.path);
        let state = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let is_table = set.is_some_and(|set| set.is_in_a_table(folder, file));
                if is_table { FileState::Table } else { FileState::Missing }
            }
            Err(error) => return Err(SourceError::disk(&path)(error)),
            Ok(bytes) => match sums::check(file, &bytes) {
                Err(mismatch) => FileState::Changed { why: mismatch.to_string() },
                Ok(()) if file.url.is_none() => FileState::Unknown,
                Ok(()) => FileState::Published,
            },
        };
        states.push((file.path.clone(), state));
    }
    Ok(states)
}
