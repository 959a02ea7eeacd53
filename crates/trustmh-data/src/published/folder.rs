//! The folder of published data, and what reading from it came upon.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::item::Item;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};

use super::PublishedSet;
use crate::Dataset;
use crate::encoding;
use crate::error::DataError;
use crate::hub::{self, Wanted};
use crate::sources::{CardFile, Sources, unlike_published};
use crate::tabular::{Form, Written, check_head};

/// A data folder in which one set is read.
pub(super) struct Folder {
    dir: PathBuf,
    set: PublishedSet,
    hashes: BTreeMap<String, String>,
    /// What tables stand for which files.
    tables: BTreeMap<String, Written>,
    /// What was repaired or dropped.
    pub(super) warnings: Vec<String>,
    /// Models that had a part in the gold.
    pub(super) labelled_by: Vec<String>,
}

impl Folder {
    pub(super) fn open(dir: &Path, set: PublishedSet) -> Result<Self, DataError> {
        if !dir.is_dir() {
            return Err(DataError::NoFolder { path: dir.to_owned() });
        }
        Ok(Self {
            dir: dir.to_owned(),
            set,
            hashes: BTreeMap::new(),
            tables: BTreeMap::new(),
            warnings: Vec::new(),
            labelled_by: Vec::new(),
        })
    }

    fn looked(&self, name: &str) -> Vec<PathBuf> {
        let folders = self.set.folders().into_iter().map(|folder| self.dir.join(folder).join(name));
        folders.chain([self.dir.join(name)]).collect()
    }

    /// Whether a file of the set is there, or a table that stands for it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.looked(name).iter().any(|path| path.is_file()) || self.has_table(name)
    }

    /// Whether a table stands for a file of the set.
    pub(super) fn has_table(&self, name: &str) -> bool {
        self.in_tables(name, hub::is_there)
    }

    /// Looks for a table that stands for a file.
    fn in_tables<T>(&self, name: &str, look: impl FnOnce(Wanted<'_>) -> T) -> T {
        let folders = self.set.folders();
        let is_alone = |folder: &&'static str| files_in(folder).count() == 1;
        let alone: Vec<&str> = folders.iter().copied().filter(is_alone).collect();
        let datasets = self.set.datasets_of(name);
        let dir = &self.dir;
        look(Wanted { name, dir, folders: &folders, alone: &alone, datasets: &datasets })
    }

    /// The bytes of a table that stands for a file, in that file's form.
    fn table(&mut self, name: &str) -> Result<Option<Vec<u8>>, DataError> {
        let Some(found) = self.in_tables(name, hub::find)? else { return Ok(None) };
        let rows = found.table.rows.len();
        let names: Vec<&str> = found.files.iter().map(|(file, _)| file.as_str()).collect();
        let shown = match names.as_slice() {
            [first, _, _, _, ..] => format!("{first} and {} more files", names.len() - 1),
            few => few.join(", "),
        };
        self.warnings.push(format!(
            "{name} was taken from {shown} ({rows} rows): a table, whose bytes cannot be compared with the published file's"
        ));
        self.hashes.extend(found.files);
        let Some(written) = Written::new(found.table, found.form, &shown) else { return Ok(None) };
        let bytes = written.bytes.clone();
        self.tables.insert(name.to_owned(), written);
        Ok(Some(bytes))
    }

    /// What a reader says of a file that a table stands for, as what is wrong with the table.
    pub(super) fn told(&self, error: DataError) -> DataError {
        let file = match &error {
            DataError::Malformed { place, .. } | DataError::Value { place, .. } => &place.file,
            _ => return error,
        };
        match self.tables.get(file) {
            Some(written) => written.told(error),
            None => error,
        }
    }

    /// The bytes of a file of the set, looked for in the set's own folders and then in `dir` itself; else those of a table that stands
    /// for it.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, DataError> {
        let looked = self.looked(name);
        for path in &looked {
            match hub::bytes(path) {
                Ok(bytes) => {
                    checked(name, &bytes)?;
                    self.hashes.insert(name.to_owned(), Digest::of(&bytes).to_string());
                    if let Some(mismatch) = unlike_published(self.set.cards(), name, &bytes) {
                        self.warnings.push(format!("{name} is not the published file: {mismatch}"));
                    }
                    return Ok(bytes);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(DataError::Unreadable { path: path.clone(), source }),
            }
        }
        if let Some(bytes) = self.table(name)? {
            checked(name, &bytes)?;
            return Ok(bytes);
        }
        let (set, name, unnamed) = (self.set.id(), name.to_owned(), hub::unnamed(&self.dir));
        Err(DataError::NoFile { set, name, looked, unnamed })
    }

    /// The text of a UTF-8 file of the set.
    pub(super) fn text(&mut self, name: &str) -> Result<String, DataError> {
        let bytes = self.bytes(name)?;
        Ok(encoding::utf8(&bytes, name, &mut self.warnings))
    }

    /// Tells how many `records` of a file are left out because they have no text: nothing could be asked.
    pub(super) fn without_text(&mut self, file: &str, records: &str, count: usize) {
        if count > 0 {
            self.warnings.push(format!("{file}: {count} {records} without text are left out"));
        }
    }

    /// Ends reading.
    pub(super) fn dataset(mut self, items: Vec<Item>) -> Dataset {
        self.warnings.extend(self.set.cards().filter_map(|card| card.disclaimer.clone()));
        let source = ItemSource {
            dataset: self.set.id(),
            origin: ItemOrigin::Published,
            records: items.len() as u64,
            warnings: self.warnings,
            files: self.hashes,
            labelled_by: self.labelled_by,
        };
        Dataset { items, source }
    }
}

/// Whether the columns of a file with a header have names of their own: readers take the first of a name.
fn checked(name: &str, bytes: &[u8]) -> Result<(), DataError> {
    match Form::of(name) {
        Some((_, Form::Separated(signs))) => check_head(name, bytes, signs),
        _ => Ok(()),
    }
}

/// The files of all sets with a reader that belong into a folder.
fn files_in(folder: &str) -> impl Iterator<Item = &'static CardFile> {
    let cards = Sources::built_in().sets.iter();
    let read = cards.filter(|card| PublishedSet::on_card(card).is_some());
    read.flat_map(|card| &card.files)
        .filter(move |file| file.path.split_once('/').is_some_and(|(first, _)| first == folder))
}
