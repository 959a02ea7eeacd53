//! What can go wrong with a pack.

use std::path::{Path, PathBuf};

use trustmh_core::form_fault;
use trustmh_run::error::RunError;

/// A pack that cannot be made, written or checked.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file that is not what its form says.
    #[error("{file}:{line}: {message}")]
    Malformed {
        /// The file as the user knows it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the field where it is known.
        message: String,
    },
    /// A file that breaks a rule although its form is kept.
    #[error("{file}: field `{field}`: {message}")]
    Rule {
        /// The file as the user knows it.
        file: String,
        /// The field at fault.
        field: String,
        /// What is wrong.
        message: String,
    },
    /// A framework that is not there.
    #[error("there is no framework `{name}`; there are {known}")]
    UnknownFramework {
        /// What was asked for.
        name: String,
        /// Those that are there.
        known: String,
    },
    /// The same run was given twice.
    #[error("run {run} is given twice")]
    Twice {
        /// The run.
        run: String,
    },
    /// A folder that is there and is no pack.
    #[error("{path}: is there already and is no evidence pack, so it is left alone")]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that should be a pack and is none.
    #[error("{path}: {message}")]
    NotAPack {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A schema of XML that cannot be used.
    #[error("{path}: {message}")]
    Schema {
        /// The schema.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// A pack that JSON cannot hold.
    #[error("the pack cannot be written as JSON: {message}")]
    Json {
        /// Why not.
        message: String,
    },
    /// A file or folder that cannot be read or written.
    #[error("{path}: {action}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// A run that cannot be read or compared.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl EvidenceError {
    /// A fault of the file system at `path`.
    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, action, source }
    }

    /// A file that is no TOML of its form: the line that the fault is on, and what stands there.
    pub(crate) fn toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let shown = text.lines().nth(line - 1).unwrap_or_default().trim();
        let message = form_fault::in_plain_words(error);
        let message = match shown {
            "" => message,
            _ => format!("`{shown}`: {message}"),
        };
        Self::Malformed { file: file.to_owned(), line, message }
    }

    /// A rule that `field` of `file` breaks.
    pub(crate) fn rule(file: &str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Rule { file: file.to_owned(), field: field.into(), message: message.into() }
    }
}
