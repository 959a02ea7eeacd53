//! Choices in fields of objects.

use serde_json::Value;

use super::decision::{self, Reading};
use super::json::{Field, Found, field_among, folded_key, repeats_form, value_of};
use super::mention::{Named, Options, named};
use super::{dress, json};

/// The option that a field's value names.
pub(super) fn option_of(value: &Value, options: &Options) -> Reading {
    match value {
        Value::String(text) => text_names(text, options),
        Value::Array(values) => agreed(values.iter().map(|value| option_of(value, options))),
        Value::Object(fields) => {
            let said =
                fields.iter().filter(|(key, value)| names_option(key) && !repeats_form(value));
            agreed(
                said.map(|(_, value)| option_of(value, options))
                    .filter(|reading| *reading != Reading::Nothing),
            )
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Reading::Unreadable,
    }
}

fn names_option(key: &str) -> bool {
    let key = folded_key(key);
    [
        "letter",
        "option",
        "choice",
        "answer",
        "label",
        "id",
        "key",
        "code",
        "text",
        "content",
        "description",
        "value",
        "name",
        "selected",
        "选项",
        "字母",
        "内容",
        "答案",
    ]
    .contains(&key.as_str())
}

fn agreed(mut readings: impl Iterator<Item = Reading>) -> Reading {
    let Some(first) = readings.next() else { return Reading::Unreadable };
    if readings.all(|reading| reading == first) { first } else { Reading::Unreadable }
}

/// Inside a field a small letter, or a good part of an option's words, can only be the answer.
fn text_names(text: &str, options: &Options) -> Reading {
    let plain = dress::taken_off(text);
    let bare = plain.trim().trim_matches(|c: char| !c.is_alphanumeric());
    let mut signs = bare.chars();
    let reading = match (signs.next(), signs.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => {
            decision::read_plain(&letter.to_ascii_uppercase().to_string(), options)
        }
        (Some(_), Some(_)) => match options.begun_by(bare) {
            Some(index) => Reading::Decided(index),
            None => {
                labelled(bare, options).unwrap_or_else(|| decision::read_plain(&plain, options))
            }
        },
        (Some(_), None) | (None, _) => Reading::Unreadable,
    };
    if reading == Reading::Nothing { Reading::Unreadable } else { reading }
}

/// "b. seek help", "B because ...", "option b": a letter and what is said about it.
fn labelled(text: &str, options: &Options) -> Option<Reading> {
    let text = text.strip_prefix(['(', '[']).unwrap_or(text);
    let lower = text.to_lowercase();
    let after_word = ["option ", "choice ", "answer ", "letter "]
        .iter()
        .find_map(|word| lower.starts_with(word).then_some(word.len()));
    let text = text.get(after_word.unwrap_or(0)..)?.trim_start_matches(['(', ' ', ':']);
    let letter = text.chars().next().filter(char::is_ascii_alphabetic)?;
    let rest = text.get(1..)?;
    let apart = rest.is_empty()
        || rest.starts_with(['.', ')', ':', ']', '-', '–', '—'])
        || rest.starts_with(" -")
        || rest.starts_with(" –")
        || rest.starts_with(" —")
        || rest.starts_with(" (")
        || rest.starts_with(" :");
    if !apart {
        return None;
    }
    let line = format!(
        "{}. {}",
        letter.to_ascii_uppercase(),
        rest.trim_start_matches(|c: char| !c.is_alphanumeric())
    );
    let marked = options.marked(line.trim());
    let mut mentions = marked.chars().filter_map(named);
    Some(match (mentions.next()?, mentions.next()) {
        (Named::Letter(index), None) => Reading::Decided(index),
        (Named::Letter(index), Some(Named::Text(other))) if index == other => {
            Reading::Decided(index)
        }
        (Named::Letter(_) | Named::Text(_) | Named::Undecidable, _) => Reading::Unreadable,
    })
}

/// The field that the last object gives; a list of both where the object before it says otherwise and no word stands between them.
pub(super) fn own_field(
    text: &str,
    found: &[Found],
    names: &[&str],
    options: &Options,
) -> Option<Field> {
    let field = field_among(found, names)?;
    let earlier: Vec<Found> =
        found.iter().filter(|one| one.place.end <= field.place.start).cloned().collect();
    let Some(before) = field_among(&earlier, names) else { return Some(field) };
    let between = text.get(before.place.end..field.place.start).unwrap_or_default();
    let wordless = !between.replace("json", "").chars().any(|c| c.is_alphanumeric() || c == '~');
    // A letter of a form, "X", is not on the list.
    let answered = matches!(option_of(&before.value, options), Reading::Decided(_));
    if !wordless || !answered {
        return Some(field);
    }
    Some(Field { value: Value::Array(vec![before.value, field.value]), place: field.place })
}

/// Objects that are the writer's own answer: neither quoted as wrong nor for a case that is not given.
pub(super) fn own_objects(text: &str, names: &[&str]) -> Vec<Found> {
    let found = json::objects(text);
    let ours: Vec<Found> = found.iter().filter(|one| !is_set_aside(text, one)).cloned().collect();
    let carries = |found: &[Found]| found.iter().any(|one| value_of(&one.object, names).is_some());
    if carries(&ours) { ours } else { Vec::new() }
}

fn is_set_aside(text: &str, found: &Found) -> bool {
    let before = text.get(..found.place.start).unwrap_or_default();
    let line = before
        .rsplit(['\n', '.', '!', '?', '}', '。', '`'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let line = line.trim();
    let after: String = text
        .get(found.place.end..)
        .unwrap_or_default()
        .chars()
        .take(40)
        .collect::<String>()
        .to_lowercase();
    let conditional =
        ["if ", "were ", "unless ", "suppose ", "others ", "some ", "not ", "如果", "若", "假如"]
            .iter()
            .any(|word| line.starts_with(word))
            || [
                " not",
                "instead of",
                "rather than",
                "others would",
                "would have been",
                "form is",
                "format is",
                "such as",
                "for example",
            ]
            .iter()
            .any(|word| line.ends_with(word));
    let wrong =
        [" would be wrong", " is wrong", " is out", " would be right if", " is the form", " if "]
            .iter()
            .any(|word| after.trim_start_matches(['`', '"']).starts_with(word));
    conditional || wrong
}

/// The text with its objects blanked out, so that prose is read as prose.
pub(super) fn without_objects(text: &str) -> String {
    let mut prose = String::with_capacity(text.len());
    let mut done = 0;
    for found in json::objects(text).iter().filter(|found| found.place.end - found.place.start > 1)
    {
        if found.place.start >= done {
            prose.push_str(text.get(done..found.place.start).unwrap_or_default());
            prose.push_str(" … ");
            done = found.place.end;
        }
    }
    prose.push_str(text.get(done..).unwrap_or_default());
    prose
}
