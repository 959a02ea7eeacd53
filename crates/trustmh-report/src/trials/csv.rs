//! Trials as CSV, safe to open in a spreadsheet.

use csv::{ErrorKind, Terminator, Writer, WriterBuilder};
use std::io::{self, Write};

use trustmh_core::id::MeasureName;
use trustmh_core::row::TrialRow;

use super::{TEXTS, TableError, texts};
use trustmh_core::inert::inert;

/// Writes trials as CSV (RFC 4180, UTF-8, a heading line). Texts that a spreadsheet would take for a formula get an
/// apostrophe in front; control characters are shown as escapes.
pub struct CsvTrials<W: Write> {
    out: Writer<W>,
    measures: Vec<MeasureName>,
}

impl<W: Write> CsvTrials<W> {
    /// Begins a table with the measures as columns.
    ///
    /// # Errors
    /// [`TableError::Write`].
    pub fn begin(out: W, measures: Vec<MeasureName>) -> Result<Self, TableError> {
        let mut out = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        let named = measures.iter().map(|name| format!("measure_{name}"));
        let head =
            TEXTS.iter().map(|name| (*name).to_owned()).chain(["repeat".to_owned()]).chain(named);
        out.write_record(head).map_err(failed)?;
        Ok(Self { out, measures })
    }

    /// Adds a trial.
    ///
    /// # Errors
    /// [`TableError::Write`].
    pub fn add(&mut self, row: &TrialRow) -> Result<(), TableError> {
        let texts = texts(row).map(|text| text.map_or_else(String::new, |text| cell(&text)));
        let numbers = self
            .measures
            .iter()
            .map(|name| row.measures.get(name).map_or_else(String::new, f64::to_string));
        let cells = texts.into_iter().chain([row.repeat.to_string()]).chain(numbers);
        self.out.write_record(cells).map_err(failed)
    }

    /// Ends the table.
    ///
    /// # Errors
    /// [`TableError::Write`].
    pub fn finish(mut self) -> Result<(), TableError> {
        Ok(self.out.flush()?)
    }
}

/// What the disk or the pipe says; nothing else can fail here.
fn failed(error: csv::Error) -> TableError {
    TableError::Write(match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}

/// A text that no spreadsheet takes for a formula (OWASP, CSV injection).
pub fn cell(text: &str) -> String {
    let text = inert(text);
    let formula = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_become_text() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("  @SUM(A1)"), "'  @SUM(A1)");
        assert_eq!(cell("\t=cmd|' /C calc'!A0"), "\\u{9}=cmd|' /C calc'!A0");
        assert_eq!(cell("1+1"), "1+1");
    }

    proptest! {
        #[test]
        fn a_cell_never_begins_as_a_formula_does(text in ".{0,20}") {
            let cell = cell(&text);
            prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']));
        }
    }
}
