//! Files that the user asked for, there whole or not at all.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use trustmh_report::trials::TableError;
use trustmh_run::atomic_file::write_with;
use trustmh_run::error::RunError;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Writes `path`, whole or not at all.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    write_with(path, fill).map_err(|fault| fault.failure(path))
}

/// The same, and says so.
pub(crate) fn save(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<&mut File>) -> Result<(), Fault>,
) -> Result<Exit, Failure> {
    write(path, fill)?;
    screen::note(&format!("written: {}", path.display()));
    Ok(Exit::Ok)
}

/// What can go wrong on the way from the journal to the file.
pub(crate) enum Fault {
    Run(RunError),
    Table(TableError),
}

impl Fault {
    pub(crate) fn failure(self, path: &Path) -> Failure {
        match self {
            Self::Run(error) => Failure::from(error),
            Self::Table(TableError::Write(error)) => Failure::io(path, "writing", &error),
            Self::Table(error) => Failure::usage(error.to_string()),
        }
    }
}

impl From<RunError> for Fault {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<TableError> for Fault {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Table(TableError::Write(error))
    }
}
