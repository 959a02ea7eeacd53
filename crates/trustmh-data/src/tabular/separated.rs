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

/// All cells, as text; a cell that is not UTF-8 is refused, since nobody can tell what it said.
pub(super) fn read(file: &str, bytes: &[u8], signs: Signs) -> Result<Table, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(signs.sign()).from_reader(bytes);
    let fault = |error: csv::Error| {
        let line = error.position().map(csv::Position::line);
        DataError::malformed(Place { file: file.to_owned(), line }, error)
    };
    let head = reader.headers().map_err(fault)?;
    let columns: Vec<String> = head.iter().map(|cell| cell.trim().to_owned()).collect();
    super::named_once(&columns, &Place::line(file, 1))?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(fault)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = columns.iter().cloned().zip(record.iter().map(Value::from));
        rows.push(Row { place: Place::line(file, line), cells: cells.collect() });
    }
    Ok(Table { columns, rows })
}

/// Whether the columns of a table have names of their own, small letters and capitals alike, as readers of published files look for them.
///
/// # Errors
/// [`DataError::Value`] for a name that is there twice.
pub(crate) fn check_head(file: &str, bytes: &[u8], signs: Signs) -> Result<(), DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(signs.sign()).from_reader(bytes);
    // What else may be wrong with it is told by who reads the rows.
    let Ok(head) = reader.byte_headers() else { return Ok(()) };
    let columns: Vec<String> =
        head.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_lowercase()).collect();
    super::named_once(&columns, &Place::line(file, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_there_twice_is_told() {
        let twice = read("t.csv", b"text,label, text\na,b,c\n", Signs::Commas).unwrap_err();
        let told =
            "t.csv, line 1: the name of column 3 is `text`; expected one that no other column has";
        assert_eq!(twice.to_string(), told);
        assert!(twice.hint().is_some());
        // Columns without a name are nobody's.
        assert_eq!(read("t.csv", b"a,,\n1,2,3\n", Signs::Commas).unwrap().rows.len(), 1);
        let head = |bytes: &[u8]| check_head("t.tsv", bytes, Signs::Tabs);
        assert!(head(b"\xef\xbb\xbfText\ttext\n").unwrap_err().to_string().contains("column 2"));
        assert!(head(b"text\tlabel\t\t\n").is_ok() && head(b"").is_ok());
    }
}
