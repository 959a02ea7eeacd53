//! Writing a pack.

use secrecy::SecretString;
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_run::atomic_file;
use trustmh_run::integrity::signature::{SIGNATURE_FILE, signature_of};
use trustmh_run::journal::SEAL_FILE;

use super::files::{File, MANIFEST, Manifest, is_inside, manifest, seal};
use crate::error::EvidenceError;
use crate::pack::Pack;

/// Writes `files` with manifest and seal into `folder`, in the place of an earlier pack if there is one; the seal, which comes last, is
/// signed by `key`, a private key in PEM with the file it is from.
///
/// # Errors
/// [`EvidenceError::Occupied`] for a folder with anything else in it; [`EvidenceError::Run`] for a key that cannot be used;
/// [`EvidenceError::Io`].
pub fn write(
    folder: &Path,
    pack: &Pack,
    files: &[File],
    key: Option<(&SecretString, &Path)>,
) -> Result<(), EvidenceError> {
    let listed = manifest(pack, files)?;
    let sealed = seal(&listed, files.len())?;
    // A key that does not fit is told before anything is written.
    let signature = match key {
        Some((key, file)) => Some(signature_of(sealed.as_bytes(), key, file)?),
        None => None,
    };
    make_room(folder)?;
    let at = |path: &str| folder.join(path);
    // With its manifest a pack that was not finished is known as one, and without its seal as not finished.
    put(&at(MANIFEST), listed.as_bytes())?;
    for file in files {
        put(&at(&file.path), file.text.as_bytes())?;
    }
    if let Some(signature) = signature {
        put(&at(SIGNATURE_FILE), &signature)?;
    }
    put(&at(SEAL_FILE), sealed.as_bytes())
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(EvidenceError::io(parent, "creating"))?;
    }
    Ok(atomic_file::write(path, bytes)?)
}

/// Takes an earlier pack away: what its manifest lists, and nothing else.
fn make_room(folder: &Path) -> Result<(), EvidenceError> {
    let occupied = || EvidenceError::Occupied { path: folder.to_owned() };
    let mut entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => return Err(occupied()),
        Err(error) => return Err(EvidenceError::io(folder, "reading")(error)),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let text = fs::read_to_string(folder.join(MANIFEST)).map_err(|_| occupied())?;
    let earlier: Manifest = serde_json::from_str(&text).map_err(|_| occupied())?;
    let listed = earlier.files.into_keys().filter(|path| is_inside(path));
    let own = [SEAL_FILE, SIGNATURE_FILE].map(str::to_owned);
    for path in own.into_iter().chain(listed) {
        remove(folder.join(path))?;
    }
    Ok(())
}

fn remove(path: PathBuf) -> Result<(), EvidenceError> {
    match fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(EvidenceError::io(&path, "removing")(error)),
    }
}
