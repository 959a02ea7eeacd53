//! Ratings of several dimensions of the same units: tables with one row a rater, and what the viewer writes down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::people::{Line, is_annotations, lines};
use super::records::{Records, cell};
use super::{Columns, RatedFile, RatedUnit, Rating, read};
use crate::error::{DataError, Place};

/// Which columns of a table with one row a rater hold what.
#[derive(Debug, Clone, Copy)]
pub struct LongColumns<'c> {
    /// What was rated.
    pub unit: &'c str,
    /// Who rated it.
    pub rater: &'c str,
    /// The ratings: a column for each dimension.
    pub dimensions: &'c [String],
}

/// What a file of ratings holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Rated {
    /// One dimension, by one or several raters.
    One(Vec<RatedFile>),
    /// Several dimensions.
    Several {
        /// The raters of each.
        dimensions: BTreeMap<String, Vec<RatedFile>>,
        /// Cells that hold no rating, in rows of units and raters that are there.
        missing: u64,
    },
}

/// Reads a table with a row for each unit and rater and a column for each dimension. A cell without a rating is missing.
///
/// # Errors
/// As [`read`]; [`DataError::Value`] too where a rater has two rows for a unit.
pub fn read_long(path: &Path, columns: LongColumns<'_>) -> Result<Rated, DataError> {
    let records = Records::read(path)?;
    let unit = records.field(&[columns.unit], "the unit")?;
    let rater = records.field(&[columns.rater], "the rater")?;
    let place = || Place::file(&records.file);
    let mut rows: BTreeSet<(&str, &str)> = BTreeSet::new();
    for record in &records.rows {
        let (unit, rater) = (cell(record, &unit), cell(record, &rater));
        if unit.is_empty() || rater.is_empty() {
            let expected = "both named in every row";
            return Err(DataError::value(place(), "a unit or a rater", "empty", expected));
        }
        if !rows.insert((rater, unit)) {
            let found = format!("two rows of {rater} for {unit}");
            let expected = "one row for each unit and rater";
            return Err(DataError::value(place(), "the table", &found, expected));
        }
    }
    let mut missing = 0;
    let mut dimensions = BTreeMap::new();
    for name in columns.dimensions {
        let column = records.field(&[name.as_str()], "a dimension")?;
        let mut raters: BTreeMap<&str, Vec<RatedUnit>> = BTreeMap::new();
        for record in &records.rows {
            let rating = Rating::of(cell(record, &column));
            missing += u64::from(rating.is_none());
            let unit = cell(record, &unit).to_owned();
            let item = None;
            raters.entry(cell(record, &rater)).or_default().push(RatedUnit { unit, item, rating });
        }
        dimensions.insert(name.clone(), files(raters));
    }
    Ok(Rated::Several { dimensions, missing })
}

/// Reads a file of ratings as [`read`] does, or the viewer's `annotations.jsonl`: all its fields are dimensions, its trials units, and
/// the last rating of a trial by a person counts.
///
/// # Errors
/// As [`read`].
pub fn read_rated(path: &Path, columns: Columns<'_>) -> Result<Rated, DataError> {
    if !is_annotations(path)? {
        return Ok(Rated::One(read(path, columns)?));
    }
    Ok(annotated(&lines(path)?))
}

/// Reads the viewer's `annotations.jsonl` of several runs as [`read_rated`] reads one: a person is one rater in all of them, and what was
/// rated in two runs is two units, since the replies are others.
///
/// # Errors
/// As [`read`].
pub fn read_annotations(paths: &[PathBuf]) -> Result<Rated, DataError> {
    let mut all = Vec::new();
    for (number, path) in (1_u64..).zip(paths) {
        let of_run = lines(path)?.into_iter();
        all.extend(of_run.map(|line| Line { run: number, ..line }));
    }
    Ok(annotated(&all))
}

fn annotated(lines: &[Line]) -> Rated {
    let mut rubrics: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (line, field) in lines.iter().flat_map(|line| line.values.keys().map(move |f| (line, f))) {
        rubrics.entry(field).or_default().insert(&line.rubric);
    }
    let mut dimensions: BTreeMap<String, BTreeMap<&str, Vec<RatedUnit>>> = BTreeMap::new();
    for line in lines {
        for (field, value) in &line.values {
            // A field that two rubrics have is two dimensions.
            let shared = rubrics.get(field.as_str()).is_some_and(|known| known.len() > 1);
            let name = if shared { format!("{}: {field}", line.rubric) } else { field.clone() };
            let raters = dimensions.entry(name).or_default();
            raters.entry(&line.annotator).or_default().push(RatedUnit {
                unit: line.unit(),
                item: Some(item(&line.trial).to_owned()),
                rating: Rating::of(value),
            });
        }
    }
    let mut dimensions: BTreeMap<String, Vec<RatedFile>> =
        dimensions.into_iter().map(|(name, raters)| (name, files(raters))).collect();
    match (dimensions.len(), dimensions.pop_first()) {
        (1, Some((_, raters))) => Rated::One(raters),
        (_, first) => {
            dimensions.extend(first);
            Rated::Several { dimensions, missing: 0 }
        }
    }
}

