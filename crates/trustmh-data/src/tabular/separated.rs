//! Tables whose cells are parted by commas or tabs.

use serde_json::Value;

use super::{Row, Table};
use crate::encoding::after_mark;
use crate::error::{DataError, Place};

/// What parts the cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signs {
    /// Commas.
    Commas,
    /// Tabs.
    Tabs,
}

impl Signs {
    /// The sign.
    pub(crate) const fn sign(self) -> u8 {
        match self {
            Self::Commas => b',',
            Self::Tabs => b'\t',
        }
    }
}

/// All cells, as text.
pub(super) fn read(file: &str, bytes: &[u8], signs: Signs) -> Result<Table, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(signs.sign()).from_reader(bytes);
    let fault = |error: csv::Error| {
        let line = error.position().map(csv::Position::line);
        DataError::malformed(Place { file: file.to_owned(), line }, error)
    };
    let decoded = |cell: &[u8]| String::from_utf8_lossy(cell).into_owned();
    let head = reader.byte_headers().map_err(fault)?;
    let columns: Vec<String> = head.iter().map(|cell| decoded(cell).trim().to_owned()).collect();
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(fault)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells =
            columns.iter().cloned().zip(record.iter().map(|cell| Value::from(decoded(cell))));
        rows.push(Row { place: Place::line(file, line), cells: cells.collect() });
    }
    Ok(Table { columns, rows })
}
