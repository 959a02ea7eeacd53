//! Replies with people's scores of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::records::{Record, is_table, of_csv, of_json};
use crate::error::{DataError, Place};

/// A reply that people scored.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredReply {
    /// The reply.
    pub reply: String,
    /// The label of the message it answers, by the crisis scheme.
    pub label: String,
    /// The scores, by rater.
    pub scores: BTreeMap<String, f64>,
}

/// Reads replies with people's scores: a JSON array with `answer`, `label` and `evaluation`, or a table with
/// `model_response`, `verification_correct` and columns of annotators, where a reply scores 1 if it does what
/// is right there and 0 if not; its label is taken to be acute, as the set has none of ours.
///
/// # Errors
/// As [`super::read`].
pub fn scored_replies(path: &Path) -> Result<Vec<ScoredReply>, DataError> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_default();
    let bytes =
        fs::read(path).map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    let replies: Vec<ScoredReply> = if is_table(&file) {
        of_csv(&file, &bytes)?.iter().filter_map(annotated).collect()
    } else {
        let rater = file.split(['_', '.']).next().unwrap_or_default();
        of_json(&file, &bytes)?.iter().filter_map(|record| evaluated(record, rater)).collect()
    };
    if replies.is_empty() {
        let expected = "replies with the fields answer, label and evaluation, or model_response, verification_correct and annotator_1_classification";
        return Err(DataError::value(Place::file(&file), "the records", "others", expected));
    }
    Ok(replies)
}

fn evaluated(record: &Record, rater: &str) -> Option<ScoredReply> {
    let score = record.get("evaluation")?.trim().parse().ok()?;
    let label = record.get("label").filter(|label| !label.is_empty())?;
    Some(ScoredReply {
        reply: record.get("answer")?.clone(),
        label: label.clone(),
        scores: BTreeMap::from([(rater.to_owned(), score)]),
    })
}

fn annotated(record: &Record) -> Option<ScoredReply> {
    let right = record.get("verification_correct")?.to_lowercase();
    let scores: BTreeMap<String, f64> = record
        .iter()
        .filter(|(column, said)| column.starts_with("annotator_") && !said.trim().is_empty())
        .map(|(column, said)| {
            (column.clone(), f64::from(u8::from(said.trim().to_lowercase() == right)))
        })
        .collect();
    let reply = record.get("model_response")?.clone();
    (!scores.is_empty()).then(|| ScoredReply {
        reply,
        label: "suicidal_ideation".to_owned(),
        scores,
    })
}
