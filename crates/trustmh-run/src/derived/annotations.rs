//! People's ratings of replies, in an append-only file beside the journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use trustmh_core::id::{RubricId, TrialId};

use super::lines;
use crate::atomic_file;
use crate::error::RunError;

/// The file inside a run's folder.
pub const FILE: &str = "annotations.jsonl";

/// The form of its lines.
const FORMAT: u32 = 1;

/// The form of lines about one reply of a conversation, and of those that are no ratings: programs that know nothing of them must not
/// take them for ratings of the whole.
const FORMAT_OF_PARTS: u32 = 2;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A rating.
    #[default]
    Rating,
    /// The person looked and could not decide: there are no values, and it enters no agreement.
    Unsure,
}

impl Kind {
    // serde hands over a reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    const fn is_rating(&self) -> bool {
        matches!(self, Self::Rating)
    }
}

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
    /// The reply of a conversation that is rated by itself, counted from 0; none where the trial is rated as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<u8>,
    /// By which rubric.
    pub rubric: RubricId,
    /// What it is.
    #[serde(default, skip_serializing_if = "Kind::is_rating")]
    pub kind: Kind,
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
        let (at, kind) = (Timestamp::now(), Kind::Rating);
        Self { v: FORMAT, at, annotator, trial, turn: None, rubric, kind, values, note }
    }

    /// The same of one reply of a conversation.
    #[must_use]
    pub fn of_turn(self, turn: Option<u8>) -> Self {
        let v = if turn.is_some() { FORMAT_OF_PARTS } else { self.v };
        Self { v, turn, ..self }
    }

    /// That the person could not decide, in the place of a rating.
    #[must_use]
    pub fn unsure(self) -> Self {
        Self { v: FORMAT_OF_PARTS, kind: Kind::Unsure, values: BTreeMap::new(), ..self }
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
    lines::append(&folder.join(FILE), annotations)
}

/// All ratings of the run in `folder`, in the order given; of several words by one person on one reply and rubric the last counts
/// and stands in the place of the first. Who was unsure last has no rating. A torn last line is left out.
///
/// # Errors
/// [`RunError::Io`], or [`RunError::Journal`] for a line that is no rating.
pub fn read(folder: &Path) -> Result<Vec<Annotation>, RunError> {
    Ok(ratings(last_words(folder)?))
}

/// The same of a file, wherever it lies.
///
/// # Errors
/// As [`read`].
pub fn read_file(path: &Path) -> Result<Vec<Annotation>, RunError> {
    Ok(ratings(last_words_in(path)?))
}

fn ratings(mut words: Vec<Annotation>) -> Vec<Annotation> {
    words.retain(|one| one.kind == Kind::Rating);
    words
}

/// The last word of each person on each reply by each rubric, ratings and others.
///
/// # Errors
/// As [`read`].
pub fn last_words(folder: &Path) -> Result<Vec<Annotation>, RunError> {
    let path = folder.join(FILE);
    if path.exists() { last_words_in(&path) } else { Ok(Vec::new()) }
}

fn last_words_in(path: &Path) -> Result<Vec<Annotation>, RunError> {
    let mut found: Vec<Annotation> = Vec::new();
    let mut places: HashMap<(String, TrialId, Option<u8>, RubricId), usize> = HashMap::new();
    for annotation in lines::read::<Annotation>(path)? {
        let Annotation { annotator, trial, turn, rubric, .. } = &annotation;
        let of = (annotator.clone(), trial.clone(), *turn, rubric.clone());
        match places.get(&of).and_then(|place| found.get_mut(*place)) {
            Some(known) => *known = annotation,
            None => {
                places.insert(of, found.len());
                found.push(annotation);
            }
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
    fn who_is_unsure_has_no_rating_and_replies_of_a_conversation_stand_apart() {
        let folder = tempfile::tempdir().unwrap();
        let rating = |score: &str| {
            let values = BTreeMap::from([("noticed".to_owned(), score.to_owned())]);
            let trial = TrialId::new("crisis/conversation:a:plain:0");
            Annotation::now("AB", trial, RubricId::new("turn-crisis"), values, "")
        };
        let given = [
            rating("yes").of_turn(Some(0)),
            rating("no").of_turn(Some(1)),
            rating("yes").of_turn(Some(1)).unsure(),
            rating("yes"),
        ];
        add_all(folder.path(), &given).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        let forms: Vec<&str> = text.lines().filter_map(|line| line.get(..6)).collect();
        assert_eq!(forms, ["{\"v\":2", "{\"v\":2", "{\"v\":2", "{\"v\":1"]);
        let turns =
            |words: Vec<Annotation>| words.into_iter().map(|one| one.turn).collect::<Vec<_>>();
        assert_eq!(turns(read(folder.path()).unwrap()), [Some(0), None]);
        assert_eq!(turns(last_words(folder.path()).unwrap()), [Some(0), Some(1), None]);
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
