//! Rubrics: what a judge is told and which verdicts count.

mod check;
mod tree;
mod vera;
mod walk;

pub use tree::{
    AnswerRule, ClientWord, Dimension, EvidenceRule, Finding, OfflineAnswer, OfflineSign, Question,
    Then, When,
};
pub use walk::{Given, Rating, Step, TreeWalk};

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::{QuestionId, RubricId};
use trustmh_core::item::{Mark, Side};

use crate::error::EngineError;
use crate::task::ScorerKind;

/// A judge's rubric as its file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RubricFile {
    /// Its name.
    pub id: RubricId,
    /// Raised whenever a change makes verdicts incomparable.
    pub version: u32,
    /// The name reports print.
    pub title: String,
    /// The scorer it serves, which decides the context the judge sees.
    pub about: ScorerKind,
    /// What the judge is to weigh, with anchors.
    pub instructions: String,
    /// What a verdict holds; empty where questions lead to it.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// What a decision tree rates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
    /// The questions of a decision tree, in the place of fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// Of a rubric for turns: only replies from the first turn of the client with this mark on are judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Mark>,
    /// What each score means for items of each label, the lowest first; empty where it does not depend on
    /// the label. A judge is shown those of the item's label.
    #[serde(default)]
    pub anchors: BTreeMap<String, Vec<String>>,
}

impl RubricFile {
    /// Whether it is a decision tree.
    pub fn is_tree(&self) -> bool {
        !self.questions.is_empty()
    }

    /// What people rate by it: its fields, or each dimension of a tree as a whole.
    pub fn rated(&self) -> Vec<Field> {
        let of_dimension = |dimension: &Dimension| Field {
            name: dimension.id.to_string(),
            scale: None,
            step: None,
            labels: Rating::ALL.map(|rating| rating.slug().to_owned()).into(),
            reads: Side::Subject,
            meaning: dimension.title.clone(),
        };
        match self.is_tree() {
            true => self.dimensions.iter().map(of_dimension).collect(),
            false => self.fields.clone(),
        }
    }

    /// The question with this id.
    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == *id)
    }
}

/// One field of a verdict: a scale or a set of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in the judge's JSON.
    pub name: String,
    /// Lowest and highest whole number, both allowed.
    #[serde(default)]
    pub scale: Option<(i32, i32)>,
    /// From one score to the next, a whole number; 1 where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<i32>,
    /// The labels allowed.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Of a rubric for turns: whose turn the field is about. A judge sees both; rules read this one.
    #[serde(default = "of_subject", skip_serializing_if = "is_of_subject")]
    pub reads: Side,
    /// What it means, in one sentence.
    pub meaning: String,
}

const fn of_subject() -> Side {
    Side::Subject
}

// serde hands over a reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_of_subject(side: &Side) -> bool {
    matches!(side, Side::Subject)
}

impl Field {
    /// The allowed values as the judge's prompt prints them: `1-5`, `0|50|100` or `kept|leaked`.
    pub fn allowed(&self) -> String {
        match (self.scale, self.step) {
            (Some((low, high)), None | Some(1)) => format!("{low}-{high}"),
            (Some(_), Some(_)) => {
                self.scores().iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
            }
            (None, _) => self.labels.join("|"),
        }
    }

    /// All scores, the lowest first; none of a field with labels.
    pub fn scores(&self) -> Vec<i32> {
        let Some((low, high)) = self.scale else { return Vec::new() };
        let step = self.step.and_then(|step| usize::try_from(step).ok()).unwrap_or(1);
        (low..=high).step_by(step.max(1)).collect()
    }

    /// The measure of one of its labels: field and label, with `_` for whatever is no letter or digit.
    pub fn measure_of(&self, label: &str) -> String {
        let word = |c: char| if c.is_alphanumeric() { c } else { '_' };
        format!("{}_{}", self.name, label.to_lowercase().chars().map(word).collect::<String>())
    }

    /// What is wrong with it, in words.
    fn fault(&self) -> Option<String> {
        let doubled = |label: &&String| {
            self.labels.iter().filter(|other| other.eq_ignore_ascii_case(label)).count() > 1
        };
        match (self.scale, self.step) {
            (scale, _) if scale.is_some() != self.labels.is_empty() => {
                Some("needs either `scale` or `labels`, and not both".to_owned())
            }
            (None, Some(_)) => Some("`step` belongs to a `scale`".to_owned()),
            (None, None) => self
                .labels
                .iter()
                .find(doubled)
                .map(|label| format!("the label `{label}` is there twice")),
            (Some((low, high)), _) if low >= high => {
                Some(format!("the scale ends at {high}, which is not above {low}"))
            }
            (Some((low, high)), Some(step)) if step < 1 || (high - low) % step != 0 => {
                Some(format!("the step {step} does not divide the scale from {low} to {high}"))
            }
            (Some(_), _) => None,
        }
    }
}

/// What a table is to a rubric, in whose place it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RubricTable {
    /// A table of anchors, with commas: [`Rubric::with_anchors`].
    Anchors,
    /// A table of questions in the form of VERA-MH, with tabs: [`Rubric::with_questions`].
    Questions,
}

impl RubricTable {
    /// By the end of the file's name: `.tsv` for questions.
    pub fn of(path: &str) -> Self {
        if path.to_lowercase().ends_with(".tsv") { Self::Questions } else { Self::Anchors }
    }
}

/// A rubric with the hash of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rubric {
    /// What the file says.
    pub file: RubricFile,
    /// The file as the user knows it.
    pub path: String,
    /// Hash of the file's bytes.
    pub digest: Digest,
}

impl Rubric {
    /// Reads and checks a rubric file.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] or [`EngineError::Rule`], naming file and field.
    pub fn parse(path: &str, text: &str) -> Result<Self, EngineError> {
        let file: RubricFile =
            toml::from_str(text).map_err(|error| EngineError::toml(path, &error))?;
        Self::checked(path, file, Digest::of(text.as_bytes()))
    }

    /// A rubric that another file than one in TOML says, with the hash of that file.
    ///
    /// # Errors
    /// [`EngineError::Rule`], naming file and field.
    pub fn checked(path: &str, file: RubricFile, digest: Digest) -> Result<Self, EngineError> {
        check::check(path, &file)?;
        Ok(Self { file, path: path.to_owned(), digest })
    }

    /// The same rubric with the anchors of a table: a column `label`, and a column for each score from the
    /// lowest to the highest, as the published escalation protocol has it.
    ///
    /// # Errors
    /// [`EngineError::Malformed`] for broken CSV, [`EngineError::Rule`] for a table that does not fit the
    /// rubric's labels or scale.
    pub fn with_anchors(&self, path: &str, table: &str) -> Result<Self, EngineError> {
        let malformed = |message: String| EngineError::Malformed { file: path.to_owned(), message };
        let mut reader = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
        let mut anchors = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| malformed(error.to_string()))?;
            let mut cells = record.iter().map(|cell| cell.trim().to_owned());
            let label = cells.next().unwrap_or_default();
            anchors.insert(label, cells.collect());
        }
        let file = RubricFile { anchors, ..self.file.clone() };
        let missing: Vec<&str> = self
            .file
            .anchors
            .keys()
            .filter(|label| !file.anchors.contains_key(*label))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            let message = format!("has no row for {}", missing.join(", "));
            return Err(EngineError::rule(path, "label", message));
        }
        check::anchors(path, &file)?;
        Ok(Self { file, path: self.path.clone(), digest: Digest::of(table.as_bytes()) })
    }
}
