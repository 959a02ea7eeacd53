//! Which form a file has, by its first bytes and, where those leave it open, its ending.

use super::columns::Column;
use super::format::{Format, Table};
use super::intake::Intake;
use super::json::{self, Object};
use super::layout::Layout;
use super::lines::Line;
use super::pieces::{self, Pieces, Shape};
use super::separated;

/// How Parquet and archives begin.
const PARQUET: &[u8] = b"PAR1";
const ARCHIVE: &[u8] = b"PK\x03\x04";

/// So many records are looked at: the first ones may be broken.
const LOOKED_AT: usize = 50;

/// A form, and what is needed to read it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    Parquet,
    Inspect,
    Vera,
    Json(Format, Shape),
    Separated(Table, u8, Layout),
}

impl Known {
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Parquet => Format::Rows(Table::Parquet),
            Self::Inspect => Format::Inspect,
            Self::Vera => Format::Vera,
            Self::Json(format, _) => *format,
            Self::Separated(table, _, _) => Format::Rows(*table),
        }
    }
}

/// Forms that are no text.
pub(super) fn packed(sample: &[u8], ending: &str) -> Option<Known> {
    if sample.starts_with(PARQUET) {
        return Some(Known::Parquet);
    }
    // Spreadsheets and documents are archives, too.
    (sample.starts_with(ARCHIVE) && matches!(ending, "eval" | "zip" | "")).then_some(Known::Inspect)
}

/// The form of a text.
pub(super) fn of_text(text: &str, ending: &str, intake: &Intake<'_>) -> Option<Known> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[']) {
        let shape = shape(text, ending, intake);
        let format = format(text, shape, intake)?;
        return Some(match format {
            Format::Inspect => Known::Inspect,
            format => Known::Json(format, shape),
        });
    }
    match ending {
        "csv" | "tsv" | "tab" => separated(text, intake).or_else(|| vera(text)),
        _ => vera(text).or_else(|| separated(text, intake)),
    }
}

/// The form that was asked for, with what the text says of how to read it.
pub(super) fn forced(
    format: Format,
    text: &str,
    ending: &str,
    intake: &Intake<'_>,
) -> Option<Known> {
    match format {
        Format::Rows(Table::Parquet) => Some(Known::Parquet),
        Format::Rows(Table::Csv | Table::Tsv) => separated(text, intake),
        Format::Vera => Some(Known::Vera),
        Format::Inspect => Some(Known::Inspect),
        Format::OpenAi | Format::ShareGpt | Format::Own | Format::Rows(Table::JsonLines) => {
            Some(Known::Json(format, shape(text, ending, intake)))
        }
    }
}

fn vera(text: &str) -> Option<Known> {
    let begins = |line: &str| {
        ["user:", "chatbot:"].into_iter().any(|mark| {
            line.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
        })
    };
    text.lines().any(begins).then_some(Known::Vera)
}

fn separated(text: &str, intake: &Intake<'_>) -> Option<Known> {
    let (sign, layout) = separated::header(text.lines().next()?, intake)?;
    let table = if sign == b'\t' { Table::Tsv } else { Table::Csv };
    Some(Known::Separated(table, sign, layout))
}

/// How the records of a JSON text are parted.
fn shape(text: &str, ending: &str, intake: &Intake<'_>) -> Shape {
    let text = text.trim_start();
    let end = pieces::end(text);
    let (first, rest) = text.split_at(end.unwrap_or(text.len()));
    let has_breaks = first.trim().contains('\n');
    let is_lines = !has_breaks
        && match end {
            Some(_) => rest.lines().next().is_none_or(|line| line.trim().is_empty()),
            None => matches!(ending, "jsonl" | "ndjson"),
        };
    let is_alone = end.is_none() || rest.trim().is_empty();
    match (text.starts_with('['), is_lines) {
        // A list with nothing behind it: one of records, unless it is one of messages, which is a record.
        (true, _) if is_alone && !matches!(ending, "jsonl" | "ndjson") => {
            if is_conversation(text, intake) { Shape::Values } else { Shape::List }
        }
        (_, true) => Shape::Lines,
        (true, false) | (false, false) => Shape::Values,
    }
}

/// Whether the elements of the list that a text begins with are the messages of one conversation.
fn is_conversation(text: &str, intake: &Intake<'_>) -> bool {
    let mut pieces = Pieces::new(text.as_bytes(), Shape::List);
    let Ok(Some((_, Line::Whole(first)))) = pieces.next() else { return false };
    let Ok(first) = json::mended(&first) else { return false };
    Object::of(&first).is_some_and(|first| {
        let has = |column| first.column(intake.options.map, column).is_some();
        has(Column::Role) && has(Column::Content) && !has(Column::Conversation)
    })
}

/// The form of the first records that have a known one.
fn format(text: &str, shape: Shape, intake: &Intake<'_>) -> Option<Format> {
    let mut pieces = Pieces::new(text.as_bytes(), shape);
    for _ in 0..LOOKED_AT {
        match pieces.next().ok()? {
            Some((_, Line::Whole(record))) => {
                let record = json::mended(&record).ok();
                if let Some(format) = record.and_then(|record| of_record(record.trim(), intake)) {
                    return Some(format);
                }
            }
            Some((_, Line::TooLong)) => {}
            None => break,
        }
    }
    // The first record may be larger than what was looked at.
    by_fields(|field| text.contains(&format!("\"{field}\"")))
}

fn of_record(record: &str, intake: &Intake<'_>) -> Option<Format> {
    let map = intake.options.map;
    if let Some(messages) = json::list(record) {
        let first = Object::of(messages.first()?.get())?;
        let has_speaker = first.column(map, Column::Role).is_some();
        let is_sharegpt = first.get("from").is_some() && first.get("value").is_some();
        return has_speaker.then_some(if is_sharegpt { Format::ShareGpt } else { Format::OpenAi });
    }
    let record = Object::of(record)?;
    by_fields(|field| record.get(field).is_some_and(|value| value.starts_with(['[', '{']))).or_else(
        || {
            let has = |column| record.column(map, column).is_some();
            (has(Column::Role) && has(Column::Content)).then_some(Format::Rows(Table::JsonLines))
        },
    )
}

/// By the fields that a record has.
fn by_fields(has: impl Fn(&str) -> bool) -> Option<Format> {
    if has("turns") {
        Some(Format::Own)
    } else if has("eval") {
        Some(Format::Inspect)
    } else if has("messages") || has("request") {
        Some(Format::OpenAi)
    } else if has("conversations") {
        Some(Format::ShareGpt)
    } else {
        None
    }
}