fn files(raters: BTreeMap<&str, Vec<RatedUnit>>) -> Vec<RatedFile> {
    let file =
        |(rater, units): (&str, Vec<RatedUnit>)| RatedFile { rater: rater.to_owned(), units };
    raters.into_iter().map(file).collect()
}

/// The task and the item in a trial's name, `task:item:variant:repeat` with more behind it where the text was perturbed.
fn item(trial: &str) -> &str {
    let is_repeat = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut ends = Vec::new();
    let mut repeat = None;
    for (place, part) in trial.split(':').enumerate() {
        if place > 1 && is_repeat(part) {
            repeat = Some(place);
        }
        ends.push(ends.last().map_or(0, |end| end + 1) + part.len());
    }
    let end = repeat.and_then(|place| ends.get(place.checked_sub(2)?).copied());
    end.and_then(|end| trial.get(..end)).unwrap_or(trial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_item_of_a_trial() {
        for (trial, expected) in [
            ("crisis/escalation:a-1:plain:0", "crisis/escalation:a-1"),
            ("t:a:b:turn-3:12", "t:a:b"),
            ("t:a:plain:0:word-low", "t:a"),
            ("something", "something"),
        ] {
            assert_eq!(item(trial), expected, "{trial}");
        }
    }

    #[test]
    fn a_row_a_rater_with_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let columns = ["warm".to_owned(), "Safe".to_owned()];
        let columns = LongColumns { unit: "Talk", rater: "who", dimensions: &columns };
        fs::write(&path, "who,talk,warm,safe\r\na,1,3,yes\r\nb,1,,Yes\r\na,2,NA,no\r\n").unwrap();
        let Rated::Several { dimensions, missing } = read_long(&path, columns).unwrap() else {
            panic!("several dimensions")
        };
        assert_eq!((dimensions.len(), missing), (2, 2));
        let safe = &dimensions["Safe"];
        assert_eq!(safe[1].units[0].rating, Some(Rating::Label("yes".to_owned())));
        fs::write(&path, "who,talk,warm,safe\na,1,3,yes\na,1,2,no\n").unwrap();
        let twice = read_long(&path, columns).unwrap_err().to_string();
        assert!(twice.contains("two rows of a for 1"), "{twice}");
        fs::write(&path, "who,talk,warm\na,1,3\n").unwrap();
        let lacking = read_long(&path, columns).unwrap_err().to_string();
        assert!(lacking.contains("a column `Safe`; there are who, talk, warm"), "{lacking}");
    }

    #[test]
    fn annotations_are_read_as_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("annotations.jsonl");
        let line = |who: &str, trial: &str, values: &str| {
            format!(
                "{{\"v\":1,\"at\":\"2026-01-01T00:00:00Z\",\"annotator\":\"{who}\",\"trial\":\"{trial}\",\"rubric\":\"r\",\"values\":{{{values}}}}}\n"
            )
        };
        let text = [
            line("AB", "t:a:plain:0", "\"warm\":\"2\""),
            line("CD", "t:a:plain:0", "\"warm\":\"4\""),
            line("AB", "t:a:plain:0", "\"warm\":\"3\""),
            line("AB", "t:b:plain:0", "\"warm\":\"1\""),
        ]
        .concat();
        fs::write(&path, &text).unwrap();
        let Rated::One(raters) = read_rated(&path, Columns::default()).unwrap() else {
            panic!("one field")
        };
        let score = |score| Some(Rating::Score(score));
        assert_eq!((raters[0].units.len(), &raters[0].units[0].rating), (2, &score(3.0)));
        assert_eq!(raters[1].units[0].item.as_deref(), Some("t:a"));
        let more = line("CD", "t:b:plain:0", "\"warm\":\"1\",\"safe\":\"yes\"");
        fs::write(&path, text + &more).unwrap();
        let Rated::Several { dimensions, .. } = read_rated(&path, Columns::default()).unwrap()
        else {
            panic!("two fields")
        };
        assert_eq!(dimensions.keys().collect::<Vec<_>>(), ["safe", "warm"]);
    }
}
