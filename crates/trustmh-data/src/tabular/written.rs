//! A table written out in the form that a set is published in, for the set's own reader.

use serde_json::{Map, Value};

use super::{Form, Row, Table, text};
use crate::error::{DataError, Place};

/// A table as the bytes of a file that was not there, and where each of its lines comes from.
#[derive(Debug)]
pub(crate) struct Written {
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    origin: String,
    rows: Vec<Row>,
    /// The number of the row that stands on each line; none for lines of no row.
    lines: Vec<Option<u32>>,
}

impl Written {
    /// Writes out a table, whose files are `origin`; none in a form that is not written.
    pub(crate) fn new(table: Table, form: Form, origin: &str) -> Option<Self> {
        let Table { columns, rows } = table;
        let (mut bytes, mut lines) = (Vec::new(), Vec::new());
        match form {
            Form::Separated(signs) => {
                let line = |cells: &[String], bytes: &mut Vec<u8>| -> Option<usize> {
                    let from = bytes.len();
                    let mut writer =
                        csv::WriterBuilder::new().delimiter(signs.sign()).from_writer(&mut *bytes);
                    writer.write_record(cells).ok()?;
                    writer.flush().ok()?;
                    drop(writer);
                    Some(bytes.iter().skip(from).filter(|byte| **byte == b'\n').count())
                };
                let breaks = line(&columns, &mut bytes)?;
                lines.resize(breaks, None);
                for (number, row) in (0..).zip(&rows) {
                    let cell = |column| row.cells.get(column).map(text).unwrap_or_default();
                    let cells: Vec<String> = columns.iter().map(cell).collect();
                    let breaks = line(&cells, &mut bytes)?;
                    lines.resize(lines.len() + breaks, Some(number));
                }
            }
            Form::Lines => {
                for (number, row) in (0..).zip(&rows) {
                    bytes.extend_from_slice(object(&row.cells).as_bytes());
                    bytes.push(b'\n');
                    lines.push(Some(number));
                }
            }
            Form::Json => {
                bytes.extend_from_slice(b"[");
                lines.push(None);
                for (number, row) in (0..).zip(&rows) {
                    bytes.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
                    bytes.extend_from_slice(object(&row.cells).as_bytes());
                    lines.push(Some(number));
                }
                bytes.extend_from_slice(b"\n]\n");
            }
            Form::Parquet => return None,
        }
        Some(Self { bytes, origin: origin.to_owned(), rows, lines })
    }

    /// An error about the bytes as one about the table.
    pub(crate) fn told(&self, error: DataError) -> DataError {
        match error {
            DataError::Malformed { place, message } => {
                let (message, at) = without_place(&message);
                let line = place.line.or(at.map(|(line, _)| line));
                let Some(row) = self.row(line) else {
                    let place = Place::file(&self.origin);
                    return DataError::Malformed { place, message: message.to_owned() };
                };
                // What is not there has no column to be named.
                let lacks = message.starts_with("missing field") || message.starts_with("EOF");
                let column = at.filter(|_| !lacks).and_then(|(_, at)| column(&row.cells, at));
                let message = match column {
                    Some(column) => format!("column `{column}`: {message}"),
                    None => message.to_owned(),
                };
                DataError::Malformed { place: row.place.clone(), message }
            }
            DataError::Value { place, field, value, expected } => {
                let row = self.row(place.line).map(|row| row.place.clone());
                let place = row.unwrap_or_else(|| Place::file(&self.origin));
                DataError::Value { place, field, value, expected }
            }
            other => other,
        }
    }

    fn row(&self, line: Option<u64>) -> Option<&Row> {
        let line = usize::try_from(line?.checked_sub(1)?).ok()?;
        self.rows.get(usize::try_from((*self.lines.get(line)?)?).ok()?)
    }
}

/// The members that have a value, as JSON on one line.
fn object(cells: &Map<String, Value>) -> String {
    let members = cells.iter().filter(|(_, value)| !value.is_null());
    let members: Map<String, Value> =
        members.map(|(name, value)| (name.clone(), value.clone())).collect();
    Value::Object(members).to_string()
}

/// A message of the JSON reader without its place, and that place: line and column.
fn without_place(message: &str) -> (&str, Option<(u64, usize)>) {
    let parted = message.rsplit_once(" at line ").and_then(|(before, place)| {
        let (line, column) = place.split_once(" column ")?;
        Some((before, (line.parse().ok()?, column.parse().ok()?)))
    });
    parted.map_or((message, None), |(before, place)| (before, Some(place)))
}

/// The column in whose part of the object the byte `at` is, counted from 1.
fn column(cells: &Map<String, Value>, at: usize) -> Option<&str> {
    let mut end = 1;
    for (name, value) in cells.iter().filter(|(_, value)| !value.is_null()) {
        end += Value::from(name.as_str()).to_string().len() + 1 + value.to_string().len();
        if at <= end {
            return Some(name);
        }
        end += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Signs;
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    fn table(rows: &[Value]) -> Table {
        let rows: Vec<Row> = (1..)
            .zip(rows)
            .map(|(number, row)| Row {
                place: Place::row("t.parquet", number),
                cells: row.as_object().unwrap().clone(),
            })
            .collect();
        let columns = rows[0].cells.keys().cloned().collect();
        Table { columns, rows }
    }

    #[test]
    fn faults_are_told_by_row_and_column() {
        #[derive(Deserialize, Debug)]
        struct Pair {
            #[expect(dead_code, reason = "only its type matters")]
            a: String,
            #[expect(dead_code, reason = "only its type matters")]
            b: u8,
        }
        let rows = [
            json!({"a": "x\ny", "b": 1}),
            json!({"a": "z", "b": "two"}),
            json!({"b": 3, "a": null}),
        ];
        let lines = Written::new(table(&rows), Form::Lines, "t.parquet").unwrap();
        let text = String::from_utf8(lines.bytes.clone()).unwrap();
        let fault = |number: u64| {
            let line = text.lines().nth(usize::try_from(number).unwrap() - 1).unwrap();
            let error = serde_json::from_str::<Pair>(line).unwrap_err();
            lines.told(DataError::malformed(Place::line("t.jsonl", number), error)).to_string()
        };
        let second = "t.parquet, row 2: column `b`: invalid type: string \"two\", expected u8";
        assert_eq!(fault(2), second);
        assert_eq!(fault(3), "t.parquet, row 3: missing field `a`");
        let list = Written::new(table(&rows), Form::Json, "t.parquet").unwrap();
        let error = serde_json::from_slice::<Vec<Pair>>(&list.bytes).unwrap_err();
        assert_eq!(list.told(DataError::json("t.json", &error)).to_string(), second);
    }

    #[test]
    fn cells_with_line_breaks_keep_their_row() {
        let rows = [json!({"a": "x\ny"}), json!({"a": ["l"]})];
        let written =
            Written::new(table(&rows), Form::Separated(Signs::Commas), "t.parquet").unwrap();
        assert_eq!(written.bytes, b"a\n\"x\ny\"\n\"[\"\"l\"\"]\"\n");
        let wrong = DataError::value(Place::line("t.csv", 4), "a", "l", "x");
        assert_eq!(written.told(wrong).to_string(), "t.parquet, row 2: a is `l`; expected x");
    }
}
