//! Data files of a folder, and what their names say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::error::DataError;
use crate::tabular::Form;

/// Folders below a dataset's that are looked into.
const DEPTH: usize = 3;
/// Files of one dataset: more are some other folder.
const MOST: usize = 20_000;
/// The folder that repositories keep their data in; it names no configuration.
const DATA: &str = "data";
/// How the only configuration is called where nobody named one.
pub(super) const DEFAULT: [&str; 2] = [USUAL, "plain_text"];
/// The first of these.
pub(super) const USUAL: &str = "default";

/// A data file by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DataFile {
    pub(super) config: Option<String>,
    /// The split, or whatever else the file is named after.
    pub(super) stem: String,
    pub(super) form: Form,
    pub(super) number: Number,
    pub(super) path: PathBuf,
}

/// What a file's name says of its place in its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Number {
    /// Nothing: it is the whole part.
    Whole,
    /// `train-00001-of-00003`.
    Shard { this: u32, all: u32 },
    /// `0001`, as the hub counts its own copies in Parquet: from 0, without saying how many there are.
    Counted(u64),
    /// A number of other people's, such as a year.
    Listed(u64),
}

impl Number {
    /// Whether a part may have files of both.
    pub(super) fn is_beside(self, other: Self) -> bool {
        match (self, other) {
            (Self::Shard { all: one, .. }, Self::Shard { all: other, .. }) => one == other,
            (Self::Counted(_) | Self::Listed(_), Self::Counted(_) | Self::Listed(_)) => true,
            _ => false,
        }
    }

    /// The number itself.
    pub(super) fn place(self) -> u64 {
        match self {
            Self::Whole => 0,
            Self::Shard { this, .. } => u64::from(this),
            Self::Counted(number) | Self::Listed(number) => number,
        }
    }
}

/// Of which files a folder is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Of all, since it is that of one dataset.
    All,
    /// Of those that a search comes upon before it gives up.
    Bounded,
}

/// The data files of a folder, each once.
///
/// # Errors
/// [`DataError::TooManyFiles`] where all are asked for and there are more than one dataset has.
pub(super) fn of(folder: &Path, asked: Asked) -> Result<Vec<DataFile>, DataError> {
    at_most(MOST, folder, asked)
}

fn at_most(most: usize, folder: &Path, asked: Asked) -> Result<Vec<DataFile>, DataError> {
    let mut look = Look { most, seen: BTreeSet::new(), found: Vec::new() };
    look.within(folder, &mut Vec::new())?;
    let Look { mut found, .. } = look;
    if asked == Asked::All && found.len() > most {
        return Err(DataError::TooManyFiles { folder: folder.to_owned(), most });
    }
    found.truncate(most);
    found.sort();
    Ok(found)
}

/// The bytes of a file; anything else by that name, such as a pipe, is refused and not waited for.
pub(crate) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let there = fs::metadata(path)?;
    if !there.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    fs::read(path)
}

struct Look {
    most: usize,
    /// The folders looked into, by the paths that they have without links.
    seen: BTreeSet<PathBuf>,
    found: Vec<DataFile>,
}

impl Look {
    fn within(&mut self, folder: &Path, below: &mut Vec<String>) -> Result<(), DataError> {
        let unreadable = |source| DataError::Unreadable { path: folder.to_owned(), source };
        if !self.seen.insert(fs::canonicalize(folder).map_err(unreadable)?) {
            return Ok(());
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let is_link = entry.file_type().map_err(unreadable)?.is_symlink();
            entries.push((is_link, entry.path()));
        }
        // A folder that is there twice goes by its own name, not by that of a link to it.
        entries.sort();
        for (_, path) in entries {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            // Folders of Git and of the hub's own downloads hold copies.
            if name.starts_with('.') {
                continue;
            }
            if self.found.len() > self.most {
                return Ok(());
            }
            // A file that is missing behind its link is told when it is read.
            match fs::metadata(&path) {
                Ok(there) if there.is_dir() => {
                    if below.len() < DEPTH {
                        below.push(name.to_owned());
                        self.within(&path, below)?;
                        below.pop();
                    }
                }
                Ok(there) if !there.is_file() => {}
                _ => self.found.extend(named(name, below, &path)),
            }
        }
        Ok(())
    }
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
    let (stem, folders, number) = match (sharded(stem), numbered(stem), folders.split_last()) {
        (Some((stem, number)), ..) => (stem.to_owned(), folders.as_slice(), number),
        // The hub's own copies in Parquet are numbered files in a folder for each split.
        (None, Some(number), Some((split, folders))) => ((*split).clone(), folders, number),
        _ => (stem.to_owned(), folders.as_slice(), Number::Whole),
    };
    let config = folders.first().map(|folder| (*folder).clone());
    let config = config.filter(|config| !DEFAULT.contains(&config.as_str()));
    Some(DataFile { config, stem, form, number, path: path.to_owned() })
}

