//! Files with labels or scores: what one or several raters said of the same units.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::{DataError, Place};
use crate::{nan, table};

/// What a rater said of a unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Rating {
    /// A label.
    Label(String),
    /// A number.
    Score(f64),
}

impl Rating {
    /// A number if the text is one, else a label in lower case; none for an empty text.
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.parse::<f64>() {
            Ok(score) if score.is_finite() => Some(Self::Score(score)),
            _ if text.is_empty() || text.eq_ignore_ascii_case("nan") => None,
            _ => Some(Self::Label(text.to_lowercase())),
        }
    }
}

/// A rater of a file, with what they said of each unit.
#[derive(Debug, Clone, PartialEq)]
pub struct RatedFile {
    /// The file's name, or the column where a file has several raters.
    pub rater: String,
    /// Units in the order of the file, each with its rating, if there is one.
    pub units: Vec<(String, Option<Rating>)>,
}

/// One rater's ratings by unit.
pub type ByUnit = BTreeMap<String, Rating>;

/// The ratings of each file by unit, and how many units had to be matched by their place. Files of the same
/// length that mostly agree on the units are matched place by place, since a unit's text may be damaged in
/// one of them; any others by the units themselves, equal ones numbered.
pub fn matched(files: &[RatedFile]) -> (Vec<ByUnit>, usize) {
    let first = files.first().map(|file| file.units.as_slice()).unwrap_or_default();
    let differing = |file: &RatedFile| {
        file.units.iter().zip(first).filter(|((unit, _), (other, _))| unit != other).count()
    };
    let most = files.iter().map(differing).max().unwrap_or_default();
    let in_step = files.iter().all(|file| file.units.len() == first.len());
    if in_step && most * 10 <= first.len() {
        let numbered = |file: &RatedFile| -> ByUnit {
            let units = file.units.iter().enumerate();
            units.filter_map(|(at, (_, rating))| Some((at.to_string(), rating.clone()?))).collect()
        };
        return (files.iter().map(numbered).collect(), most);
    }
    (files.iter().map(by_name).collect(), 0)
}

fn by_name(file: &RatedFile) -> ByUnit {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ratings = BTreeMap::new();
    for (unit, rating) in &file.units {
        let times = seen.entry(unit).or_default();
        *times += 1;
        ratings.extend(rating.clone().map(|rating| (format!("{unit}#{times}"), rating)));
    }
    ratings
}

/// Fields that may name a unit, the first of them that a record has.
const UNITS: [&str; 6] = ["inputs", "text", "id", "item", "row", "key"];
/// Fields that may hold a rating, the first of them that a record has.
const RATINGS: [&str; 6] = ["evaluation", "score", "rating", "severity", "label", "verdict"];

/// Reads a file of ratings: a JSON array, JSON lines, or CSV. A CSV file may hold several raters, one in each
/// of `columns`.
///
/// # Errors
/// [`DataError::Unreadable`], [`DataError::Malformed`], and [`DataError::Value`] for a file without a unit or a
/// rating.
pub fn read(path: &Path, columns: &[String]) -> Result<Vec<RatedFile>, DataError> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_default();
    let bytes =
        fs::read(path).map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    let records = if file.to_lowercase().ends_with(".csv") {
        of_csv(&file, &bytes)?
    } else {
        of_json(&file, &bytes)?
    };
    if columns.is_empty() {
        let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem).to_owned();
        let units = rated(&file, &records, &RATINGS)?;
        return Ok(vec![RatedFile { rater: stem, units }]);
    }
    columns
        .iter()
        .map(|column| {
            let units = rated(&file, &records, &[column.as_str()])?;
            Ok(RatedFile { rater: column.clone(), units })
        })
        .collect()
}

type Record = BTreeMap<String, String>;

fn rated(
    file: &str,
    records: &[Record],
    fields: &[&str],
) -> Result<Vec<(String, Option<Rating>)>, DataError> {
    let unit = field(file, records, &UNITS, "the field that names a unit")?;
    let rating = field(file, records, fields, "the rating")?;
    let units = records.iter().map(|record| {
        let name = record.get(unit).cloned().unwrap_or_default();
        (name, record.get(rating).and_then(|text| Rating::of(text)))
    });
    Ok(units.collect())
}

/// The first of the wanted fields that any record has.
fn field<'w>(
    file: &str,
    records: &[Record],
    wanted: &[&'w str],
    what: &str,
) -> Result<&'w str, DataError> {
    let known = |field: &&str| records.iter().any(|record| record.contains_key(*field));
    wanted.iter().copied().find(known).ok_or_else(|| {
        let expected = format!("one of {}", wanted.join(", "));
        DataError::value(Place::file(file), what, "missing", expected)
    })
}

