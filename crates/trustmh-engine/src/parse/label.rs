//! Reading a label of a scheme.

mod forms;
mod released;

use serde_json::Value;

use trustmh_core::item::LabelScheme;

use super::json;
use super::stated::{self, Named};
use super::wording::{before_further_questions, plain};

pub use released::as_released;

/// The label the reply gives: the scheme's field of the last JSON object that has one, or of what was meant to
/// be one, unless words after it correct it; else what it states, concludes or affirms in prose. A denied label is
/// not given, and a reply that names several without a decision gives none. A reply that goes on with texts of its own has
/// answered ours first.
pub fn read(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    if let Some(label) = as_asked(reply, scheme) {
        return Some(label);
    }
    let own = before_further_questions(reply).and_then(|own| answer(own, scheme));
    own.or_else(|| answer(reply, scheme))
}

/// The label of a reply in the very form that is asked for.
fn as_asked(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    let field = if scheme == LabelScheme::Columbia { "severity" } else { "label" };
    let said = json::as_asked(reply, field)?;
    scheme.labels().iter().copied().find(|label| *label == said)
}

fn answer(reply: &str, scheme: LabelScheme) -> Option<&'static str> {
    let found = json::objects(reply);
    let fields = fields(scheme).iter().find_map(|names| json::field_among(&found, names));
    let Some(field) = fields else {
        let text = plain(reply);
        return stated::decision_of_reply(&text, &named(&text, scheme));
    };
    let rest = plain(reply.get(field.place.end..).unwrap_or_default());
    match stated::correction_of(&rest, &named(&rest, scheme)) {
        Some(corrected) => corrected,
        None => in_field(&field.value, scheme),
    }
}

fn named(text: &str, scheme: LabelScheme) -> Vec<Named<&'static str>> {
    forms::named(text, scheme)
}

fn in_field(value: &Value, scheme: LabelScheme) -> Option<&'static str> {
    match value {
        Value::String(said) => exact(said, scheme).or_else(|| {
            let text = plain(said);
            stated::decision(&text, &named(&text, scheme))
        }),
        Value::Number(number) => {
            let text = number.to_string();
            stated::decision(&text, &named(&text, scheme))
        }
        Value::Array(values) => match values.as_slice() {
            [only] => in_field(only, scheme),
            _ => None,
        },
        Value::Object(object) => {
            in_field(json::value_of(object, &["name", "value", "label", "text", "id"])?, scheme)
        }
        Value::Null | Value::Bool(_) => None,
    }
}

/// The fields in which a reply gives its label, those that prompts ask for before those that models make up. On the
/// Columbia scale the first is the recorded prompts' own.
fn fields(scheme: LabelScheme) -> &'static [&'static [&'static str]] {
    const MADE_UP: &[&str] = &[
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
    ];
    if scheme == LabelScheme::Columbia {
        &[&["severity"], &["label"], MADE_UP]
    } else {
        &[&["label"], MADE_UP]
    }
}

fn exact(said: &str, scheme: LabelScheme) -> Option<&'static str> {
    scheme.spelled(plain(said).trim_matches(|c: char| !c.is_alphanumeric()))
}
