//! Records of a file of ratings: rows of a table, objects of JSON.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::error::{DataError, Place};
use crate::{nan, table};

/// The cells of a record by the names of their columns in lower case.
pub(super) type Record = BTreeMap<String, String>;

/// All records of a file.
pub(super) struct Records {
    /// The file's name.
    pub(super) file: String,
    /// The columns of a table as it writes them; none of JSON.
    pub(super) columns: Vec<String>,
    /// The records in the order of the file.
    pub(super) rows: Vec<Record>,
}

impl Records {
    /// Of a JSON array, JSON lines, or CSV.
    pub(super) fn read(path: &Path) -> Result<Self, DataError> {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let file = file.unwrap_or_default();
        let bytes = fs::read(path)
            .map_err(|source| DataError::Unreadable { path: path.to_owned(), source })?;
        if is_table(&file) {
            let columns = table::titles(&file, &bytes)?;
            let rows = of_csv(&file, &bytes)?;
            return Ok(Self { file, columns, rows });
        }
        let rows = of_json(&file, &bytes)?;
        Ok(Self { file, columns: Vec::new(), rows })
    }

    /// Whether any record has this field, whose name is in lower case.
    pub(super) fn has(&self, field: &str) -> bool {
        self.rows.iter().any(|row| row.contains_key(field))
    }

    /// The first of the wanted fields that any record has, in lower case; or else an error that says `what` is missing.
    pub(super) fn field(&self, wanted: &[&str], what: &str) -> Result<String, DataError> {
        let known = |field: &&str| self.has(&field.to_lowercase());
        wanted.iter().find(|field| known(field)).map(|field| field.to_lowercase()).ok_or_else(
            || {
                let expected = match wanted {
                    [only] if !self.columns.is_empty() => {
                        format!("a column `{only}`; there are {}", self.columns.join(", "))
                    }
                    several => format!("one of {}", several.join(", ")),
                };
                DataError::value(Place::file(&self.file), what, "missing", expected)
            },
        )
    }

    /// The file's name without its ending.
    pub(super) fn stem(&self) -> String {
        self.file.rsplit_once('.').map_or(self.file.as_str(), |(stem, _)| stem).to_owned()
    }
}

/// The cell of a record; empty where it has none.
pub(super) fn cell<'r>(record: &'r Record, field: &str) -> &'r str {
    record.get(field).map_or("", |text| text.trim())
}

pub(super) fn is_table(file: &str) -> bool {
    file.to_lowercase().ends_with(".csv")
}

pub(super) fn of_csv(file: &str, bytes: &[u8]) -> Result<Vec<Record>, DataError> {
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

pub(super) fn of_json(file: &str, bytes: &[u8]) -> Result<Vec<Record>, DataError> {
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
