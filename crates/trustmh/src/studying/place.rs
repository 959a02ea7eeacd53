//! Where a study is: in a folder of its own, or still in its file alone.

use std::path::{Path, PathBuf};

use trustmh_run::study::{LOCK, StudySource, folder_name};

use crate::failure::Failure;

/// The folder of studies.
const STUDIES: &str = "studies";

/// A study's folder as the user named it: by itself, or by the study file it was made of.
pub(crate) struct Named {
    pub(crate) folder: PathBuf,
    /// The study file, where it is not the one in the folder.
    pub(crate) source: Option<StudySource>,
}

/// The folder that a study of this file has unless the user says otherwise.
pub(crate) fn usual_folder(source: &StudySource) -> PathBuf {
    Path::new(STUDIES).join(folder_name(source.study.study.name.as_str(), "study"))
}

impl Named {
    /// The folder of the study that is called `given`.
    pub(crate) fn find(given: &Path) -> Result<Self, Failure> {
        if given.is_dir() {
            return Self { folder: given.to_owned(), source: None }.that_is_there();
        }
        let beside = given.parent().filter(|parent| parent.join(LOCK).is_file());
        if let Some(folder) = beside {
            return Ok(Self { folder: folder.to_owned(), source: None });
        }
        let text = std::fs::read_to_string(given)
            .map_err(|error| Failure::io(given, "reading", &error))?;
        let source = StudySource::parse(&given.display().to_string(), &text)?;
        Self { folder: usual_folder(&source), source: Some(source) }.that_is_there()
    }

    fn that_is_there(self) -> Result<Self, Failure> {
        if self.folder.join(LOCK).is_file() {
            return Ok(self);
        }
        let folder = self.folder.display();
        let message = match &self.source {
            Some(source) => {
                format!("{}: was not run yet: there is no study in {folder}", source.file)
            }
            None => format!("{folder} holds no study: there is no {LOCK} in it"),
        };
        let hint = match &self.source {
            Some(source) => format!(
                "`trustmh study run {}` begins it; if it is elsewhere, name its folder",
                source.file
            ),
            None => "name a folder that `trustmh study run` made".to_owned(),
        };
        Err(Failure::usage(message).with_hint(hint))
    }
}
