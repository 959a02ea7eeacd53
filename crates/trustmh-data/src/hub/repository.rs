//! A dataset's folder: where its files are, and which of them belong together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::files::{self, Asked, Number};
use super::{DataFile, Part, rank};
use crate::error::{DataError, Place};
use crate::tabular::Form;

/// How the hub's cache names the folder of a dataset: `datasets--org--name`.
const CACHED: &str = "datasets--";

/// A folder with a dataset in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// The folder of the files, in a cache that of a snapshot.
    pub(super) files: PathBuf,
}

impl Repository {
    /// Opens a folder, or the snapshot that is in use of one in the hub's cache.
    ///
    /// # Errors
    /// [`DataError::Snapshots`] for a cached dataset of which it cannot be told which snapshot is meant.
    pub(super) fn open(folder: &Path) -> Result<Self, DataError> {
        let snapshots = folder.join("snapshots");
        if !snapshots.is_dir() {
            return Ok(Self { files: folder.to_owned() });
        }
        let main = files::bytes(&folder.join("refs").join("main")).ok();
        let main = main.and_then(|main| String::from_utf8(main).ok());
        let main = main.map(|commit| commit.trim().to_owned()).filter(|commit| is_commit(commit));
        if let Some(main) = main.map(|commit| snapshots.join(commit)).filter(|path| path.is_dir()) {
            return Ok(Self { files: main });
        }
        let unreadable = |source| DataError::Unreadable { path: snapshots.clone(), source };
        let entries = fs::read_dir(&snapshots).map_err(unreadable)?;
        let there: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.is_dir())
            .collect();
        match there.as_slice() {
            [only] => Ok(Self { files: only.clone() }),
            several => {
                Err(DataError::Snapshots { folder: folder.to_owned(), found: several.len() })
            }
        }
    }

    /// The parts of the dataset, those to train on first.
    ///
    /// # Errors
    /// [`DataError::Saved`] for a folder of `save_to_disk`, [`DataError::NoTables`] without any, and where all files are asked for
    /// [`DataError::TooManyFiles`].
    pub(super) fn parts(&self, asked: Asked) -> Result<Vec<Part>, DataError> {
        let all = files::of(&self.files, asked)?;
        if all.is_empty() {
            return Err(match saved(&self.files) {
                Some(command) => DataError::Saved { folder: self.files.clone(), command },
                None => DataError::NoTables { folder: self.files.clone() },
            });
        }
        let mut parts: BTreeMap<(Option<String>, usize, String, Form), Vec<DataFile>> =
            BTreeMap::new();
        for file in all {
            let key = (file.config.clone(), rank(&file.stem), file.stem.clone(), file.form);
            parts.entry(key).or_default().push(file);
        }
        let mut whole: Vec<Part> = Vec::new();
        for ((config, _, stem, form), mut files) in parts {
            // Where a part is kept in several forms, the first is as good as all.
            if whole.last().is_some_and(|part| part.config == config && part.stem == stem) {
                continue;
            }
            files.sort_by(|one, two| (one.number, &one.path).cmp(&(two.number, &two.path)));
            whole.push(Part { config, stem, form, files });
        }
        Ok(whole)
    }

    /// Whether all files of these parts are there, each once.
    ///
    /// # Errors
    /// [`DataError::Shards`] for the first that is not, [`DataError::Apart`] for two that cannot both be of one part, such as those of
    /// two downloads.
    pub(super) fn check(&self, parts: &[Part]) -> Result<(), DataError> {
        parts.iter().try_for_each(|part| self.check_part(&part.files))
    }

    /// Files come in the order of their numbers.
    fn check_part(&self, files: &[DataFile]) -> Result<(), DataError> {
        let apart = |one: &DataFile, other: &DataFile| {
            let (one, other) = (self.name_of(&one.path), self.name_of(&other.path));
            Err(DataError::Apart { one, other })
        };
        let (Some(first), Some(last)) = (files.first(), files.last()) else { return Ok(()) };
        for (one, other) in files.iter().zip(files.iter().skip(1)) {
            if one.number == other.number || !one.number.is_beside(other.number) {
                return apart(one, other);
            }
        }
        match (first.number, last.number) {
            (Number::Shard { all, .. }, Number::Shard { this, .. }) => {
                if this >= all {
                    let expected = format!("less than {all}, as parts are counted from 0");
                    let place = Place::file(&self.name_of(&last.path));
                    let field = "the number of the part";
                    return Err(DataError::value(place, field, &this.to_string(), expected));
                }
                self.gap(files, u64::from(all))
            }
            (Number::Counted(_), Number::Counted(number) | Number::Listed(number)) => {
                self.gap(files, number.saturating_add(1))
            }
            _ => Ok(()),
        }
    }

    /// The first number below `all` that no file has; no two files have the same.
    fn gap(&self, files: &[DataFile], all: u64) -> Result<(), DataError> {
        let there = files.iter().map(|file| file.number.place());
        let beyond = std::iter::repeat(all);
        let gap = (0..all).zip(there.chain(beyond)).find(|(number, there)| number != there);
        match (gap, files.first()) {
            (Some((number, _)), Some(first)) => {
                Err(DataError::Shards { like: self.name_of(&first.path), number, all })
            }
            _ => Ok(()),
        }
    }

    /// How a file is called: by its path below the folder.
    pub(super) fn name_of(&self, file: &Path) -> String {
        slashed(file.strip_prefix(&self.files).unwrap_or(file))
    }

    /// A dataset's name by its folder, or by that of the cache which a snapshot is in; without its owner's.
    pub(super) fn name_of_folder(folder: &Path) -> String {
        let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        let name = |path: &Path| {
            path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let of_cache =
            whole.parent().filter(|parent| name(parent) == "snapshots").and_then(Path::parent);
        let name = name(of_cache.unwrap_or(&whole));
        match name.strip_prefix(CACHED) {
            Some(cached) => cached.rsplit_once("--").map_or(cached, |(_, name)| name).to_owned(),
            None => name,
        }
    }
}

