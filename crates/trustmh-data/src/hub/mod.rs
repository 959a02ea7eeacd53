//! Folders as the library `datasets` and the Hugging Face hub lay them out: a dataset's repository, its copy in the cache of the hub, and
//! what `save_to_disk` writes.
//!
//! Which set such a folder is of is told by names alone, that of a file or that of the dataset: tables of different sets often have the
//! same columns.

mod card;
mod features;
mod files;
mod find;
mod repository;

use std::path::Path;

use crate::error::DataError;
use crate::tabular::{Form, Table};

pub(crate) use features::of_file as classes_of_file;
pub(crate) use files::bytes;
pub(crate) use find::{Wanted, find, is_there, unnamed};

use files::{Asked, DataFile};
use repository::Repository;

/// Files that make one table: a split of a configuration, in shards.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    config: Option<String>,
    stem: String,
    form: Form,
    files: Vec<DataFile>,
}

impl Part {
    /// Its files in order.
    fn shards(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }
}

/// Which part of a dataset's folder is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The configuration, where there are several; `default` is that of files in no configuration's folder.
    pub config: Option<String>,
    /// The split; all of them without one.
    pub split: Option<String>,
}

/// Reads parts one after the other; `name` says how files are called in errors.
fn table(
    repository: &Repository,
    parts: &[Part],
    name: &dyn Fn(&Path) -> String,
) -> Result<Table, DataError> {
    let mut table = Table::default();
    for part in parts {
        for shard in part.shards() {
            let classes = features::classes(repository, part, shard)?;
            table.add(shard, &name(shard), part.form, &classes)?;
        }
    }
    Ok(table)
}

/// The table of a dataset's folder, for items of one's own.
///
/// # Errors
/// [`DataError`] for a folder without data files, one whose files are not whole, and one of several configurations of which none is chosen.
pub(crate) fn read(folder: &Path, choice: &Choice) -> Result<Table, DataError> {
    let repository = Repository::open(folder)?;
    let mut parts = repository.parts(Asked::All)?;
    let known = |what: &dyn Fn(&Part) -> String| {
        let mut names: Vec<String> = parts.iter().map(what).collect();
        names.dedup();
        names
    };
    // Files that are in no configuration's folder are those of the usual one.
    let config_of = |part: &Part| part.config.clone().unwrap_or_else(|| files::USUAL.to_owned());
    let configs = known(&config_of);
    let wrong = |what: &'static str, known: Vec<String>| {
        Err(DataError::NoPart { folder: folder.to_owned(), what, known: known.join(", ") })
    };
    match &choice.config {
        Some(config) if !configs.contains(config) => return wrong("configuration", configs),
        None if configs.len() > 1 => return wrong("configuration", configs),
        _ => {}
    }
    let splits = known(&|part| part.stem.clone());
    if choice.split.as_ref().is_some_and(|split| !splits.contains(split)) {
        return wrong("split", splits);
    }
    parts.retain(|part| {
        choice.config.as_ref().is_none_or(|config| config_of(part) == *config)
            && choice.split.as_ref().is_none_or(|split| part.stem == *split)
    });
    repository.check(&parts)?;
    let name = |shard: &Path| repository.name_of(shard);
    table(&repository, &parts, &name)
}

/// A name without what people change about names: case, and signs between words.
fn plain(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Where splits stand in a dataset: those to train on first.
fn rank(stem: &str) -> usize {
    const SPLITS: [&[&str]; 3] = [
        &["train", "training"],
        &["validation", "valid", "val", "dev"],
        &["test", "testing", "eval"],
    ];
    SPLITS.iter().position(|names| names.contains(&stem)).unwrap_or(SPLITS.len())
}

/// Whether a name is that of a split, and so says nothing about the set.
fn is_split(stem: &str) -> bool {
    rank(stem) < 3
}
