//! What a dataset says of its columns: the names of classes whose numbers its tables hold.

use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;

use super::{Part, Repository, card, files};
use crate::error::{DataError, Place};
use crate::tabular::{Classes, Form, parquet};

/// The names of classes by column: from the file itself, from what is kept beside it, or from the dataset's card.
///
/// # Errors
/// [`DataError`] for what is kept beside it and cannot be read: without it numbers of classes would stay numbers.
pub(super) fn classes(
    repository: &Repository,
    part: &Part,
    shard: &Path,
) -> Result<Classes, DataError> {
    if part.form == Form::Parquet
        && let Some(features) = parquet::features(shard)
    {
        return Ok(of_features(&features));
    }
    match beside(repository, part)? {
        Some(classes) => Ok(classes),
        None => of_card(repository, part),
    }
}

/// The names of classes that a file in Parquet holds itself.
pub(crate) fn of_file(path: &Path) -> Classes {
    parquet::features(path).map(|features| of_features(&features)).unwrap_or_default()
}

/// The names in a description of columns as `datasets` keeps it.
fn of_features(features: &Value) -> Classes {
    let columns = features.as_object().into_iter().flatten();
    columns
        .filter(|(_, feature)| feature["_type"] == "ClassLabel")
        .filter_map(|(column, feature)| {
            let names = feature["names"].as_array()?.iter();
            let names =
                names.map(|name| name.as_str().map(str::to_owned)).collect::<Option<_>>()?;
            Some((column.clone(), names))
        })
        .collect()
}

fn beside(repository: &Repository, part: &Part) -> Result<Option<Classes>, DataError> {
    let read = |name: &str| -> Result<Option<Value>, DataError> {
        let Some(bytes) = there(&repository.files.join(name))? else { return Ok(None) };
        let fault = |error| DataError::malformed(Place::file(name), error);
        serde_json::from_slice(&bytes).map(Some).map_err(fault)
    };
    let of_info = read("dataset_info.json")?.and_then(|info| info.get("features").cloned());
    if let Some(features) = of_info {
        return Ok(Some(of_features(&features)));
    }
    let Some(all) = read("dataset_infos.json")? else { return Ok(None) };
    let all: Vec<(&str, &Value)> =
        all.as_object().into_iter().flatten().map(|(name, info)| (name.as_str(), info)).collect();
    let configs: Vec<Option<&str>> = all.iter().map(|(name, _)| Some(*name)).collect();
    let info = meant(&configs, part.config.as_deref()).and_then(|at| all.get(at));
    Ok(info.and_then(|(_, info)| info.get("features")).map(of_features))
}

fn of_card(repository: &Repository, part: &Part) -> Result<Classes, DataError> {
    let card = there(&repository.files.join(card::FILE))?.unwrap_or_default();
    card::classes(&String::from_utf8_lossy(&card), part.config.as_deref())
}

/// Which of these configurations, of which one may have no name, is that of a part: the one that is called like it. A part in no
/// configuration's folder is of the usual one or of the only one there is.
pub(super) fn meant(there: &[Option<&str>], config: Option<&str>) -> Option<usize> {
    let called = |name: &str| there.iter().position(|config| *config == Some(name));
    let only = match there {
        [only] => Some(only),
        _ => None,
    };
    let is_usual = |name: &str| files::DEFAULT.contains(&name);
    match config {
        Some(config) => {
            called(config).or_else(|| only.filter(|only| only.is_none_or(is_usual)).map(|_| 0))
        }
        None => files::DEFAULT.into_iter().find_map(called).or(only.map(|_| 0)),
    }
}

/// What is in a file; none where there is no such file.
fn there(path: &Path) -> Result<Option<Vec<u8>>, DataError> {
    match files::bytes(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(DataError::Unreadable { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_configuration_of_a_part_is_never_another_one() {
        assert_eq!(meant(&[Some("en"), Some("zh")], Some("zh")), Some(1));
        assert_eq!(meant(&[Some("en"), Some("zh")], None), None);
        assert_eq!(meant(&[Some("en"), Some("default")], None), Some(1));
        assert_eq!(meant(&[Some("en")], None), Some(0));
        assert_eq!(meant(&[Some("en")], Some("zh")), None);
        assert_eq!(meant(&[Some("default")], Some("OEQ")), Some(0));
        assert_eq!(meant(&[None], Some("OEQ")), Some(0));
        assert_eq!(meant(&[], None), None);
    }

    #[test]
    fn what_is_kept_beside_files_is_that_of_their_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::open(folder.path()).unwrap();
        let info = |name: &str| {
            let label = serde_json::json!({"_type": "ClassLabel", "names": [name]});
            serde_json::json!({"features": {"label": label}})
        };
        let infos = serde_json::json!({"other": info("wrong"), "default": info("right")});
        fs::write(folder.path().join("dataset_infos.json"), infos.to_string()).unwrap();
        let names = |config: Option<&str>| {
            let (config, stem) = (config.map(str::to_owned), "train".to_owned());
            let part = Part { config, stem, form: Form::Lines, files: Vec::new() };
            classes(&repository, &part, Path::new("train.jsonl")).unwrap()
        };
        assert_eq!(names(None)["label"], ["right"]);
        assert_eq!(names(Some("other"))["label"], ["wrong"]);
        assert_eq!(names(Some("third")), Classes::new());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("README.md");
        std::os::unix::net::UnixListener::bind(&pipe).unwrap();
        assert!(there(&pipe).unwrap_err().to_string().contains("no regular file"));
        assert_eq!(there(&folder.path().join("none")).unwrap(), None);
    }
}
