//! This program's own lines: one conversation each, every field documented and none unknown.

use std::collections::BTreeMap;
use std::io::Read;

use trustmh_core::item::{ARM, Side};

use super::cells::{self, language, persona, region, tag};
use super::intake::Intake;
use super::json::{self, Object};
use super::lines::{Line, MOST};
use super::parts::OWN_TAGS;
use super::pieces::Pieces;
use super::time;
use super::told::{About, Heard, Told};
use super::unread::UnreadReason;
use crate::error::DataError;

const FIELDS: [&str; 8] =
    ["id", "turns", "language", "region", "version", "model", "person", "tags"];
const FIELDS_LISTED: &str = "id, turns, language, region, version, model, person, tags";
const OF_TURN: [&str; 3] = ["speaker", "text", "at"];
const OF_TURN_LISTED: &str = "speaker, text, at";

/// So many tags a conversation may have.
const MOST_TAGS: usize = 32;

/// The longest name of a field that is repeated in a message.
const LONGEST_NAME: usize = 40;

/// Reads all lines.
///
/// # Errors
/// What the system says, and what the taking of a conversation says.
pub(super) fn read(
    pieces: &mut Pieces<impl Read>,
    intake: &mut Intake<'_>,
    unreadable: &dyn Fn(std::io::Error) -> DataError,
) -> Result<(), DataError> {
    while let Some((line, record)) = pieces.next().map_err(unreadable)? {
        let told = match record {
            Line::Whole(bytes) => told(&bytes, line, intake),
            Line::TooLong => Err(UnreadReason::TooLong { most: MOST as u64 }),
        };
        match told {
            Ok(told) => intake.take(told)?,
            Err(reason) => intake.miss(line, reason),
        }
    }
    Ok(())
}

fn told(bytes: &[u8], line: u64, intake: &mut Intake<'_>) -> Result<Told, UnreadReason> {
    let text = json::mended(bytes)?;
    let record = Object::of(&text).ok_or(UnreadReason::Shape { expected: "an object" })?;
    known(&record, &FIELDS, FIELDS_LISTED)?;
    let turns = record.get("turns").ok_or_else(|| missing("turns"))?;
    let turns = json::list(turns).ok_or_else(|| wrong("turns", "a list"))?;
    let turns = turns.iter().map(|turn| heard(turn.get(), intake)).collect::<Result<_, _>>()?;
    let about = About {
        at: None,
        language: checked(&record, "language", "a language tag such as en", language)?,
        version: checked(&record, "version", "a text", |text| Some(tag(text)))?,
        model: checked(&record, "model", "a text", |text| Some(tag(text)))?,
        region: checked(&record, "region", "an ISO 3166 code such as DE", region)?,
        persona: checked(&record, "person", "a text", |text| Some(persona(text)))?,
        kept: cells::kept(&tags(&record)?, intake.cleaner()),
    };
    Ok(Told { line, id: field(&record, "id")?, turns, about })
}

fn heard(turn: &str, intake: &mut Intake<'_>) -> Result<Heard, UnreadReason> {
    let turn = Object::of(turn).ok_or_else(|| wrong("turns", "a list of objects"))?;
    known(&turn, &OF_TURN, OF_TURN_LISTED)?;
    let speaker = match field(&turn, "speaker")?.as_deref() {
        Some("person") => Side::Client,
        Some("assistant") => Side::Subject,
        Some(_) => return Err(wrong("speaker", "`person` or `assistant`")),
        None => return Err(missing("speaker")),
    };
    let text = field(&turn, "text")?.ok_or_else(|| missing("text"))?;
    let at = match field(&turn, "at")? {
        Some(at) => Some(time::read(&at).ok_or_else(|| wrong("at", "a time as RFC 3339"))?),
        None => None,
    };
    let text = intake.cleaner().clean(text);
    Ok(Heard { speaker, text, at })
}

/// Tags of one's own: texts under names that are not set by the reader, and not those of arms.
fn tags(record: &Object<'_>) -> Result<BTreeMap<String, String>, UnreadReason> {
    let Some(json) = record.get("tags").filter(|json| *json != "null") else {
        return Ok(BTreeMap::new());
    };
    let tags = Object::of(json).ok_or_else(|| wrong("tags", "an object of texts"))?;
    if tags.fields.len() > MOST_TAGS {
        return Err(wrong("tags", "an object of at most 32 texts"));
    }
    let read = tags.fields.iter().map(|(name, value)| {
        if !is_word(name) || OWN_TAGS.contains(&name.as_str()) || name == ARM {
            return Err(wrong("tags", "under free names: plain words, none that the reader sets"));
        }
        let value = json::scalar(value.get()).ok_or_else(|| wrong("tags", "an object of texts"))?;
        Ok((name.clone(), value))
    });
    read.collect()
}

/// Whether all fields are known ones.
fn known(record: &Object<'_>, fields: &[&str], listed: &'static str) -> Result<(), UnreadReason> {
    let unknown = record.fields.keys().find(|name| !fields.contains(&name.as_str()));
    match unknown {
        // What is no plain word may be anything, be it what somebody said.
        Some(name) if is_word(name) => {
            Err(UnreadReason::UnknownField { field: format!("`{name}`"), known: listed })
        }
        Some(_) => {
            Err(UnreadReason::UnknownField { field: "of that name".to_owned(), known: listed })
        }
        None => Ok(()),
    }
}

fn is_word(name: &str) -> bool {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '.');
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(fits)
}

/// A field that is a text or a number; none where it is not there, null or blank.
fn field(record: &Object<'_>, name: &str) -> Result<Option<String>, UnreadReason> {
    match record.get(name) {
        None | Some("null") => Ok(None),
        Some(json) => Ok(Some(json::scalar(json).ok_or_else(|| wrong(name, "a text"))?)),
    }
}

/// The same, made what it must be.
fn checked(
    record: &Object<'_>,
    name: &str,
    expected: &'static str,
    make: impl Fn(&str) -> Option<String>,
) -> Result<Option<String>, UnreadReason> {
    let text = field(record, name)?.filter(|text| !text.trim().is_empty());
    text.map(|text| make(text.trim()).ok_or_else(|| wrong(name, expected))).transpose()
}

fn missing(field: &str) -> UnreadReason {
    UnreadReason::Missing { field: field.to_owned() }
}

fn wrong(field: &str, expected: &'static str) -> UnreadReason {
    UnreadReason::Type { field: field.to_owned(), expected }
}
