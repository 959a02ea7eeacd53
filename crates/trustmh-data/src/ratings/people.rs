//! What people said of a run's replies, to put a judge right by.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::records::{Records, cell, is_table};
use super::{RATINGS, Rating, UNITS};
use crate::error::{DataError, Place};

/// A line of the viewer's `annotations.jsonl`, as far as ratings go.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Line {
    pub(super) annotator: String,
    pub(super) trial: String,
    /// The reply of a conversation that is rated by itself, from 0.
    #[serde(default)]
    pub(super) turn: Option<u8>,
    pub(super) rubric: String,
    /// Empty where the person was unsure.
    pub(super) values: BTreeMap<String, String>,
    /// Which of several files it stands in, from 1; 0 of a single one.
    #[serde(skip)]
    pub(super) run: u64,
}

impl Line {
    /// What was rated: the trial or a turn of it, of this run where there are several.
    pub(super) fn unit(&self) -> String {
        let turn =
            self.turn.map_or_else(String::new, |turn| format!(" turn {}", u32::from(turn) + 1));
        match self.run {
            0 => format!("{}{turn}", self.trial),
            run => format!("{run} {}{turn}", self.trial),
        }
    }
}

/// Whether the file is the viewer's `annotations.jsonl`, by what its first line holds.
///
/// # Errors
/// [`DataError::Unreadable`].
pub fn is_annotations(path: &Path) -> Result<bool, DataError> {
    let text =
        fs::read(path).map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8_lossy(&text);
    let first = text.lines().find(|line| !line.trim().is_empty());
    Ok(first.is_some_and(|line| serde_json::from_str::<Line>(line).is_ok()))
}

/// The ratings of an `annotations.jsonl`; of several by one person of one reply and rubric the last. A torn last line is left out.
pub(super) fn lines(path: &Path) -> Result<Vec<Line>, DataError> {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text =
        fs::read(path).map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut found: Vec<Line> = Vec::new();
    let mut places: BTreeMap<(String, String, Option<u8>, String), usize> = BTreeMap::new();
    for (number, text) in (1_u64..).zip(text.split_inclusive('\n')) {
        if text.trim().is_empty() {
            continue;
        }
        let line: Line = match serde_json::from_str(text) {
            Ok(line) => line,
            Err(_) if !text.ends_with('\n') => break,
            Err(error) => return Err(DataError::malformed(Place::line(&file, number), error)),
        };
        let key = (line.annotator.clone(), line.trial.clone(), line.turn, line.rubric.clone());
        match places.get(&key).and_then(|place| found.get_mut(*place)) {
            Some(known) => *known = line,
            None => {
                places.insert(key, found.len());
                found.push(line);
            }
        }
    }
    Ok(found)
}

/// People's ratings of some replies, from a table or from JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct PeoplesScores {
    /// By which rubric they rated, where the file says it.
    pub rubric: Option<String>,
    /// Which field of it, or which measure, where the file says it.
    pub field: Option<String>,
    /// The ratings.
    pub units: Vec<ScoredUnit>,
}

/// What people said of one reply.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredUnit {
    /// The trial, where the file names it.
    pub trial: Option<String>,
    /// The unit: a text, or item and variant.
    pub unit: String,
    /// What they said, together.
    pub rating: Rating,
}

/// Reads people's ratings: a table saved from the viewer, or any file of ratings. A column named like `measure` holds
/// the ratings before any other.
///
/// # Errors
/// As [`super::read`]; [`DataError::Value`] too where the rows of a table are of different fields.
pub fn read_people(path: &Path, measure: &str) -> Result<PeoplesScores, DataError> {
    let records = Records::read(path)?;
    let has_trial = records.has("trial");
    let unit = match records.field(&UNITS, "the field that names a unit") {
        Ok(unit) => unit,
        Err(_) if has_trial => "trial".to_owned(),
        Err(error) => return Err(error),
    };
    let named = records.has(&measure.to_lowercase());
    let wanted: Vec<&str> = std::iter::once(measure).chain(RATINGS).collect();
    let rating = records.field(&wanted, "the rating")?;
    let field = only(&records, "field")?.or_else(|| named.then(|| measure.to_owned()));
    let units = records.rows.iter().filter_map(|record| {
        let trial = cell(record, "trial");
        Some(ScoredUnit {
            trial: (!trial.is_empty()).then(|| trial.to_owned()),
            unit: record.get(&unit)?.clone(),
            rating: Rating::of(cell(record, &rating))?,
        })
    });
    Ok(PeoplesScores { rubric: only(&records, "rubric")?, field, units: units.collect() })
}

/// What all rows of a table have in this column; none where there is no such column.
fn only(records: &Records, column: &str) -> Result<Option<String>, DataError> {
    if !is_table(&records.file) {
        return Ok(None);
    }
    let mut values: Vec<&str> = records.rows.iter().map(|row| cell(row, column)).collect();
    values.sort_unstable();
    values.dedup();
    match values.as_slice() {
        [] | [""] => Ok(None),
        [only] => Ok(Some((*only).to_owned())),
        several => {
            let expected = format!("one {column} in all rows");
            let found = several.join(", ");
            Err(DataError::value(Place::file(&records.file), column, &found, expected))
        }
    }
}
