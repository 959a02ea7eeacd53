//! JSON objects inside replies.

mod lexis;
mod reader;

use std::ops::Range;

use serde_json::{Map, Value};

/// An object in a text, read as far as it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its fields that are whole, keys as written.
    pub object: Map<String, Value>,
    /// Its bytes in the text.
    pub place: Range<usize>,
    /// How many objects and lists stand around it.
    pub depth: usize,
    /// Where the list begins that it is an element of.
    pub list: Option<usize>,
}

/// A field's value, and the place of the outermost object that holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The value; a list where several objects of one list disagree.
    pub value: Value,
    /// The bytes of the object in the text.
    pub place: Range<usize>,
}

/// Every object in the text, nested ones too, in order of appearance.
///
/// Quotes of any sort or none, commas missing or too many, full-width signs, comments, raw line breaks,
/// quotes inside texts and Python's words are taken. Of an object that is cut off the whole fields are kept; a value
/// that is cut off is none.
pub fn objects(text: &str) -> Vec<Found> {
    reader::objects(text)
}

/// The value that the last object with a field of one of these names gives it, at any depth. Case and signs between words do
/// not count in names; of several in one object the first name is taken. A repeated form
/// (`"<one letter: A, B, C, D>"`) is no value.
pub fn field(text: &str, names: &[&str]) -> Option<Field> {
    field_among(&objects(text), names)
}

/// [`field`] among objects already found.
pub fn field_among(found: &[Found], names: &[&str]) -> Option<Field> {
    let mut outer = 0..0;
    let mut carriers: Vec<(&Found, Range<usize>, &Value)> = Vec::new();
    for one in found {
        if one.place.start >= outer.end {
            outer = one.place.clone();
        }
        if let Some(value) = value_of(&one.object, names) {
            carriers.push((one, outer.clone(), value));
        }
    }
    let place = carriers.last()?.1.clone();
    // What an object itself says goes before what stands inside it.
    let within = || carriers.iter().filter(|(_, outer, _)| *outer == place);
    let depth = within().map(|(one, ..)| one.depth).min()?;
    let (last, _, value) = within().rfind(|(one, ..)| one.depth == depth)?;
    let siblings = carriers.iter().filter(|(one, ..)| one.list.is_some() && one.list == last.list);
    let mut values: Vec<&Value> = siblings.map(|(.., value)| *value).collect();
    values.dedup();
    let value = match values.len() {
        0 | 1 => (*value).clone(),
        _ => Value::Array(values.into_iter().cloned().collect()),
    };
    Some(Field { value, place })
}

/// The value of the first name that the object carries; of an object or list of one that again carries one, its.
pub fn value_of<'v>(object: &'v Map<String, Value>, names: &[&str]) -> Option<&'v Value> {
    let value = names.iter().find_map(|name| {
        object.iter().find(|(key, _)| folded_key(key) == folded_key(name)).map(|(_, value)| value)
    })?;
    let inner = match value {
        Value::Array(values) if values.len() == 1 => values.first().unwrap_or(value),
        _ => value,
    };
    match inner {
        Value::Object(nested) => Some(value_of(nested, names).unwrap_or(inner)),
        _ => (!repeats_form(inner)).then_some(inner),
    }
}

/// A key in small letters, without the signs between its words.
pub fn folded_key(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Fields that explain an answer and are none.
const EXPLANATIONS: [&str; 8] = [
    "reasoning",
    "reason",
    "rationale",
    "explanation",
    "justification",
    "why",
    "confidence",
    "analysis",
];

/// The text of field `name` where the whole reply, in a code block or bare, is a valid object without anything nested that holds
/// this field once, and besides only what explains it: the form that is asked for, which most replies have and no other
/// reading could differ on.
pub fn as_asked(reply: &str, name: &str) -> Option<String> {
    let text = reply.trim();
    let inside = text.strip_prefix("```json").or_else(|| text.strip_prefix("```"));
    let text = match inside {
        Some(inside) => inside.strip_suffix("```")?.trim(),
        None => text,
    };
    // Of a field that stands twice the reader of valid JSON would keep the last without a word.
    let once = text.starts_with('{') && text.matches(&format!("\"{name}\"")).count() == 1;
    let object: Map<String, Value> = once.then(|| serde_json::from_str(text).ok()).flatten()?;
    let flat = object.iter().all(|(key, value)| {
        let known = key == name || EXPLANATIONS.contains(&key.as_str());
        known && !value.is_object() && !value.is_array()
    });
    object.get(name).and_then(Value::as_str).filter(|_| flat).map(str::to_owned)
}

/// Whether a value says what should stand there in place of saying it.
pub fn repeats_form(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let text = text.trim().to_lowercase();
    let in_brackets = ["<>", "[]", "{}", "＜＞", "《》"].iter().any(|pair| {
        let inner = text.strip_prefix(&pair[..pair.len() / 2]);
        inner
            .and_then(|t| t.strip_suffix(&pair[pair.len() / 2..]))
            .is_some_and(|t| t.chars().count() > 3)
    });
    let told = [
        "one of",
        "one letter",
        "single letter",
        "your ",
        "the letter of",
        "letter of",
        "option letter",
        "一个字母",
        "选项字母",
        "你的",
    ];
    let dots = !text.is_empty() && text.chars().all(|c| matches!(c, '.' | '…' | '_' | '?' | ' '));
    in_brackets
        || dots
        || text.matches('|').count() > 1
        || told.iter().any(|start| text.starts_with(start))
}

/// The object in the reply's first fenced block that holds one, else the whole reply as an object,
/// else the first balanced `{...}` that is an object.
pub fn object_in(reply: &str) -> Option<Map<String, Value>> {
    fenced_object(reply).or_else(|| whole_object(reply)).or_else(|| embedded_object(reply))
}

/// The object in the first fenced block that holds one.
pub fn fenced_object(reply: &str) -> Option<Map<String, Value>> {
    let mut parts = reply.split("```");
    parts.next()?;
    while let Some(block) = parts.next() {
        let body = block.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        if let Some(object) = whole_object(body) {
            return Some(object);
        }
        parts.next();
    }
    None
}

/// The whole text as an object.
pub fn whole_object(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text.trim()) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

// Bounded, so that a reply of many open braces does not cost quadratic time.
const OPENINGS_TRIED: usize = 64;

fn embedded_object(reply: &str) -> Option<Map<String, Value>> {
    reply.match_indices('{').take(OPENINGS_TRIED).find_map(|(start, _)| {
        let mut values =
            serde_json::Deserializer::from_str(reply.get(start..)?).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(object))) => Some(object),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests;
