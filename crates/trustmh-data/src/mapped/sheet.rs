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
pub(crate) fn rows(file: &str, bytes: &[u8]) -> Result<Vec<Row>, DataError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    /// A spreadsheet whose first sheet has these rows of XML.
    fn book(rows: &str) -> Vec<u8> {
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let sheets = r#"<sheets><sheet name="one" sheetId="1" r:id="rId1"/></sheets>"#;
        let members = [
            (
                "_rels/.rels",
                format!(
                    r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{relationships}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    r#"<workbook xmlns="{main}" xmlns:r="{relationships}">{sheets}</workbook>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{relationships}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#),
            ),
        ];
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in members {
            writer.start_file(name, SimpleFileOptions::default()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn cell(place: &str, text: &str) -> String {
        format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    }

    #[test]
    fn cells_stand_under_the_names_of_the_first_row() {
        let first = format!(r#"<row r="1">{}{}</row>"#, cell("A1", " Frage "), cell("C1", "A"));
        // Nothing in the second row, and one cell in the far corner: no table of that size is made.
        let third = format!(r#"<row r="3">{}</row>"#, cell("C3", "eins"));
        let corner = format!(r#"<row r="1048576">{}</row>"#, cell("XFD1048576", "x"));
        let read = rows("t.xlsx", &book(&format!("{first}{third}{corner}"))).unwrap();
        let shown: Vec<(Option<u64>, &str, &str)> = read
            .iter()
            .map(|(place, cells)| (place.line, cells["Frage"].as_str(), cells["A"].as_str()))
            .collect();
        assert_eq!(shown, [(Some(3), "", "eins"), (Some(1_048_576), "", "")]);
    }

    #[test]
    fn a_spreadsheet_that_unpacks_to_far_more_than_it_is_is_refused() {
        let bomb = book(&format!(r#"<row r="1">{}</row>"#, cell("A1", &"A".repeat(6 << 20))));
        assert!(bomb.len() < 30_000, "{} bytes", bomb.len());
        let error = rows("bomb.xlsx", &bomb).unwrap_err().to_string();
        assert!(error.starts_with("bomb.xlsx: the archive unpacks to more than"), "{error}");
        assert!(rows("no.xlsx", b"no archive").is_err());
    }
}