/// `train-00001-of-00003` in its parts.
fn sharded(stem: &str) -> Option<(&str, Number)> {
    let (before, all) = stem.rsplit_once("-of-")?;
    let (name, this) = before.rsplit_once('-')?;
    let number = |digits: &str| {
        let is_number = digits.len() >= 4 && digits.bytes().all(|sign| sign.is_ascii_digit());
        is_number.then(|| digits.parse::<u32>().ok()).flatten()
    };
    Some((name, Number::Shard { this: number(this)?, all: number(all)? }))
}

/// What a file that is called by nothing but a number says.
fn numbered(stem: &str) -> Option<Number> {
    /// How many digits the hub's numbers have at the least.
    const DIGITS: usize = 4;
    let number = stem.parse().ok().filter(|_| stem.bytes().all(|sign| sign.is_ascii_digit()))?;
    let is_counted = number == 0 || (stem.len() >= DIGITS && stem.starts_with('0'));
    Some(if is_counted { Number::Counted(number) } else { Number::Listed(number) })
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
            Some((file.config.unwrap_or_default(), file.stem, file.number))
        };
        let is =
            |config: &str, stem: &str, number| Some((config.to_owned(), stem.to_owned(), number));
        let shard = |this, all| Number::Shard { this, all };
        assert_eq!(of("data/train-00000-of-00002.parquet"), is("", "train", shard(0, 2)));
        assert_eq!(of("en/test-00001-of-00002.parquet"), is("en", "test", shard(1, 2)));
        assert_eq!(of("data/en/test.jsonl"), is("en", "test", Number::Whole));
        assert_eq!(of("default/train/0003.parquet"), is("", "train", Number::Counted(3)));
        assert_eq!(of("en/train/0000.parquet"), is("en", "train", Number::Counted(0)));
        assert_eq!(of("en/2019.csv"), is("", "en", Number::Listed(2019)));
        assert_eq!(of("data/2019.csv"), is("", "2019", Number::Whole));
        assert_eq!(of("OEQ.csv"), is("", "OEQ", Number::Whole));
        assert_eq!(of("check-of-notes.csv"), is("", "check-of-notes", Number::Whole));
        assert_eq!(of("dataset_info.json"), None);
        assert_eq!(of("README.md"), None);
    }
    fn names(folder: &Path, found: &[DataFile]) -> Vec<String> {
        found
            .iter()
            .map(|file| file.path.strip_prefix(folder).unwrap().display().to_string())
            .collect()
    }

    #[test]
    fn more_files_than_one_dataset_has_are_told_and_end_a_search() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.csv", "b.csv", "c.csv", "notes.txt"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let of = |most, asked| at_most(most, folder.path(), asked);
        assert_eq!(of(3, Asked::All).unwrap().len(), 3);
        let error = of(2, Asked::All).unwrap_err();
        assert!(error.to_string().contains("more than 2 files"), "{error}");
        assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
        assert!(error.hint().is_some());
        assert_eq!(names(folder.path(), &of(2, Asked::Bounded).unwrap()), ["a.csv", "b.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_what_is_no_file_is_passed_by() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let blob = folder.path().join(".blob");
        fs::create_dir(&data).unwrap();
        fs::write(&blob, "").unwrap();
        symlink("../.blob", data.join("train.jsonl")).unwrap();
        symlink(".", data.join("loop")).unwrap();
        symlink("data", folder.path().join("alias")).unwrap();
        symlink("../.gone", data.join("test.jsonl")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(data.join("dev.jsonl")).unwrap();
        let found = of(folder.path(), Asked::All).unwrap();
        let expected = ["data/test.jsonl", "data/train.jsonl"];
        assert_eq!(names(folder.path(), &found), expected, "a lost file is kept, to be told");
        assert!(bytes(&data.join("dev.jsonl")).is_err());
        assert_eq!(bytes(&data.join("train.jsonl")).unwrap(), b"");
    }
}
