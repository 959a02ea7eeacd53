//! JSON of which only what is asked for is taken apart: a line may be long, and hold a million of small values that nobody needs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::cells::Cells;
use super::columns::{Column, Columns, plain};
use super::unread::UnreadReason;
use crate::{nan, surrogate};

/// A record in which lone halves of characters and numbers that are none do no harm any more.
pub(super) fn mended(bytes: &[u8]) -> Result<String, UnreadReason> {
    let text = std::str::from_utf8(bytes.trim_ascii_end()).map_err(|_| UnreadReason::NotUtf8)?;
    let has_pairs = text.contains("\\ud") || text.contains("\\uD");
    let text = if has_pairs { surrogate::replaced(text).0 } else { text.to_owned() };
    // Few lines need it, and only such are looked through.
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(_) => Ok(text),
        Err(error) => match nan::as_null(&text) {
            (clean, 1..) if serde_json::from_str::<&RawValue>(&clean).is_ok() => Ok(clean),
            _ => Err(fault(&error)),
        },
    }
}

/// What is wrong, without what stands there.
fn fault(error: &serde_json::Error) -> UnreadReason {
    match error.classify() {
        Category::Eof => UnreadReason::CutOff,
        Category::Syntax | Category::Data | Category::Io => {
            UnreadReason::Json { column: error.column() as u64 }
        }
    }
}

/// An object, its values not yet taken apart.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Object<'j> {
    #[serde(borrow)]
    pub(super) fields: BTreeMap<String, &'j RawValue>,
}

impl<'j> Object<'j> {
    /// The object; none for any other value.
    pub(super) fn of(json: &'j str) -> Option<Self> {
        json.trim_start().starts_with('{').then(|| serde_json::from_str(json).ok()).flatten()
    }

    pub(super) fn get(&self, field: &str) -> Option<&'j str> {
        self.fields.get(field).map(|raw| raw.get())
    }

    /// The object in a field.
    pub(super) fn object(&self, field: &str) -> Option<Self> {
        self.get(field).and_then(Self::of)
    }

    /// The value of the field named so: one of this very name, or `a.b` for the field `b` of the field `a`.
    pub(super) fn named(&self, name: &str) -> Option<&'j str> {
        self.get(name).or_else(|| {
            let (outer, inner) = name.split_once('.')?;
            self.object(outer)?.named(inner)
        })
    }

    /// The value of a column, under the name it was given or else a usual one.
    pub(super) fn column(&self, map: &Columns, column: Column) -> Option<&'j str> {
        let given = map.given(column).and_then(|name| self.named(name));
        given.or_else(|| {
            column.usual_names().iter().find_map(|usual| {
                self.fields.iter().find(|(name, _)| plain(name) == *usual).map(|(_, raw)| raw.get())
            })
        })
    }

    /// Adds the columns that are single values, where others did not tell them before.
    pub(super) fn tell(&self, map: &Columns, keep: &[String], cells: &mut Cells) {
        let names: Vec<(String, &str)> =
            self.fields.iter().map(|(name, raw)| (plain(name), raw.get())).collect();
        for column in Column::ALL {
            let value = match map.given(column) {
                Some(name) => self.named(name).and_then(scalar),
                None => column.usual_names().iter().find_map(|usual| {
                    names.iter().find(|(name, _)| name == usual).and_then(|(_, json)| scalar(json))
                }),
            };
            cells.set(column, value);
        }
        for name in keep {
            if let Some(value) = self.named(name).and_then(scalar) {
                cells.kept.entry(name.clone()).or_insert(value);
            }
        }
    }
}

/// The elements of a list; none for any other value.
pub(super) fn list(json: &str) -> Option<Vec<&RawValue>> {
    json.trim_start().starts_with('[').then(|| serde_json::from_str(json).ok()).flatten()
}

/// A string; none for any other value.
pub(super) fn string(json: &str) -> Option<String> {
    json.starts_with('"').then(|| serde_json::from_str(json).ok()).flatten()
}

/// A string, a number, true or false as text; none for any other value.
pub(super) fn scalar(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => string(json),
        b'{' | b'[' | b'n' => None,
        _ => Some(json.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_usual_names_and_by_given_ones() {
        let json = r#"{"Chat-ID": 7, "role": "user", "meta": {"who": {"name": "x"}}, "lang": null, "body": "hi"}"#;
        let object = Object::of(json).unwrap();
        let mut cells = Cells::default();
        let map: Columns = "person=meta.who.name".parse().unwrap();
        object.tell(&map, &["body".to_owned(), "none".to_owned()], &mut cells);
        assert_eq!(cells.get(Column::Conversation), Some("7"));
        assert_eq!(cells.get(Column::Person), Some("x"));
        assert_eq!(cells.get(Column::Content), Some("hi"));
        assert_eq!(cells.get(Column::Language), None);
        assert_eq!(cells.kept.len(), 1);
        assert_eq!(object.column(&map, Column::Role), Some("\"user\""));
    }

    #[test]
    fn faults_tell_the_place_and_nothing_else() {
        assert_eq!(mended(br#"{"a": "secret"#), Err(UnreadReason::CutOff));
        assert_eq!(mended(br#"{"a": secret}"#), Err(UnreadReason::Json { column: 7 }));
        assert_eq!(mended(b"\"\xFF\""), Err(UnreadReason::NotUtf8));
        assert_eq!(mended(br#"{"a": NaN}"#).as_deref(), Ok(r#"{"a": null}"#));
        assert_eq!(mended(br#""\ud83e""#).as_deref(), Ok(r#""\ufffd""#));
        let deep = "[".repeat(200);
        assert!(matches!(
            mended(deep.as_bytes()),
            Err(UnreadReason::Json { .. } | UnreadReason::CutOff)
        ));
    }
}
