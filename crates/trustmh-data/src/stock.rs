//! Items at hand: in memory, or in a file of the project's own format and read as they are needed.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use trustmh_core::codebook::Codebook;
use trustmh_core::digest::{Digest, Hashing};
use trustmh_core::item::Item;

use crate::error::{DataError, Place};
use crate::items;

/// The items of a set, by number.
#[derive(Debug)]
pub enum Stock {
    /// All in memory.
    Held(Vec<Item>),
    /// In a file, of which only the places of the lines are held.
    File(LineFile),
}

/// A JSONL file of items, checked line by line when it was opened.
#[derive(Debug)]
pub struct LineFile {
    path: PathBuf,
    name: String,
    offsets: Vec<u64>,
    reader: Mutex<Reader>,
    codebook: Arc<Codebook>,
}

#[derive(Debug)]
struct Reader {
    file: BufReader<File>,
    at: u64,
}

impl Stock {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Held(items) => items.len(),
            Self::File(file) => file.offsets.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item with this number, from 0; none beyond the last.
    ///
    /// # Errors
    /// [`DataError`] if the file changed after it was opened.
    pub fn get(&self, index: usize) -> Result<Option<Cow<'_, Item>>, DataError> {
        match self {
            Self::Held(items) => Ok(items.get(index).map(Cow::Borrowed)),
            Self::File(file) => Ok(file.get(index)?.map(Cow::Owned)),
        }
    }

    /// All items, in memory.
    ///
    /// # Errors
    /// As [`Stock::get`].
    pub fn into_items(self) -> Result<Vec<Item>, DataError> {
        match self {
            Self::Held(items) => Ok(items),
            Self::File(file) => {
                (0..file.offsets.len()).filter_map(|index| file.get(index).transpose()).collect()
            }
        }
    }
}

impl LineFile {
    /// Reads through the file `path`, called `name` in errors, checks every item and notes where it stands.
    /// Gives the hash of the file too.
    ///
    /// # Errors
    /// As [`items::read_jsonl`], and [`DataError::Unreadable`].
    pub fn open(
        path: &Path,
        name: &str,
        codebook: &Arc<Codebook>,
    ) -> Result<(Self, Digest), DataError> {
        let unreadable = |source| DataError::Unreadable { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut hashing = Hashing::default();
        let mut ids = HashSet::new();
        let (mut offsets, mut bytes) = (Vec::new(), Vec::new());
        let mut offset = 0;
        for line in 1.. {
            bytes.clear();
            let length = file.read_until(b'\n', &mut bytes).map_err(unreadable)?;
            if length == 0 {
                break;
            }
            hashing.add(&bytes);
            if let Some(item) = items::read_line(&bytes, &Place::line(name, line), codebook)? {
                if !ids.insert(Digest::half(item.id.as_str())) {
                    return Err(items::used_twice(Place::line(name, line), &item));
                }
                offsets.push(offset);
            }
            offset += length as u64;
        }
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let reader = Mutex::new(Reader { file, at: 0 });
        let (path, name) = (path.to_owned(), name.to_owned());
        let codebook = Arc::clone(codebook);
        Ok((Self { path, name, offsets, reader, codebook }, hashing.end()))
    }

    fn get(&self, index: usize) -> Result<Option<Item>, DataError> {
        let Some(offset) = self.offsets.get(index).copied() else { return Ok(None) };
        let bytes = self
            .line_at(offset)
            .map_err(|source| DataError::Unreadable { path: self.path.clone(), source })?;
        let place = Place::file(&self.name);
        match items::read_line(&bytes, &place, &self.codebook)? {
            Some(item) => Ok(Some(item)),
            None => Err(DataError::malformed(place, "the file changed while it was in use")),
        }
    }

    fn line_at(&self, offset: u64) -> std::io::Result<Vec<u8>> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let Reader { file, at } = &mut *reader;
        // A short step keeps what is read ahead.
        match i64::try_from(i128::from(offset) - i128::from(*at)) {
            Ok(step) => file.seek_relative(step)?,
            Err(_) => drop(file.seek(SeekFrom::Start(offset))?),
        }
        let mut bytes = Vec::new();
        let length = file.read_until(b'\n', &mut bytes)? as u64;
        *at = offset + length;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::built_in;
    use std::fs;

    const ONE: &str = r#"{"id":"i-1","language":"en","content":{"kind":"intent","objective":"benign","text":"one"}}"#;

    #[test]
    fn items_come_in_any_order_and_blank_lines_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.jsonl");
        let two = ONE.replace("i-1", "i-2");
        fs::write(&path, format!("\n{ONE}\r\n\n{two}")).unwrap();
        let (file, digest) = LineFile::open(&path, "own.jsonl", built_in()).unwrap();
        assert_eq!(digest, Digest::of(&fs::read(&path).unwrap()));
        let stock = Stock::File(file);
        let id = |index| stock.get(index).unwrap().map(|item| item.id.to_string());
        assert_eq!(stock.len(), 2);
        assert_eq!([id(1), id(0), id(1)].map(Option::unwrap), ["i-2", "i-1", "i-2"]);
        assert_eq!(id(2), None);
        assert_eq!(stock.into_items().unwrap().len(), 2);
    }

    #[test]
    fn faults_name_the_line_and_a_changed_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.jsonl");
        fs::write(&path, format!("{ONE}\n\n{ONE}\n")).unwrap();
        let twice = LineFile::open(&path, "own.jsonl", built_in()).unwrap_err().to_string();
        assert!(twice.contains("line 3: id is `i-1`"), "{twice}");
        fs::write(&path, format!("{ONE}\n")).unwrap();
        let (file, _) = LineFile::open(&path, "own.jsonl", built_in()).unwrap();
        fs::write(&path, "\n").unwrap();
        assert!(Stock::File(file).get(0).is_err());
    }
}
