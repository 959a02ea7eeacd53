//! Conversations as lists of messages: those of chat completions, calls with their answers, and lists with `from` and `value`.

use std::io::Read;

use super::cells::Cells;
use super::columns::Column;
use super::intake::Intake;
use super::json::{self, Object};
use super::lines::{Line, MOST};
use super::pieces::Pieces;
use super::speaker::Speaker;
use super::time;
use super::told::{Heard, Told};
use super::unread::UnreadReason;
use crate::error::DataError;

/// What stands for a part of a message that is no text.
const NOT_TEXT: &str = "(not text)";

/// Where records keep their messages.
const LISTS: [&str; 2] = ["messages", "conversations"];

/// Where records keep what is told of the conversation, besides the record itself.
const AROUND: [&str; 3] = ["metadata", "request", "response"];

/// Which record a field is missing in.
const RECORD: &str =
    "a list of messages, or an object that holds one in `messages` or `conversations`";

/// Reads all records.
///
/// # Errors
/// What the system says, and what the taking of a conversation says.
pub(super) fn read(
    pieces: &mut Pieces<impl Read>,
    intake: &mut Intake<'_>,
    unreadable: &dyn Fn(std::io::Error) -> DataError,
) -> Result<(), DataError> {
    let mut calls = 0_u64;
    while let Some((line, record)) = pieces.next().map_err(unreadable)? {
        let told = match record {
            Line::Whole(bytes) => told(&bytes, line, &mut calls, intake),
            Line::TooLong => Err(UnreadReason::TooLong { most: MOST as u64 }),
        };
        match told {
            Ok(told) => intake.take(told)?,
            Err(reason) => intake.miss(line, reason),
        }
    }
    if calls > 0 {
        intake.warn(format!(
            "{}: {calls} records are calls with their answers; where a product sends the whole conversation with every \
             call, its turns are there once for each call",
            intake.file()
        ));
    }
    Ok(())
}

fn told(
    bytes: &[u8],
    line: u64,
    calls: &mut u64,
    intake: &mut Intake<'_>,
) -> Result<Told, UnreadReason> {
    let text = json::mended(bytes)?;
    let text = text.trim();
    if let Some(messages) = json::list(text) {
        let messages = messages.iter().map(|raw| raw.get());
        let turns = turns(messages, intake)?;
        return Ok(Told { line, id: None, turns, about: Cells::default().about(intake.cleaner()) });
    }
    let record = Object::of(text).ok_or(UnreadReason::Shape { expected: RECORD })?;
    let (messages, answer) = messages(&record)?;
    *calls += u64::from(answer.is_some());
    let messages = messages.iter().map(|raw| raw.get()).chain(answer);
    let turns = turns(messages, intake)?;
    let mut cells = Cells::default();
    let (map, keep) = (intake.options.map, intake.keep());
    record.tell(map, &keep, &mut cells);
    for around in AROUND {
        if let Some(around) = record.object(around) {
            around.tell(map, &keep, &mut cells);
        }
    }
    // Whoever keeps a conversation in a record gives it an id under a shorter name.
    let short = ["id", "uid", "uuid"].into_iter().find_map(|id| json::scalar(record.get(id)?));
    cells.set(Column::Conversation, short);
    let mut about = cells.about(intake.cleaner());
    about.at = cells.get(Column::Time).and_then(|text| intake.time(time::read(text)));
    Ok(Told { line, id: cells.take(Column::Conversation), turns, about })
}

/// The messages of a record, not yet taken apart, and the answer where it is kept apart from what was asked.
type Kept<'j> = (Vec<&'j serde_json::value::RawValue>, Option<&'j str>);

