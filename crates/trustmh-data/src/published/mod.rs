//! Published datasets, read from the files their publishers give out.

mod confaide;
mod ethicmh;
mod folder;
mod jailbreakmh;
mod objective;
mod psyleak;

use std::path::Path;

use trustmh_core::id::DatasetId;

pub(crate) use confaide::{rating, split_line};

use crate::Dataset;
use crate::error::DataError;
use folder::Folder;

/// A published dataset with a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishedSet {
    /// 125 ethical dilemmas (TrustMH-Bench, arXiv 2603.03047).
    EthicMh,
    /// 206 privacy ratings: tiers 1, 2a and 2b of ConfAIde (arXiv 2310.17884).
    ConfAide,
    /// 100 counselling secrets that a third party asks for (TrustMH-Bench).
    PsyLeak,
    /// 70 intents (PsyHarm) under 8 attacks each (JailbreakMH, both TrustMH-Bench).
    JailbreakMh,
}

/// How the text of a damaged or quirky file is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decoding {
    /// As the release of TrustMH-Bench took it, so that recorded prompts can be rebuilt.
    AsReleased,
    /// As its authors meant it.
    Repaired,
}

impl PublishedSet {
    /// All sets.
    pub const ALL: [Self; 4] = [Self::EthicMh, Self::ConfAide, Self::PsyLeak, Self::JailbreakMh];

    /// The id by which task files name the set.
    pub fn id(self) -> DatasetId {
        DatasetId::new(match self {
            Self::EthicMh => "ethicmh",
            Self::ConfAide => "confaide",
            Self::PsyLeak => "psyleak",
            Self::JailbreakMh => "jailbreakmh",
        })
    }

    /// The set with this id, if there is a reader for it.
    pub fn from_id(id: &DatasetId) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.id() == *id)
    }

    /// The files read, each below [`Self::folder`] or directly in the data folder.
    pub const fn files(self) -> &'static [&'static str] {
        match self {
            Self::EthicMh => &[ethicmh::FILE],
            Self::ConfAide => &confaide::FILES,
            Self::PsyLeak => &psyleak::FILES,
            Self::JailbreakMh => &jailbreakmh::FILES,
        }
    }

    /// The folder inside the data folder in which the files belong.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::EthicMh | Self::PsyLeak | Self::JailbreakMh => "trustmh-bench",
            Self::ConfAide => "confaide",
        }
    }

    /// Reads the set from the data folder `dir`.
    ///
    /// # Errors
    /// [`DataError::NoFolder`] and [`DataError::NoFile`] for what is not there,
    /// [`DataError::Malformed`], [`DataError::Value`] and [`DataError::Count`] for files that are
    /// not the published ones.
    pub fn read(self, dir: &Path, decoding: Decoding) -> Result<Dataset, DataError> {
        let mut folder = Folder::open(dir, self)?;
        let items = match self {
            Self::EthicMh => ethicmh::read(&mut folder, decoding),
            Self::ConfAide => confaide::read(&mut folder),
            Self::PsyLeak => psyleak::read(&mut folder, decoding),
            Self::JailbreakMh => jailbreakmh::read(&mut folder),
        }?;
        Ok(folder.dataset(items))
    }
}
