//! Data files of a folder, and what their names say.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::tabular::Form;

/// Folders below a dataset's that are looked into.
const DEPTH: usize = 3;
/// Files of one dataset: more are some other folder.
const MOST: usize = 20_000;
/// The folder that repositories keep their data in; it names no configuration.
const DATA: &str = "data";
/// How the only configuration is called where nobody named one.
const DEFAULT: [&str; 2] = ["default", "plain_text"];

/// A data file by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DataFile {
    pub(super) config: Option<String>,
    /// The split, or whatever else the file is named after.
    pub(super) stem: String,
    pub(super) form: Form,
    /// Which of how many shards.
    pub(super) shard: Option<(u32, u32)>,
    pub(super) path: PathBuf,
}

/// All data files of a folder.
pub(super) fn of(folder: &Path) -> Result<Vec<DataFile>, DataError> {
    let mut found = Vec::new();
    look(folder, &mut Vec::new(), &mut found)?;
    found.sort();
    Ok(found)
}

fn look(
    folder: &Path,
    below: &mut Vec<String>,
    found: &mut Vec<DataFile>,
) -> Result<(), DataError> {
    let unreadable = |source| DataError::Unreadable { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        // Folders of Git and of the hub's own downloads hold copies.
        if name.starts_with('.') || found.len() >= MOST {
            continue;
        }
        if path.is_dir() {
            if below.len() < DEPTH {
                below.push(name.to_owned());
                look(&path, below, found)?;
                below.pop();
            }
        } else if let Some(file) = named(name, below, &path) {
            found.push(file);
        }
    }
    Ok(())
}

/// What a file is by its name and the folders that it is in.
fn named(name: &str, below: &[String], path: &Path) -> Option<DataFile> {
    // Cards and states are about data.
    if matches!(
        name,
        "dataset_info.json" | "dataset_infos.json" | "dataset_dict.json" | "state.json"
    ) {
        return None;
    }
    let (stem, form) = Form::of(name)?;
    let folders: Vec<&String> = below.iter().filter(|folder| *folder != DATA).collect();
    let (stem, shard) = match sharded(stem) {
        Some((stem, shard)) => (stem.to_owned(), Some(shard)),
        None => (stem.to_owned(), None),
    };
    // The hub's own copies in Parquet are numbered files in a folder for each split.
    let numbered = stem.bytes().all(|sign| sign.is_ascii_digit());
    let (stem, folders) = match folders.split_last() {
        Some((split, folders)) if numbered => ((*split).clone(), folders),
        _ => (stem, folders.as_slice()),
    };
    let shard = if numbered { None } else { shard };
    let config = folders.first().map(|folder| (*folder).clone());
    let config = config.filter(|config| !DEFAULT.contains(&config.as_str()));
    Some(DataFile { config, stem, form, shard, path: path.to_owned() })
}

/// `train-00001-of-00003` in its parts.
fn sharded(stem: &str) -> Option<(&str, (u32, u32))> {
    let (before, all) = stem.rsplit_once("-of-")?;
    let (name, this) = before.rsplit_once('-')?;
    let number = |digits: &str| {
        let is_number = digits.len() >= 4 && digits.bytes().all(|sign| sign.is_ascii_digit());
        is_number.then(|| digits.parse::<u32>().ok()).flatten()
    };
    Some((name, (number(this)?, number(all)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_configuration_split_and_shard() {
        let of = |path: &str| {
            let (below, name) = path.rsplit_once('/').unwrap_or(("", path));
            let below: Vec<String> =
                below.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
            let file = named(name, &below, Path::new(path))?;
            Some((file.config.unwrap_or_default(), file.stem, file.shard))
        };
        let is =
            |config: &str, stem: &str, shard| Some((config.to_owned(), stem.to_owned(), shard));
        assert_eq!(of("data/train-00000-of-00002.parquet"), is("", "train", Some((0, 2))));
        assert_eq!(of("en/test-00001-of-00002.parquet"), is("en", "test", Some((1, 2))));
        assert_eq!(of("data/en/test.jsonl"), is("en", "test", None));
        assert_eq!(of("default/train/0000.parquet"), is("", "train", None));
        assert_eq!(of("en/train/0000.parquet"), is("en", "train", None));
        assert_eq!(of("OEQ.csv"), is("", "OEQ", None));
        assert_eq!(of("check-of-notes.csv"), is("", "check-of-notes", None));
        assert_eq!(of("dataset_info.json"), None);
        assert_eq!(of("README.md"), None);
    }
}
