//! Published sets: their cards, and the way from their publishers to a folder.

mod fetch;
mod member;
mod sums;
mod verify;

pub use fetch::{Bounds, Fetch, Got};
pub use sums::Mismatch;
pub use verify::{FileState, verify};

use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use std::sync::LazyLock;

const EMBEDDED: &str = include_str!("../../../../benchmark/sources.toml");

/// All cards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Raised whenever a card names another version; folders of downloads are kept apart by it.
    pub edition: u32,
    /// The cards.
    pub sets: Vec<Card>,
}

/// One published set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Its name on the command line.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Which version, or which commit.
    pub version: String,
    /// Its licence, in words.
    pub licence: String,
    /// What the licence asks of whoever fetches it.
    pub terms: Terms,
    /// Where it is described.
    pub citation: String,
    /// Records in it.
    pub records: u64,
    /// Tasks that ask it.
    pub tasks: Vec<String>,
    /// What is wrong with it.
    pub defects: Vec<String>,
    /// What its licence asks to be said wherever the set goes, in this project's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclaimer: Option<String>,
    /// How to get it, where it cannot be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Folders in which files of the set may be besides those of the paths, samples of it for
    /// example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_folders: Vec<String>,
    /// Its files.
    pub files: Vec<CardFile>,
}

/// What has to happen before a set is there, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Terms {
    /// It is fetched when asked for.
    Open,
    /// It is fetched once its licence, which bars commercial use, is accepted.
    NonCommercial,
    /// It is fetched once it is accepted that no licence, or a doubtful one, is stated.
    NotStated,
    /// It is public, and has to be taken out of an archive by hand.
    ByHand,
    /// Its owners give it to those who sign for it.
    Gated,
}

impl Terms {
    /// Whether fetching it has to be agreed to.
    pub const fn must_be_accepted(self) -> bool {
        match self {
            Self::NonCommercial | Self::NotStated => true,
            Self::Open | Self::ByHand | Self::Gated => false,
        }
    }

    /// Whether users bring the files themselves.
    pub const fn are_met_by_hand(self) -> bool {
        match self {
            Self::ByHand | Self::Gated => true,
            Self::Open | Self::NonCommercial | Self::NotStated => false,
        }
    }
}

/// One file of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFile {
    /// Where it stands below the data folder.
    pub path: String,
    /// Where it is fetched from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The file's name inside the archive at `url`, if that is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// Its length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Its SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The beginning of its SHA-256, where no more is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256_begins: Option<String>,
    /// Its name in a git repository, where nothing else is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_blob: Option<String>,
}

impl Sources {
    /// The cards that are built in.
    #[expect(clippy::expect_used, reason = "the text is a constant; a test reads it")]
    pub fn built_in() -> &'static Self {
        static CARDS: LazyLock<Sources> =
            LazyLock::new(|| toml::from_str(EMBEDDED).expect("benchmark/sources.toml is sound"));
        &CARDS
    }

    /// The card of this name.
    ///
    /// # Errors
    /// [`SourceError::Unknown`].
    pub fn card(&self, id: &str) -> Result<&Card, SourceError> {
        self.sets.iter().find(|card| card.id == id).ok_or_else(|| SourceError::Unknown {
            id: id.to_owned(),
            known: self.sets.iter().map(|card| card.id.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

impl Card {
    /// The folders inside the data folder in which its files may be.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let of_files = self.files.iter().filter_map(|file| Some(file.path.split_once('/')?.0));
        of_files.chain(self.other_folders.iter().map(String::as_str))
    }
}

/// What is wrong with a file that is not the published one; nothing for one that none of these
/// cards knows, or knows no sum of. Readers know a file by the end of its path, for example
/// `EthicMH.csv` or `1.json` below a topic.
pub(crate) fn unlike_published<'c>(
    cards: impl Iterator<Item = &'c Card>,
    name: &str,
    bytes: &[u8],
) -> Option<Mismatch> {
    let mut files = cards.flat_map(|card| &card.files);
    let file = files.find(|file| file.path.split_once('/').is_some_and(|(_, end)| end == name))?;
    sums::check(file, bytes).err()
}

/// A set that cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such set.
    #[error("there is no set `{id}`; known sets: {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// What there is.
        known: String,
    },
    /// A set that its owners give out themselves.
    #[error("{id} cannot be fetched: {how}")]
    Gated {
        /// The set.
        id: String,
        /// How to get it.
        how: String,
    },
    /// A proxy that cannot be used.
    #[error("the proxy {proxy} cannot be used")]
    Proxy {
        /// Which one, without credentials.
        proxy: String,
    },
    /// A server that cannot be reached, or stopped speaking.
    #[error("{url}: {message}")]
    Network {
        /// What was asked for.
        url: String,
        /// What happened.
        message: String,
    },
    /// A server that answered something else than the file.
    #[error("{url}: {message}")]
    Answer {
        /// What was asked for.
        url: String,
        /// What came.
        message: String,
    },
    /// A file that is not the published one.
    #[error("{file} is not the published file: {mismatch}; nothing was kept")]
    NotPublished {
        /// Which file.
        file: String,
        /// What differs.
        mismatch: Mismatch,
    },
    /// An archive that cannot be trusted or read.
    #[error("{archive}: {message}; nothing was kept")]
    Archive {
        /// Which archive.
        archive: String,
        /// What is wrong with it.
        message: String,
    },
    /// The disk.
    #[error("{path}: {source}", path = path.display())]
    Disk {
        /// What was touched.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
}

impl SourceError {
    pub(crate) fn disk(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { path, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_whole() {
        let sources = Sources::built_in();
        for card in &sources.sets {
            assert_eq!(card.terms.are_met_by_hand(), card.how.is_some(), "{}", card.id);
            assert!(!card.files.is_empty() && !card.defects.is_empty(), "{}", card.id);
            for file in &card.files {
                assert_eq!(card.terms.are_met_by_hand(), file.url.is_none(), "{}", file.path);
                let sums = [&file.sha256, &file.sha256_begins, &file.git_blob];
                let known = sums.iter().filter(|sum| sum.is_some()).count();
                assert_eq!(known, usize::from(file.url.is_some()), "{}: one sum", file.path);
                assert!(!file.path.contains("..") && !file.path.starts_with('/'), "{}", file.path);
            }
        }
        assert!(matches!(sources.card("nothing"), Err(SourceError::Unknown { .. })));
    }
}
