//! Which of the given paths hold outputs, and which only sum them up.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::RecordFormat;
use crate::error::DataError;

/// A file with outputs.
pub(super) struct Output {
    pub(super) path: PathBuf,
    /// The file's name.
    pub(super) file: String,
    /// The model in the file's name, or what stands for it.
    pub(super) model: String,
}

/// What a file is to a record, by its name.
pub(super) enum Part {
    /// It holds outputs of this model.
    Outputs(String),
    /// It sums up the outputs of this model.
    Beside(String),
    /// It belongs to the record, and is not needed.
    Aside,
}

impl Part {
    pub(super) fn outputs(model: &str) -> Self {
        Self::Outputs(model.to_owned())
    }

    pub(super) fn beside(model: &str) -> Self {
        Self::Beside(model.to_owned())
    }
}

/// The files with outputs among `paths` and in the folders among them.
pub(super) fn outputs(format: RecordFormat, paths: &[PathBuf]) -> Result<Vec<Output>, DataError> {
    let expected = format.file_names;
    let mut outputs = Vec::new();
    let mut beside = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            below(path, &mut files)?;
        } else {
            files.push((path.clone(), Given::ByName));
        }
    }
    for (path, given) in &files {
        let file = file_name(path);
        match ((format.part)(&file), given) {
            (Some(Part::Outputs(model)), _) => {
                outputs.push(Output { path: path.clone(), file, model });
            }
            (Some(Part::Beside(model)), _) => beside.push((path, model)),
            // A folder may hold other files, too.
            (Some(Part::Aside), _) | (None, Given::InFolder) => {}
            (None, Given::ByName) => {
                let format = format.name;
                return Err(DataError::FileName { path: path.clone(), format, expected });
            }
        }
    }
    let models: BTreeSet<&str> = outputs.iter().map(|output| output.model.as_str()).collect();
    if let Some((path, _)) = beside.iter().find(|(_, model)| !models.contains(model.as_str())) {
        return Err(DataError::OnlySummary { path: path.to_path_buf(), expected });
    }
    if outputs.is_empty() {
        return Err(DataError::NothingRecorded { format: format.name, expected });
    }
    Ok(outputs)
}

/// How a file was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    ByName,
    InFolder,
}

/// All files in a folder and in those inside it, by name. Links are not followed.
fn below(folder: &Path, files: &mut Vec<(PathBuf, Given)>) -> Result<(), DataError> {
    let unreadable = |source| DataError::Unreadable { path: folder.to_owned(), source };
    let mut inside = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        inside.push((entry.path(), entry.file_type().map_err(unreadable)?));
    }
    inside.sort_by(|a, b| a.0.cmp(&b.0));
    for (path, kind) in inside {
        if kind.is_dir() {
            below(&path, files)?;
        } else if kind.is_file() {
            files.push((path, Given::InFolder));
        }
    }
    Ok(())
}

/// What stands between a start and an end.
pub(super) fn inner<'f>(file: &'f str, start: &str, end: &str) -> Option<&'f str> {
    file.strip_prefix(start)?.strip_suffix(end).filter(|inner| !inner.is_empty())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
