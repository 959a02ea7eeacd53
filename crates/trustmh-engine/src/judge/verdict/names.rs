//! By which names a judge speaks of a field.

use crate::parse::json::folded_key;
use crate::rubric::Field;

/// How well a name fits a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is the field's own.
    Name,
    /// It says only what kind of value it is, where no other field could be meant.
    Kind,
}

/// Names of a number, where the rubric has a single field.
const NUMBERS: &[&str] =
    &["score", "rating", "grade", "分数", "评分", "得分", "打分", "final answer", "conclusion"];

/// Names of a label, where the rubric has a single field.
const LABELS: &[&str] = &[
    "verdict",
    "label",
    "judgement",
    "judgment",
    "decision",
    "classification",
    "final answer",
    "conclusion",
    "结论",
    "判定",
    "裁定",
    "判决",
    "评定",
    "判断",
];

/// Words before a name that say whose it is, or which.
pub(super) const WHOSE: &str = "\
    my the final overall own revised corrected updated new actual so thus therefore hence correction judge \
    judges 最终 我 的";

/// Words behind a name that say what it is.
const WHAT: &[&str] = &["score", "rating", "label", "value", "verdict"];

/// Whether an object's key names the field.
pub(super) fn fits(fields: &[Field], field: &Field, key: &str) -> Option<Fit> {
    let key = folded_key(key);
    let name = folded_key(&field.name);
    let is = |name: &str| {
        let mut rest = key.as_str();
        while let Some(shorter) = WHOSE.split(' ').find_map(|word| rest.strip_prefix(word)) {
            if rest == name {
                break;
            }
            rest = shorter;
        }
        rest == name
            || WHAT.iter().any(|what| rest.strip_suffix(what) == Some(name))
            || WHAT.iter().any(|what| rest.strip_prefix(what) == Some(name))
    };
    if is(&name) {
        return Some(Fit::Name);
    }
    kinds(fields, field).iter().any(|kind| is(kind)).then_some(Fit::Kind)
}

/// The names that fit only because there is no other field.
pub(super) fn kinds(fields: &[Field], field: &Field) -> &'static [&'static str] {
    match (fields.len(), field.scale) {
        (1, Some(_)) => NUMBERS,
        (1, None) => LABELS,
        _ => &[],
    }
}
