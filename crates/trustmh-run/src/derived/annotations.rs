//! People's ratings of replies, in an append-only file beside the journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use trustmh_core::id::{RubricId, TrialId};

use crate::atomic_file;
use crate::error::RunError;

/// The file inside a run's folder.
pub const FILE: &str = "annotations.jsonl";

/// The form of its lines.
const FORMAT: u32 = 1;

/// One person's rating of one reply by one rubric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// The form of the line.
    pub v: u32,
    /// When it was given.
    pub at: Timestamp,
    /// Who gave it: initials or a pseudonym.
    pub annotator: String,
    /// The trial.
    pub trial: TrialId,
    /// By which rubric.
    pub rubric: RubricId,
    /// The rubric's fields: a number or a label each.
    pub values: BTreeMap<String, String>,
    /// What else the person wants to say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Annotation {
    /// A rating given now.
    pub fn now(
        annotator: &str,
        trial: TrialId,
        rubric: RubricId,
        values: BTreeMap<String, String>,
        note: &str,
    ) -> Self {
        let (annotator, note) = (annotator.to_owned(), note.to_owned());
        Self { v: FORMAT, at: Timestamp::now(), annotator, trial, rubric, values, note }
    }
}

/// Adds a rating to the run in `folder`, and waits until it is on the disk.
///
/// # Errors
/// [`RunError::Io`].
pub fn add(folder: &Path, annotation: &Annotation) -> Result<(), RunError> {
    add_all(folder, std::slice::from_ref(annotation))
}

/// The same of several at once; nothing is written of none.
///
/// # Errors
/// [`RunError::Io`].
pub fn add_all(folder: &Path, annotations: &[Annotation]) -> Result<(), RunError> {
    if annotations.is_empty() {
        return Ok(());
    }
    let path = folder.join(FILE);
    let mut lines = String::new();
    for annotation in annotations {
        let line = serde_json::to_string(annotation)
            .map_err(|error| RunError::io(&path, "writing")(error.into()))?;
        lines.push_str(&line);
        lines.push('\n');
    }
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .map_err(RunError::io(&path, "opening"))?;
    file.write_all(lines.as_bytes()).map_err(RunError::io(&path, "writing"))?;
    file.sync_data().map_err(RunError::io(&path, "writing"))
}

/// All ratings of the run in `folder`, in the order given; of several by one person of one reply and rubric the last counts
/// and stands in the place of the first. A torn last line is left out.
///
/// # Errors
/// [`RunError::Io`], or [`RunError::Journal`] for a line that is no rating.
pub fn read(folder: &Path) -> Result<Vec<Annotation>, RunError> {
    let path = folder.join(FILE);
    if path.exists() { read_file(&path) } else { Ok(Vec::new()) }
}

/// The same of a file, wherever it lies.
///
/// # Errors
/// As [`read`].
pub fn read_file(path: &Path) -> Result<Vec<Annotation>, RunError> {
    let path = path.to_owned();
    let text = std::fs::read_to_string(&path).map_err(RunError::io(&path, "reading"))?;
    let mut found: Vec<Annotation> = Vec::new();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for (number, line) in (1_u64..).zip(&lines) {
        let annotation: Annotation = match serde_json::from_str(line) {
            Ok(annotation) => annotation,
            Err(_) if !line.ends_with('\n') => break,
            Err(error) => {
                let message = error.to_string();
                return Err(RunError::Journal { path, line: number, message });
            }
        };
        let same = |known: &&mut Annotation| {
            known.annotator == annotation.annotator
                && known.trial == annotation.trial
                && known.rubric == annotation.rubric
        };
        match found.iter_mut().find(same) {
            Some(known) => *known = annotation,
            None => found.push(annotation),
        }
    }
    Ok(found)
}

/// Takes the notes off the ratings of trials that `goes` names, those that no longer count among them; the ratings stay. Gives how many
/// notes there were. A torn last line goes, too.
///
/// # Errors
/// [`RunError::Io`], or [`RunError::Journal`] for a line that is no rating.
pub fn forget_notes(folder: &Path, goes: &dyn Fn(&TrialId) -> bool) -> Result<u64, RunError> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(0);
    }
    let text = std::fs::read_to_string(&path).map_err(RunError::io(&path, "reading"))?;
    let (mut kept, mut notes) = (String::with_capacity(text.len()), 0);
    for (number, line) in (1_u64..).zip(text.split_inclusive('\n')) {
        let wrong =
            |message: String| RunError::Journal { path: path.clone(), line: number, message };
        let mut rating: Annotation = match serde_json::from_str(line) {
            Ok(rating) => rating,
            Err(_) if !line.ends_with('\n') => break,
            Err(error) => return Err(wrong(error.to_string())),
        };
        if rating.note.is_empty() || !goes(&rating.trial) {
            kept.push_str(line.trim_end_matches('\n'));
            kept.push('\n');
            continue;
        }
        rating.note.clear();
        notes += 1;
        kept.push_str(&serde_json::to_string(&rating).map_err(|error| wrong(error.to_string()))?);
        kept.push('\n');
    }
    if kept != text {
        atomic_file::write(&path, kept.as_bytes())?;
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts_and_a_torn_line_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), []);
        let rating = |who: &str, score: &str| {
            let values = BTreeMap::from([("appropriateness".to_owned(), score.to_owned())]);
            Annotation::now(
                who,
                TrialId::new("crisis/escalation:a:plain:0"),
                RubricId::new("escalation"),
                values,
                "",
            )
        };
        for one in [rating("AB", "2"), rating("CD", "4"), rating("AB", "3")] {
            add(folder.path(), &one).unwrap();
        }
        let path = folder.path().join(FILE);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"v\": 1, \"at\"");
        std::fs::write(&path, text).unwrap();
        let found = read(folder.path()).unwrap();
        let said: Vec<(&str, &str)> = found
            .iter()
            .map(|one| (one.annotator.as_str(), one.values["appropriateness"].as_str()))
            .collect();
        assert_eq!(said, [("AB", "3"), ("CD", "4")]);
        std::fs::write(&path, "{}\n").unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("line 1"));
    }

    #[test]
    fn forgetting_notes_keeps_a_rating_whose_line_lacks_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let values = BTreeMap::from([("appropriateness".to_owned(), "2".to_owned())]);
        let trial = TrialId::new("crisis/escalation:a:plain:0");
        let rubric = RubricId::new("escalation");
        add(folder.path(), &Annotation::now("AB", trial, rubric, values, "a note")).unwrap();
        let path = folder.path().join(FILE);
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}{}", whole.trim_end())).unwrap();
        assert_eq!(forget_notes(folder.path(), &|_| true).unwrap(), 2);
        let kept = std::fs::read_to_string(&path).unwrap();
        assert_eq!(kept.lines().count(), 2);
        assert!(kept.ends_with('\n') && !kept.contains("a note"), "{kept}");
        assert_eq!(read(folder.path()).unwrap().len(), 1);
    }
}
