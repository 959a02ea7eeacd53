//! What can go wrong while runs are shown.

use std::path::PathBuf;

use trustmh_engine::error::EngineError;
use trustmh_run::error::RunError;

/// A page that cannot be made, or a viewer that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// A run that cannot be read or scored.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A task that is unknown or broken.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The index.
    #[error("the index of the run: {0}; delete index.sqlite in the run's folder, it is made again")]
    Index(#[from] rusqlite::Error),
    /// The disk.
    #[error("{path}: {source}")]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// Something recorded that is not what it should be.
    #[error("{what} cannot be read: {why}")]
    Broken {
        /// What.
        what: String,
        /// Why not.
        why: String,
    },
    /// There is no such run, trial or page.
    #[error("there is no {0} here")]
    Missing(String),
    /// Words that were there once.
    #[error("{0}; its recorded score stands")]
    Forgotten(String),
    /// A form that was filled in wrongly.
    #[error("{0}")]
    Form(String),
}
