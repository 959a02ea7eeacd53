//! Flags and notes that people put on trials while they read, in an append-only file beside the journal. They are nobody's rating, and
//! no number is made of them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

use trustmh_core::id::TrialId;

use super::lines;
use crate::atomic_file;
use crate::error::RunError;

/// The file inside a run's folder.
pub const FILE: &str = "marks.jsonl";

/// The form of its lines.
const FORMAT: u32 = 1;

/// Whether a trial is to be found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flagged {
    /// It is.
    Yes,
    /// It is not, or no longer.
    #[default]
    No,
}

/// What somebody put on a trial; a later mark on the same trial stands in the place of this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The form of the line.
    pub v: u32,
    /// When.
    pub at: Timestamp,
    /// The trial.
    pub trial: TrialId,
    /// Whether it is flagged.
    pub flagged: Flagged,
    /// What is noted of it; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Mark {
    /// A mark put now.
    pub fn now(trial: TrialId, flagged: Flagged, note: &str) -> Self {
        Self { v: FORMAT, at: Timestamp::now(), trial, flagged, note: note.to_owned() }
    }

    /// Whether there is anything to show.
    pub fn is_blank(&self) -> bool {
        self.flagged == Flagged::No && self.note.is_empty()
    }
}

/// Adds a mark to the run in `folder`, and waits until it is on the disk.
///
/// # Errors
/// [`RunError::Io`].
pub fn add(folder: &Path, mark: &Mark) -> Result<(), RunError> {
    lines::append(&folder.join(FILE), std::slice::from_ref(mark))
}

/// What is on the trials of the run in `folder`, the last mark of each, without those that were taken off again. A torn last line is
/// left out.
///
/// # Errors
/// [`RunError::Io`], or [`RunError::Journal`] for a line that is no mark.
pub fn read(folder: &Path) -> Result<BTreeMap<String, Mark>, RunError> {
    let mut found = BTreeMap::new();
    for mark in all(folder)? {
        found.insert(mark.trial.to_string(), mark);
    }
    found.retain(|_, mark| !mark.is_blank());
    Ok(found)
}

/// Takes the notes off the marks of trials that `goes` names, those that no longer count among them; flags stay. Gives how many notes
/// there were.
///
/// # Errors
/// As [`read`].
pub fn forget_notes(folder: &Path, goes: &dyn Fn(&TrialId) -> bool) -> Result<u64, RunError> {
    let mut marks = all(folder)?;
    let noted = marks.iter_mut().filter(|mark| !mark.note.is_empty() && goes(&mark.trial));
    let mut notes = 0;
    for mark in noted {
        mark.note.clear();
        notes += 1;
    }
    if notes > 0 {
        let path = folder.join(FILE);
        atomic_file::write(&path, lines::text(&path, &marks)?.as_bytes())?;
    }
    Ok(notes)
}

/// All marks, in the order they were put.
fn all(folder: &Path) -> Result<Vec<Mark>, RunError> {
    let path = folder.join(FILE);
    if path.exists() { lines::read(&path) } else { Ok(Vec::new()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_mark_counts_and_notes_can_be_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).unwrap().is_empty());
        let mark = |trial: &str, flagged, note: &str| {
            add(folder.path(), &Mark::now(TrialId::new(trial), flagged, note)).unwrap();
        };
        mark("t:a", Flagged::Yes, "odd");
        mark("t:b", Flagged::No, "read again");
        mark("t:a", Flagged::Yes, "");
        mark("t:c", Flagged::Yes, "");
        mark("t:c", Flagged::No, "");
        let path = folder.path().join(FILE);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{{\"v\": 1, \"at\"")).unwrap();
        let found = read(folder.path()).unwrap();
        let said: Vec<_> =
            found.values().map(|mark| (mark.trial.as_str(), mark.flagged, &*mark.note)).collect();
        assert_eq!(said, [("t:a", Flagged::Yes, ""), ("t:b", Flagged::No, "read again")]);
        assert_eq!(forget_notes(folder.path(), &|trial| trial.as_str() == "t:a").unwrap(), 1);
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(!kept.contains("odd") && kept.contains("read again") && kept.ends_with('\n'));
        std::fs::write(&path, "{}\n").unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("line 1"));
    }
}
