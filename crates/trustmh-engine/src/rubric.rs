//! Rubrics: what a judge is told and which verdicts count.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use trustmh_core::digest::Digest;
use trustmh_core::id::RubricId;

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
    /// What a verdict holds.
    pub fields: Vec<Field>,
    /// What each score means for items of each label, the lowest first; empty where it does not depend on
    /// the label. A judge is shown those of the item's label.
    #[serde(default)]
    pub anchors: BTreeMap<String, Vec<String>>,
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
    /// The labels allowed.
    #[serde(default)]
    pub labels: Vec<String>,
    /// What it means, in one sentence.
    pub meaning: String,
}

impl Field {
    /// The allowed values as the judge's prompt prints them: `1-5` or `kept|leaked`.
    pub fn allowed(&self) -> String {
        match self.scale {
            Some((low, high)) => format!("{low}-{high}"),
            None => self.labels.join("|"),
        }
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
        for field in &file.fields {
            if field.scale.is_some() != field.labels.is_empty() {
                return Err(EngineError::Rule {
                    file: path.to_owned(),
                    field: format!("fields.{}", field.name),
                    message: "needs either `scale` or `labels`, and not both".to_owned(),
                });
            }
        }
        if file.fields.is_empty() {
            return Err(EngineError::Rule {
                file: path.to_owned(),
                field: "fields".to_owned(),
                message: "a verdict needs at least one field".to_owned(),
            });
        }
        check_anchors(path, &file)?;
        Ok(Self { file, path: path.to_owned(), digest: Digest::of(text.as_bytes()) })
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
        check_anchors(path, &file)?;
        Ok(Self { file, path: self.path.clone(), digest: Digest::of(table.as_bytes()) })
    }
}

/// Every label needs as many anchors as the first scale has scores.
fn check_anchors(path: &str, file: &RubricFile) -> Result<(), EngineError> {
    let (low, high) = file.fields.iter().find_map(|field| field.scale).unwrap_or((1, 0));
    let wanted = usize::try_from(high - low + 1).unwrap_or_default();
    match file.anchors.iter().find(|(_, anchors)| anchors.len() != wanted) {
        Some((label, anchors)) => {
            let message = format!("has {} anchors for {wanted} scores", anchors.len());
            Err(EngineError::rule(path, format!("anchors.{label}"), message))
        }
        None => Ok(()),
    }
}
