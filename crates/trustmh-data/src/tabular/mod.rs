//! Tables whatever they are kept in, as rows of values: CSV, JSON lines, JSON and Parquet, in one file or in several.
//!
//! A set that is published as CSV or JSON lines is read from a Parquet file with the same columns as well: the table is written out in
//! the form that the set's own reader takes ([`Written`]), and what that reader finds wrong is told by the table's file, row and column.

mod json;
pub(crate) mod parquet;
mod separated;
mod written;

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::error::{DataError, Place};

pub(crate) use separated::{Signs, check_head};
pub(crate) use written::Written;

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// Where it stands.
    pub(crate) place: Place,
    /// Its cells by column.
    pub(crate) cells: Map<String, Value>,
}

/// The rows of one or more files.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Table {
    /// The columns in the order in which they were first met.
    pub(crate) columns: Vec<String>,
    /// The rows in the order of the files.
    pub(crate) rows: Vec<Row>,
}

/// The names of classes whose numbers stand in a column.
pub(crate) type Classes = BTreeMap<String, Vec<String>>;

/// How a file keeps a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// Apache Parquet.
    Parquet,
    /// An object a line.
    Lines,
    /// A list of objects, or an object a line, which `datasets` ends in `.json` too.
    Json,
    /// Cells parted by commas or tabs.
    Separated(Signs),
}

impl Form {
    /// What a file's name says of its form, with the name before the ending.
    pub(crate) fn of(name: &str) -> Option<(&str, Self)> {
        let (stem, ending) = name.rsplit_once('.')?;
        let form = match ending.to_ascii_lowercase().as_str() {
            "parquet" => Self::Parquet,
            "jsonl" | "ndjson" => Self::Lines,
            "json" => Self::Json,
            "csv" => Self::Separated(Signs::Commas),
            "tsv" => Self::Separated(Signs::Tabs),
            _ => return None,
        };
        (!stem.is_empty()).then_some((stem, form))
    }
}

impl Table {
    /// Adds the rows of a file, called `name` in errors; numbers of classes become their names.
    ///
    /// # Errors
    /// [`DataError`], naming the row, for what cannot be read.
    pub(crate) fn add(
        &mut self,
        path: &Path,
        name: &str,
        form: Form,
        classes: &Classes,
    ) -> Result<(), DataError> {
        let bytes = |path: &Path| {
            fs::read(path).map_err(|source| DataError::Unreadable { path: path.to_owned(), source })
        };
        let read = match form {
            Form::Parquet => parquet::read(path, name)?,
            Form::Lines => json::lines(name, &bytes(path)?)?,
            Form::Json => json::file(name, &bytes(path)?)?,
            Form::Separated(signs) => separated::read(name, &bytes(path)?, signs)?,
        };
        for column in read.columns {
            if !self.columns.contains(&column) {
                self.columns.push(column);
            }
        }
        for mut row in read.rows {
            for (column, names) in classes {
                if let Some(cell) = row.cells.get_mut(column) {
                    name_class(cell, names, column, &row.place)?;
                }
            }
            self.rows.push(row);
        }
        Ok(())
    }
}

/// Puts the name of a class in the place of its number, which is a text where cells have no types; -1 is how a missing label is kept.
fn name_class(
    cell: &mut Value,
    names: &[String],
    column: &str,
    place: &Place,
) -> Result<(), DataError> {
    let number = match &*cell {
        Value::String(text) if names.contains(text) => None,
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    let Some(number) = number else { return Ok(()) };
    if number == -1 {
        *cell = Value::Null;
        return Ok(());
    }
    let name = usize::try_from(number).ok().and_then(|number| names.get(number));
    let name = name.ok_or_else(|| {
        let expected = format!("the number of one of its {} classes, from 0", names.len());
        DataError::value(place.clone(), column, &number.to_string(), expected)
    })?;
    *cell = Value::from(name.as_str());
    Ok(())
}

/// Whether no two columns have one name, of which one would be lost; those without a name are nobody's.
fn named_once(columns: &[String], place: &Place) -> Result<(), DataError> {
    let mut names = BTreeSet::new();
    for (at, column) in columns.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
        if !names.insert(column) {
            let field = format!("the name of column {}", at + 1);
            let expected = "one that no other column has";
            return Err(DataError::value(place.clone(), field, column, expected));
        }
    }
    Ok(())
}

/// A value as the text of a cell: nothing for null, JSON for lists and objects.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_name_forms() {
        assert_eq!(Form::of("a.b.parquet"), Some(("a.b", Form::Parquet)));
        assert_eq!(Form::of("OEQ.CSV"), Some(("OEQ", Form::Separated(Signs::Commas))));
        assert_eq!(Form::of("data-00000-of-00001.arrow"), None);
        assert_eq!((Form::of(".json"), Form::of("README")), (None, None));
    }

    #[test]
    fn numbers_of_classes_become_names_and_others_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.jsonl");
        fs::write(&path, "{\"label\": 1}\n{\"label\": -1}\n{\"label\": \"b\"}\n").unwrap();
        let classes = Classes::from([("label".to_owned(), vec!["a".to_owned(), "b".to_owned()])]);
        let mut table = Table::default();
        table.add(&path, "t.jsonl", Form::Lines, &classes).unwrap();
        let labels: Vec<Value> = table.rows.iter().map(|row| row.cells["label"].clone()).collect();
        assert_eq!(labels, [Value::from("b"), Value::Null, Value::from("b")]);
        let separated = folder.path().join("t.csv");
        fs::write(&separated, "label\n1\n-1\nb\n").unwrap();
        let mut table = Table::default();
        table.add(&separated, "t.csv", Form::Separated(Signs::Commas), &classes).unwrap();
        assert_eq!(
            table.rows.iter().map(|row| &row.cells["label"]).collect::<Vec<_>>(),
            labels.iter().collect::<Vec<_>>()
        );
        fs::write(&separated, b"label\na\n\xff\n").unwrap();
        let broken = Table::default()
            .add(&separated, "t.csv", Form::Separated(Signs::Commas), &classes)
            .unwrap_err();
        assert!(broken.to_string().contains("t.csv, line 3"), "{broken}");
        assert!(broken.to_string().contains("UTF-8"), "{broken}");
        fs::write(&path, "{\"label\": 0}\n{\"label\": 2}\n").unwrap();
        let wrong = Table::default().add(&path, "t.jsonl", Form::Lines, &classes).unwrap_err();
        let told =
            "t.jsonl, line 2: label is `2`; expected the number of one of its 2 classes, from 0";
        assert_eq!(wrong.to_string(), told);
    }
}
