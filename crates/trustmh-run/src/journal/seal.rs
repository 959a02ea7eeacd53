//! The seal of a run: how far its journal went when a session ended, in a file of its own, which can be signed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

use trustmh_core::digest::Digest;

use super::{Chain, Event, Seal};
use crate::atomic_file;
use crate::error::RunError;

/// The file's name inside a run's folder.
pub const SEAL_FILE: &str = "seal.json";

/// How a session of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// All trials have ended.
    Finish,
    /// The user, a budget or a fault stopped it.
    Interrupted,
}

impl SessionEnd {
    /// The event that seals the lines of `chain`.
    pub(super) fn event(self, chain: &Chain) -> Event {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let (lines, last) = (chain.lines(), chain.link().clone());
        let seal = Seal { at: Timestamp::now(), program, lines, last };
        match self {
            Self::Finish => Event::Finish(seal),
            Self::Interrupted => Event::Interrupted(seal),
        }
    }
}

/// What the file of a seal says. Its bytes are what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealFile {
    /// The file's own format: 1.
    pub seal: u32,
    /// How the session ended.
    pub ending: SessionEnd,
    /// Lines of the journal.
    pub lines: u64,
    /// The hash of the last of them. By the chain it stands for all lines, and for the manifest with the hashes of all files kept.
    pub journal: Digest,
    /// The hash of the manifest, `run.json`.
    pub manifest: Digest,
}

impl SealFile {
    /// The seal of a journal that came to `chain`.
    pub(crate) fn of(ending: SessionEnd, chain: &Chain) -> Self {
        Self {
            seal: 1,
            ending,
            lines: chain.lines(),
            journal: chain.link().clone(),
            manifest: chain.manifest().clone(),
        }
    }

    /// Reads the seal of the run in `folder`, with the bytes as they are; none if there is none.
    ///
    /// # Errors
    /// [`RunError::Io`]; [`RunError::Manifest`] for a file that is no seal.
    pub fn read(folder: &Path) -> Result<Option<(Self, Vec<u8>)>, RunError> {
        let path = folder.join(SEAL_FILE);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RunError::io(&path, "reading")(error)),
        };
        let malformed = |message: String| RunError::Manifest { path: path.clone(), message };
        let seal: Self =
            serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
        match seal.seal {
            1 => Ok(Some((seal, bytes))),
            other => Err(malformed(format!("a seal of format {other}; this program reads 1"))),
        }
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`RunError::Manifest`] for what JSON cannot hold.
    pub fn bytes(&self) -> Result<Vec<u8>, RunError> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| RunError::Manifest {
            path: PathBuf::from(SEAL_FILE),
            message: error.to_string(),
        })?;
        text.push(b'\n');
        Ok(text)
    }

    /// Writes it into the run's folder, whole or not at all.
    ///
    /// # Errors
    /// [`RunError::Io`].
    pub(crate) fn write(&self, folder: &Path) -> Result<(), RunError> {
        atomic_file::write(&folder.join(SEAL_FILE), &self.bytes()?)
    }
}

/// Takes away a seal that counts more lines than there are: its last was torn, and what is written next is not what
/// was sealed.
pub(super) fn withdraw_seal(journal: &Path, chain: &Chain) -> std::io::Result<()> {
    let folder = journal.parent().unwrap_or(Path::new(""));
    match SealFile::read(folder) {
        Ok(Some((seal, _))) if seal.lines > chain.lines() => {
            fs::remove_file(folder.join(SEAL_FILE))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// A seal, held against a journal that is read line by line.
#[derive(Debug)]
pub(crate) struct Sealed {
    seal: SealFile,
    /// The hash of the last line that it covers, as it is found.
    at_seal: Option<Digest>,
}

/// What the lines of a journal are to its seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// Those that were sealed are there as they were, and so many came after them.
    Whole { after: u64 },
    /// There are as many as were sealed, and others.
    Changed,
    /// There are fewer than were sealed.
    Short,
}

impl Sealed {
    pub(crate) fn by(seal: SealFile) -> Self {
        Self { seal, at_seal: None }
    }

    /// By the seal beside a journal, if there is one.
    pub(super) fn beside(journal: &Path) -> Result<Option<Self>, RunError> {
        let folder = journal.parent().unwrap_or(Path::new(""));
        Ok(SealFile::read(folder)?.map(|(seal, _)| Self::by(seal)))
    }

    pub(crate) fn seal(&self) -> &SealFile {
        &self.seal
    }

    /// A line was read; `chain` includes it.
    pub(crate) fn pass(&mut self, chain: &Chain) {
        if self.seal.lines == chain.lines() {
            self.at_seal = Some(chain.link().clone());
        }
    }

    /// What all lines, read to the end of `chain`, are to the seal.
    pub(crate) fn coverage(&self, chain: &Chain) -> Coverage {
        match &self.at_seal {
            None => Coverage::Short,
            Some(found) if *found != self.seal.journal => Coverage::Changed,
            Some(_) => Coverage::Whole { after: chain.lines().saturating_sub(self.seal.lines) },
        }
    }

    /// The same as an error, unless the lines that were sealed are there.
    pub(super) fn hold(&self, path: &Path, chain: &Chain) -> Result<(), RunError> {
        let lines = self.seal.lines;
        let message = match self.coverage(chain) {
            Coverage::Whole { .. } => return Ok(()),
            Coverage::Changed => format!("the first {lines} lines are not those that were sealed"),
            Coverage::Short => format!(
                "{lines} lines were sealed, and {} are here: lines were removed from its end",
                chain.lines()
            ),
        };
        Err(RunError::Journal { path: path.to_owned(), line: chain.lines(), message })
    }
}