/// A path as it is written everywhere.
pub(super) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// Whether a text is a commit, and so no path that leads elsewhere.
fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|sign| sign.is_ascii_hexdigit())
}

/// For a folder of `save_to_disk`, whose files are in Arrow's own form: what turns it into Parquet.
pub(super) fn saved(folder: &Path) -> Option<String> {
    let path = slashed(folder).replace('\\', "/").replace('\'', "\\'");
    let path = if folder.is_absolute() { path.replacen("//", "/", 1) } else { path };
    if folder.join("dataset_dict.json").is_file() {
        return Some(format!(
            "python3 -c \"from datasets import load_from_disk as d; p='{path}'; [s.to_parquet(f'{{p}}/{{n}}.parquet') for n, s in d(p).items()]\""
        ));
    }
    (folder.join("state.json").is_file() && folder.join("dataset_info.json").is_file()).then(|| {
        format!(
            "python3 -c \"from datasets import load_from_disk as d; p='{path}'; d(p).to_parquet(p + '/train.parquet')\""
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    #[test]
    fn splits_and_shards_come_in_order_and_gaps_are_told() {
        let there = folder(&[
            "README.md",
            "data/test-00000-of-00001.parquet",
            "data/train-00001-of-00002.parquet",
            "data/train-00000-of-00002.parquet",
            "data/train.csv",
        ]);
        let repository = Repository::open(there.path()).unwrap();
        let shards: Vec<String> = repository
            .parts(Asked::All)
            .unwrap()
            .iter()
            .flat_map(Part::shards)
            .map(|shard| repository.name_of(shard))
            .collect();
        let expected = [
            "data/train-00000-of-00002.parquet",
            "data/train-00001-of-00002.parquet",
            "data/test-00000-of-00001.parquet",
        ];
        assert_eq!(shards, expected);
        fs::remove_file(there.path().join(expected[0])).unwrap();
        let gap = repository.check(&repository.parts(Asked::All).unwrap()).unwrap_err().to_string();
        assert!(gap.contains("part 0 of 2"), "{gap}");
    }

    #[test]
    fn a_part_is_one_file_or_all_of_its_numbered_ones_each_once() {
        let fault = |files: &[&str]| {
            let there = folder(files);
            let repository = Repository::open(there.path()).unwrap();
            repository.check(&repository.parts(Asked::All).unwrap()).err()
        };
        for whole in [
            &["train.jsonl", "test.jsonl"] as &[_],
            &["data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl"],
            &["train/0000.parquet", "train/0001.parquet", "test/0000.parquet"],
            &["en/2019.csv", "en/2021.csv"],
            &["en/1.csv", "en/2.csv", "en/10.csv"],
        ] {
            assert!(fault(whole).is_none(), "{whole:?}");
        }
        let missing = |files: &[&str], what: &str| {
            let fault = fault(files).unwrap();
            assert!(matches!(fault, DataError::Shards { .. }) && fault.hint().is_some(), "{fault}");
            assert!(fault.to_string().contains(what), "{fault}");
        };
        missing(&["train-00000-of-00002.csv"], "part 1 of 2 is missing beside train-00000");
        missing(&["train-00000-of-99999999.csv"], "part 1 of 99999999");
        missing(&["train/0000.parquet", "train/0002.parquet"], "part 1 of 3");
        missing(&["train/0001.parquet"], "part 0 of 2 is missing beside train/0001.parquet");
        missing(&["train/0.csv", "train/2.csv"], "part 1 of 3");
        for both in [
            ["train-00000-of-00001.csv", "train-00001-of-00003.csv"],
            ["train-00000-of-00001.csv", "train-00000-of-00003.csv"],
            ["train-00001-of-00003.jsonl", "train.jsonl"],
            ["train/0000.parquet", "train.parquet"],
            ["data/train-00000-of-00001.csv", "train-00000-of-00001.csv"],
            ["data/train.csv", "train.csv"],
        ] {
            let fault = fault(&both).unwrap();
            assert!(matches!(fault, DataError::Apart { .. }) && fault.hint().is_some(), "{fault}");
            let told = fault.to_string();
            assert!(both.iter().all(|file| told.contains(&format!("`{file}`"))), "{told}");
        }
        for (file, told) in [
            ("train-00000-of-00000.csv", "the number of the part is `0`; expected less than 0"),
            ("train-00003-of-00002.csv", "the number of the part is `3`; expected less than 2"),
        ] {
            let fault = fault(&[file]).unwrap().to_string();
            assert!(fault.starts_with(file) && fault.contains(told), "{fault}");
        }
    }

    #[test]
    fn a_cache_leads_to_the_snapshot_in_use() {
        let commit = "a".repeat(40);
        let other = "b".repeat(40);
        let there = folder(&[
            &format!("datasets--org--My-Set/snapshots/{commit}/train.jsonl"),
            &format!("datasets--org--My-Set/snapshots/{other}/train.jsonl"),
        ]);
        let cached = there.path().join("datasets--org--My-Set");
        let open = || Repository::open(&cached);
        let several = open().unwrap_err().to_string();
        assert!(several.contains("2 snapshots"), "{several}");
        fs::create_dir(cached.join("refs")).unwrap();
        fs::write(cached.join("refs/main"), "../../elsewhere").unwrap();
        assert!(open().is_err());
        fs::write(cached.join("refs/main"), format!("{commit}\n")).unwrap();
        let found = open().unwrap();
        assert_eq!(found.files, cached.join("snapshots").join(&commit));
        assert_eq!(Repository::name_of_folder(&cached), "My-Set");
        assert_eq!(Repository::name_of_folder(&found.files), "My-Set");
    }

    #[test]
    fn what_save_to_disk_wrote_is_known_and_what_turns_it_is_told() {
        let there = folder(&["state.json", "dataset_info.json", "data-00000-of-00001.arrow"]);
        let error =
            Repository::open(there.path()).unwrap().parts(Asked::All).unwrap_err().to_string();
        let path = there.path().display().to_string();
        assert!(
            error.contains(&format!("p='{path}'; d(p).to_parquet(p + '/train.parquet')")),
            "{error}"
        );
        let empty = tempfile::tempdir().unwrap();
        assert!(Repository::open(empty.path()).unwrap().parts(Asked::All).is_err());
    }
}
