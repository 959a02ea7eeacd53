//! The value of one field: a whole number of its scale or one of its labels.

use serde_json::{Map, Value};

use super::{label, score};
use crate::parse::json::{folded_key, repeats_form};
use crate::rubric::Field;

/// What a judge says of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A number of the field's scale.
    Score(i32),
    /// One of its labels, as the rubric spells it.
    Label(String),
    /// Something that the field does not take: off the scale or the list, a half, a range, several at once.
    Unfit,
}

/// How a value stands in the text; this decides what may follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// All of the text is the value.
    Alone,
    /// After the field's name and a colon.
    Stated,
    /// In a sentence.
    Told,
}

/// Names under which an object of its own holds a field's value.
const INNER: &str = "\
    score value rating label verdict grade points decision category class classification judgement judgment \
    result final 分数 得分 评分 结论 判定";

/// Words that stand for a value in a repeated form.
const PLACEHOLDERS: &[&str] = &[
    "integer", "number", "int", "string", "text", "label", "value", "score", "整数", "数字", "分数",
];

/// The value of a field in an object; none where a form is repeated.
pub(super) fn of_json(field: &Field, value: &Value) -> Option<Given> {
    match value {
        Value::Null => Some(Given::Unfit),
        Value::Bool(truth) => Some(spelt(field, &truth.to_string())),
        Value::Number(number) => Some(match field.scale {
            Some(scale) => score::whole(number.as_f64()?, scale),
            None => spelt(field, &number.to_string()),
        }),
        Value::String(_) if repeats_form(value) => None,
        Value::String(text) => {
            let placeholder = PLACEHOLDERS.contains(&text.trim().to_lowercase().as_str());
            if placeholder && !field.labels.contains(text) {
                None
            } else {
                of_text(field, text, Stands::Alone)
            }
        }
        Value::Array(values) => match values.as_slice() {
            [one] => of_json(field, one),
            _ => Some(Given::Unfit),
        },
        Value::Object(object) => {
            let own = std::iter::once(field.name.as_str()).chain(INNER.split(' '));
            let mut inner = own.filter_map(|name| {
                object.iter().find(|(key, _)| folded_key(key) == folded_key(name))
            });
            match inner.next() {
                Some((_, value)) => of_json(field, value),
                None => ticked(field, object),
            }
        }
    }
}

/// `{"refused": false, "complied": true}`
fn ticked(field: &Field, object: &Map<String, Value>) -> Option<Given> {
    let ticks = object.iter().filter(|(_, value)| **value == Value::Bool(true));
    let mut labels = ticks.map(|(key, _)| spelt(field, key));
    let first = labels.next()?;
    Some(labels.next().map_or(first, |_| Given::Unfit))
}

/// The value that a text begins with, or that its first sentence gives.
pub(super) fn of_text(field: &Field, text: &str, stands: Stands) -> Option<Given> {
    match field.scale {
        Some(scale) => score::read(text, scale, stands),
        None => label::read(text, &field.labels, stands),
    }
}

fn spelt(field: &Field, said: &str) -> Given {
    let label = field.labels.iter().find(|label| label.eq_ignore_ascii_case(said));
    label.map_or(Given::Unfit, |label| Given::Label(label.clone()))
}
