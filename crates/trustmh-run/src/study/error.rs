//! What can be wrong with a study.

use std::path::PathBuf;

use crate::error::RunError;

/// A study file or a study's folder that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A file that is not what its form says.
    #[error("{file}:{line}: {message}")]
    Malformed {
        /// The file as the user knows it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// The word that is not known and those that are, where that is what is wrong.
        unknown: Option<(String, Vec<String>)>,
    },
    /// A rule that a file breaks although its form is kept.
    #[error("{file}:{line}: `{field}`: {message}")]
    Rule {
        /// The file as the user knows it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The field, as `subjects[2].name`.
        field: String,
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A credential in a file that is copied and shared. It is not repeated.
    #[error(
        "{file}:{line}: `{field}` holds what looks like a key; study files are copied and shared, so no key may stand in them"
    )]
    Credential {
        /// The file as the user knows it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// Where it stands.
        field: String,
    },
    /// A lock that cannot be read.
    #[error("{path}: {message}")]
    Lock {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A run that cannot be read.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl StudyError {
    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Rule { hint, .. } => hint.clone(),
            Self::Credential { .. } => Some(
                "put the key into an environment variable and name that: key_env = \"MY_API_KEY\"; change a key that was shared".to_owned(),
            ),
            Self::Malformed { .. } => Some("docs/study.md has every field; `trustmh study schema` prints the schema".to_owned()),
            Self::Lock { .. } | Self::Run(_) => None,
        }
    }
}
