//! Files of a set, with their hashes.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::encoding::after_mark;
use crate::error::DataError;

/// A file that was read.
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl File {
    pub(super) fn read(path: &Path) -> Result<Self, DataError> {
        let bytes = fs::read(path)
            .map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, bytes })
    }

    pub(super) fn hash_into(&self, files: &mut BTreeMap<String, String>) {
        let digest = Sha256::digest(&self.bytes);
        let digits = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        files.insert(self.name.clone(), digits);
    }

    /// The text in UTF-8; of Windows-1252 where it is none, as some files of XSTest's replication are.
    pub(super) fn utf8_or_windows(&self, warnings: &mut Vec<String>) -> Vec<u8> {
        let bytes = after_mark(&self.bytes).unwrap_or(&self.bytes);
        if std::str::from_utf8(bytes).is_ok() {
            return bytes.to_vec();
        }
        warnings.push(format!("{} is no UTF-8 and was read as Windows-1252", self.name));
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
    }
}

/// The files of a folder whose names end so, sorted; none of a folder that is not there.
pub(super) fn ending(folder: &Path, end: &str) -> Result<Vec<PathBuf>, DataError> {
    let found = entries(folder)?;
    let is_one = |path: &PathBuf| path.is_file() && path.to_string_lossy().ends_with(end);
    Ok(found.into_iter().filter(is_one).collect())
}

/// The folders in a folder, sorted.
pub(super) fn folders(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let unreadable = |source| DataError::Unreadable { path: folder.to_owned(), source };
    let read = fs::read_dir(folder).map_err(unreadable)?;
    let mut found =
        read.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    found.sort();
    Ok(found)
}
