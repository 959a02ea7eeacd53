//! A seal for a run that has none: one that was killed, or that is of a format before 3.

use std::path::Path;

use crate::error::RunError;
use crate::journal::{self, Replay, SealFile, SessionEnd, Writer};

/// What a run's seal is after it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealing {
    /// It covers all lines already.
    WasSealed,
    /// It was set now.
    SealedNow,
}

/// Sets a seal over all lines of the run in `folder`, unless one covers them already; `ending` says how the run stands.
///
/// # Errors
/// [`RunError::Journal`] for a journal that is not sound, [`RunError::Locked`] for a run that is being worked on, [`RunError::Io`].
pub async fn seal(folder: &Path, ending: SessionEnd) -> Result<Sealing, RunError> {
    let path = folder.join(journal::FILE);
    let extent = Replay::open(&path)?.extent;
    if let Some((seal, _)) = SealFile::read(folder)?
        && seal.lines == extent.chain.lines()
        && seal.journal == *extent.chain.link()
    {
        return Ok(Sealing::WasSealed);
    }
    Writer::open(&path, &extent)?.seal(ending).await?;
    Ok(Sealing::SealedNow)
}
