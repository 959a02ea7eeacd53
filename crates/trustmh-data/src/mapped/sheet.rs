//! The first sheet of a spreadsheet, read cell by cell within bounds.

use calamine::{DataRef, Reader};
use std::collections::BTreeMap;
use std::fmt::Display;

use super::Row;
use crate::error::{DataError, Place};
use crate::unpack::{Archive, Bounds};

/// A spreadsheet of items is text, and larger ones are better kept as tables.
const UNPACKED: Bounds = Bounds { total: 128 << 20, member: 128 << 20, ratio: 200, small: 4 << 20 };
/// Cells of the table, empty ones included: two cells in far corners span millions.
const CELLS: usize = 4_000_000;
/// Bytes of all texts: one text may stand in many cells.
const TEXT: usize = 128 << 20;

/// The rows after the first, which has the columns' names.
pub(super) fn rows(file: &str, bytes: &[u8]) -> Result<Vec<Row>, DataError> {
    let wrong = |message: &dyn Display| DataError::malformed(Place::file(file), message);
    // The reader of spreadsheets keeps what comes out, however much that is.
    Archive::open(bytes, UNPACKED).and_then(Archive::weigh).map_err(|error| wrong(&error))?;
    let mut book =
        calamine::Xlsx::new(std::io::Cursor::new(bytes)).map_err(|error| wrong(&error))?;
    let name = book.sheet_names().into_iter().next().ok_or_else(|| wrong(&"it has no sheet"))?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| wrong(&error))?;
    let mut lines: BTreeMap<u32, BTreeMap<u32, String>> = BTreeMap::new();
    let (mut count, mut text) = (0_usize, 0_usize);
    while let Some(cell) = cells.next_cell().map_err(|error| wrong(&error))? {
        let shown = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::SharedString(shared) => (*shared).to_owned(),
            value => calamine::Data::from(value.clone()).to_string(),
        };
        count += 1;
        text = text.saturating_add(shown.len());
        if count > CELLS || text > TEXT {
            return Err(wrong(&format!(
                "its first sheet has more than {CELLS} cells or {TEXT} bytes of text, which is more than is read of it"
            )));
        }
        let (line, column) = cell.get_position();
        lines.entry(line).or_default().insert(column, shown);
    }
    let Some((_, head)) = lines.pop_first() else { return Ok(Vec::new()) };
    if lines.len().saturating_mul(head.len()) > CELLS {
        return Err(wrong(&format!(
            "its first sheet has {} rows of {} columns; at most {CELLS} cells are read",
            lines.len(),
            head.len()
        )));
    }
    let row = |(line, mut row): (u32, BTreeMap<u32, String>)| {
        let cells = head
            .iter()
            .map(|(column, name)| (name.trim().to_owned(), row.remove(column).unwrap_or_default()));
        let cells: BTreeMap<String, String> = cells.collect();
        (Place::line(file, u64::from(line) + 1), cells)
    };
    Ok(lines.into_iter().map(row).collect())
}
