//! Which of the given paths hold outputs, and which only sum them up.

use std::collections::BTreeSet;
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

/// The files with outputs among `paths`.
pub(super) fn outputs(format: RecordFormat, paths: &[PathBuf]) -> Result<Vec<Output>, DataError> {
    let expected = format.file_names;
    let mut outputs = Vec::new();
    let mut beside = Vec::new();
    for path in paths {
        let file = file_name(path);
        match (format.part)(&file) {
            Some(Part::Outputs(model)) => outputs.push(Output { path: path.clone(), file, model }),
            Some(Part::Beside(model)) => beside.push((path, model)),
            Some(Part::Aside) => {}
            None => {
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

/// What stands between a start and an end.
pub(super) fn inner<'f>(file: &'f str, start: &str, end: &str) -> Option<&'f str> {
    file.strip_prefix(start)?.strip_suffix(end).filter(|inner| !inner.is_empty())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