fn messages<'j>(record: &Object<'j>) -> Result<Kept<'j>, UnreadReason> {
    let list = |of: &Object<'j>| LISTS.into_iter().find_map(|name| Some((name, of.get(name)?)));
    let elements = |(name, json): (&str, &'j str)| {
        json::list(json)
            .ok_or_else(|| UnreadReason::Type { field: name.to_owned(), expected: "a list" })
    };
    if let Some(found) = list(record) {
        return Ok((elements(found)?, None));
    }
    let request = record.object("request").ok_or(UnreadReason::Shape { expected: RECORD })?;
    let missing = |field: &str| UnreadReason::Missing { field: field.to_owned() };
    let asked = elements(list(&request).ok_or_else(|| missing("request.messages"))?)?;
    let response = record.object("response").ok_or_else(|| missing("response"))?;
    let choices = response.get("choices").and_then(json::list);
    let first = choices.and_then(|choices| Object::of(choices.first()?.get()));
    let answer = first.and_then(|choice| choice.get("message"));
    Ok((asked, Some(answer.ok_or_else(|| missing("response.choices"))?)))
}

/// The turns of messages.
///
/// # Errors
/// The reason why the first one of them that cannot be read cannot: of a conversation with a hole nothing can be judged.
pub(super) fn turns<'j>(
    messages: impl Iterator<Item = &'j str>,
    intake: &mut Intake<'_>,
) -> Result<Vec<Heard>, UnreadReason> {
    let mut turns = Vec::new();
    for message in messages {
        let message =
            Object::of(message).ok_or(UnreadReason::Shape { expected: "a list of objects" })?;
        turns.extend(heard(&message, intake)?);
    }
    Ok(turns)
}

fn heard(message: &Object<'_>, intake: &mut Intake<'_>) -> Result<Option<Heard>, UnreadReason> {
    let map = intake.options.map;
    let missing = |column: Column| UnreadReason::Missing { field: column.key().to_owned() };
    let role = message.column(map, Column::Role).ok_or_else(|| missing(Column::Role))?;
    let role = json::scalar(role).ok_or(UnreadReason::Speaker)?;
    let speaker = Speaker::of(&role).ok_or(UnreadReason::Speaker)?;
    let is_call =
        ["tool_calls", "function_call"].into_iter().any(|call| message.get(call).is_some());
    let content = match (message.column(map, Column::Content), speaker) {
        (Some(content), _) => content,
        // What is left out need not be whole.
        (None, Speaker::Aside) => "null",
        (None, Speaker::Side(_)) if is_call => "null",
        (None, Speaker::Side(_)) => return Err(missing(Column::Content)),
    };
    if speaker == Speaker::Aside || (content == "null" && is_call) {
        intake.read.aside += 1;
        return Ok(None);
    }
    let text = text(content, intake).ok_or_else(|| UnreadReason::Type {
        field: Column::Content.key().to_owned(),
        expected: "a text or a list of parts",
    })?;
    let at = message.column(map, Column::Time).and_then(json::scalar);
    let at = at.and_then(|at| intake.time(time::read(&at)));
    Ok(intake.heard(speaker, text, at))
}

/// The text of a message: a string, parts of which some are text, or nothing.
pub(super) fn text(content: &str, intake: &mut Intake<'_>) -> Option<String> {
    if content == "null" {
        return Some(String::new());
    }
    if let Some(text) = json::string(content) {
        return Some(text);
    }
    let parts = match json::list(content) {
        Some(parts) => parts,
        None => json::list(Object::of(content)?.get("parts")?)?,
    };
    let texts: Vec<String> =
        parts.iter().filter_map(|part| part_text(part.get(), intake)).collect();
    Some(texts.join("\n"))
}

/// What a part says; none for a thought, which nobody is told.
fn part_text(part: &str, intake: &mut Intake<'_>) -> Option<String> {
    if let Some(text) = json::string(part) {
        return Some(text);
    }
    let part = Object::of(part);
    let field = |name: &str| json::string(part.as_ref()?.get(name)?);
    if let Some("reasoning" | "thinking" | "redacted_thinking") = field("type").as_deref() {
        return None;
    }
    let text = field("text");
    if text.is_none() {
        intake.read.not_text += 1;
    }
    Some(text.unwrap_or_else(|| NOT_TEXT.to_owned()))
}