fn of_csv(file: &str, bytes: &[u8]) -> Result<Vec<Record>, DataError> {
    let header = table::header(file, bytes)?;
    let mut columns = Vec::new();
    for name in &header {
        columns.push(table::read(file, bytes, [name.as_str()])?);
    }
    let rows = columns.first().map_or(0, Vec::len);
    let record = |row: usize| {
        let cells = header.iter().zip(&columns).filter_map(|(name, column)| {
            let [cell] = column.get(row)?.texts();
            Some((name.clone(), cell))
        });
        cells.collect()
    };
    Ok((0..rows).map(record).collect())
}

fn of_json(file: &str, bytes: &[u8]) -> Result<Vec<Record>, DataError> {
    let (text, _) = nan::as_null(&String::from_utf8_lossy(bytes));
    let malformed = |error: serde_json::Error| {
        let line = (error.line() > 0).then_some(error.line() as u64);
        DataError::malformed(Place { file: file.to_owned(), line }, error)
    };
    let values: Vec<Value> = match serde_json::from_str(&text) {
        Ok(Value::Array(values)) => values,
        _ => text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(serde_json::from_str)
            .collect::<Result<_, _>>()
            .map_err(malformed)?,
    };
    Ok(values
        .iter()
        .filter_map(Value::as_object)
        .map(|object| {
            object.iter().map(|(field, value)| (field.to_lowercase(), plain(value))).collect()
        })
        .collect())
}

/// A value as text. Messages are lists of sentences in some files and joined by " | " in others.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.replace(" | ", "\n"),
        Value::Array(lines) => lines.iter().map(plain).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

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
/// As [`read`].
pub fn scored_replies(path: &Path) -> Result<Vec<ScoredReply>, DataError> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_default();
    let bytes =
        fs::read(path).map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
    let replies: Vec<ScoredReply> = if file.to_lowercase().ends_with(".csv") {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn arrays_lines_and_tables_are_read_alike() {
        let array =
            r#"[{"inputs": ["a", "b"], "label": "No_Crisis"}, {"inputs": "c | d", "label": ""}]"#;
        let lines = "{\"inputs\": [\"a\", \"b\"], \"label\": \"no_crisis\"}\n\n";
        let table = "text,label\n\"a\nb\",no_crisis\n";
        for (name, text) in [("x.json", array), ("x.jsonl", lines), ("x.csv", table)] {
            let (_folder, path) = written(name, text);
            let found = read(&path, &[]).unwrap();
            let label = Rating::Label("no_crisis".to_owned());
            assert_eq!(found[0].rater, "x");
            assert_eq!(found[0].units[0], ("a\nb".to_owned(), Some(label)), "{name}");
        }
    }

    #[test]
    fn several_columns_are_several_raters_and_repeated_units_stay_apart() {
        let (_folder, path) = written("x.csv", "id,one,two\n7,1,2\n7,3,nan\n");
        let found = read(&path, &["one".to_owned(), "two".to_owned()]).unwrap();
        assert_eq!(found[1].units[1], ("7".to_owned(), None));
        let (ratings, by_place) = matched(&found);
        assert_eq!((ratings[0].len(), ratings[1].len(), by_place), (2, 1, 0));
        let error = read(&path, &["three".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("one of three"), "{error}");
    }

    #[test]
    fn one_damaged_unit_of_many_is_matched_by_its_place() {
        let file = |rater: &str, odd: &str| {
            let units = (0..20).map(|number| {
                let name = if number == 3 { odd.to_owned() } else { number.to_string() };
                (name, Some(Rating::Score(1.0)))
            });
            RatedFile { rater: rater.to_owned(), units: units.collect() }
        };
        let (ratings, by_place) = matched(&[file("a", "3"), file("b", "T+D47")]);
        assert_eq!((by_place, ratings[0] == ratings[1]), (1, true));
        let mut shorter = file("b", "3");
        shorter.units.remove(0);
        let (ratings, by_place) = matched(&[file("a", "3"), shorter]);
        assert_eq!((by_place, ratings[0].len(), ratings[1].len()), (0, 20, 19));
        assert!(ratings[1].keys().all(|unit| ratings[0].contains_key(unit)));
    }

    #[test]
    fn a_file_without_ratings_is_refused() {
        let (_folder, path) = written("x.json", r#"[{"mood": 1}]"#);
        let error = read(&path, &[]).unwrap_err().to_string();
        assert!(error.contains("one of inputs, text"), "{error}");
    }
}
