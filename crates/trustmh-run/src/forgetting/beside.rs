//! What else lies in a run's folder and holds what was said: what the program made of the run goes, what it does not know is named.

use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};

use crate::derived::{annotations, marks};
use crate::error::RunError;
use crate::integrity::signature::SIGNATURE_FILE;
use crate::journal::{self, SEAL_FILE};
use crate::manifest::{self, materials};

/// Files that the program makes of a run, and the transcripts that a run was made of: they hold the words of all trials.
const MADE: [&str; 7] = [
    "transcripts.jsonl",
    "unread.jsonl",
    "report.html",
    "index.sqlite",
    "index.sqlite.new",
    "index.sqlite-wal",
    "index.sqlite-shm",
];

/// What is no trial's word.
const KEPT: [&str; 7] = [
    manifest::FILE,
    journal::FILE,
    SEAL_FILE,
    SIGNATURE_FILE,
    annotations::FILE,
    marks::FILE,
    materials::FOLDER,
];

/// What became of the files of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// Those that were removed, or would be.
    pub removed: Vec<String>,
    /// Those that the program does not know; they may hold what was said.
    pub unknown: Vec<PathBuf>,
}

/// Which files hold words that were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// All that were made of the run.
    All,
    /// Those that were made before this time; what was made later was made without the words.
    MadeBefore(Timestamp),
}

impl Hold {
    fn holds(self, path: &Path) -> bool {
        match self {
            Self::All => true,
            Self::MadeBefore(time) => {
                let made = fs::metadata(path).and_then(|found| found.modified());
                made.ok().and_then(|at| Timestamp::try_from(at).ok()).is_none_or(|at| at < time)
            }
        }
    }
}

/// Looks through the folder of a run.
///
/// # Errors
/// [`RunError::Io`].
pub(super) fn look(folder: &Path, hold: Hold) -> Result<Beside, RunError> {
    let mut found = Beside::default();
    for entry in fs::read_dir(folder).map_err(RunError::io(folder, "reading"))? {
        let entry = entry.map_err(RunError::io(folder, "reading"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if MADE.contains(&name.as_str()) {
            if hold.holds(&entry.path()) {
                found.removed.push(name);
            }
        } else if !KEPT.contains(&name.as_str()) && name != super::SCRATCH {
            found.unknown.push(entry.path());
        }
    }
    found.removed.sort();
    found.unknown.sort();
    Ok(found)
}

/// Removes what the program made.
///
/// # Errors
/// [`RunError::Io`].
pub(super) fn remove(folder: &Path, beside: &Beside) -> Result<(), RunError> {
    for name in &beside.removed {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(RunError::io(&path, "removing"))?;
    }
    Ok(())
}
