//! The folder of published data, and what reading from it came upon.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_core::item::Item;
use trustmh_core::scorecard::{ItemOrigin, ItemSource};

use super::PublishedSet;
use crate::Dataset;
use crate::encoding;
use crate::error::DataError;
use crate::sources::unlike_published;

/// A data folder in which one set is read.
pub(super) struct Folder {
    dir: PathBuf,
    set: PublishedSet,
    hashes: BTreeMap<String, String>,
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
            warnings: Vec::new(),
            labelled_by: Vec::new(),
        })
    }

    fn looked(&self, name: &str) -> Vec<PathBuf> {
        let folders = self.set.folders().into_iter().map(|folder| self.dir.join(folder).join(name));
        folders.chain([self.dir.join(name)]).collect()
    }

    /// Whether a file of the set is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.looked(name).iter().any(|path| path.is_file())
    }

    /// The bytes of a file of the set, looked for in the set's own folders and then in `dir` itself.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, DataError> {
        let looked = self.looked(name);
        for path in &looked {
            match fs::read(path) {
                Ok(bytes) => {
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
        Err(DataError::NoFile { set: self.set.id(), name: name.to_owned(), looked })
    }

    /// The text of a UTF-8 file of the set.
    pub(super) fn text(&mut self, name: &str) -> Result<String, DataError> {
        let bytes = self.bytes(name)?;
        Ok(encoding::utf8(&bytes, name, &mut self.warnings))
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
