//! A dataset's folder: where its files are, and which of them belong together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{DataFile, Part, files, rank};
use crate::error::DataError;
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
        let main = fs::read_to_string(folder.join("refs").join("main")).ok();
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
    /// [`DataError::Saved`] for a folder of `save_to_disk`, [`DataError::NoTables`] without any.
    pub(super) fn parts(&self) -> Result<Vec<Part>, DataError> {
        let all = files::of(&self.files)?;
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
            files.sort_by(|one, two| (one.shard, &one.path).cmp(&(two.shard, &two.path)));
            whole.push(Part { config, stem, form, files });
        }
        Ok(whole)
    }

    /// Whether all shards of these parts are there, each once.
    ///
    /// # Errors
    /// [`DataError::Shards`] for the first that is not.
    pub(super) fn check(&self, parts: &[Part]) -> Result<(), DataError> {
        for part in parts {
            let Some(first) = part.files.first() else { continue };
            let Some((_, all)) = first.shard else { continue };
            for (number, place) in (0..all).zip(0..) {
                if part.files.get(place).and_then(|file| file.shard) != Some((number, all)) {
                    return Err(DataError::Shards { like: self.name_of(&first.path), number, all });
                }
            }
        }
        Ok(())
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
            .parts()
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
        let gap = repository.check(&repository.parts().unwrap()).unwrap_err().to_string();
        assert!(gap.contains("part 0 of 2"), "{gap}");
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
        let error = Repository::open(there.path()).unwrap().parts().unwrap_err().to_string();
        let path = there.path().display().to_string();
        assert!(
            error.contains(&format!("p='{path}'; d(p).to_parquet(p + '/train.parquet')")),
            "{error}"
        );
        let empty = tempfile::tempdir().unwrap();
        assert!(Repository::open(empty.path()).unwrap().parts().is_err());
    }
}
