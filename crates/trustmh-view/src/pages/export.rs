//! The filtered trials as a file.

use std::collections::HashSet;
use std::io::Write;
use std::sync::PoisonError;

use trustmh_report::trials::{CsvTrials, JsonLineTrials, TableError};
use trustmh_run::derived::marks;
use trustmh_run::derived::rows::{Words, measures, rows};
use trustmh_run::derived::score::score;

use super::Site;
use super::trials::Asked;
use crate::error::ViewError;

/// What the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON object a line.
    JsonLines,
    /// A table for a spreadsheet.
    Csv,
}

impl Format {
    /// What an address asks for.
    pub(crate) fn of(slug: &str) -> Result<Self, ViewError> {
        match slug {
            "jsonl" => Ok(Self::JsonLines),
            "csv" => Ok(Self::Csv),
            other => Err(ViewError::Form(format!("format: `{other}` is not jsonl or csv"))),
        }
    }

    /// The type of the content, and how the file is offered.
    pub(crate) const fn headers(self) -> [&'static str; 2] {
        match self {
            Self::JsonLines => {
                ["application/x-ndjson; charset=utf-8", "attachment; filename=\"trials.jsonl\""]
            }
            Self::Csv => ["text/csv; charset=utf-8", "attachment; filename=\"trials.csv\""],
        }
    }
}

/// Writes the trials that were asked for, scored as the scorecard has them, in the order of their names.
pub(crate) fn export(
    site: &Site<'_>,
    run: &str,
    asked: &Asked,
    format: Format,
    words: Words,
    out: impl Write,
) -> Result<(), ViewError> {
    let opened = site.open(run)?;
    let filter = asked.filter(&marks::read(&opened.folder)?)?;
    let names = opened.index.lock().unwrap_or_else(PoisonError::into_inner).names(&filter)?;
    let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
    let benchmark = &site.viewer.benchmark;
    let scored = score(benchmark, &opened.folder, None, None)?;
    let chosen = rows(benchmark, &scored, words).filter(|row| {
        row.as_ref().is_ok_and(|row| wanted.contains(row.trial.as_str())) || row.is_err()
    });
    match format {
        Format::JsonLines => {
            let mut table = JsonLineTrials::begin(out);
            for row in chosen {
                table.add(&row?).map_err(failed)?;
            }
            table.finish().map_err(failed)
        }
        Format::Csv => {
            let mut table = CsvTrials::begin(out, measures(&scored)).map_err(failed)?;
            for row in chosen {
                table.add(&row?).map_err(failed)?;
            }
            table.finish().map_err(failed)
        }
    }
}

fn failed(error: TableError) -> ViewError {
    ViewError::Broken { what: "the trials".to_owned(), why: error.to_string() }
}
