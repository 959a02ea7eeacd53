//! The viewer's address from one start to the next: the token and the port of some runs, in a file that only its owner can read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;
use trustmh_view::Token;

use crate::failure::Failure;
use crate::{screen, user_folders};

/// Which token is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// That of last time, if there is one.
    Kept,
    /// A new one, which takes its place.
    New,
    /// One for this start alone.
    ForOnce,
}

/// How the runs of some folders are reached.
pub(super) struct Door {
    pub(super) token: Token,
    /// The port of last time.
    pub(super) port: Option<u16>,
    /// Where both are kept; none where nothing is.
    file: Option<PathBuf>,
}

impl Door {
    /// To the runs in `places`.
    pub(super) fn to(places: &[PathBuf], wanted: Wanted) -> Result<Self, Failure> {
        let folder = match wanted {
            Wanted::Kept | Wanted::New => user_folders::viewers(),
            Wanted::ForOnce => None,
        };
        let file = folder.map(|folder| folder.join(name_of(places)));
        let kept = file.as_deref().map(read).transpose().unwrap_or_else(|why| {
            screen::note(&format!("the address of last time is not used: {why}"));
            None
        });
        let (token, port) = match (kept.flatten(), wanted) {
            (Some((token, port)), Wanted::Kept) => (token, Some(port)),
            (Some((_, port)), Wanted::New | Wanted::ForOnce) => (fresh()?, Some(port)),
            (None, _) => (fresh()?, None),
        };
        Ok(Self { token, port, file })
    }

    /// Keeps the token and the port that was opened for the next start. What cannot be kept is said; the viewer works all the same.
    pub(super) fn keep(&self, port: u16) {
        let Some(file) = &self.file else { return };
        if let Err(error) = write(file, &self.token, port) {
            screen::note(&format!(
                "the address will be another one next time: {}: {error}",
                file.display()
            ));
        }
    }
}

/// A token that nobody had before.
pub(super) fn fresh() -> Result<Token, Failure> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(|error| {
        Failure::usage(format!("the system provides no random numbers: {error}"))
    })?;
    Ok(Token::of(random))
}

/// The same folders have the same file, however they are written and in whatever order.
fn name_of(places: &[PathBuf]) -> String {
    let whole = |place: &PathBuf| place.canonicalize().unwrap_or_else(|_| place.clone());
    let mut places: Vec<PathBuf> = places.iter().map(whole).collect();
    places.sort();
    places.dedup();
    let named: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    Digest::of(named.join("\n").as_bytes()).to_string()
}

/// What is kept; nothing where there is no file. A file that others could have read or written is not taken.
fn read(file: &Path) -> Result<Option<(Token, u16)>, String> {
    let found = match fs::symlink_metadata(file) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    if !found.is_file() || !is_private(&found) {
        return Err(format!("{} is not only its owner's", file.display()));
    }
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut lines = text.lines();
    let token = lines.next().and_then(Token::written);
    let port = lines.next().and_then(|line| line.parse().ok());
    token.zip(port).map(Some).ok_or_else(|| format!("{} is damaged", file.display()))
}

#[cfg(unix)]
fn is_private(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.mode().trailing_zeros() >= 6 && found.uid() == rustix::process::geteuid().as_raw()
}

/// Elsewhere the folders of a user are theirs alone.
#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

/// Writes the file whole or not at all; from its first byte on nobody but its owner can read it.
fn write(file: &Path, token: &Token, port: u16) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    create(folder)?;
    // Temporary files are made with mode 0600.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(new, "{}\n{port}", token.as_str())?;
    new.as_file().sync_all()?;
    new.persist(file)?;
    Ok(())
}

#[cfg(unix)]
fn create(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_comes_back_and_what_others_could_read_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep").join("file");
        assert!(read(&file).unwrap().is_none());
        let token = fresh().unwrap();
        write(&file, &token, 8123).unwrap();
        let (kept, port) = read(&file).unwrap().unwrap();
        assert!(kept == token && port == 8123);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
            fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(read(&file).is_err());
            let link = folder.path().join("link");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert!(read(&link).is_err());
        }
        fs::write(&file, "no token\n").unwrap();
        assert!(read(&file).is_err());
    }

    #[test]
    fn the_same_folders_are_the_same_however_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        fs::create_dir(&one).unwrap();
        fs::create_dir(&two).unwrap();
        let round = one.join("../two");
        assert_eq!(name_of(&[one.clone(), two.clone()]), name_of(&[round, one.clone()]));
        assert_ne!(name_of(&[one]), name_of(&[two]));
    }
}
