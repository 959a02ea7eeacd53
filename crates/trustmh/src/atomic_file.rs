//! Files that are there whole or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use trustmh_report::trials::TableError;

use crate::failure::{Exit, Failure};
use crate::screen;

/// Writes `path`, whole or not at all.
pub(crate) fn write(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Fault>,
) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let scratch: PathBuf = path.with_file_name(name);
    let file = File::create(&scratch)
        .map_err(|error| Failure::io(&scratch, "creating the file", &error))?;
    let mut out = BufWriter::new(file);
    let written = write(&mut out).and_then(|()| Ok(out.flush()?));
    if let Err(fault) = written {
        // The half file is of no use; that it cannot be removed would only hide the first fault.
        let _ = std::fs::remove_file(&scratch);
        return Err(fault.failure(path));
    }
    std::fs::rename(&scratch, path)
        .map_err(|error| Failure::io(path, "moving the file into place", &error))
}

/// The same for a file that the user asked for, and says so.
pub(crate) fn save(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Fault>,
) -> Result<Exit, Failure> {
    self::write(path, write)?;
    screen::note(&format!("written: {}", path.display()));
    Ok(Exit::Ok)
}

/// What can go wrong on the way from the journal to the file.
pub(crate) enum Fault {
    Run(trustmh_run::error::RunError),
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

impl From<trustmh_run::error::RunError> for Fault {
    fn from(error: trustmh_run::error::RunError) -> Self {
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
