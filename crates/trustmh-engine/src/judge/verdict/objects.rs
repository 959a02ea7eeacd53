//! Verdicts in objects, whatever is wrapped around them.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::names::{self, Fit};
use super::statement::{Form, Statement};
use super::value::{self, Given};
use crate::parse::json::{Found, folded_key};
use crate::rubric::Field;

/// The outermost objects and lists of objects, in order.
pub(super) fn regions(found: &[Found]) -> Vec<Range<usize>> {
    let mut regions: Vec<(Range<usize>, Option<usize>)> = Vec::new();
    for one in found {
        match regions.last_mut() {
            Some((region, _)) if one.place.end <= region.end => {}
            Some((region, list)) if one.list.is_some() && one.list == *list => {
                region.end = one.place.end;
            }
            _ => regions.push((one.list.unwrap_or(one.place.start)..one.place.end, one.list)),
        }
    }
    regions.into_iter().map(|(region, _)| region).collect()
}

/// What the objects of a region state of the fields.
pub(super) fn statements(
    fields: &[Field],
    text: &str,
    region: &Range<usize>,
    found: &[Found],
) -> Vec<Statement> {
    let from = found.partition_point(|one| one.place.start < region.start);
    let until = found.partition_point(|one| one.place.start < region.end);
    let inside: Vec<&Found> = found.get(from..until).unwrap_or_default().iter().collect();
    let state = |(number, field): (usize, &Field)| {
        let given = twice(fields, field, text.get(region.clone())?)
            .or_else(|| carried(fields, field, &inside))?;
        Some(Statement { field: number, given, place: region.clone(), form: Form::Object })
    };
    fields.iter().enumerate().filter_map(state).collect()
}

/// A value with where it was found.
struct Carried {
    given: Given,
    fit: Fit,
    depth: usize,
    /// The key of the object around, or that of a list.
    under: Option<String>,
}

fn carried(fields: &[Field], field: &Field, inside: &[&Found]) -> Option<Given> {
    let top = inside.iter().map(|one| one.depth).min()?;
    let mut all = Vec::new();
    for one in inside.iter().filter(|one| one.depth == top) {
        gather(fields, field, &one.object, (top, None), &mut all);
    }
    if all.is_empty() {
        // What stands around was cut off.
        for one in inside {
            gather(fields, field, &one.object, (one.depth, None), &mut all);
        }
    }
    let others = |one: &Carried| one.under.as_deref().is_some_and(is_not_own);
    if all.iter().any(|one| !others(one)) {
        all.retain(|one| !others(one));
    }
    let best = all.iter().map(|one| (one.fit, one.depth)).min()?;
    all.retain(|one| (one.fit, one.depth) == best);
    let last = all.last()?;
    let listed = all.iter().filter(|one| one.under == last.under);
    let agree = listed.clone().all(|one| one.given == last.given);
    Some(if agree { last.given.clone() } else { Given::Unfit })
}

fn gather(
    fields: &[Field],
    field: &Field,
    object: &Map<String, Value>,
    (depth, under): (usize, Option<&str>),
    all: &mut Vec<Carried>,
) {
    if let Some(given) = named_within(field, object) {
        let under = under.map(str::to_owned);
        all.push(Carried { given, fit: Fit::Name, depth, under });
        return;
    }
    for (key, inner) in object {
        if let Some(fit) = names::fits(fields, field, key)
            && let Some(given) = value::of_json(field, inner)
        {
            let under = under.map(str::to_owned);
            all.push(Carried { given, fit, depth, under });
            continue;
        }
        if let Some(given) = in_order(fields, field, key, inner) {
            all.push(Carried { given, fit: Fit::Name, depth, under: under.map(str::to_owned) });
            continue;
        }
        if let Some(object) = handed_over(key, inner) {
            gather(fields, field, &object, (depth + 1, Some(key)), all);
            continue;
        }
        let elements = match inner {
            Value::Object(object) => vec![object],
            Value::Array(values) => values.iter().filter_map(Value::as_object).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        for element in elements {
            gather(fields, field, element, (depth + 1, Some(key)), all);
        }
    }
}

/// `{"criterion": "empathy", "score": 4}`
fn named_within(field: &Field, object: &Map<String, Value>) -> Option<Given> {
    let naming = ["criterion", "criteria", "name", "field", "dimension", "metric", "aspect", "key"];
    let named = object.iter().any(|(key, value)| {
        naming.contains(&folded_key(key).as_str())
            && value.as_str().is_some_and(|name| folded_key(name) == folded_key(&field.name))
    });
    named.then(|| value::of_json(field, &Value::Object(object.clone()))).flatten()
}

/// `{"scores": [4, 3, 5, 2]}`: one whole number for each of several fields, in the rubric's order.
fn in_order(fields: &[Field], field: &Field, key: &str, value: &Value) -> Option<Given> {
    let Value::Array(values) = value else { return None };
    let listed = ["scores", "ratings", "grades"].contains(&folded_key(key).as_str());
    if !listed || fields.len() < 2 || values.len() != fields.len() {
        return None;
    }
    if !values.iter().all(Value::is_number) {
        return None;
    }
    let at = fields.iter().position(|other| other.name == field.name)?;
    value::of_json(field, values.get(at)?)
}

/// Keys under which a judge hands over its whole answer as a text, as calls of a tool do.
const HANDED_OVER: &[&str] = &[
    "output",
    "result",
    "answer",
    "json",
    "evaluation",
    "arguments",
    "parameters",
    "input",
    "finalanswer",
    "judgement",
    "judgment",
    "assessment",
];

/// `{"arguments": "{\"verdict\": \"partial\"}"}`: a text that is an object and nothing else.
pub(super) fn handed_over(key: &str, value: &Value) -> Option<Map<String, Value>> {
    let text = value.as_str().filter(|text| text.trim_start().starts_with('{'))?;
    HANDED_OVER
        .contains(&folded_key(key).as_str())
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}

/// Whether an object under this key holds what somebody else, or the judge before, would have said.
pub(super) fn is_not_own(key: &str) -> bool {
    let key = folded_key(key);
    [
        "claim", "plant", "quot", "inject", "draft", "initial", "first", "previous", "original",
        "example", "format", "schema", "inreply", "subject",
    ]
    .iter()
    .any(|part| key.contains(part))
}

/// A field that one object gives twice, with different values: no judge means that.
fn twice(fields: &[Field], field: &Field, text: &str) -> Option<Given> {
    let Pairs(pairs) = serde_json::from_str(text).ok()?;
    let mut given = pairs.iter().filter_map(|(key, value)| {
        names::fits(fields, field, key).filter(|fit| *fit == Fit::Name)?;
        value::of_json(field, value)
    });
    let first = given.next()?;
    given.any(|other| other != first).then_some(Given::Unfit)
}

/// The fields of an object, those that stand there twice too.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = object.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}
