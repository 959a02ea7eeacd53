//! The files among paths, and below the folders among them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DataError;

/// Files in folders are read if their names end so.
const ENDINGS: [&str; 9] =
    ["jsonl", "ndjson", "json", "csv", "tsv", "tab", "txt", "parquet", "eval"];

/// Folders are walked so deep.
const DEEPEST: usize = 32;

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// It was named.
    ByName,
    /// It lies in a folder that was named.
    InFolder,
}

/// A file to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The file's name; below a given folder, its path within.
    pub(super) name: String,
    pub(super) given: Given,
}

impl Found {
    /// The name's ending in lower case, without the dot.
    pub(super) fn ending(&self) -> String {
        ending(&self.path)
    }

    /// The file's name without its ending.
    pub(super) fn stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// All files, those of a folder in the order of their names, each once under a name of its own.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<Found>, DataError> {
    let mut files: Vec<Found> = Vec::new();
    for path in paths {
        if path.is_dir() {
            below(path, "", 0, &mut files)?;
        } else {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            files.push(Found { path: path.clone(), name, given: Given::ByName });
        }
    }
    let mut taken = std::collections::HashMap::new();
    for file in &mut files {
        let times: &mut u32 = taken.entry(file.name.clone()).or_default();
        *times += 1;
        if *times > 1 {
            file.name = format!("{} ({times})", file.name);
        }
    }
    Ok(files)
}

fn below(
    folder: &Path,
    within: &str,
    depth: usize,
    files: &mut Vec<Found>,
) -> Result<(), DataError> {
    if depth > DEEPEST {
        return Ok(());
    }
    let unreadable = |source| DataError::Unreadable { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut entries: Vec<fs::DirEntry> = entries.collect::<Result<_, _>>().map_err(unreadable)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        // A link may lead out of the folder, or back into it.
        let kind = entry.file_type().map_err(unreadable)?;
        let own = entry.file_name().to_string_lossy().into_owned();
        if own.starts_with('.') {
            continue;
        }
        let name = if within.is_empty() { own } else { format!("{within}/{own}") };
        if kind.is_dir() {
            below(&entry.path(), &name, depth + 1, files)?;
        } else if kind.is_file() && ENDINGS.contains(&ending(&entry.path()).as_str()) {
            files.push(Found { path: entry.path(), name, given: Given::InFolder });
        }
    }
    Ok(())
}
