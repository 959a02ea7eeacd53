//! CSV files with a header line, and such whose cells are parted by tabs.

use crate::encoding::after_mark;
use crate::error::{DataError, Place};

/// One record: the line it begins on, and the cells of the columns asked for.
pub(crate) struct Row<const N: usize> {
    pub(crate) line: u64,
    pub(crate) cells: [Vec<u8>; N],
}

impl<const N: usize> Row<N> {
    /// The cells as text.
    pub(crate) fn texts(&self) -> [String; N] {
        self.cells.each_ref().map(|cell| String::from_utf8_lossy(cell).into_owned())
    }
}

/// The names of the columns, in lower case.
pub(crate) fn header(file: &str, bytes: &[u8]) -> Result<Vec<String>, DataError> {
    Ok(titles(file, bytes)?.iter().map(|title| title.to_lowercase()).collect())
}

/// The names of the columns as they are written.
pub(crate) fn titles(file: &str, bytes: &[u8]) -> Result<Vec<String>, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let header =
        reader.byte_headers().map_err(|error| DataError::malformed(Place::line(file, 1), error))?;
    Ok(header.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect())
}

/// What parts the cells of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parting {
    Commas,
    Tabs,
}

impl Parting {
    const fn sign(self) -> u8 {
        match self {
            Self::Commas => b',',
            Self::Tabs => b'\t',
        }
    }
}

/// Reads the named columns of all records. Cells may hold line breaks; blank lines are no records.
pub(crate) fn read<const N: usize>(
    file: &str,
    bytes: &[u8],
    columns: [&str; N],
) -> Result<Vec<Row<N>>, DataError> {
    read_parted(file, bytes, Parting::Commas, columns)
}

/// The same of a file whose cells are parted otherwise.
pub(crate) fn read_parted<const N: usize>(
    file: &str,
    bytes: &[u8],
    parting: Parting,
    columns: [&str; N],
) -> Result<Vec<Row<N>>, DataError> {
    let bytes = after_mark(bytes).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(parting.sign())
        .from_reader(bytes);
    let mut records = reader.byte_records();
    let fault = |error: csv::Error| {
        let line = error.position().map(csv::Position::line);
        DataError::malformed(Place { file: file.to_owned(), line }, error)
    };
    let header = match records.next() {
        Some(header) => header.map_err(fault)?,
        None => return Err(DataError::malformed(Place::file(file), "the file is empty")),
    };
    let mut positions = [0; N];
    for (position, column) in positions.iter_mut().zip(columns) {
        *position = header
            .iter()
            .position(|cell| cell.trim_ascii().eq_ignore_ascii_case(column.as_bytes()))
            .ok_or_else(|| {
                let found = header.iter().map(String::from_utf8_lossy).collect::<Vec<_>>();
                let expected = format!("a column `{column}`");
                DataError::value(Place::line(file, 1), "the header", &found.join(","), expected)
            })?;
    }
    let mut rows = Vec::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    for record in records {
        let record = record.map_err(fault)?;
        let line = record
            .position()
            .map_or(0, |at| lines.of(usize::try_from(at.byte()).unwrap_or(usize::MAX)));
        if record.len() < header.len() {
            let message = format!("{} cells where the header has {}", record.len(), header.len());
            return Err(DataError::malformed(Place::line(file, line), message));
        }
        let cells = positions.map(|at| record.get(at).unwrap_or_default().to_vec());
        rows.push(Row { line, cells });
    }
    Ok(rows)
}

/// Counts lines up to ever later bytes. The reader's own count is one short after a `\r\n`, whose second
/// half it leaves to the next record.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte from `byte` on that is no line break.
    fn of(&mut self, byte: usize) -> u64 {
        while let Some(next) = self.bytes.get(self.at) {
            if self.at >= byte && !matches!(next, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*next == b'\n');
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_with_line_breaks_keep_the_line_count_right() {
        let bytes = b"\xEF\xBB\xBFa,B\r\n1,\"x\ny\"\r\n2,z\r\n";
        let rows = read("t.csv", bytes, ["b", "a"]).unwrap();
        assert_eq!(rows[0].texts(), ["x\ny".to_owned(), "1".to_owned()]);
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn missing_columns_and_short_records_are_named() {
        let Err(missing) = read("t.csv", b"a,b\n1,2\n", ["c"]) else { panic!("must fail") };
        assert!(missing.to_string().contains("a column `c`"), "{missing}");
        let Err(short) = read("t.csv", b"a,b\n1,2\n3\n", ["a"]) else { panic!("must fail") };
        assert_eq!(short.to_string(), "t.csv, line 3: 1 cells where the header has 2");
    }
}
