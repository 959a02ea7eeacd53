//! Rubrics: what a judge is told and which verdicts count.

use serde::{Deserialize, Serialize};

use trustmh_core::digest::Digest;
use trustmh_core::id::RubricId;

use crate::error::BenchError;
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
    /// Hash of the file's bytes.
    pub digest: Digest,
}

impl Rubric {
    /// Reads and checks a rubric file.
    ///
    /// # Errors
    /// [`BenchError::Malformed`] or [`BenchError::Rule`], naming file and field.
    pub fn parse(path: &str, text: &str) -> Result<Self, BenchError> {
        let file: RubricFile =
            toml::from_str(text).map_err(|error| BenchError::toml(path, &error))?;
        for field in &file.fields {
            if field.scale.is_some() != field.labels.is_empty() {
                return Err(BenchError::Rule {
                    file: path.to_owned(),
                    field: format!("fields.{}", field.name),
                    message: "needs either `scale` or `labels`, and not both".to_owned(),
                });
            }
        }
        if file.fields.is_empty() {
            return Err(BenchError::Rule {
                file: path.to_owned(),
                field: "fields".to_owned(),
                message: "a verdict needs at least one field".to_owned(),
            });
        }
        Ok(Self { file, digest: Digest::of(text.as_bytes()) })
    }
}
