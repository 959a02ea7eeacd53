//! Tables as JSON: an object a line, or a list of objects.

use serde_json::{Map, Value};

use super::{Row, Table};
use crate::encoding::after_mark;
use crate::error::{DataError, Place};

/// The objects of lines; blank lines are none.
pub(super) fn lines(file: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    let mut table = Table::default();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let place = Place::line(file, number);
        let cells = serde_json::from_slice(line)
            .map_err(|error| DataError::malformed(place.clone(), error))?;
        table.push(place, cells);
    }
    Ok(table)
}

/// A list of objects; anything else is taken as lines.
pub(super) fn file(file: &str, bytes: &[u8]) -> Result<Table, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    if !bytes.trim_ascii_start().starts_with(b"[") {
        return lines(file, bytes);
    }
    let records: Vec<Map<String, Value>> =
        serde_json::from_slice(bytes).map_err(|error| DataError::json(file, &error))?;
    let mut table = Table::default();
    for (number, cells) in (1..).zip(records) {
        table.push(Place::record(file, number), cells);
    }
    Ok(table)
}

impl Table {
    fn push(&mut self, place: Place, cells: Map<String, Value>) {
        for column in cells.keys() {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
            }
        }
        self.rows.push(Row { place, cells });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_file_is_a_list_or_lines() {
        let of = |text: &str| file("t.json", text.as_bytes());
        let list = of("\u{feff}[{\"b\": 1}, {\"a\": [2]}]").unwrap();
        assert_eq!(list.columns, ["b", "a"]);
        assert_eq!(list.rows[1].place.to_string(), "t.json, record 2");
        let lines = of("{\"a\": 1}\n\n{\"a\": 2}\n").unwrap();
        assert_eq!(lines.rows[1].place.to_string(), "t.json, line 3");
        let broken = of("{\"a\": 1}\n[1]\n").unwrap_err().to_string();
        assert!(broken.starts_with("t.json, line 2: "), "{broken}");
        assert!(of("[{\"a\": 1},\n 3]").unwrap_err().to_string().starts_with("t.json, line 2: "));
    }
}
