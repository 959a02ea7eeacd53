//! Reading a label of a scheme.

mod forms;
mod released;

use serde_json::Value;

use trustmh_core::codebook::LabelScheme;

use super::json;
use super::stated::{self, Named};
use super::wording::{before_further_questions, plain};
use forms::{Form, forms};

pub use released::as_released;

/// A scheme with all that it takes to read its labels from replies.
#[derive(Debug, Clone)]
pub struct LabelReader {
    scheme: LabelScheme,
    forms: Vec<Form>,
}

impl LabelReader {
    /// Prepares a scheme for reading.
    ///
    /// # Errors
    /// The field of a pattern that is no regular expression, and what is wrong with it.
    pub fn new(scheme: &LabelScheme) -> Result<Self, (String, String)> {
        Ok(Self { scheme: scheme.clone(), forms: forms(scheme)? })
    }

    /// The scheme.
    pub fn scheme(&self) -> &LabelScheme {
        &self.scheme
    }

    fn named(&self, text: &str) -> Vec<Named<&str>> {
        forms::named(text, &self.scheme, &self.forms)
    }
}

/// The label the reply gives: the scheme's field of the last JSON object that has one, or of what was meant to
/// be one, unless words after it correct it; else what it states, concludes or affirms in prose. A denied label is
/// not given, and a reply that names several without a decision gives none. A reply that goes on with texts of its own has
/// answered ours first.
pub fn read<'s>(reply: &str, reader: &'s LabelReader) -> Option<&'s str> {
    if let Some(label) = as_asked(reply, &reader.scheme) {
        return Some(label);
    }
    let own = before_further_questions(reply).and_then(|own| answer(own, reader));
    own.or_else(|| answer(reply, reader))
}

/// The label of a reply in the very form that is asked for.
fn as_asked<'s>(reply: &str, scheme: &'s LabelScheme) -> Option<&'s str> {
    let said = json::as_asked(reply, &scheme.field)?;
    scheme.names().find(|label| *label == said)
}

fn answer<'s>(reply: &str, reader: &'s LabelReader) -> Option<&'s str> {
    let found = json::objects(reply);
    let own = json::field_among(&found, &[reader.scheme.field.as_str()]);
    let fields = || FIELDS.iter().find_map(|names| json::field_among(&found, names));
    let Some(field) = own.or_else(fields) else {
        let text = plain(reply);
        return stated::decision_of_reply(&text, &reader.named(&text));
    };
    let rest = plain(reply.get(field.place.end..).unwrap_or_default());
    match stated::correction_of(&rest, &reader.named(&rest)) {
        Some(corrected) => corrected,
        None => in_field(&field.value, reader),
    }
}

fn in_field<'s>(value: &Value, reader: &'s LabelReader) -> Option<&'s str> {
    match value {
        Value::String(said) => exact(said, &reader.scheme).or_else(|| {
            let text = plain(said);
            stated::decision(&text, &reader.named(&text))
        }),
        Value::Number(number) => {
            let text = number.to_string();
            stated::decision(&text, &reader.named(&text))
        }
        Value::Array(values) => match values.as_slice() {
            [only] => in_field(only, reader),
            _ => None,
        },
        Value::Object(object) => {
            in_field(json::value_of(object, &["name", "value", "label", "text", "id"])?, reader)
        }
        Value::Null | Value::Bool(_) => None,
    }
}

/// The fields in which a reply gives its label where it leaves out the scheme's own: the usual one before those that
/// models make up.
const FIELDS: &[&[&str]] = &[
    &["label"],
    &[
        "labels",
        "final_label",
        "crisis_type",
        "predicted_label",
        "classification",
        "category",
        "class",
        "answer",
        "prediction",
        "level",
        "severity",
        "severity_level",
        "risk_level",
        "标签",
        "类别",
        "等级",
    ],
];

fn exact<'s>(said: &str, scheme: &'s LabelScheme) -> Option<&'s str> {
    scheme.spelled(plain(said).trim_matches(|c: char| !c.is_alphanumeric()))
}
