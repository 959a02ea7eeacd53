//! Sets of replies that people judged, by which judges are checked against human ratings.
//!
//! Each set lies in a folder of its own below a data folder; all files of it that are there are read.

mod crisis;
mod epitome;
mod files;
mod mentalalign;
mod own;
mod siri;
mod therapists;
mod vera;
mod xstest;

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

use crate::error::DataError;
use crate::ratings::Rating;
use crate::record::RecordedTrial;

/// All sets that are known by their folder.
const SETS: &[LabelledSet] = &[
    xstest::XSTEST,
    xstest::REPLICATION,
    crisis::SET,
    therapists::SET,
    epitome::SET,
    vera::SET,
    siri::SET,
    mentalalign::SET,
];

/// A set with a reader.
#[derive(Clone, Copy)]
pub struct LabelledSet {
    /// Its name on the command line.
    pub name: &'static str,
    /// The folders below the data folder in which it may lie, the first of them that has a file of it.
    folders: &'static [&'static str],
    read: fn(&Path) -> Result<Labelled, DataError>,
}

impl std::fmt::Debug for LabelledSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LabelledSet({})", self.name)
    }
}

/// What a set holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// The replies, by the question that people were asked about them.
    pub rubrics: BTreeMap<String, Vec<LabelledReply>>,
    /// Hashes of the files that were read, by name: SHA-256 in hexadecimal digits.
    pub files: BTreeMap<String, String>,
    /// What reading came upon.
    pub warnings: Vec<String>,
}

/// What was judged.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// A reply to a request.
    Reply {
        /// What it replies to.
        request: String,
        /// The reply.
        reply: String,
    },
    /// A conversation.
    Conversation(Box<RecordedTrial>),
    /// The set gives ratings alone: only recorded judges can be checked against human ratings.
    RatingsAlone,
}

/// A reply with what people said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledReply {
    /// Unique within the set and rubric.
    pub id: String,
    /// What it is of: the request, post or persona. Replies of one item are alike.
    pub item: String,
    /// Whose reply it is, where the set says so.
    pub subject: Option<String>,
    /// The file it stands in.
    pub file: String,
    /// The kind of the request, where a rubric goes by it.
    pub kind: Option<String>,
    /// What was judged.
    pub judged: Judged,
    /// What each person said.
    pub people: BTreeMap<String, Rating>,
    /// What people agreed on in the end, where the set says so.
    pub agreed: Option<Rating>,
    /// What recorded judges said, by their names.
    pub recorded: BTreeMap<String, Rating>,
}

impl LabelledReply {
    /// By which a reply is known in whatever file it lies: the first 12 hexadecimal digits of SHA-256 over request, line break and reply; none
    /// of a conversation or of ratings alone.
    pub fn fingerprint(&self) -> Option<String> {
        let Judged::Reply { request, reply } = &self.judged else { return None };
        let digest = Sha256::digest(format!("{request}\n{reply}").as_bytes());
        Some(digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl LabelledSet {
    /// All sets that are known.
    pub fn all() -> impl Iterator<Item = Self> {
        SETS.iter().copied()
    }

    /// Reads the set below a data folder; none if it is not there.
    ///
    /// # Errors
    /// [`DataError`] for files that cannot be read as this set's.
    pub fn read(self, data: &Path) -> Result<Option<Labelled>, DataError> {
        for folder in self.folders {
            let folder = data.join(folder);
            if !folder.is_dir() {
                continue;
            }
            let found = (self.read)(&folder)?;
            if !found.rubrics.is_empty() {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// Reads the sets below a data folder, by name: those that are known, and the users' own, whose folders hold tables with columns
/// `rubric`, `request`, `reply` and `rating`.
///
/// # Errors
/// [`DataError::NoFolder`], and [`DataError`] for files that cannot be read as their set's.
pub fn read_all(data: &Path) -> Result<BTreeMap<String, Labelled>, DataError> {
    if !data.is_dir() {
        return Err(DataError::NoFolder { path: data.to_owned() });
    }
    let mut sets = BTreeMap::new();
    for set in LabelledSet::all() {
        if let Some(found) = set.read(data)? {
            sets.insert(set.name.to_owned(), found);
        }
    }
    let known: Vec<&str> = SETS.iter().flat_map(|set| set.folders).copied().collect();
    for folder in files::folders(data)? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !known.contains(&name.as_str())
            && let Some(found) = own::read(&folder)?
        {
            sets.insert(name, found);
        }
    }
    Ok(sets)
}

fn label(text: &str) -> Rating {
    Rating::Label(text.to_owned())
}
